"""Accounts of staff: made, changed, ended; one-time passwords and second factors."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.admin import accounts as api
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.forms import Field, Form, undone
from staff import accounts
from staff.models import User

Said = Mapping[str, str]
CHANGE = (Field("name"), Field("email", "email"), Field("office"), Field("roles", "many"))
CREATE = (Field("username"), *CHANGE, Field("has_password", "flag"))


def _former(about: str, said: Mapping[str, Any]) -> dict[str, Any]:
    user = accounts.find(about)
    roles = list(user.groups.values_list("name", flat=True))
    return {"name": user.name, "email": user.email, "office": user.office_id, "roles": roles}


def _back(former: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    return undone("account.change", said["about"], **former)


def _enabled(former: None, said: Mapping[str, Any]) -> dict[str, Any]:
    return undone("account.enable", said["about"])


def _disabled(former: None, said: Mapping[str, Any]) -> dict[str, Any]:
    return undone("account.disable", said["about"])


ACTS = {
    "account.create": Act(pages.STAFF, api.create, "account_made", CREATE, is_shown_once=True),
    "account.change": Act(pages.STAFF, api.change, "account_changed", CHANGE, _back, str, _former),
    "account.disable": Act(pages.STAFF, api.disable, "account_disabled", (), _enabled, str),
    "account.enable": Act(pages.STAFF, api.enable, "account_enabled", (), _disabled, str),
    "account.password": Act(pages.STAFF, api.password, "account_made", about=str, is_shown_once=True),
    "account.forget": Act(pages.STAFF, api.forget_device, "account_forgot", about=str),
}


@shell.opened(pages.STAFF)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/users``: the accounts, of ``q`` those whose name, office or role has these words."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said, q, offices = pages.words(request), request.GET.get("q", "").strip(), pages.offices()
    listed = acting.ask(request, user, api.everyone)
    return pages.page(
        request,
        user,
        "users",
        done,
        _forms(request, said, listed),
        accounts=[one for one in listed["accounts"] if q.lower() in _words_of(one)],
        offices=offices,
        titles=dict(offices),
        q=q,
    )


def _words_of(one: Mapping[str, Any]) -> str:
    parts = (one["username"], one["name"], one["email"], one["office"] or "", *one["roles"])
    return " ".join(parts).lower()


def _forms(request: HttpRequest, said: Said, listed: Mapping[str, Any]) -> dict[str, Form]:
    of = request.GET.get("of", "")
    now = next((one for one in listed["accounts"] if one["username"] == of), None)
    username = Field("username", "text", said["username"], wanted=True)
    flag = Field("has_password", "flag", said["has_password"], value=True)
    forms = {
        "create": Form("account.create", said["save"], (username, *_parts(said, listed["roles"], {}), flag))
    }
    if now:
        parts = _parts(said, listed["roles"], now)
        forms["change"] = Form("account.change", said["save"], tuple(parts), of)
    return forms


def _parts(said: Said, roles: list[str], now: Mapping[str, Any]) -> list[Field]:
    return [
        Field("name", "text", said["name"], value=now.get("name")),
        Field("email", "email", said["email"], value=now.get("email")),
        Field(
            "office",
            "text",
            said["office"],
            value=now.get("office"),
            hint=said["account_office_hint"],
            known="offices",
        ),
        Field(
            "roles",
            "many",
            said["roles"],
            [(role, said.get(f"role_{role}", role)) for role in roles],
            now.get("roles", []),
        ),
    ]
