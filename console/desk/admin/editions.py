"""Editions of boundaries: sent, checked, previewed with a map, put in force, and back."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe

from api.admin import editions as api
from boundaries import lookup, uploads
from casework.brief import shaded_map
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.forms import Field, Form
from geoplatform.errors import NotFound
from staff.models import User

Said = Mapping[str, str]
UPLOAD = (Field("file", "file"), *(Field(name) for name in uploads.SAID))
MAP_WIDTH = 420
ACTS = {"edition.upload": Act(pages.BOUNDARIES, api.upload, "edition_sent", UPLOAD)}
ACTIVATE = {
    "edition.activate": Act(
        pages.BOUNDARIES, api.activate, "edition_activated", (Field("from", "day"),), about=int
    )
}
UNDER_WAY = ("waiting", "running")


@shell.opened(pages.BOUNDARIES)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/editions``: every edition with its checks, what is under way, and a form to send one."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said = pages.words(request)
    listed = acting.ask(request, user, api.everything)
    forms = {"upload": _upload_form(said)}
    shown = _errands(listed, said)
    return pages.page(request, user, "editions", done, forms, editions=_editions(listed), **shown)


@shell.opened(pages.BOUNDARIES)
def errands(request: HttpRequest, user: User) -> HttpResponse:
    """``GET /staff/admin/errands``: what is under way and was done, for the page that waits for it.

    Once nothing is under way the editions come with it, for then they are others.
    """
    listed = acting.ask(request, user, api.everything)
    shown = _errands(listed, pages.words(request))
    if not shown["under_way"]:
        shown |= {"editions": _editions(listed), "is_anew": True}
    return shell.page(request, user, "desk/admin/errands", part=pages.PART, **shown)


@shell.opened(pages.BOUNDARIES)
def one(request: HttpRequest, user: User, id: int) -> HttpResponse:
    """``/staff/admin/editions/{id}``: what an edition would change, and the form that puts it in force."""
    done = acting.take(request, user, ACTIVATE) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return HttpResponseRedirect(reverse("admin-editions"))
    said = pages.words(request)
    try:
        told = acting.ask(request, user, api.preview, id)
    except NotFound as error:
        return pages.missing(request, user, error)
    areas = [area | {"kind_words": said[area["kind"]]} for area in told["areas"]]
    form = Form("edition.activate", said["activate"], (Field("from", "day", said["from_day"]),), str(id))
    return pages.page(
        request,
        user,
        "editions-one",
        done,
        {"activate": form},
        edition=told["edition"],
        told=told | {"areas": areas},
        map=_map(told["moves"]),
    )


def _map(moves: list[dict[str, Any]]) -> str:
    """Return the kelurahan that open reports would leave, drawn as in the brief."""
    leaving: dict[str, int] = {}
    for move in moves:
        if move["former"]:
            leaving[move["former"]] = leaving.get(move["former"], 0) + move["reports"]
    shapes = shaded_map.outlines(lookup.today())
    # Numbers and colours of ours alone: no name is drawn.
    return mark_safe(shaded_map.svg(shapes, leaving, {}, MAP_WIDTH))  # noqa: S308


def _editions(listed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the editions, with how many of the checks of each are odd."""
    return [one | {"odd": sum(not check["ok"] for check in one["checks"])} for one in listed["editions"]]


def _errands(listed: Mapping[str, Any], said: Said) -> dict[str, Any]:
    names = {one["id"]: one["name"] for one in listed["editions"]}
    rows = [
        one
        | {
            "words": said[f"{one['kind']}_named"].format(
                name=one["said"].get("title") or names.get(one["edition"], "")
            ),
            "step_words": said[one["step"] or "waiting"],
        }
        for one in listed["errands"]
    ]
    return {"errands": rows, "under_way": any(one["state"] in UNDER_WAY for one in rows)}


def _upload_form(said: Said) -> Form:
    labels = {
        "title": ("edition_title", ""), "publisher": ("publisher", ""), "licence": ("licence", ""),
        "attribution": ("attribution", ""), "crs": ("crs", ""), "layer": ("layer", ""),
        "code": ("code_column", "column_hint"), "name": ("name_column", "column_hint"),
    }  # fmt: skip
    fields = [
        Field(name, "text", said[label], hint=said[hint] if hint else "", wanted=name in uploads.WANTED)
        for name, (label, hint) in labels.items()
    ]
    file = Field("file", "file", said["file"], wanted=True)
    return Form("edition.upload", said["send"], (file, *fields))
