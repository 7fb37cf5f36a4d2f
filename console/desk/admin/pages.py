"""What the pages of administration share: tabs by permission, words, what was done and its undoing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from boundaries.models import Level, Office
from casework.models import Norm
from casework.steps import permitted
from console.desk import shell
from console.desk.admin.acting import Done, hidden, told
from console.desk.admin.forms import Form, Options
from geoplatform.errors import NotFound
from reports.models import Category
from staff.models import User

PART = "admin"
BAD, OK, GONE = 400, 200, 404
RULES, BOUNDARIES = "casework.manage_rules", "boundaries.manage_boundaries"
OFFICIALS, STAFF = "boundaries.manage_officials", "staff.manage_staff"
KEYS, AUDIT = "access.manage_keys", "access.view_audit"


@dataclass(frozen=True)
class Tab:
    """A page of administration: its key in the words and the name of its address, and who may open it."""

    key: str
    permission: str
    word: str = ""

    @property
    def address(self) -> str:
        """The name of its address."""
        return f"admin-{self.key}"


TABS = (
    Tab("editions", BOUNDARIES),
    Tab("officials", OFFICIALS),
    Tab("rules", RULES),
    Tab("deadlines", RULES),
    Tab("ladders", RULES),
    Tab("categories", RULES),
    Tab("templates", RULES),
    Tab("users", STAFF),
    Tab("keys", KEYS, "api_keys"),
    Tab("audit", AUDIT),
)


def words(request: HttpRequest) -> dict[str, str]:
    """Return the strings of administration in the language of who reads."""
    return shell.said(shell.language(request), PART)


def page(
    request: HttpRequest,
    user: User,
    key: str,
    done: Done | None = None,
    forms: Mapping[str, Form] | None = None,
    **shown: Any,
) -> HttpResponse:
    """Answer with ``desk/admin/<key>.html``; what could not be used stands in its form as it was typed."""
    said, note = words(request), told(request)
    tabs = [
        {
            "name": said[tab.word or tab.key],
            "address": reverse(tab.address),
            "is_current": tab.key == key.split("-", maxsplit=1)[0],
        }
        for tab in TABS
        if permitted.may(user, tab.permission)
    ]
    shown["forms"] = {
        name: form.filled(request.POST) if done and done.act == form.act else form
        for name, form in (forms or {}).items()
    }
    return shell.page(
        request,
        user,
        f"desk/admin/{key}",
        BAD if done and done.error else OK,
        part=PART,
        tabs=tabs,
        done=done,
        note=note and {"text": said[note["key"]], "undo": hidden(note["undo"]) if note["undo"] else None},
        **shown,
    )


def missing(request: HttpRequest, user: User, error: NotFound) -> HttpResponse:
    """Answer that there is nothing of that name, within the frame."""
    return shell.page(request, user, "desk/admin/missing", GONE, part=PART, reason=str(error))


def categories(said: Mapping[str, str], spoken: str) -> Options:
    """Return the kinds of problem to choose from; the first is any."""
    named = Category.objects.order_by(f"name_{spoken}").values_list("code", f"name_{spoken}")
    return [("", said["any"]), *named]


def tiers(said: Mapping[str, str], none: str) -> Options:
    """Return the tiers to choose from; ``none`` is what an empty one means."""
    return [("", none), *((tier, said[tier]) for tier in Level.values)]


def norms(spoken: str, none: str = "") -> Options:
    """Return the norms to choose from; with ``none`` an empty one too, and what it means."""
    rows = Norm.objects.order_by("unit", "amount", "code").values_list("code", f"name_{spoken}")
    return [*([("", none)] if none else []), *rows]


def offices() -> Options:
    """Return every office by code and title, for suggestions."""
    return list(Office.objects.order_by("code").values_list("code", "title"))
