"""``/staff/board``: every office and person in a time, those with zero answers first."""

from api.casework.door import Asked
from casework.board import outcomes
from casework.board.cells import Cell
from casework.board.outcomes import Board
from console.desk.board import areas, asked, lines
from console.desk.board.asked import BOARD, Chosen, Shown, shown

TOTALS = ("problems", "kept", "answered_late", "unanswered", "disputed", "passed_on", "no_data")


@shown(BOARD)
def table(request: Asked) -> Shown:
    """``GET /staff/board[?period=&tier=&area=&category=]``: a table; each number opens its reports."""
    chosen = asked.chosen(request)
    whole, made = read(chosen)
    return "table", {
        **picked(request, chosen),
        "totals": [(name, whole.totals[name], chosen.cell(Cell("all", None, name))) for name in TOTALS],
        "share": whole.share,
        "columns": lines.COLUMNS,
        "sections": lines.sections(made, whole, chosen),
        "minimum": whole.minimum,
    }


def read(chosen: Chosen) -> tuple[Board, Board]:
    """Return the whole board of a time, and the rows of it that were chosen."""
    whole = outcomes.board(chosen.period, chosen.at, category=chosen.category or None)
    return whole, outcomes.narrowed(whole, chosen.tier or None, chosen.area or None)


def picked(request: Asked, chosen: Chosen) -> dict[str, object]:
    """Return what the form above each page of the board needs."""
    return {
        "chosen": chosen,
        "query": chosen.query(),
        "options": asked.options(chosen.at, chosen.period),
        "categories": asked.categories(request),
        "kota": areas.kota(chosen.period.last),
    }
