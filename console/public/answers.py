"""Who answers: the league of offices in words, for everyone."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import league, params
from api.public import public
from boundaries import editions, lookup, places
from boundaries.models import Level
from casework.board.league import DAYS
from casework.board.outcomes import Row
from console.public.page import language, page, said

LEVELS = (Level.KOTA, Level.KECAMATAN, Level.KELURAHAN)
#: In the order in which a reader meets them; those that are compared stand between.
LAST = ("few", "passes_on", "no_data", "vacant", "none")
METHOD = ("share", "groups", "open", "load", "minimum", "vacant", "offices", "midnight")


@public
def answers(request: HttpRequest) -> HttpResponse:
    """``GET /answers[?days=][&level=][&within=]``: offices in groups, those that answer most first."""
    params.only(request, {"days", "level", "within", "lang"})
    days, level = league.days(request), league.level(request)
    within = request.GET.get("within", "")
    board = league.of(days, timezone.now())
    rows, unit = league.chosen(board, level, within), None if within else league.unit(board)
    edition = editions.in_force(lookup.today())
    known = places.places(edition.pk).values() if edition else ()
    words = said(language(request))
    return page(
        request,
        "answers",
        board=board,
        groups=_groups(rows) + ([_group("unit", [unit])] if unit else []),
        days=days,
        spans=DAYS,
        level=level,
        levels=LEVELS,
        within=within,
        kota=[one for one in known if one.level == Level.KOTA],
        method=[words[f"method_{line}"] for line in METHOD],
        is_empty=not any(row.counts["turns"] for row in rows) and unit is None,
    )


def _groups(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the rows by the sections of the page: compared groups from the highest, then the others."""
    judged = sorted((row for row in rows if row.kind == "judged"), key=lambda row: -(row.group or 0))
    groups = [_group("judged", list(found)) for _, found in groupby(judged, key=lambda row: row.group)]
    others = ("silent", *LAST)
    return [
        *groups,
        *(_group(kind, found) for kind in others if (found := [row for row in rows if row.kind == kind])),
    ]


def _group(kind: str, rows: list[Row]) -> dict[str, Any]:
    shares = [row.share for row in rows if row.share]
    return {
        "kind": kind,
        "rows": [{"row": row, "open": league.opened(row), "share": _percent(row)} for row in rows],
        "low": min((share.low for share in shares), default=0),
        "high": max((share.high for share in shares), default=0),
    }


def _percent(row: Row) -> dict[str, int] | None:
    if row.share is None or row.kind not in ("judged", "silent"):
        return None
    low, high = (round(100 * side) for side in row.share)
    return {"low": low, "high": high, "width": max(high - low, 1)}
