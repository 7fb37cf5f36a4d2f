"""``/staff/board/chart``: how sure a share is, and how long answers take, as pictures with their figures."""

from api.casework.door import Asked
from boundaries.models import Level
from casework.board import outcomes
from casework.board.outcomes import Board
from console.desk.board import asked, curves, lines
from console.desk.board.asked import BOARD, Chosen, Shown, shown
from console.desk.board.lines import Section
from console.desk.board.table import picked, read

DAYS = (1, 3, 7, 14, 28)


@shown(BOARD)
def chart(request: Asked) -> Shown:
    """``GET /staff/board/chart[?period=&tier=&area=&category=]``: intervals, and the time to an answer."""
    chosen = asked.chosen(request)
    whole, made = read(chosen)
    lasting = outcomes.lasting(chosen.period, chosen.at, category=chosen.category or None)
    return "chart", {
        **picked(request, chosen),
        "judged": _judged(made, whole, chosen),
        "picture": curves.picture(lasting),
        "days": DAYS,
        "waiting": [(tier, curves.at_days(lasting[tier], DAYS)) for tier in Level.values if lasting[tier]],
        "minimum": whole.minimum,
    }


def _judged(made: Board, whole: Board, chosen: Chosen) -> Section | None:
    return next((one for one in lines.sections(made, whole, chosen) if one.kind == "judged"), None)
