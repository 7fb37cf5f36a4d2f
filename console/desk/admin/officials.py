"""Offices and who holds them: gaps are shown and closed, terms begun and ended, addresses replaced."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.admin import officials as api
from boundaries.models import Official
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.forms import Field, Form, undone
from geoplatform.errors import NotFound
from staff.models import User

BEGIN = (Field("official"), Field("since", "day"), Field("until", "day"), Field("acting", "flag"))
CONTACT = (Field("channel"), Field("address"))


def _lasting(former: None, said: Mapping[str, Any]) -> dict[str, Any]:
    return undone("term.end", said["about"], last=str(said["result"]["was"] or ""))


def _begun(former: None, said: Mapping[str, Any]) -> dict[str, Any]:
    return undone("term.drop", str(said["result"]["term"]["id"]))


def _dropped(former: None, said: Mapping[str, Any]) -> dict[str, Any]:
    term = said["result"]["term"]
    return undone("term.begin", **{one.name: term[one.name] for one in BEGIN})


def _acts(code: str) -> acting.Acts:
    """Return what the page of an office does."""

    def of_office(about: str) -> str:
        return code

    return {
        "term.begin": Act(pages.OFFICIALS, api.begin, "term_begun", BEGIN, _begun, of_office),
        "term.end": Act(pages.OFFICIALS, api.end, "term_ended", (Field("last", "day"),), _lasting, int),
        "term.drop": Act(pages.OFFICIALS, api.drop, "term_dropped", (), _dropped, int),
        "contact.put": Act(pages.OFFICIALS, api.put_contact, "contact_saved", CONTACT, about=of_office),
    }


@shell.opened(pages.OFFICIALS)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/officials/``: gaps first, then every office with its holder; of ``q`` those it names."""
    q = request.GET.get("q", "").strip()
    rows = acting.ask(request, user, api.offices, q=q)["offices"]
    gaps = acting.ask(request, user, api.gaps)["gaps"]
    return pages.page(request, user, "officials", rows=rows, gaps=gaps, q=q)


@shell.opened(pages.OFFICIALS)
def one(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """``/staff/admin/officials/{code}``: an office, its terms and gaps in order, and where it is told."""
    try:
        office = acting.ask(request, user, api.office, code)
    except NotFound as error:
        return pages.missing(request, user, error)
    done = acting.take(request, user, _acts(code)) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said = pages.words(request)
    begin = Form(
        "term.begin",
        said["save"],
        (
            Field("official", "text", said["official"], known="people", wanted=True),
            Field("since", "day", said["since"], wanted=True),
            Field("until", "day", said["last_day"]),
            Field("acting", "flag", said["acting"]),
        ),
    )
    contact = Form(
        "contact.put",
        said["save"],
        (Field("channel", "text", said["channel"], value="email"), Field("address", "text", said["address"])),
    )
    return pages.page(
        request,
        user,
        "officials-one",
        done,
        {"begin": begin, "contact": contact},
        office=office,
        story=_story(office),
        people=Official.objects.order_by("name").values_list("name", flat=True),
    )


def _story(office: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return terms and gaps of an office, the latest first."""
    gaps = [{**gap, "is_gap": True} for gap in office["gaps"]]
    return sorted([*office["terms"], *gaps], key=lambda one: one["since"] or date.min, reverse=True)
