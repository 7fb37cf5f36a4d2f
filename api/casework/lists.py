"""The cases that somebody may see, chosen and page by page; and the work lists, counted."""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.gis.geos import Polygon
from django.db.models import Exists, Q, QuerySet

from api import params
from api.casework import shown
from api.casework.door import LAST_ID, Asked, door
from boundaries.models import Office
from casework import permitted, priority, worklists
from casework.models import Case, State
from casework.priority import Last
from geoplatform.errors import InvalidRequest
from reports.models import Category

KNOWN = {"worklist", "office", "state", "category", "kelurahan", "q", "bbox", "limit", "after"}
CURSOR = re.compile(r"(\d{1,17})-(\d{1,6})-(\d{1,19})", re.ASCII)  # microseconds, points, id
CODE = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?", re.ASCII)
LONGEST_Q = 100


class Cursor(NamedTuple):
    """Where a page by priority ended: of an instant, for with time the points change."""

    at: datetime
    last: Last

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.last.points}-{self.last.id}"


def _worklists(asked: Asked) -> Any:
    """``GET /api/staff/work-lists``: each list with how many cases it has for who asks."""
    params.only(asked.request, set())
    found = worklists.counts(permitted.condition(asked.user), asked.at)
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
    if "worklist" in asked.request.GET:
        return _by_priority(asked, asked.request.GET["worklist"], limit)
    after = params.whole(asked.request, "after", default=LAST_ID, least=0, most=LAST_ID)
    found = _chosen(asked).filter(pk__lt=after).order_by("-pk").values_list("pk", flat=True)
    ids = list(found[: limit + 1])
    following = str(ids[limit - 1]) if len(ids) > limit else None
    return {"cases": shown.listed(shown.shown(ids[:limit]), asked.at), "next_after": following}


def _by_priority(asked: Asked, code: str, limit: int) -> Any:
    cursor = _cursor(asked.request.GET.get("after"))
    at = cursor.at if cursor else asked.at
    chosen = _chosen(asked).filter(worklists.find(code).condition(at))
    ranked = priority.most_urgent(chosen, at, limit + 1, cursor.last if cursor else None)
    page = ranked[:limit]
    following = None
    if len(ranked) > limit:
        following = str(Cursor(at, Last(page[-1].points, page[-1].report_id)))
    ranks = {one.report_id: one for one in page}
    return {"cases": shown.listed(shown.shown(list(ranks)), at, ranks), "next_after": following}


def _chosen(asked: Asked) -> QuerySet[Case]:
    """Return the cases that a query asks for, of those that who asks may see."""
    given = asked.request.GET
    within = Q()
    if "office" in given:
        code = _known("office", given["office"], Office.objects.filter(code=given["office"]).exists())
        within &= Q(Exists(permitted.turns_of(code)))
    if "state" in given:
        code = _known("state", given["state"], State.objects.filter(code=given["state"]).exists())
        within &= Q(state=code)
    if "category" in given:
        code = given["category"]
        within &= Q(report__category=_known("category", code, Category.objects.filter(code=code).exists()))
    if "kelurahan" in given:
        within &= _in(given["kelurahan"])
    if "q" in given:
        within &= Q(report__public_text__icontains=_words(given["q"]))
    if "bbox" in given:
        box = Polygon.from_bbox(params.bbox(asked.request))
        box.srid = 4326
        # Of sensitive reports the point that all may see: boxes that are halved would tell where one is.
        within &= Q(report__public_point__coveredby=box) | Q(
            report__public_point=None, report__point__coveredby=box
        )
    return permitted.cases_of(asked.user).filter(within)


def _in(code: str) -> Q:
    """Return the condition of what lies in a kelurahan, kecamatan or kota."""
    if not CODE.fullmatch(code):
        raise InvalidRequest(f"kelurahan {code!r} is no Kemendagri code")
    return Q(report__kelurahan_code=code) | Q(report__kelurahan_code__startswith=f"{code}.")


def _words(text: str) -> str:
    if not 2 <= len(text.strip()) <= LONGEST_Q:
        raise InvalidRequest(f"q {text!r}: 2 to {LONGEST_Q} characters are looked for")
    return text.strip()


def _known(name: str, value: str, is_known: bool) -> str:
    if not is_known:
        raise InvalidRequest(f"{name} {value!r} is none that there is")
    return value


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
