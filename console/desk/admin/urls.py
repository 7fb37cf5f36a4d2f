"""The addresses of the pages of administration, below ``/staff/admin/``."""

from django.urls import path

from console.desk.admin import (
    categories,
    deadlines,
    editions,
    home,
    keys,
    ladders,
    officials,
    rules,
    templates,
    trail,
    users,
)

urlpatterns = [
    path("", home.view, name="admin"),
    path("editions", editions.view, name="admin-editions"),
    path("editions/<int:id>", editions.one, name="admin-edition"),
    path("errands", editions.errands, name="admin-errands"),
    path("officials/", officials.view, name="admin-officials"),
    path("officials/<str:code>", officials.one, name="admin-office"),
    path("rules", rules.view, name="admin-rules"),
    path("deadlines", deadlines.view, name="admin-deadlines"),
    path("ladders", ladders.view, name="admin-ladders"),
    path("categories", categories.view, name="admin-categories"),
    path("templates", templates.view, name="admin-templates"),
    path("users", users.view, name="admin-users"),
    path("keys", keys.view, name="admin-keys"),
    path("audit", trail.view, name="admin-audit"),
]
