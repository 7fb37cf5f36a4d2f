"""``/staff/officials/{code}``: an office and who held it: what waits there, figures, terms, ladder."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from api import params
from api.casework import offices
from api.casework.door import LAST_ID, Asked
from casework.board import alone, outcomes, periods
from casework.board.figures import CITY
from casework.steps import permitted
from console.desk.board import asked, curves, lines
from console.desk.board.asked import BOARD, Chosen, Shown, month_before, shown
from geoplatform.errors import NotFound

PAGE, MONTHS = 25, 6
BY_MONTH = ("turns", "due", "kept", "answered_late", "unanswered", "passed_on")


@shown("casework.view_case")
def office(request: Asked, code: str) -> Shown:
    """``GET /staff/officials/{code}[?period=&category=&after=]``: an office; of officials their own."""
    return page_of(request, code)


def page_of(request: Asked, code: str) -> Shown:
    """Return what an office's page shows; NotFound where it is not theirs to see."""
    after = params.whole(request.request, "after", default=LAST_ID, least=0, most=LAST_ID)
    told = offices.told(request, code, PAGE, after)
    sees_board = permitted.may(request.user, BOARD)
    has_figures = sees_board or request.user.office_id == code
    return "office", {
        "office": told,
        "held": _terms(told),
        "now": request.at,
        "first": after == LAST_ID,
        "sees_board": sees_board,
        "has_figures": has_figures,
        **(_figures(request, code, told, sees_board) if has_figures else {}),
    }


@shown("casework.answer")
def own(request: Asked) -> Shown:
    """``GET /staff/office``: the same of the office in which somebody works."""
    code = request.user.office_id
    if code is None:
        raise NotFound("this account belongs to no office")
    return page_of(request, code)


def _terms(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return terms and gaps in one row, the latest first."""
    gaps = [{"official": None, **gap} for gap in told["gaps"]]
    return sorted([*told["terms"], *gaps], key=lambda one: one["since"] or date.min, reverse=True)


def _figures(request: Asked, code: str, told: Mapping[str, Any], sees_board: bool) -> dict[str, Any]:
    """Return what the board says of an office: by person in a time, by month, and how long answers take.

    How long its whole tier takes, who does not see the board does not see either.
    """
    chosen = asked.chosen(request)
    category = chosen.category or None
    made = alone.of(code, chosen.period, chosen.at, category)
    both = {code: alone.lasting(code, chosen.period, chosen.at, category)}
    if sees_board:
        both[told["level"]] = outcomes.lasting(chosen.period, chosen.at, category=category).get(
            told["level"], []
        )
    return {
        "chosen": chosen,
        "categories": asked.categories(request),
        "options": asked.options(chosen.at, chosen.period),
        "people": [lines.line(row, chosen, made.columns) for row in made.rows],
        "minimum": made.minimum,
        "months": _months(request, code, chosen.category),
        "picture": curves.picture(both, banded=code),
    }


def _months(request: Asked, code: str, category: str) -> list[tuple[Any, list[lines.Line]]]:
    """Return the rows of an office in each of the last months, the latest first."""
    first = request.at.astimezone(CITY).date().replace(day=1)
    found = []
    for _ in range(MONTHS):
        period = periods.period(f"{first:%Y-%m}")
        one = Chosen(period, request.at, category=category)
        rows = alone.of(code, period, request.at, category or None).rows
        found.append((period, [lines.line(row, one, BY_MONTH) for row in rows if row.counts["turns"]]))
        first = month_before(first)
    return found
