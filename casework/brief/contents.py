"""The brief for the governor: who did not answer, since when, what about, what was tried, what changed.

Every figure names the cell of the board that it is, so that whoever reads it can open the reports behind it.
The same instant gives the same brief while nothing that lies before it is corrected: an answer that a
channel tells late, a holiday or a term that is loaded late change what is known of it.
``casework.brief.forms`` writes it down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from casework.board import outcomes, periods
from casework.board.cells import Cell
from casework.board.figures import CITY, times
from casework.board.outcomes import Board, Row
from casework.board.periods import Period
from casework.board.survival import Interval
from casework.board.unanswering import unanswering
from casework.brief import shaded_map
from casework.brief.shaded_map import Shape
from geoplatform import sql

DAYS = 28  # that it looks back; long enough for most offices to have been asked ten times
LONG = 364  # days in which somebody is still silent: what was due does not lapse because no more is reported
WEEK = timedelta(days=7)
MOST_SILENT, MOST_SPOTS = 10, 5


@dataclass(frozen=True)
class Figure:
    """A number of all offices together, a week before as well; ``share`` where it is one, as an interval."""

    label: str
    value: int
    before: int
    share: Interval | None
    share_before: Interval | None
    cell: Cell


@dataclass(frozen=True)
class Silent:
    """Somebody who answered nothing that was due in a time; the rest is that of ``Unanswering``."""

    row: Row
    period: Period
    since: datetime | None
    about: Sequence[tuple[str, int]]
    rungs: Mapping[tuple[int, str], int]
    told: Mapping[str, int]

    @property
    def cell(self) -> Cell:
        """The turns behind it."""
        return self.row.cell("unanswered")


@dataclass(frozen=True)
class Spot:
    """A kelurahan in which most reports went without an answer."""

    code: str
    name: str
    turns: int

    @property
    def cell(self) -> Cell:
        """The turns behind it."""
        return Cell("all", None, "unanswered", self.code)


class Listed(NamedTuple):
    """An official in a list of the brief: what of them is told there, of which time."""

    row: Row
    period: Period
    column: str

    @property
    def cell(self) -> Cell:
        """The turns behind it."""
        return self.row.cell(self.column)


@dataclass(frozen=True)
class Brief:
    """All that the page says; ``before`` is the same time a week earlier, as it was known then.

    ``long`` is the time in which somebody is silent, and ``unanswered`` how many turns went without an answer
    in it: most of what is said is of ``period``, the last weeks of it. ``few`` answered nothing either, but
    fewer answers of theirs were due than ``minimum``, and a share would say nothing.
    """

    at: datetime
    period: Period
    before: Period
    long: Period
    unanswered: int
    figures: Sequence[Figure]
    silent: Sequence[Silent]
    few: Sequence[Listed]
    minimum: int
    newly_silent: Sequence[Silent]
    answering_again: Sequence[Row]
    passing_on: Sequence[Row]
    vacant: Sequence[Row]
    silent_feeds: Sequence[tuple[str, datetime]]
    lowest: Mapping[str, Sequence[Row]]
    unit: Row | None
    spots: Sequence[Spot]
    by_kelurahan: Mapping[str, int]
    shapes: Sequence[Shape]
    differs: bool

    @property
    def shown(self) -> Sequence[Silent]:
        """Those who find room on the page: who has been silent longest. The table has all."""
        return self.silent[:MOST_SILENT]

    @property
    def lists(self) -> Mapping[str, Sequence[Listed]]:
        """Its lists of officials, beside those who are silent, each by its name."""
        whole: dict[str, tuple[Sequence[Row], str]] = {
            "answering_again": (self.answering_again, "turns"),
            "passes_on": (self.passing_on, "passed_on"),
            "vacant": (self.vacant, "vacant"),
            **{lowest(tier): (rows, "due") for tier, rows in self.lowest.items()},
        }
        return {
            "newly_silent": [Listed(one.row, one.period, "unanswered") for one in self.newly_silent],
            "few": self.few,
            **{
                name: [Listed(row, self.period, column) for row in rows]
                for name, (rows, column) in whole.items()
            },
        }

    def listing(self, name: str) -> str:
        """Return what prints a list of officials."""
        return f"manage.py brief --as-of {written(self.at)} --list {name}"

    def command(self, cell: Cell | str, period: Period | None = None) -> str:
        """Return what lists the reports behind a figure, of its own period or of another."""
        text = (period or self.period).text
        return f"manage.py board --period {text} --at {written(self.at)} --cell {cell}"


def make(at: datetime) -> Brief:
    """Return the brief of an instant; what happened later is not known to it."""
    now, then = _looked_at(at, DAYS), _looked_at(at - WEEK, DAYS)
    long = _looked_at(at, LONG)
    all_silent = _silent(now, long)
    silent = [(row, period) for row, period in all_silent if row.counts["due"] >= now.minimum]
    was_silent = {_who(row) for row, _ in _silent(then, _looked_at(at - WEEK, LONG))}
    told = [one for period in (now.period, long.period) for one in _told(silent, period, at)]
    told.sort(key=lambda one: (one.since or at, one.row.office))
    turns = dict(sql.rows("casework/hot_spots", times(now.period, at)))
    shapes = shaded_map.outlines(now.period.last)
    names = {shape.code: shape.name for shape in shapes}
    return Brief(
        at=at,
        period=now.period,
        before=then.period,
        long=long.period,
        unanswered=long.totals["unanswered"],
        figures=_figures(now, then),
        silent=told,
        few=[Listed(*one, "due") for one in all_silent if one not in silent],
        minimum=now.minimum,
        newly_silent=[one for one in told if _who(one.row) not in was_silent],
        answering_again=[row for row in now.rows if _who(row) in was_silent and _answers(row)],
        passing_on=[row for row in now.rows if row.kind == "passes_on"],
        vacant=[row for row in now.rows if row.counts["vacant"]],
        silent_feeds=silent_feeds(at),
        lowest=_lowest(now),
        unit=now.unit,
        spots=[Spot(code, names.get(code, code), turns[code]) for code in list(turns)[:MOST_SPOTS]],
        by_kelurahan=turns,
        shapes=shapes,
        differs=_differs(now.share, then.share),
    )


def lowest(tier: str) -> str:
    """Return the name of the list of who is surely lower than others of a tier."""
    return f"lowest_{tier}"


def written(at: datetime) -> str:
    """Return an instant as a command takes it: the city's time, to the second."""
    return at.astimezone(CITY).isoformat(timespec="seconds")


def _looked_at(at: datetime, days: int) -> Board:
    last = at.astimezone(CITY).date()
    return outcomes.board(periods.days(last - timedelta(days=days - 1), last), at)


def _silent(weeks: Board, long: Board) -> list[tuple[Row, Period]]:
    """Return who answered nothing, in the last weeks or, where too little was due then, in the long time."""
    found: dict[tuple[str, int | None], tuple[Row, Period]] = {}
    for made in (weeks, long):
        for row in made.rows:
            known = found.get(_who(row))
            if row.kind == "silent" and (known is None or known[0].counts["due"] < made.minimum):
                found[_who(row)] = row, made.period
    return list(found.values())


def _who(row: Row) -> tuple[str, int | None]:
    return row.office, row.official


def _answers(row: Row) -> bool:
    """Say whether somebody answered: those of whom nothing was due are not said to."""
    return bool(row.counts["answered_in_time"] + row.counts["answered_late"])


def _figures(now: Board, then: Board) -> list[Figure]:
    whole = [
        ("Masalah dilaporkan", "problems"),
        ("Dijawab tepat waktu", "kept"),
        ("Dijawab terlambat", "answered_late"),
        ("Jawaban dibantah", "disputed"),
        ("Tidak dijawab", "unanswered"),
        ("Diteruskan ke kantor lain", "passed_on"),
    ]
    return [
        Figure(
            label,
            now.totals[column],
            then.totals[column],
            now.share if column == "kept" else None,
            then.share if column == "kept" else None,
            Cell("all", None, column),
        )
        for label, column in whole
    ]


def _told(silent: Sequence[tuple[Row, Period]], period: Period, at: datetime) -> list[Silent]:
    """Tell the rest of those who are silent in a period."""
    rows = [row for row, within in silent if within == period]
    known = unanswering([_who(row) for row in rows], period, at)
    return [Silent(row, period, **vars(known[_who(row)])) for row in rows]


def silent_feeds(at: datetime) -> list[tuple[str, datetime]]:
    """Return the titles of the feeds that were silent at an instant, as it was known then, and since when."""
    return sql.rows("casework/silent_feeds", {"at": at})


def _lowest(now: Board) -> dict[str, list[Row]]:
    """Return of each tier who is surely lower than others: its first group, where there are more."""
    judged = [row for row in now.rows if row.kind == "judged"]
    groups = {
        tier: {row.group for row in judged if row.tier == tier} for tier in {row.tier for row in judged}
    }
    return {
        tier: [row for row in judged if row.tier == tier and row.group == 0]
        for tier in sorted(groups)
        if len(groups[tier]) > 1
    }


def _differs(now: Interval | None, then: Interval | None) -> bool:
    return bool(now and then and (now.low > then.high or then.low > now.high))
