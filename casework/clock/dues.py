"""When answers are due: by the deadline that held when they were asked for, in one statement for all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from boundaries.models import Level
from casework.clock import deadlines, norms
from casework.clock.deadlines import SOLUTION
from casework.clock.reckoning import Allowed, Calendar, Due, Pause, due
from casework.models import Turn
from geoplatform import sql


class Which(NamedTuple):
    """Which turns are reckoned, as the statements take it."""

    cases: list[int] | None = None
    anew: bool = False
    settled: bool = False


@transaction.atomic
def fill(cases: Sequence[int] | None = None) -> int:
    """Give each turn that has begun its deadline and due date, if it has none; returns how many now have one.

    Parameters
    ----------
    cases
        Ids of reports; None: all.
    """
    which = Which(None if cases is None else list(cases))
    sql.rows("casework/dated", {"cases": which.cases})
    return _reckon(which, None)


@transaction.atomic
def renew(at: datetime, cases: Sequence[int] | None = None, settled: bool = False) -> int:
    """Reckon anew what is waited for, after a pause or a holiday; returns how many are due at another time.

    The deadlines stay. A date that has passed by an instant is moved to later at most, and none into the
    past: what is loaded late makes nobody late, and what was in time stays so.

    Parameters
    ----------
    settled
        Those, too, that were answered or ended when they were overdue: after a holiday that was loaded late.
    """
    return _reckon(Which(None if cases is None else list(cases), anew=True, settled=settled), at)


def _reckon(which: Which, at: datetime | None) -> int:
    selection = which._asdict()
    zoned = selection | {"zone": settings.CITY_TIME_ZONE}
    begun = sql.rows("casework/due_days", zoned)
    if not begun:
        return 0
    calendar = norms.calendar()
    days = [_day(on, Allowed(amount, unit), calendar) for unit, amount, on in begun if unit == "working_days"]
    paused = [_paused(row, calendar) for row in sql.dicts("casework/paused", selection)]
    reckoned = {"days": json.dumps(days), "paused": json.dumps(paused), "at": at}
    changed: int = sql.scalar("casework/due", zoned | reckoned)
    return changed


def solution(turn: Turn, pauses: Iterable[Pause], calendar: Calendar) -> Due | None:
    """Return until when the problem of a turn is to be solved, by the deadline that held when it began.

    Nothing climbs by it, so it is kept nowhere: it is reckoned for whoever looks at a case.

    Parameters
    ----------
    turn
        With its office, and its case's report.
    """
    if turn.began_at is None:
        return None
    known = deadlines.known(turn.began_at)
    tier = turn.office.level if turn.office and turn.office.level in Level.values else None
    norm = deadlines.norm(known, SOLUTION, turn.case.report.category_id, tier, turn.office_id)
    begin = max(turn.began_at, turn.offered_at)
    return due(begin, norms.allowed(norm), calendar, pauses) if norm else None


def _day(on: date, allowed: Allowed, calendar: Calendar) -> dict[str, Any]:
    """Return when an answer is due whose clock began on a day: the day counts, and not its hour."""
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=calendar.zone).astimezone(UTC)
    return {"amount": allowed.amount, "on": on.isoformat()} | _said(due(noon, allowed, calendar))


def _paused(row: Mapping[str, Any], calendar: Calendar) -> dict[str, Any]:
    pauses = [Pause(since, until) for since, until in zip(row["since"], row["until"], strict=True)]
    found = due(row["began_at"], Allowed(row["amount"], row["unit"]), calendar, pauses)
    return {"id": row["id"]} | _said(found)


def _said(found: Due) -> dict[str, Any]:
    return {"due_at": found.at.isoformat(), "is_sure": found.is_sure}
