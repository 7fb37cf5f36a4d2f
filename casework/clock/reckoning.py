"""When an answer is due: working days of the city, public holidays, and pauses; pure.

A norm allows hours or working days. Hours run by day and by night, on holidays too: the governor's 24 hours
are 24 hours. Working days are whole days in the city: the day on which the clock begins is none of them, and
the answer is due when the last of them ends. While a pause lasts the clock stands still: hours by as much as
it lasted; working days by what it took of them, all pauses together and rounded up to whole days once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Unit = Literal["hours", "working_days"]
SATURDAY = 5
DAY = timedelta(days=1)


class Pause(NamedTuple):
    """A time in which the clock stands still, UTC instants; the later one is no longer part of it."""

    since: datetime
    until: datetime


class Due(NamedTuple):
    """When an answer is due, UTC; not sure where the holidays of that year were not loaded yet."""

    at: datetime
    is_sure: bool


@dataclass(frozen=True)
class Calendar:
    """The working days of some years.

    Parameters
    ----------
    zone
        Whose days they are.
    holidays
        Public holidays and days of collective leave; Saturdays and Sundays need not be named.
    years
        Those whose holidays are known.
    """

    zone: ZoneInfo
    holidays: frozenset[date]
    years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Say whether offices are open on a day."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def knows(self, first: date, last: date) -> bool:
        """Say whether the holidays of all years are known in which some days lie."""
        return self.years.issuperset(range(first.year, last.year + 1))

    def day(self, at: datetime) -> date:
        """Return the day in the city on which an instant lies."""
        return at.astimezone(self.zone).date()

    def end(self, day: date) -> datetime:
        """Return the instant at which a day ends, UTC."""
        return datetime.combine(day + DAY, time(), self.zone).astimezone(UTC)

    def working_day(self, after: date, number: int, stops: Sequence[Pause] = ()) -> date:
        """Return the so manieth working day after a day, and one more for each day begun of what pauses took.

        Parameters
        ----------
        stops
            Pauses that do not overlap. What they take of days on which nobody works is no loss.
        """
        day, left = after, number * DAY
        while left > timedelta():
            day += DAY
            if self.is_working(day):
                left -= DAY - self._taken(day, stops)
        return day

    def _taken(self, day: date, stops: Sequence[Pause]) -> timedelta:
        """Return how much of a day pauses took; a whole one counts as 24 hours in any zone."""
        begin, end = self.end(day - DAY), self.end(day)
        parts = (
            min(until, end) - max(since, begin) for since, until in stops if since < end and until > begin
        )
        taken = sum(parts, timedelta())
        return DAY if taken == end - begin else min(taken, DAY)


def ends(at: datetime, zone: ZoneInfo) -> date | None:
    """Return the day that ends at an instant; None where none does: people say 24:00 of it, not 0:00."""
    there = at.astimezone(zone)
    return there.date() - DAY if there.time() == time() else None


@dataclass(frozen=True)
class Allowed:
    """How much time a norm gives."""

    amount: int
    unit: Unit


def due(begin: datetime, allowed: Allowed, calendar: Calendar, pauses: Iterable[Pause] = ()) -> Due:
    """Return when an answer is due whose clock began at an instant.

    Parameters
    ----------
    pauses
        In any order; they may overlap, and those before ``begin`` or too late to matter change nothing.
    """
    stops = joined(begin, pauses)
    if allowed.unit == "hours":
        return Due(_after(begin, timedelta(hours=allowed.amount), stops), True)
    first = calendar.day(begin)
    last = calendar.working_day(first, allowed.amount, stops)
    return Due(calendar.end(last), calendar.knows(first, last))


def joined(begin: datetime, pauses: Iterable[Pause]) -> Sequence[Pause]:
    """Return what pauses there are from an instant on, in order, those that touch as one."""
    stops: list[Pause] = []
    for former, until in sorted(pauses):
        since = max(former, begin)
        if until <= since:
            continue
        if stops and since <= stops[-1].until:
            stops[-1] = Pause(stops[-1].since, max(until, stops[-1].until))
        else:
            stops.append(Pause(since, until))
    return stops


def _after(begin: datetime, length: timedelta, stops: Sequence[Pause]) -> datetime:
    at = begin + length
    for since, until in stops:
        if since >= at:
            break
        at += until - since
    return at
