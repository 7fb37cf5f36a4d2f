"""The addresses of the public face."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from api import (
    atom,
    boundaries,
    disputes,
    docs,
    feeds,
    follows,
    health,
    league,
    map,
    openapi,
    reports,
    security,
    staff,
    story,
    styles,
    subscriptions,
    tiles,
)
from api.casework import answers, receipts
from api.events.view import events
from api.exports import urls as exports
from api.metrics import view as metrics
from api.questions import urls as questions


class FormConverter(StringConverter):
    """The two forms of a tile."""

    regex = "geojson|mvt"


register_converter(FormConverter, "form")

urlpatterns = [
    path("health", health.health),
    path("ready", health.ready),
    path("metrics", metrics.metrics),
    path("tiles", tiles.layers),
    path("tiles/<str:layer>.json", tiles.tilejson),
    path("tiles/<str:layer>/leaflet.html", styles.leaflet),
    path("tiles/<str:layer>/style.json", styles.style),
    path("tiles/<str:layer>/<str:z>/<str:x>/<str:y>.<form:form>", tiles.tile),
    path("api/feeds", feeds.feeds),
    path("api/map", map.about),
    path("api/boundaries", boundaries.named),
    path("api/reports", reports.reports),
    path("api/reports/<int:id>", reports.report),
    path("api/reports/<int:id>/story", story.story),
    path("api/answers", league.answers),
    path(".well-known/security.txt", security.security),
    path("api/events", events),
    path("feeds/reports.atom", atom.reports),
    path("api/staff/me", staff.me),
    path("api/staff/reports/<int:id>/personal", staff.personal_data),
    path("api/staff/reports/<int:id>/personal/export", staff.personal_export),
    path("api/disputes", disputes.dispute),
    path("api/follows", follows.follow),
    path("api/subscriptions", subscriptions.all_of_key),
    path("api/subscriptions/<int:id>", subscriptions.one_of_key),
    path("api/subscriptions/<int:id>/verify", subscriptions.verify),
    path("api/subscriptions/<int:id>/deliveries", subscriptions.messages),
    path("api/subscriptions/<int:id>/deliveries/<int:delivery>/retry", subscriptions.retry),
    path("api/staff/", include("api.casework.urls")),
    path("api/staff/admin/", include("api.admin.urls")),
    path("notices/<str:token>", receipts.seen),
    path("answers/<str:token>", answers.answer),
    *exports.urlpatterns,
    *questions.urlpatterns,
    path("api/openapi.json", openapi.openapi),
    path("api/docs", docs.docs),
    path("", include("api.ogc.urls")),
    path("mapit/", include("api.mapit.urls")),
    path("mapsengine/v1/", include("api.mapsengine.urls")),
    path("open311/", include("api.open311.urls")),
]
