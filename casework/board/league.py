"""The board as the public may read it: offices alone, whoever held them, of days that are over.

No person, no rank and no points: a share has an interval, and offices that cannot be told apart stand in one
group (docs/adr/0082-what-of-the-board-is-published.md).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from django.conf import settings

from casework.board import figures, outcomes, periods
from casework.board.figures import CITY, Figures, Whose
from casework.board.outcomes import Board
from casework.board.periods import Period
from casework.board.posts import posts

DAYS = (30, 90, 365)  # how many may be asked for; others would tell one day from the next


def ended(days: int, at: datetime) -> tuple[Period, datetime]:
    """Return the last days that are over in the city, and the midnight when they were."""
    today = at.astimezone(CITY).date()
    period = periods.days(today - timedelta(days=days), today - timedelta(days=1))
    return period, datetime.combine(today, time(), CITY)


def league(period: Period, at: datetime, minimum: int | None = None) -> Board:
    """Return the board of offices, as it was known at an instant; its rows bear no name of a person.

    Parameters
    ----------
    minimum
        As ``casework.board.outcomes.board`` takes it.
    """
    least = settings.BOARD_MINIMUM if minimum is None else minimum
    known = {
        code: replace(post, terms={}, names={}, holders=frozenset())
        for code, post in posts(period, at).items()
    }
    made = outcomes.judge(period, at, least, known, _by_office(figures.read(period, at)))
    return replace(made, rows=[replace(row, acting=False) for row in made.rows])


def _by_office(found: Mapping[Whose, Figures]) -> dict[Whose, Figures]:
    """Join the figures of all who held an office: a problem that two of them had is one of their office."""
    held: dict[str | None, list[Figures]] = {}
    for (office, _), own in found.items():
        held.setdefault(office, []).append(own)
    return {(office, None): figures.together(parts) for office, parts in held.items()}
