"""The cases that somebody may see, chosen and page by page; and the work lists, counted."""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet

from api import params
from api.casework import shown
from api.casework.chosen import NAMES, chosen
from api.casework.door import LAST_ID, Asked, door
from casework.desk import priority, worklists
from casework.desk.priority import Last, Priority
from casework.models import Case
from casework.steps import permitted
from geoplatform.errors import InvalidRequest

KNOWN = NAMES | {"order", "limit", "after"}
URGENT, NEWEST = "urgent", "newest"
CURSOR = re.compile(r"(\d{1,17})-(\d{1,6})-(\d{1,19})", re.ASCII)  # microseconds, points, id
MOST_COUNTED = 10_000  # cases: beyond, nobody counts on


class Cursor(NamedTuple):
    """Where a page by priority ended: of an instant, for with time the points change."""

    at: datetime
    last: Last

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.last.points}-{self.last.id}"


def _worklists(asked: Asked) -> Any:
    """``GET /api/staff/work-lists``: each list with how many cases it has for who asks."""
    params.only(asked.request, set())
    is_whole = permitted.may(asked.user, permitted.WHOLE)
    found = worklists.counts(permitted.condition(asked.user), asked.at, is_whole)
    return {
        "at": asked.at,
        "work_lists": [
            {"code": one.code, "name": {"id": one.name_id, "en": one.name_en}, "count": found[one.code]}
            for one in worklists.LISTS.values()
        ],
    }


def _cases(asked: Asked) -> Any:
    """``GET /api/staff/cases``: a work list by priority, or else the newest cases first."""
    params.only(asked.request, KNOWN)
    limit = params.whole(asked.request, "limit", default=50, least=1, most=200)
    has_list = "worklist" in asked.request.GET
    order = params.one_of(asked.request, "order", (URGENT, NEWEST), URGENT if has_list else NEWEST)
    if order == URGENT and not has_list:
        raise InvalidRequest("order 'urgent': only a work list is ordered by priority")
    return _by_priority(asked, limit) if order == URGENT else _newest(asked, limit)


def _newest(asked: Asked, limit: int) -> Any:
    after = params.whole(asked.request, "after", default=LAST_ID, least=0, most=LAST_ID)
    found = chosen(asked, asked.at)
    ids = list(found.filter(pk__lt=after).order_by("-pk").values_list("pk", flat=True)[: limit + 1])
    page, following = ids[:limit], str(ids[limit - 1]) if len(ids) > limit else None
    ranks = {one.report_id: one for one in priority.rank(page, asked.at, limit)}
    matched = None if "after" in asked.request.GET else _count(found)
    return _page(asked, page, asked.at, ranks, matched, following)


def _by_priority(asked: Asked, limit: int) -> Any:
    cursor = _cursor(asked.request.GET.get("after"))
    at = cursor.at if cursor else asked.at
    found = chosen(asked, at)
    ranked = priority.most_urgent(found, at, limit + 1, cursor.last if cursor else None)
    page = ranked[:limit]
    following = None
    if len(ranked) > limit:
        following = str(Cursor(at, Last(page[-1].points, page[-1].report_id)))
    ranks = {one.report_id: one for one in page}
    return _page(asked, list(ranks), at, ranks, None if cursor else _count(found), following)


def _page(
    asked: Asked,
    ids: list[int],
    at: datetime,
    ranks: dict[int, Priority],
    matched: int | None,
    following: str | None,
) -> Any:
    rows = shown.listed(shown.shown(ids), at, permitted.may(asked.user, permitted.WHOLE), ranks)
    return {"cases": rows, "matched": matched, "next_after": following, "latest": _latest()}


def _latest() -> int:
    """Return the greatest number of any case: what comes later than this page has a greater one."""
    return Case.objects.aggregate(latest=Max("pk"))["latest"] or 0


def _count(found: QuerySet[Case]) -> int | None:
    """Return how many there are; None where there are more than anybody scrolls through."""
    count = found.order_by()[: MOST_COUNTED + 1].count()
    return count if count <= MOST_COUNTED else None


def _cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    parts = CURSOR.fullmatch(text)
    if not parts:
        raise InvalidRequest(f"after {text!r} is none that a page gave")
    microseconds, points, id = map(int, parts.groups())
    if id > LAST_ID:
        raise InvalidRequest(f"after {text!r} is none that a page gave")
    return Cursor(datetime.fromtimestamp(microseconds / 1_000_000, UTC), Last(points, id))


work_lists = door(GET=("casework.view_case", _worklists))
cases = door(GET=("casework.view_case", _cases))
