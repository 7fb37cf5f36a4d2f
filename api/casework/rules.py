"""Which office answers for what: the rules, what of them cannot work, and what they say of one place."""

from typing import Any

from api import params
from api.casework.door import Asked, door
from boundaries import lookup
from casework.routing import faults, rules
from casework.steps import permitted
from geoplatform.errors import NotFound
from reports.models import Category, Report


def listed(asked: Asked) -> Any:
    """``GET /api/staff/rules``: the rules in their order, and the faults that nobody has mended."""
    params.only(asked.request, set())
    return {
        "rules": [
            {
                "number": row.number, "name": row.name, "words": rules.words(row),
                "category": row.category_id, "area_code": row.area_code, "tier": row.tier,
                "office": row.office_id, "is_active": row.is_active, "source": row.source,
            }
            for row in rules.lasting()
        ],
        "faults": [
            {
                "kind": row.kind, "name": faults.NAMES[row.kind], "about": row.about, "words": row.words,
                "found_at": row.found_at,
            }
            for row in faults.lasting()
        ],
    }  # fmt: skip


def tried(asked: Asked) -> Any:
    """``GET /api/staff/rules/try``: who would answer for a kind of problem at a point, or for a report."""
    request = asked.request
    if "report" in request.GET:
        params.only(request, {"report"})
        return _of_report(asked, params.whole(request, "report", 0, 0, params.LARGEST))
    params.only(request, {"lon", "lat", "category"})
    codes = list(Category.objects.order_by("code").values_list("code", flat=True))
    category = params.one_of(request, "category", codes)
    place = lookup.at(params.point(request), lookup.city_day(asked.at))
    code = place.kelurahan.code if place.kelurahan else None
    neighbour = place.neighbour.code if place.neighbour else None
    return _said(category, code, neighbour, place.border_m)


def _of_report(asked: Asked, id: int) -> Any:
    if not permitted.theirs(asked.user, [id]):
        raise NotFound(f"no case {id}")
    report = Report.objects.get(pk=id)
    return _said(report.category_id, report.kelurahan_code, report.neighbour_code, report.border_m)


def _said(category: str, code: str | None, neighbour: str | None, border_m: float | None) -> Any:
    decided = rules.decide(category, code, neighbour, border_m)
    return {"category": category, "kelurahan": code, "office": decided.office, "explanation": decided.said}


all_rules = door(GET=("casework.view_case", listed))
attempt = door(GET=("casework.view_case", tried))
