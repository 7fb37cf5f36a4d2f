"""Where administration begins: at the first page that somebody may open."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from casework.steps import permitted
from console.desk import menu, shell
from console.desk.admin import (
    categories,
    deadlines,
    editions,
    keys,
    ladders,
    officials,
    pages,
    rules,
    templates,
    trail,
    users,
)
from console.desk.shell import View
from staff.models import User

VIEWS: Mapping[str, View] = {
    "editions": editions.view,
    "officials": officials.view,
    "rules": rules.view,
    "deadlines": deadlines.view,
    "ladders": ladders.view,
    "categories": categories.view,
    "templates": templates.view,
    "users": users.view,
    "keys": keys.view,
    "audit": trail.view,
}


@shell.opened(*menu.ADMINISTRATION)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/``: the first page that somebody may open."""
    return VIEWS[next(tab.key for tab in pages.TABS if permitted.may(user, tab.permission))](request)
