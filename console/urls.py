"""The addresses of pages that people read."""

from django.urls import include, path
from django.views.generic import RedirectView

from api.standby import from_standby
from console import embed, preview, views
from console.desk import account, analysis, feeds, triage
from console.desk.board import behind, brief, calendar, chart, choropleth, office, table
from console.desk.report import page as report
from console.login import city, entrance, keeping
from console.public import answers, builder, reports, status
from console.voices import follow, form, worker

urlpatterns = [
    path("", views.map_page, name="map"),
    path("reports", reports.reports),
    path("reports/<int:id>", reports.report),
    path("answers", answers.answers),
    path("status", status.show),
    path("embed", builder.embed),
    path("embed/map", embed.embed_map),
    path("embed/preview.png", preview.preview),
    path("api/oembed", embed.oembed),
    path("staff/", triage.home, name="staff"),
    path("staff/cases/<int:id>", report.report, name="report"),
    path("report-a-problem", RedirectView.as_view(url=form.HOME, query_string=True)),
    path("report-a-problem/", form.form, name="report-a-problem"),
    path("report-a-problem/received/<str:token>", form.received),
    path("report-a-problem/worker.js", worker.worker),
    path("report-a-problem/manifest.webmanifest", worker.manifest),
    path("follow", follow.follow, name="follow"),
    path("follow/confirm/<str:token>", follow.confirm),
    path("follow/stop/<str:token>", follow.stop),
    path("staff/feeds", feeds.glance, name="feeds"),
    path("staff/feeds/<str:name>", feeds.feed, name="feed"),
    path("staff/feeds/<str:name>/payloads", feeds.payloads, name="feed-payloads"),
    path("staff/board", from_standby(table.table), name="board"),
    path("staff/board/map", from_standby(choropleth.choropleth), name="board_map"),
    path("staff/board/chart", from_standby(chart.chart), name="board_chart"),
    path("staff/board/calendar", from_standby(calendar.calendar), name="board_calendar"),
    path("staff/board/due/<str:on>", from_standby(behind.due), name="board_due"),
    path("staff/board/cells/<str:cell>", from_standby(behind.cell), name="board_cell"),
    path("staff/board/brief", brief.brief, name="board_brief"),
    path("staff/office", office.own, name="own_office"),
    path("staff/officials/<str:code>", from_standby(office.office), name="official"),
    path("staff/analysis", analysis.analysis, name="analysis"),
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
