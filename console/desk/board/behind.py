"""The reports behind a figure of the board, and those whose answers fall due on a day; page by page."""

from typing import Any

from api import params
from api.casework import board as boards
from api.casework import shown as told
from api.casework.door import LAST_ID, Asked
from boundaries.models import Office, Official
from casework.board import cells, due_calendar, outcomes
from casework.board.cells import Cell
from casework.steps import permitted
from console.desk.board import asked
from console.desk.board.asked import BOARD, Shown, shown
from reports.models import Category

PAGE = 50


@shown(BOARD, "casework.view_case")
def cell(request: Asked, cell: str) -> Shown:
    """``GET /staff/board/cells/{cell}[?period=&category=&after=]``: the turns that a figure counts.

    Of a case that an official sees no more, for another office has it, the turn alone is shown.
    """
    selector, chosen = cells.cell(cell), asked.chosen(request)
    own = boards.own(request, selector.office)
    after = params.whole(request.request, "after", default=0, least=0, most=LAST_ID)
    turned, following = outcomes.cell(
        selector, chosen.period, chosen.at, after, PAGE, chosen.category or None
    )
    cases = _cases(request, [one.report_id for one in turned])
    offices = Office.objects.in_bulk({one.office_id for one in turned if one.office_id})
    return "cell", {
        "chosen": chosen,
        "selector": selector,
        "own": own,
        "category": Category.objects.filter(code=chosen.category).first(),
        "whose": _whose(selector),
        "turns": [(one, cases.get(one.report_id), offices.get(one.office_id or "")) for one in turned],
        "now": chosen.at,
        "first": not after,
        "following": following and chosen.query(after=str(following)),
    }


@shown(BOARD)
def due(request: Asked, on: str) -> Shown:
    """``GET /staff/board/due/{day}[?office=&after=]``: the cases whose answers fall due on a day."""
    day, office = params.day("on", on), request.request.GET.get("office", "")
    after = params.whole(request.request, "after", default=0, least=0, most=LAST_ID)
    found = permitted.cases_of(request.user).filter(due_calendar.falls_due(day, office or None), pk__gt=after)
    ids = list(found.order_by("pk").values_list("pk", flat=True)[: PAGE + 1])
    return "due", {
        "day": day,
        "office": Office.objects.filter(code=office).first(),
        "cases": list(_cases(request, ids[:PAGE]).values()),
        "first": not after,
        "following": ids[PAGE - 1] if len(ids) > PAGE else None,
    }


def _cases(request: Asked, ids: list[int]) -> dict[int, Any]:
    """Return cases by id as lists show them, those that are theirs to see."""
    seen = permitted.theirs(request.user, ids)
    is_whole = permitted.may(request.user, permitted.WHOLE)
    rows = told.listed(told.shown([id for id in dict.fromkeys(ids) if id in seen]), request.at, is_whole)
    return {row["id"]: row for row in rows}


def _whose(selector: Cell) -> dict[str, Any]:
    """Return in names whose figure it is: office, or tier, or all; the official where one is meant."""
    return {
        "office": selector.office and Office.objects.filter(code=selector.office).first(),
        "tier": selector.tier,
        "official": selector.official and Official.objects.filter(id=selector.official).first(),
        "is_vacant": selector.official == 0,
    }
