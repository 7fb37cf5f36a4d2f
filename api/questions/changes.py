"""``GET /api/changes``: reports by area in a span and in one as long before it, and what may be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from api import params
from api.public import public
from api.questions import areas, asked, forms, intervals, tables
from api.questions.areas import LEVELS, Area
from api.questions.asked import Asked
from api.questions.spans import ONE_DAY
from api.questions.tables import Counted, Data
from boundaries import lookup
from geoplatform.errors import InvalidRequest
from layers.traits import day_number

PARAMETERS = {*asked.FACETS, *asked.SPAN, "by", "before", "f"}


@public
def changes(request: HttpRequest) -> HttpResponse:
    """Both spans have the same number of days; ``before`` is the first of the earlier one."""
    params.only(request, PARAMETERS)
    level = params.one_of(request, "by", LEVELS)
    form = params.one_of(request, "f", ("json", "csv"), "json")
    wanted = asked.read(request)
    since, until, before = _spans(request, wanted)
    shown = areas.areas(lookup.edition_on(lookup.today()), level, 0)
    data = tables.Data()
    by_area = data.by_code([area.code for area in shown], LEVELS[level])
    length = until - since
    now = _counts(data, by_area, wanted, since, until)
    then = _counts(data, by_area, wanted, before, before + length)
    rows = [_row(area, now[place], then[place]) for place, area in enumerate(shown, 1)]
    if form == "csv":
        return forms.reply(request, form, forms.to_csv(list(rows[0]), (list(row.values()) for row in rows)))
    about: Mapping[str, Any] = {
        "by": level,
        "from": since,
        "to": until,
        "before": {"from": before, "to": before + length},
        "confidence": 0.95,
        "areas": rows,
    }
    return forms.reply(request, form, forms.to_json(about))


def _spans(request: HttpRequest, wanted: Asked) -> tuple[date, date, date]:
    """Return the first and the last day, and the first of the earlier span: by default just before."""
    since, until = wanted.since, wanted.until
    if since is None or until is None:
        raise InvalidRequest("parameters 'from' and 'to' are wanted: the days that are compared")
    text = request.GET.get("before")
    before = params.day("before", text) if text is not None else since - (until - since) - ONE_DAY
    if before >= since:
        raise InvalidRequest(f"before {before} does not lie before from {since}")
    return since, until, before


def _counts(data: Data, by_area: Counted, wanted: Asked, since: date, until: date) -> Sequence[int]:
    filter = replace(wanted.filter, since=day_number(since), until=day_number(until))
    counts: list[int] = data.table(wanted._replace(filter=filter), [by_area]).tolist()
    return counts


def _row(area: Area, count: int, before: int) -> dict[str, Any]:
    low, high = intervals.difference(count, before)
    return {
        "code": area.code,
        "name": area.name,
        "parent": area.parent,
        "count": count,
        "before": before,
        "change": count - before,
        "low": round(low, 1),
        "high": round(high, 1),
        "clear": low > 0 or high < 0,
    }
