"""The addresses of pages that people read."""

from django.urls import include, path

from console import embed, preview, views
from console.desk import account, triage
from console.desk.report import page as report
from console.login import city, entrance, keeping

urlpatterns = [
    path("", views.map_page, name="map"),
    path("embed/map", embed.embed_map),
    path("embed/preview.png", preview.preview),
    path("api/oembed", embed.oembed),
    path("staff/", triage.home, name="staff"),
    path("staff/cases/<int:id>", report.report, name="report"),
    path("staff/account", account.account, name="account"),
    path("staff/admin/", include("console.desk.admin.urls")),
    path("staff/login", entrance.login, name="login"),
    path("staff/logout", entrance.logout, name="logout"),
    path("staff/second", entrance.show_second, name="second"),
    path("staff/second/enrol", keeping.enrol, name="enrol"),
    path("staff/second/codes", keeping.codes, name="codes"),
    path("staff/oidc/begin", city.begin, name="oidc_authentication_init"),
    path("staff/oidc/callback", city.callback, name="oidc_authentication_callback"),
    path("staff/password", keeping.password, name="password"),
]
