"""Triage, which the console begins with: the cases of a list beside their map; modules do the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from api import feeds
from api.casework import calls
from boundaries import editions, lookup
from boundaries.models import Boundary, Office
from casework.desk import worklists
from casework.models import State, Transition
from casework.steps import permitted
from console import modules
from console.desk import menu, shell
from console.desk.shell import language, opened, page
from console.titles import titles
from reports.models import Category
from staff.models import User

VIEW = "casework.view_case"
PART, REPORTS = "triage", "report"  # whose words the page has: a report's panel stands beside the list
LEVELS = ("kota", "kecamatan", "kelurahan")
OWED = ("overdue", "soon")  # the work lists of an office, the first first
BY_MERGE = "duplicate"  # which case it is a duplicate of is asked by another key
# What an account may do here: of the permissions of each one is enough.
ACTIONS = {
    "step": (
        "casework.triage",
        "casework.decide",
        "casework.answer",
        "casework.dispute",
        "casework.supervise",
    ),
    "assign": ("casework.decide",),
    "place": ("casework.triage",),
    "merge": ("casework.triage",),
    "answer": ("casework.answer", "casework.triage", "casework.supervise"),
}


@opened()
def home(request: HttpRequest, user: User) -> HttpResponse:
    """``GET /staff/``: triage; for who sees no case, or begins elsewhere, on to the part they begin with."""
    spoken = language(request)
    asks_nothing = set(request.GET) <= {"lang"}
    begins = menu.first(user)
    if not permitted.may(user, VIEW) or (asks_nothing and begins != request.path):
        return HttpResponseRedirect(begins)
    is_whole = permitted.may(user, permitted.WHOLE)
    counts = worklists.counts(permitted.condition(user), timezone.now(), is_whole)
    return page(
        request,
        user,
        "desk/triage",
        part=PART,
        words=_panels_words(spoken) | shell.said(spoken, PART),
        config=_config(user, spoken) | {"first": _first(user, counts)},
        work_lists=[
            {"code": one.code, "name": _name(one, spoken), "count": counts[one.code]}
            for one in worklists.LISTS.values()
        ],
        categories=[(row.code, _name(row, spoken)) for row in Category.objects.order_by(f"name_{spoken}")],
        states=[(row.code, _name(row, spoken)) for row in _states()],
        channels=_channels(spoken),
        modules=modules.loaded_by("console/desk/triage/main.js"),
        may={name: _may(user, *needed) for name, needed in ACTIONS.items()},
    )


def _panels_words(spoken: str) -> dict[str, str]:
    """Return what the modules of a report's panel say; what it shows comes with it."""
    said = modules.said_by("console/desk/report/report.js")
    return {key: text for key, text in shell.said(spoken, REPORTS).items() if key in said}


def _config(user: User, spoken: str) -> dict[str, Any]:
    """Return what the modules need: nothing of a case, and of no citizen."""
    return {
        "start": _start(user),
        "land": settings.CITY_LAND,
        "events": settings.EVENTS_URL,
        "panel": f"{reverse('report', args=[0])}?panel=1",
        "draw_script": static("leaflet/draw/leaflet.draw.js"),
        "draw_style": static("leaflet/draw/leaflet.draw.css"),
        "transitions": _transitions(user),
        "assigned_with_words": _assigned_with_words(),
        "states": {
            row.code: {"code": row.code, "said": _name(row, spoken), "colour": row.colour, "shape": row.shape}
            for row in _states()
        },
        "channels": titles(spoken),
        "areas": _areas(),
    }


def _first(user: User, counts: Mapping[str, int]) -> str:
    """Return the work list that the day begins with: what is new; of an office what it owes; else all."""
    if _may(user, "casework.triage"):
        return "new"
    owed = OWED if _may(user, "casework.answer") else ()
    return next((code for code in owed if counts[code]), "")


def _start(user: User) -> Sequence[float]:
    """Return the piece that the map begins with: that of the own office, or the city's land."""
    office = Office.objects.filter(code=user.office_id).first()
    edition = editions.in_force(lookup.today())
    own = (
        office
        and Boundary.objects.filter(edition=edition, code=office.boundary_code, level=office.level).first()
    )
    return own.geom.extent if own else settings.CITY_LAND


def _transitions(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return from each state the steps that somebody may take by their name alone."""
    rows = Transition.objects.filter(permission__in=permitted.permissions(user)).exclude(to_state=BY_MERGE)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.order_by("from_state", "id"):
        if calls.of(row.from_state_id, row.to_state_id, row.permission) == calls.STEPS:
            found.setdefault(row.from_state_id, []).append(
                {"to": row.to_state_id, "needs_text": row.needs_text}
            )
    return found


def _assigned_with_words() -> list[str]:
    """Return the states from which a case is given to an office with words for its citizen."""
    owed = Transition.objects.filter(to_state="assigned", permission="decide", needs_text=True)
    return list(owed.order_by("from_state").values_list("from_state", flat=True))


def _areas() -> dict[str, str]:
    """Return every kota, kecamatan and kelurahan in force, by code; a code says what it lies in."""
    edition = editions.in_force(lookup.today())
    found = Boundary.objects.filter(edition=edition, level__in=LEVELS).order_by("code")
    return dict(found.values_list("code", "name"))


def _channels(spoken: str) -> list[tuple[str, str]]:
    """Return the feeds by which citizens speak, with their titles."""
    kinds = feeds.fed()
    return [(feed, title) for feed, title in titles(spoken).items() if "reports" in kinds.get(feed, [])]


def _states() -> list[State]:
    """Return the states by how far a case is: as the first step from each stands in the table."""
    first = {
        str(state): id for id, state in Transition.objects.order_by("-id").values_list("id", "from_state")
    }
    return sorted(State.objects.order_by("code"), key=lambda row: first.get(row.code, 0))


def _name(row: Any, spoken: str) -> str:
    return str(getattr(row, f"name_{spoken}"))


def _may(user: User, *needed: str) -> bool:
    return any(permitted.may(user, one) for one in needed)
