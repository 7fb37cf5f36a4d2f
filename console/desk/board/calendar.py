"""``/staff/board/calendar``: what falls due when, on which days offices are open, and how much is overdue."""

from collections.abc import Sequence
from datetime import timedelta

from api.casework.door import Asked
from boundaries.models import Office
from casework.board import due_calendar, periods
from casework.board.due_calendar import Day
from casework.board.figures import CITY
from console.desk.board.asked import BOARD, Shown, month_before, shown
from geoplatform.errors import NotFound

WEEK = 7
Week = Sequence[Day | None]


@shown(BOARD)
def calendar(request: Asked) -> Shown:
    """``GET /staff/board/calendar[?month=&office=]``: a month of all offices, or of one."""
    today = request.at.astimezone(CITY).date()
    month = request.request.GET.get("month") or f"{today:%Y-%m}"
    office = _office(request.request.GET.get("office", ""))
    days = due_calendar.month(month, request.at, office.code if office else None)
    first = periods.period(month).first
    return "calendar", {
        "office": office,
        "first": first,
        "before": f"{month_before(first):%Y-%m}",
        "following": f"{days[-1].on + timedelta(days=1):%Y-%m}",
        "today": today,
        "weeks": _weeks(days),
        "waiting": sum(one.waiting for one in days),
        "overdue": sum(one.overdue for one in days),
        "unsure": sum(one.unsure for one in days),
    }


def _weeks(days: Sequence[Day]) -> list[Week]:
    """Return the weeks of a month, Monday first; None stands for days of other months."""
    before: list[Day | None] = [None] * days[0].on.weekday()
    cells = [*before, *days]
    cells += [None] * (-len(cells) % WEEK)
    return [cells[at : at + WEEK] for at in range(0, len(cells), WEEK)]


def _office(code: str) -> Office | None:
    """Return the office that was asked for, or None where none was."""
    if not code:
        return None
    found = Office.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"no office {code!r}")
    return found
