"""Who answers, as published: the league of offices, in groups, of days that are over."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import params, slow
from api.faults import said
from api.public import document, public
from boundaries.models import Level
from casework.board import league
from casework.board.outcomes import Board, Row
from casework.board.survival import Median
from geoplatform import sql, standbys
from geoplatform.errors import InvalidRequest
from layers.cache import Cache

DEFAULT_DAYS = 90
KEPT = 32  # leagues: three of a day, and those of days before
_kept: Cache[Board] = Cache(KEPT, lambda board: 1)


@public
def answers(request: HttpRequest) -> HttpResponse:
    """``GET /api/answers[?days=][&level=][&within=]``: offices in groups, until midnight the same."""
    params.only(request, {"days", "level", "within"})
    board = of(days(request), timezone.now())
    rows = chosen(board, level(request), request.GET.get("within", ""))
    return document(request, told(board, rows))


def days(request: HttpRequest) -> int:
    """Return over how many days is asked."""
    asked = params.whole(request, "days", DEFAULT_DAYS, min(league.DAYS), max(league.DAYS))
    if asked not in league.DAYS:
        raise InvalidRequest(f"days {asked}: known are {', '.join(map(str, league.DAYS))}")
    return asked


def level(request: HttpRequest) -> str:
    """Return of which tier is asked."""
    return params.one_of(request, "level", Level.values, Level.KELURAHAN)


def of(days: int, now: datetime) -> Board:
    """Return the league of the last days that are over; made once a day in each process."""
    period, at = league.ended(days, now)

    def make() -> Board:
        def ask(limit_ms: int) -> Board:
            with sql.bounded(limit_ms):
                return league.league(period, at)

        with said(settings.QUERY_TIMEOUT_MS):
            return standbys.read_to_keep(lambda: slow.within(settings.QUERY_TIMEOUT_MS, ask))

    return _kept.get((period.text, settings.BOARD_MINIMUM), lambda board: True, make)


def chosen(board: Board, level: str, within: str) -> list[Row]:
    """Return the rows of a tier, those within a boundary by its code; in groups as all of the tier stand."""
    return [
        row
        for row in board.rows
        if row.tier == level and (not within or f"{_place(row)}.".startswith(f"{within}."))
    ]


def told(board: Board, rows: list[Row]) -> dict[str, Any]:
    """Return a league as JSON."""
    return {
        "first": board.period.first,
        "last": board.period.last,
        "at": board.at,
        "minimum": board.minimum,
        "offices": [_row(row) for row in rows],
        "unit": _row(own) if (own := unit(board)) else None,
    }


def unit(board: Board) -> Row | None:
    """Return what the unit itself owed answers to; None: nothing."""
    return board.unit if board.unit and board.unit.counts["turns"] else None


def _row(row: Row) -> dict[str, Any]:
    is_compared = row.kind == "judged"
    return {
        "office": {"code": row.office, "title": row.title},
        "level": row.tier,
        "kind": row.kind,
        "group": row.group,
        "due": row.counts["due"],
        "kept": row.counts["kept"],
        "share": row.share._asdict() if row.share and is_compared else None,
        "median_s": row.time._asdict() if is_compared else Median(None, None, None)._asdict(),
        "open": opened(row),
        "problems": row.counts["problems"],
        "problems_per_km2": row.load,
    }


def opened(row: Row) -> int:
    """Return how many turns still wait for an answer: due ones and those that are not yet."""
    return sum(row.counts[column] for column in ("unanswered", "running", "paused", "no_data"))


def _place(row: Row) -> str:
    return row.office.partition("-")[2]


def forget() -> None:
    """Drop what is kept."""
    _kept.clear()
