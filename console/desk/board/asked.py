"""What the pages of the board share: how they are opened, what was chosen on them, and their addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access import audit
from api.casework import board, door
from api.casework.door import Asked
from casework.board import periods
from casework.board.cells import Cell
from casework.board.figures import CITY
from casework.board.periods import Period
from console.desk import shell
from console.desk.shell import View, opened
from geoplatform import sql
from geoplatform.errors import Forbidden, GeoplatformError, InvalidRequest, NotFound
from reports.models import Category
from staff.models import User

PART = "board"
BOARD = "casework.view_board"
MONTHS, DAYS = 12, 28
Shown = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Chosen:
    """What somebody looks at: a time, as it is known at an instant, of a tier, an area or a category.

    ``then`` is the instant as the address has it; empty: now.
    """

    period: Period
    at: datetime
    tier: str = ""
    area: str = ""
    then: str = ""
    category: str = ""

    def query(self, **other: str) -> str:
        """Return it as the query of an address; what is empty is left out."""
        parts = {
            "period": self.period.text, "at": self.then, "tier": self.tier, "area": self.area,
            "category": self.category, **other,
        }  # fmt: skip
        return "?" + urlencode({name: value for name, value in parts.items() if value})

    def cell(self, cell: Cell) -> str:
        """Return the address of the reports behind a figure."""
        return reverse("board_cell", args=[str(cell)]) + replace(self, tier="", area="").query()


@dataclass(frozen=True)
class Option:
    """A time that can be chosen: as it is written, its kind for the words, its first and last day."""

    value: str
    kind: str
    first: date
    last: date


def shown(*permissions: str) -> Callable[[Callable[..., Shown]], View]:
    """Open a page of the board to who has one of the permissions; the view returns template and contents."""

    def wrapped(view: Callable[..., Shown]) -> View:
        @require_safe
        @opened(*permissions)
        @wraps(view)
        def answered(request: HttpRequest, user: User, **named: Any) -> HttpResponse:
            asked = Asked(request, user, timezone.now(), audit.origin(request, user.mark))
            try:
                door.check(request, named)
                with sql.bounded(settings.QUERY_TIMEOUT_MS):
                    template, context = view(asked, **named)
                    return shell.page(
                        request, user, f"desk/board/{template}", part=PART, tab=template, **context
                    )
            except InvalidRequest as error:
                return _refused(request, user, 400, error)
            except Forbidden as error:
                return _refused(request, user, 403, error)
            except NotFound as error:
                return _refused(request, user, 404, error)

        return answered

    return wrapped


def chosen(asked: Asked) -> Chosen:
    """Return what the address says: by default the last four weeks, of all, as known now."""
    given, at = asked.request.GET, board.instant(asked)
    period = periods.period(given.get("period") or _weeks(at).text)
    return Chosen(
        period,
        at,
        given.get("tier", ""),
        given.get("area", ""),
        given.get("at", ""),
        given.get("category", ""),
    )


def options(at: datetime, current: Period) -> list[Option]:
    """Return the times to choose from: four weeks, months, years; and the current one if it is another."""
    today = at.astimezone(CITY).date()
    months = [periods.period(f"{(_month(today, back)):%Y-%m}") for back in range(MONTHS)]
    years = [periods.period(f"{today.year - back}") for back in range(2)]
    found = [
        _option(_weeks(at), "weeks"),
        *(_option(one, "month") for one in months),
        *(_option(one, "year") for one in years),
    ]
    known = {one.value for one in found}
    return found if current.text in known else [_option(current, "days"), *found]


def categories(request: Asked) -> list[tuple[str, str]]:
    """Return the categories to choose from, by code and name in the language of who reads."""
    name = f"name_{shell.language(request.request)}"
    return list(Category.objects.order_by(name).values_list("code", name))


def month_before(first: date) -> date:
    """Return the first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def _refused(request: HttpRequest, user: User, status: int, error: GeoplatformError) -> HttpResponse:
    return shell.page(request, user, "desk/board/refused", status, part=PART, reason=str(error))


def _weeks(at: datetime) -> Period:
    today = at.astimezone(CITY).date()
    return periods.days(today - timedelta(days=DAYS - 1), today)


def _month(today: date, back: int) -> date:
    first = today.replace(day=1)
    for _ in range(back):
        first = month_before(first)
    return first


def _option(period: Period, kind: str) -> Option:
    return Option(period.text, kind, period.first, period.last)
