"""The board's rows as a page shows them: in sections by kind, those who cannot be told apart together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casework.board.outcomes import KINDS, Board, Row
from console.desk.board.asked import Chosen

#: What the table has a column for; the page of an office has all.
COLUMNS = (
    "turns",
    "due",
    "kept",
    "answered_late",
    "unanswered",
    "passed_on",
    "disputed",
    "paused",
    "no_data",
)
AT_ONCE = ("silent", "passes_on", "judged")
FEW_ROWS = 25


@dataclass(frozen=True)
class Line:
    """A row, and of each column its figure and what opens the reports behind it."""

    row: Row
    figures: Sequence[tuple[str, int, str]]

    @property
    def share(self) -> float | None:
        """The share answered by the deadline, 0 to 1; None where nothing was due."""
        counts = self.row.counts
        return counts["kept"] / counts["due"] if counts["due"] else None

    @property
    def bar(self) -> tuple[str, str, str]:
        """Where its interval begins, how wide it is, and where the share lies, in percent of a bar."""
        low, high = self.row.share or (0.0, 0.0)
        return _percent(low), _percent(high - low), _percent(self.share or 0.0)


@dataclass(frozen=True)
class Group:
    """Those of a tier that cannot be told apart; ``number`` None: of them nothing is said."""

    tier: str
    number: int | None
    of: int
    lines: Sequence[Line]


@dataclass(frozen=True)
class Section:
    """All rows of a kind; ``is_open`` where they are shown at once."""

    kind: str
    count: int
    groups: Sequence[Group]
    is_open: bool


def line(row: Row, chosen: Chosen, columns: Iterable[str] = COLUMNS) -> Line:
    """Return a row with the addresses of its figures."""
    return Line(
        row, [(name, row.counts[name], chosen.cell(row.cell(name))) for name in columns if name in row.counts]
    )


def sections(made: Board, whole: Board, chosen: Chosen) -> list[Section]:
    """Return the rows of a board by kind and group; how many groups there are, the whole board says."""
    found = []
    for kind in KINDS:
        rows = [row for row in made.rows if row.kind == kind]
        if rows:
            is_open = kind in AT_ONCE or len(rows) <= FEW_ROWS
            found.append(Section(kind, len(rows), _groups(rows, whole, chosen), is_open))
    return found + _unit(made, chosen)


def _unit(made: Board, chosen: Chosen) -> list[Section]:
    """Return the section of the unit itself, which judges the others and is judged likewise."""
    if made.unit is None:
        return []
    return [Section(made.unit.tier, 1, [Group("", None, 1, [line(made.unit, chosen)])], is_open=True)]


def _groups(rows: Sequence[Row], whole: Board, chosen: Chosen) -> list[Group]:
    keys = dict.fromkeys((row.tier if row.group is not None else "", row.group) for row in rows)
    ordered = sorted(keys, key=lambda key: key[0]) if any(group is not None for _, group in keys) else keys
    return [
        Group(
            tier,
            number,
            1 + max((row.group or 0 for row in whole.rows if row.tier == tier), default=0),
            [line(row, chosen) for row in rows if row.group == number and tier in ("", row.tier)],
        )
        for tier, number in ordered
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
