"""The board as a table that a spreadsheet reads: a row for each office and person, and the cell of each."""

import csv
import io
from collections.abc import Iterable, Sequence

from casework.board.outcomes import Board, Row
from casework.board.posts import Held

WHO = (
    "office",
    "title",
    "tier",
    "official",
    "name",
    "acting",
    "terms",
    "kind",
    "group",
    "surely_lower",
    "surely_higher",
)
MEASURED = ("share_low", "share_high", "median_h", "median_low_h", "median_high_h", "problems_per_km2")


def table(board: Board) -> str:
    """Return the board as CSV, the unit's own row last; equal boards give equal bytes."""
    reasons = sorted({*board.paused_days, *(board.unit.paused_days if board.unit else ())})
    header = (*WHO, *board.columns, *MEASURED, *(f"paused_days_{reason}" for reason in reasons))
    rows = [*board.rows, *filter(None, [board.unit])]
    return text(header, (_cells(row, board.columns, reasons) for row in rows))


def text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV. What a spreadsheet would take for a formula begins with an apostrophe."""
    written = io.StringIO()
    # RFC 4180 §2: with another end of lines csv leaves a bare return unquoted, and what follows it is a cell.
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def _cells(row: Row, columns: Sequence[str], reasons: Sequence[str]) -> Sequence[object]:
    low, high = row.share or (None, None)
    return (
        row.office, row.title, row.tier, _empty(row.official), row.name, "yes" if row.acting else "no",
        "; ".join(map(_term, row.terms)), row.kind, _empty(row.group), _empty(row.lower), _empty(row.higher),
        *(row.counts[column] for column in columns),
        _rounded(low, 4), _rounded(high, 4), *(_hours(seconds) for seconds in row.time),
        _rounded(row.load, 2), *(_rounded(row.paused_days.get(reason, 0), 2) for reason in reasons),
    )  # fmt: skip


def _term(held: Held) -> str:
    """Return from which to which day somebody held an office, both included; ``..``: without an end."""
    days = "/".join(".." if day is None else day.isoformat() for day in (held.since, held.until))
    return f"{days} acting" if held.acting else days


def _hours(seconds: float | None) -> object:
    return _rounded(None if seconds is None else seconds / 3600, 1)


def _rounded(value: float | None, digits: int) -> object:
    return "" if value is None else f"{value:.{digits}f}"


def _empty(value: object) -> object:
    return "" if value is None else value


def _harmless(cell: object) -> object:
    return (
        f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else cell
    )
