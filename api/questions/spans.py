"""Days of the city in steps: days, weeks that begin on Monday (ISO 8601), months, years; pure."""

from datetime import date, timedelta
from typing import Literal

from layers.traits import day_number

Step = Literal["day", "week", "month", "year"]
STEPS: tuple[Step, ...] = ("day", "week", "month", "year")
ONE_DAY = timedelta(days=1)


def first_day(day: date, step: Step) -> date:
    """Return the first day of the step that a day lies in."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    if step == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if step == "year" else day


def next_first(first: date, step: Step) -> date:
    """Return the first day of the step behind one."""
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[step]
    return first_day(first + timedelta(days=longest), step)


def back(day: date, step: Step, steps: int) -> date:
    """Return the first day of the step so many before that of a day."""
    first = first_day(day, step)
    for _ in range(steps):
        first = first_day(first - ONE_DAY, step)
    return first


def firsts(since: date, until: date, step: Step, most: int) -> list[date]:
    """Return the first days of all steps that a span touches, at most ``most`` and one more."""
    found = [first_day(since, step)]
    while len(found) <= most and (following := next_first(found[-1], step)) <= until:
        found.append(following)
    return found


def places(since: date, until: date, starts: list[date]) -> dict[int, int]:
    """Return the place among ``starts`` of each day of a span, days counted as the index counts them."""
    ends = [*starts[1:], until + ONE_DAY]
    return {
        number: place
        for place, (first, end) in enumerate(zip(starts, ends, strict=True))
        for number in range(day_number(max(first, since)), day_number(min(end, until + ONE_DAY)))
    }
