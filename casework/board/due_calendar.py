"""What falls due when: the days of a month, whether offices are open, and how many answers are waited for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from casework.board import periods
from casework.board.figures import CITY
from casework.board.periods import Period
from casework.clock import norms
from casework.models import Holiday, Turn
from geoplatform import sql
from geoplatform.errors import InvalidRequest

MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)


@dataclass(frozen=True)
class Day:
    """A day in the city: what falls due on it and is waited for, and how much of that is overdue.

    ``unsure`` are those whose deadline may move, for the holidays of a year are not known yet.
    """

    on: date
    is_working: bool
    holiday: Holiday | None
    waiting: int
    overdue: int
    unsure: int


def month(text: str, at: datetime, office: str | None = None) -> Sequence[Day]:
    """Return the days of a month (``2026-05``), of all offices or of one.

    Raises
    ------
    InvalidRequest
        It is no month.
    """
    if not MONTH.fullmatch(text):
        raise InvalidRequest(f"month {text!r}: YYYY-MM is wanted, such as 2026-05")
    period = periods.period(text)
    since, until = period.instants(CITY)
    params = {"since": since, "before": until, "at": at, "office": office, "zone": settings.CITY_TIME_ZONE}
    due = {on: counts for on, *counts in sql.rows("casework/falling_due", params)}
    holidays = {one.on: one for one in Holiday.objects.filter(on__range=(period.first, period.last))}
    calendar = norms.calendar()
    return [
        Day(on, calendar.is_working(on), holidays.get(on), *due.get(on, (0, 0, 0))) for on in _days(period)
    ]


def falls_due(on: date, office: str | None = None) -> Q:
    """Return the condition of cases whose answer falls due on a day: that of one office, or of any."""
    since, until = periods.days(on, on).instants(CITY)
    waiting = Turn.objects.filter(
        case=OuterRef("pk"), answered_at=None, ended_at=None, began_at__isnull=False, office__isnull=False
    )
    own = waiting.filter(office=office) if office else waiting
    return Q(Exists(own.filter(due_at__gt=since, due_at__lte=until)))


def _days(period: Period) -> Sequence[date]:
    length = (period.last - period.first).days + 1
    return [period.first + timedelta(days=number) for number in range(length)]
