"""When the answers are due that are still waited for: by ``casework.clock``, in one statement for all."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from boundaries.models import Level, Office
from casework import deadlines, norms
from casework.clock import Allowed, Calendar, Due, Pause, due
from casework.deadlines import ANSWER, SOLUTION
from casework.models import Norm, Turn
from geoplatform import sql
from geoplatform.errors import NotFound
from reports.models import Category

NO_TIER = ""
Known = Mapping[tuple[str, str | None], Norm]  # by category, and tier or office


@transaction.atomic
def fill(cases: Sequence[int] | None = None, unset: bool = True) -> int:
    """Set when the answer is due of each turn whose clock runs; returns how many have another time now.

    What is answered or ended stays as it was.

    Parameters
    ----------
    cases
        Ids of reports; None: all.
    unset
        Only the turns that have no due date yet; False: all of them anew, after a deadline, a holiday or a
        pause changed.
    """
    selection = {"cases": None if cases is None else list(cases), "unset": unset}
    zoned = selection | {"zone": settings.CITY_TIME_ZONE}
    known, calendar = answers(), norms.calendar()
    days = [on for (on,) in sql.rows("casework/due_days", zoned)]
    if not days:
        return 0
    paused = sql.dicts("casework/paused", selection)
    changed: int = sql.scalar(
        "casework/due",
        zoned
        | {
            "norms": as_rows(known),
            "days": json.dumps(_days(known.values(), days, calendar)),
            "paused": json.dumps([_paused(row, known, calendar) for row in paused]),
        },
    )
    return changed


def answers() -> Known:
    """Return the norm of an answer by category and tier (None: the unit, or an office of the province).

    An office that has deadlines of its own stands beside the tiers, by its code. Where none holds the pair is
    missing.
    """
    known = deadlines.known()
    own = {key.office for key in known if key.purpose == ANSWER and key.office}
    offices = [
        (_tier(level), code)
        for code, level in (Office.objects.filter(code__in=own).values_list("code", "level") if own else ())
    ]
    found = {}
    for category in Category.objects.values_list("code", flat=True):
        for tier, office in [*((tier, None) for tier in (*Level.values, None)), *offices]:
            try:
                found[category, office or tier] = deadlines.norm(known, ANSWER, category, tier, office)
            except NotFound:
                continue
    return found


def solution(turn: Turn, pauses: Iterable[Pause], calendar: Calendar, at: datetime) -> Due | None:
    """Return until when the problem of a turn is to be solved, by the deadlines of an instant, or of its end.

    Nothing climbs by it, so it is kept nowhere: it is reckoned for whoever looks at a case.

    Parameters
    ----------
    turn
        With its office, and its case's report.
    """
    if turn.began_at is None:
        return None
    known = deadlines.known(min(at, turn.ended_at or at))
    tier = _tier(turn.office.level) if turn.office else None
    try:
        norm = deadlines.norm(known, SOLUTION, turn.case.report.category_id, tier, turn.office_id)
    except NotFound:
        return None
    return reckon(turn.began_at, norm, calendar, pauses)


def _tier(level: str) -> str | None:
    return level if level in Level.values else None


def reckon(began_at: datetime, norm: Norm | None, calendar: Calendar, pauses: Iterable[Pause]) -> Due | None:
    """Return when one answer is due; None where no norm holds."""
    return due(began_at, norms.allowed(norm), calendar, pauses) if norm else None


def as_rows(known: Known) -> str:
    """Return the norms of answers as a statement takes them: a JSON array of objects."""
    return json.dumps(
        [
            {"category": category, "who": who or NO_TIER, "unit": norm.unit, "amount": norm.amount}
            for (category, who), norm in known.items()
        ]
    )


def _days(used: Collection[Norm], days: Sequence[date], calendar: Calendar) -> list[dict[str, Any]]:
    """Return when an answer is due whose clock began on each of some days, by number of working days."""
    amounts = sorted({norm.amount for norm in used if norm.unit == "working_days"})
    return [
        {"amount": amount, "on": on.isoformat()} | _said(_of_day(on, amount, calendar))
        for amount in amounts
        for on in days
    ]


def _of_day(on: date, amount: int, calendar: Calendar) -> Due:
    # The day counts and not its hour: any instant of it has the same answer.
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=calendar.zone).astimezone(UTC)
    return due(noon, Allowed(amount, "working_days"), calendar)


def _paused(row: Mapping[str, Any], known: Known, calendar: Calendar) -> dict[str, Any]:
    pauses = [Pause(since, until) for since, until in zip(row["since"], row["until"], strict=True)]
    category, office = row["category"], row["office"]
    norm = known.get((category, office)) if office else None
    found = reckon(row["began_at"], norm or known.get((category, row["tier"])), calendar, pauses)
    return {"id": row["id"]} | (_said(found) if found else {"due_at": None, "is_sure": True})


def _said(found: Due) -> dict[str, Any]:
    return {"due_at": found.at.isoformat(), "is_sure": found.is_sure}
