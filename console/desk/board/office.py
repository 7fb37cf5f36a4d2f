"""``/staff/officials/{code}``: an office and who held it: what waits there, figures, terms, ladder."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from api import params
from api.casework import offices
from api.casework.door import LAST_ID, Asked
from casework import board, periods, permitted
from casework.figures import CITY
from console.desk.board import asked, curves, lines
from console.desk.board.asked import BOARD, Chosen, Shown, month_before, shown

PAGE, MONTHS = 25, 6
BY_MONTH = ("turns", "due", "kept", "answered_late", "unanswered", "passed_on")


@shown("casework.view_case")
def office(request: Asked, code: str) -> Shown:
    """``GET /staff/officials/{code}[?period=&after=]``: of officials their own; figures with the board."""
    after = params.whole(request.request, "after", default=LAST_ID, least=0, most=LAST_ID)
    told = offices.told(request, code, PAGE, after)
    sees_board = permitted.may(request.user, BOARD)
    return "office", {
        "office": told,
        "held": _terms(told),
        "now": request.at,
        "first": after == LAST_ID,
        "sees_board": sees_board,
        **(_figures(request, code, told) if sees_board else {}),
    }


def _terms(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return terms and gaps in one row, the latest first."""
    gaps = [{"official": None, **gap} for gap in told["gaps"]]
    return sorted([*told["terms"], *gaps], key=lambda one: one["since"] or date.min, reverse=True)


def _figures(request: Asked, code: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the board says of an office: by person in a time, by month, and how long answers take."""
    chosen = asked.chosen(request)
    made = board.board(chosen.period, chosen.at, code)
    lasting = board.lasting(chosen.period, chosen.at, code)
    both = {code: lasting[code], told["level"]: lasting.get(told["level"], [])}
    return {
        "chosen": chosen,
        "options": asked.options(chosen.at, chosen.period),
        "people": [lines.line(row, chosen, made.columns) for row in made.rows],
        "minimum": made.minimum,
        "months": _months(request, code),
        "picture": curves.picture(both, banded=code),
    }


def _months(request: Asked, code: str) -> list[tuple[Any, list[lines.Line]]]:
    """Return the rows of an office in each of the last months, the latest first."""
    first = request.at.astimezone(CITY).date().replace(day=1)
    found = []
    for _ in range(MONTHS):
        period = periods.period(f"{first:%Y-%m}")
        one = Chosen(period, request.at)
        rows = board.board(period, request.at, code).rows
        found.append((period, [lines.line(row, one, BY_MONTH) for row in rows if row.counts["turns"]]))
        first = month_before(first)
    return found
