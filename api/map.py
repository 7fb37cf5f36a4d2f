"""What a map of the platform must say beside its layers."""

from typing import get_args

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import feeds
from api.public import document, public
from boundaries import editions, lookup
from geoplatform import sql
from layers.layer import catalogue
from layers.models import FeedState
from layers.record import Kind
from reports.models import Category

FED = {*get_args(Kind), "reports"}  # what feeds bring; other layers need none
TRAFFIC = {"alerts", "jams", "irregularities"}  # of one document: who sends one of them would send the others


@public
def about(request: HttpRequest) -> HttpResponse:
    """``GET /api/map``: the edition in force, what is simulated, silent or not there, names, base map."""
    edition = editions.in_force(lookup.today())
    return document(
        request,
        {
            "edition": edition
            and {
                "id": edition.id,
                "name": edition.name,
                "schematic": edition.schematic,
                "attribution": edition.attribution,
            },
            "simulated": sql.scalar("api/simulated"),
            "silent": feeds.silent(timezone.now()),
            "not_connected": _not_connected(),
            "categories": [
                {"code": category.code, "name": {"id": category.name_id, "en": category.name_en}}
                for category in Category.objects.order_by("code")
            ],
            "channels": dict(FeedState.objects.order_by("feed").values_list("feed", "title")),
            "base_map": {"url": settings.BASE_MAP_URL, "attribution": settings.BASE_MAP_ATTRIBUTION}
            if settings.BASE_MAP_URL
            else None,
            "bounds": settings.CITY_BOUNDS,
        },
    )


def _not_connected() -> list[str]:
    """Return the layers that are empty for want of a feed, and not because nothing happens."""
    kinds = feeds.fed()
    read = FeedState.objects.filter(enabled=True).values_list("feed", flat=True)
    brought = {kind for feed in read for kind in kinds.get(feed, [])}
    missing = FED - brought - (TRAFFIC if brought & TRAFFIC else set())
    return [layer.name for layer in catalogue().values() if (layer.rows or layer.name) in missing]
