"""The figures of one office alone, as those who work there see them: nothing is told of any other."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings

from casework.board import figures, outcomes
from casework.board.figures import scope
from casework.board.outcomes import Board
from casework.board.periods import Period
from casework.board.posts import posts
from casework.board.survival import Left
from geoplatform.errors import NotFound


def of(office: str, period: Period, at: datetime, category: str | None = None) -> Board:
    """Return the board of an office as if there were no other: totals are its own, no row is in a group.

    Raises
    ------
    NotFound
        There is no such office, or no such category.
    """
    known = posts(period, at)
    if office not in known:
        raise NotFound(f"no office {office!r}")
    found = figures.read(period, at, scope(office, category))
    made = outcomes.judge(period, at, settings.BOARD_MINIMUM, {office: known[office]}, found)
    rows = [replace(row, group=None, lower=None, higher=None) for row in made.rows]
    return replace(made, rows=rows, unit=None)


def lasting(office: str, period: Period, at: datetime, category: str | None = None) -> list[Left]:
    """Return what share of an office's turns waits how long for an answer."""
    return figures.together(figures.turns(period, at, scope(office, category)).values()).left()
