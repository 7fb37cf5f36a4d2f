"""The board of who answers and who does not, the reports behind each figure, and the governor's brief."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from api import params, standby
from api.casework.door import LAST_ID, Asked, door
from casework.board import alone, due_calendar, figures, outcomes, periods, places, spreadsheet
from casework.board.cells import cell
from casework.board.figures import CITY
from casework.board.outcomes import Board, Row
from casework.board.periods import Period
from casework.brief import contents, forms
from casework.steps import permitted
from geoplatform.errors import Forbidden, InvalidRequest

BOARD = "casework.view_board"
OR_OWN = f"{BOARD}|casework.view_case"  # of officials their own office alone: see ``own``
FORMS: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}
# The page brings its styles and its map along, and asks for nothing.
BARE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def _board(asked: Asked) -> Any:
    """``GET /api/staff/board[?period=&at=&office=&tier=&area=&category=&f=]``: or one's own rows."""
    request = asked.request
    params.only(request, {"period", "at", "office", "tier", "area", "category", "f"})
    period, at = _times(asked)
    office, category = request.GET.get("office"), request.GET.get("category")
    mine = own(asked, office)
    if mine:
        made = alone.of(mine, period, at, category)
    else:
        made = outcomes.board(period, at, office, category=category)
    made = outcomes.narrowed(made, request.GET.get("tier"), request.GET.get("area"))
    if params.one_of(request, "f", ("json", "csv"), "json") == "csv":
        asked.record("board.export", period=period.text)
        return HttpResponse(spreadsheet.table(made), content_type=FORMS["csv"])
    return _told(made)


def _cell(asked: Asked, cell_name: str) -> Any:
    """``GET /api/staff/board/cells/{cell}``: the turns behind a figure, page by page.

    An official is told each turn of the own office, though another one has its case since.
    """
    request = asked.request
    params.only(request, {"period", "at", "category", "limit", "after"})
    limit = params.whole(request, "limit", default=100, least=1, most=outcomes.MOST)
    after = params.whole(request, "after", default=0, least=0, most=LAST_ID)
    period, at = _times(asked)
    selector = cell(cell_name)
    own(asked, selector.office)
    turned, following = outcomes.cell(selector, period, at, after, limit, request.GET.get("category"))
    seen = permitted.theirs(asked.user, (one.report_id for one in turned))
    return {
        "turns": [
            {
                "case": one.report_id, "number": one.number, "office": one.office_id,
                "began_at": one.began_at, "due_at": one.due_at, "answered_at": one.answered_at,
                "rungs": one.rungs, "is_seen": one.report_id in seen,
            }
            for one in turned
        ],
        "next_after": following,
    }  # fmt: skip


def _places(asked: Asked) -> Any:
    """``GET /api/staff/board/places[?period=&at=&category=]``: the share answered in time, by kelurahan."""
    params.only(asked.request, {"period", "at", "category"})
    period, at = _times(asked)
    category = figures.scope(category=asked.request.GET.get("category")).category
    return {
        "period": period.text,
        "at": at,
        "minimum": settings.BOARD_MINIMUM,
        "places": [
            {
                "kelurahan": one.code, "kind": one.kind(settings.BOARD_MINIMUM), "turns": one.turns,
                "due": one.due, "kept": one.kept, "no_data": one.no_data,
                "share": one.share and one.share._asdict(), "cell": str(one.cell("due")),
            }
            for one in places.of(period, at, category).values()
        ],
    }  # fmt: skip


def _lasting(asked: Asked) -> Any:
    """``GET /api/staff/board/waiting[?period=&at=&office=&category=]``: what share waits how long."""
    params.only(asked.request, {"period", "at", "office", "category"})
    period, at = _times(asked)
    office, category = asked.request.GET.get("office"), asked.request.GET.get("category")
    mine = own(asked, office)
    if mine:
        curves = {mine: alone.lasting(mine, period, at, category)}
    else:
        curves = outcomes.lasting(period, at, office, category)
    waiting = {name: [step._asdict() for step in steps] for name, steps in curves.items()}
    return {"period": period.text, "at": at, "waiting": waiting}


def _calendar(asked: Asked) -> Any:
    """``GET /api/staff/calendar[?month=&office=]``: what falls due on each day of a month, and holidays."""
    params.only(asked.request, {"month", "office"})
    month = asked.request.GET.get("month", f"{asked.at.astimezone(CITY):%Y-%m}")
    days = due_calendar.month(month, asked.at, asked.request.GET.get("office"))
    return {
        "month": month,
        "days": [
            {
                "on": one.on, "is_working": one.is_working, "holiday": one.holiday and one.holiday.name,
                "waiting": one.waiting, "overdue": one.overdue, "unsure": one.unsure,
            }
            for one in days
        ],
    }  # fmt: skip


def _brief(asked: Asked, form: str) -> Any:
    """``GET /api/staff/brief.{html,pdf,csv}[?at=]``: one page for the governor, as it was known then."""
    params.only(asked.request, {"at"})
    at = instant(asked)
    made = standby.read(asked.request, lambda: contents.make(at))
    asked.record("brief.read", form=form)
    return _page(forms.made(made, form), form)


def _kept(asked: Asked) -> Any:
    """``GET /api/staff/briefs``: the briefs that were made by the clock and are kept, by name."""
    params.only(asked.request, set())
    return {"briefs": forms.kept()}


def _earlier(asked: Asked, name: str) -> Any:
    """``GET /api/staff/briefs/{name}``: one of them, as it was made."""
    params.only(asked.request, set())
    body = forms.read(name)
    asked.record("brief.read", name=name)
    return _page(body, name.rpartition(".")[2])


def _page(body: bytes, form: str) -> HttpResponse:
    response = HttpResponse(body, content_type=FORMS[form])
    response["Content-Security-Policy"] = BARE
    return response


def _times(asked: Asked) -> tuple[Period, datetime]:
    at = instant(asked)
    return periods.period(asked.request.GET.get("period", f"{at.astimezone(CITY).year}")), at


def own(asked: Asked, office: str | None) -> str | None:
    """Return the office of who may see no other's figures, Forbidden where these are; None: they see all."""
    if permitted.may(asked.user, BOARD):
        return None
    if not office or office != asked.user.office_id:
        raise Forbidden(f"this needs the permission {BOARD}; officials see the figures of their own office")
    return office


def instant(asked: Asked) -> datetime:
    """Return the instant ``at``, by default now; of later ones nothing is known."""
    text = asked.request.GET.get("at")
    at = params.instant("at", text) if text else asked.at
    if at > asked.at:
        raise InvalidRequest(f"at {text!r} has not come yet")
    return at


def _told(made: Board) -> dict[str, Any]:
    return {
        "period": made.period.text,
        "first": made.period.first,
        "last": made.period.last,
        "at": made.at,
        "minimum": made.minimum,
        "columns": list(made.columns),
        "totals": dict(made.totals),
        "paused_days": _days(made.paused_days),
        "share": made.share and made.share._asdict(),
        "rows": [_row(row) for row in made.rows],
        "unit": made.unit and _row(made.unit),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "office": {"code": row.office, "title": row.title},
        "tier": row.tier,
        "official": None if row.official is None else {"id": row.official, "name": row.name},
        "acting": row.acting,
        "terms": [{"from": one.since, "to": one.until, "acting": one.acting} for one in row.terms],
        "kind": row.kind,
        "group": row.group,
        "surely_lower": row.lower,
        "surely_higher": row.higher,
        "counts": dict(row.counts),
        "paused_days": _days(row.paused_days),
        "share": row.share and row.share._asdict(),
        "median_s": row.time._asdict(),
        "problems_per_km2": row.load,
        # Each column's selector: /api/staff/board/cells/ and this.
        "cells": {column: str(row.cell(column)) for column, count in row.counts.items() if count},
    }


def _days(paused: Mapping[str, float]) -> dict[str, float]:
    return {reason: round(days, 2) for reason, days in paused.items()}


whole = door(GET=(OR_OWN, _board))
where = door(GET=(BOARD, _places))
lasting = door(GET=(OR_OWN, _lasting))
calendar = door(GET=(BOARD, _calendar))
behind = door(GET=(OR_OWN, _cell))
page = door(GET=(BOARD, _brief))
kept = door(GET=(BOARD, _kept))
earlier = door(GET=(BOARD, _earlier))
