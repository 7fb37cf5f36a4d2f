"""The offices that may be given a case, and the page of one: who holds it, what waits there, who hears."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from api import params
from api.casework import shown, why
from api.casework.door import LAST_ID, Asked, door
from api.casework.shown import Json
from boundaries.lookup import city_day
from boundaries.models import Office, Term
from casework.escalation import coming, ladder
from casework.models import Contact, Turn
from casework.steps import permitted
from geoplatform.errors import NotFound

SOON = timedelta(hours=24)


def _offices(asked: Asked) -> Any:
    """``GET /api/staff/offices``: every office that may be given a case, by code."""
    params.only(asked.request, set())
    return {"offices": [_named(row) for row in Office.objects.order_by("code")]}


def _office(asked: Asked, code: str) -> Any:
    """``GET /api/staff/offices/{code}``: an office, who holds and held it, its ladder, and its open cases."""
    params.only(asked.request, {"limit", "after"})
    limit = params.whole(asked.request, "limit", default=50, least=1, most=200)
    after = params.whole(asked.request, "after", default=LAST_ID, least=0, most=LAST_ID)
    return told(asked, code, limit, after)


def told(asked: Asked, code: str, limit: int, after: int) -> Json:
    """Return an office as its page has it, with a page of its open cases behind an id.

    Raises
    ------
    NotFound
        There is none, or it is not theirs to see.
    """
    office = Office.objects.filter(code=code).first()
    if office is None or not _may_see(asked, code):
        raise NotFound(f"no office {code!r}")
    terms = list(Term.objects.filter(office=office).select_related("official").order_by("during"))
    waiting = _open(code).filter(case__lt=after).order_by("-case")
    ids = list(waiting.values_list("case", flat=True)[: limit + 1])
    return {
        **_named(office),
        "holder": why.holder(code, asked.at),
        "terms": [
            {
                "official": {"name": one.official.name, "acting": one.acting},
                "since": one.during.lower, "until": one.during.upper and one.during.upper - timedelta(days=1),
            }
            for one in terms
        ],
        "gaps": _gaps([(one.during.lower, one.during.upper) for one in terms], city_day(asked.at)),
        "contacts": _contacts(code, terms, city_day(asked.at)),
        "counts": _counts(code, asked.at),
        "ladder": _ladder(office, asked.at),
        "cases": shown.listed(shown.shown(ids[:limit]), asked.at, permitted.may(asked.user, permitted.WHOLE)),
        "next_after": str(ids[limit - 1]) if len(ids) > limit else None,
    }  # fmt: skip


def _may_see(asked: Asked, code: str) -> bool:
    return permitted.may(asked.user, "casework.see_all") or asked.user.office_id == code


def _named(row: Office) -> Json:
    return {**(shown.office(row) or {}), "level": row.level}


def _open(code: str) -> Any:
    """Return the turns of an office that wait: for its answer, or for it to take the case."""
    return Turn.objects.filter(office=code, ended_at=None, answered_at=None)


def _counts(code: str, at: datetime) -> Json:
    """Return what waits at an office now, and what it answered and nobody has closed."""
    waits = Q(ended_at=None, answered_at=None, began_at__isnull=False)
    counted: Json = Turn.objects.filter(office=code).aggregate(
        waiting=Count("id", filter=waits),
        overdue=Count("id", filter=waits & Q(due_at__lt=at)),
        soon=Count("id", filter=waits & Q(due_at__gte=at, due_at__lt=at + SOON)),
        offered=Count("id", filter=Q(ended_at=None, began_at=None)),
        answered=Count("id", filter=Q(ended_at=None, answered_at__isnull=False)),
    )
    return counted


def _gaps(terms: Sequence[tuple[date | None, date | None]], today: date) -> list[Json]:
    """Return the times in which nobody held an office since its first term, as first and last day."""
    found, until = [], terms[0][0] if terms else None
    for since, end in [*terms, (today + timedelta(days=1), None)]:
        if until and since and since > until:
            found.append({"since": until, "until": since - timedelta(days=1)})
        if until is None or (end is None) or end > until:
            until = end
        if until is None:
            break
    return found


def _contacts(code: str, terms: Sequence[Term], today: date) -> list[Json]:
    """Return by what an office and its holder are told, each address masked."""
    holders = [one.official_id for one in terms if _contains(one, today)]
    found = Contact.objects.filter(Q(office=code) | Q(official__in=holders)).order_by("channel", "id")
    return [
        {
            "channel": one.channel,
            "of": "office" if one.office_id else "official",
            "address": _masked(one.address),
        }
        for one in found
    ]


def _contains(term: Term, day: date) -> bool:
    return (term.during.lower or day) <= day and (term.during.upper is None or day < term.during.upper)


def _masked(address: str) -> str:
    name, at, host = address.rpartition("@")
    return f"{name[:1]}***{at}{host}" if at else f"***{address[-3:]}"


def _ladder(office: Office, at: datetime) -> list[Json]:
    """Return whom the rungs of an office would tell today, of categories without a ladder of their own."""
    up = coming.way(None, office.code, at)
    own = ladder.rank(office.level)
    rungs = [one for one in up.rises if one.rank >= own]
    return [{"number": one.number, **why.whom(up.whom[one.rank])} for one in rungs]


offices = door(GET=("casework.view_case", _offices))
office = door(GET=("casework.view_case", _office))
