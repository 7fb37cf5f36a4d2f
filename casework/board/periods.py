"""A time that the board looks at, as somebody writes it: a year, a month, a week, or two days; pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from geoplatform.errors import InvalidRequest

DAY = timedelta(days=1)
YEARS = range(1990, 2200)


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to ``last`` in the city, the last one included, and how they are written."""

    first: date
    last: date
    text: str

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when it begins, and when it is over, UTC."""
        ends = (self.first, self.last + DAY)
        since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in ends)
        return since, until


def period(text: str) -> Period:
    """Read ``2026``, ``2026-05``, ``2026-W20`` or ``2026-05-01/2026-05-14``.

    Raises
    ------
    InvalidRequest
        It is none of these.
    """
    try:
        first, last = _days(text)
    except ValueError:
        raise InvalidRequest(
            f"period {text!r}: a year (2026), a month (2026-05), a week (2026-W20),"
            " or days (2026-05-01/2026-05-14)"
        ) from None
    if first.year not in YEARS or last.year not in YEARS:
        raise InvalidRequest(f"period {text!r}: from {YEARS[0]} to {YEARS[-1]}")
    if last < first:
        raise InvalidRequest(f"period {text!r}: it ends before it begins")
    return Period(first, last, text)


def days(first: date, last: date) -> Period:
    """Return the period from one day to another, the last one included."""
    return Period(first, last, f"{first}/{last}")


def _days(text: str) -> tuple[date, date]:
    if re.fullmatch(r"\d{4}", text, re.ASCII):
        return date(int(text), 1, 1), date(int(text), 12, 31)
    if re.fullmatch(r"\d{4}-\d\d", text, re.ASCII):
        first = date.fromisoformat(f"{text}-01")
        return first, (first + 31 * DAY).replace(day=1) - DAY
    if found := re.fullmatch(r"(\d{4})-W(\d\d)", text, re.ASCII):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return monday, monday + 6 * DAY
    first_text, _, last_text = text.partition("/")
    for part in (first_text, last_text):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", part, re.ASCII):
            raise ValueError(text)
    return date.fromisoformat(first_text), date.fromisoformat(last_text)


def instant(text: str, zone: ZoneInfo) -> datetime:
    """Read an instant (ISO 8601); where it names no offset it is the city's time.

    Raises
    ------
    InvalidRequest
        It is none.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"at {text!r}: no instant (ISO 8601, such as 2026-05-14T12:00+07:00)") from None
    if read.year not in YEARS:
        raise InvalidRequest(f"at {text!r}: from {YEARS[0]} to {YEARS[-1]}")
    return read if read.tzinfo else read.replace(tzinfo=zone)
