"""``GET /api/series``: how many reports in each hour, day, week or month; steps without any are zeros."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api import params
from api.public import public
from api.questions import asked, forms, hours, spans, tables
from api.questions.asked import Asked
from api.questions.spans import ONE_DAY, Step
from boundaries.lookup import today
from geoplatform.errors import InvalidRequest
from layers.tallying import DAY, Axis

PARAMETERS = {*asked.FACETS, *asked.SPAN, "step", "split", "f"}
STEPS = ("hour", *spans.STEPS)
STEPS_BACK = {"hour": 1, "day": 29, "week": 25, "month": 23, "year": 9}  # by default, from the last one
MOST_STEPS = 4_000


@public
def series(request: HttpRequest) -> HttpResponse:
    """The days are those of the city; a step that the span cuts says how many days of it are counted."""
    params.only(request, PARAMETERS)
    step = params.one_of(request, "step", STEPS, "day")
    form = params.one_of(request, "f", ("json", "csv"), "json")
    wanted = asked.read(request)
    split = asked.split(request, asked.FACETS)
    since, until = _span(wanted, step)
    by_day: dict[str, Step] = {known: known for known in spans.STEPS}
    if step == "hour":
        rows = hours.rows(wanted, since, until, split)
    else:
        rows = _rows(wanted, since, until, by_day[step], split)
    if form == "csv":
        header = list(rows[0])
        return forms.reply(request, form, forms.to_csv(header, (list(row.values()) for row in rows)))
    about = {"step": step, "zone": settings.CITY_TIME_ZONE, "from": since, "to": until}
    return forms.reply(request, form, forms.to_json({**about, "series": rows}))


def _span(wanted: Asked, step: str) -> tuple[date, date]:
    """Return the first and the last day, by default some steps up to today."""
    until = wanted.until or today()
    back = STEPS_BACK[step]
    by_default = until - back * ONE_DAY if step == "hour" else spans.back(until, step, back)  # type: ignore[arg-type]
    since = wanted.since or by_default
    if since > until:
        raise InvalidRequest(f"from {since} lies behind to {until}")
    return since, until


def _rows(wanted: Asked, since: date, until: date, step: Step, split: Sequence[str]) -> list[dict[str, Any]]:
    starts = spans.firsts(since, until, step, MOST_STEPS)
    if len(starts) > MOST_STEPS:
        raise InvalidRequest(
            f"step {step!r} from {since} to {until} makes more than {MOST_STEPS} steps: ask for fewer days"
        )
    data = tables.Data()
    by_time = tables.Counted(Axis(DAY, spans.places(since, until, starts), len(starts)), ())
    others = [data.by_facet(name) for name in split]
    counts = data.table(wanted, [by_time, *others])
    totals = counts.reshape(len(starts), -1).sum(axis=1)
    extra = tables.columns(others, counts)
    ends = [*starts[1:], until + ONE_DAY]
    return [
        {
            "start": start.isoformat(),
            "days": (min(end, until + ONE_DAY) - max(start, since)).days,
            "count": int(totals[place]),
            **{name: int(column[place]) for name, column in extra},
        }
        for place, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
