"""A figure of the board as somebody names it: whose, and which column; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from boundaries.models import Level
from geoplatform.errors import InvalidRequest

#: What ``casework_judged`` says of a turn, by its number there; the last one is 12.
OUTCOMES = (
    "early", "in_time", "late", "passed_on", "duplicate", "vacant", "no_data", "unanswered", "taken",
    "paused", "running", "came_answered",
)  # fmt: skip
_ALL = frozenset(OUTCOMES)
#: Of which outcomes a column counts the turns; two of them ask for more, see ``Cell``.
COLUMNS: Mapping[str, frozenset[str]] = {
    "turns": _ALL,
    # Each once, however many reports tell of it and however many turns it took. A turn that was closed as a
    # duplicate stands for the report that leads its cluster; without a cluster, for no problem of its own.
    "problems": _ALL,
    "answered_in_time": frozenset({"early", "in_time"}),
    "answered_late": frozenset({"late"}),
    "unanswered": frozenset({"unanswered"}),
    "passed_on": frozenset({"passed_on"}),
    "paused": frozenset({"paused"}),
    "vacant": frozenset({"vacant"}),
    "no_data": frozenset({"no_data"}),
    "duplicate": frozenset({"duplicate"}),
    "taken": frozenset({"taken"}),
    "running": frozenset({"running"}),
    # Answered before it was anybody's turn: no answer to us, and none that is owed.
    "came_answered": frozenset({"came_answered"}),
    # The share answered by the deadline is ``kept`` of ``due``: an answer whose deadline is still ahead says
    # nothing yet of those that were reported with it.
    "due": frozenset({"in_time", "late", "unanswered"}),
    "kept": frozenset({"in_time"}),
    # An answer that was disputed is an answer: it stays in the columns that it is in.
    "disputed": _ALL,
}
VACANT, ALL = "vacant", "all"
#: Whose the unit's own turns are: of no office, in no tier, and not among all.
UNIT = "unit"
# A column for each rung of the ladder, however many a city has: the turns that reached it.
RUNG = re.compile(r"rung_([1-9]\d?)", re.ASCII)


def rung_column(number: int) -> str:
    """Return the column of a rung."""
    return f"rung_{number}"


@dataclass(frozen=True)
class Cell:
    """One figure: of an office, a tier, all of them or the unit, of an official or all, in a column.

    ``official`` is an id, 0 where the post was vacant, or None: whoever held it. ``place`` is the code of the
    kelurahan in which the reports lie; None: anywhere.
    """

    where: str
    official: int | None
    column: str
    place: str | None = None

    def __str__(self) -> str:
        """Return it as ``cell`` reads it: ``kelurahan-31.71.01.1001:12:unanswered``, perhaps ``@`` a code."""
        who = ALL if self.official is None else str(self.official or VACANT)
        return f"{self.where}:{who}:{self.column}" + (f"@{self.place}" if self.place else "")

    @property
    def office(self) -> str | None:
        """The code of its office; None for a tier, all or the unit."""
        return None if self.where in (ALL, UNIT, *Level.values) else self.where

    @property
    def is_unit(self) -> bool:
        """Whether it is of the unit's own turns."""
        return self.where == UNIT

    @property
    def tier(self) -> str | None:
        """Its tier, where it is of all offices of one."""
        return self.where if self.where in Level.values else None

    @property
    def is_disputed(self) -> bool:
        """Whether of these outcomes only the answers count that somebody disputed."""
        return self.column == "disputed"

    @property
    def is_distinct(self) -> bool:
        """Whether of each problem one turn counts: the first of those that are its own."""
        return self.column == "problems"

    @property
    def outcomes(self) -> list[int]:
        """The numbers of the outcomes that its column counts."""
        counted = COLUMNS.get(self.column, _ALL)
        return [at for at, name in enumerate(OUTCOMES, start=1) if name in counted]

    @property
    def rung(self) -> int | None:
        """The number of the rung that they reached, where its column is that of one."""
        found = RUNG.fullmatch(self.column)
        return int(found[1]) if found else None


def cell(text: str) -> Cell:
    """Read ``OFFICE:OFFICIAL:COLUMN``: an office, a tier, ``all`` (offices) or ``unit``; an id, ``vacant`` or
    ``all``; a column.

    ``@`` and the code of a kelurahan may follow: only reports that lie there.

    Raises
    ------
    InvalidRequest
        It has another form, or names a column that there is not.
    """
    named, at, place = text.partition("@")
    parts = named.split(":")
    if len(parts) != 3 or not parts[0] or (at and not place):
        raise InvalidRequest(f"cell {text!r}: it is written OFFICE:OFFICIAL:COLUMN")
    where, who, column = parts
    if column not in COLUMNS and not RUNG.fullmatch(column):
        known = ", ".join((*COLUMNS, rung_column(1)))
        raise InvalidRequest(f"cell {text!r}: column {column!r} is none of {known}, ...")
    return Cell(where, _official(text, who), column, place or None)


def _official(text: str, who: str) -> int | None:
    if who in (ALL, VACANT):
        return None if who == ALL else 0
    if not (who.isascii() and who.isdigit() and 0 < int(who) < 1 << 63):
        raise InvalidRequest(f"cell {text!r}: official {who!r} is neither an id, nor {VACANT}, nor {ALL}")
    return int(who)
