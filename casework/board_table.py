"""The board as a table that a spreadsheet reads: a row for each office and person, and the cell of each."""

import csv
import io
from collections.abc import Iterable, Sequence

from casework.board import Board, Row
from casework.cells import COLUMNS

HEADER = (
    "office", "title", "tier", "official", "name", "acting", "kind", "group", "surely_lower", "surely_higher",
    *COLUMNS, "share_low", "share_high", "median_h", "median_low_h", "median_high_h", "problems_per_km2",
)  # fmt: skip


def table(board: Board) -> str:
    """Return the board as CSV; equal boards give equal bytes."""
    return text(HEADER, map(_cells, board.rows))


def text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV. What a spreadsheet would take for a formula begins with an apostrophe."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def _cells(row: Row) -> Sequence[object]:
    low, high = row.share or (None, None)
    return (
        row.office, row.title, row.tier, _empty(row.official), row.name, "yes" if row.acting else "no",
        row.kind, _empty(row.group), _empty(row.lower), _empty(row.higher),
        *(row.counts[column] for column in COLUMNS),
        _rounded(low, 4), _rounded(high, 4), *(_hours(seconds) for seconds in row.time),
        _rounded(row.load, 2),
    )  # fmt: skip


def _hours(seconds: float | None) -> object:
    return _rounded(None if seconds is None else seconds / 3600, 1)


def _rounded(value: float | None, digits: int) -> object:
    return "" if value is None else f"{value:.{digits}f}"


def _empty(value: object) -> object:
    return "" if value is None else value


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
