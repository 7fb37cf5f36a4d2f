"""``GET /api/staff/jam-hours``: at which hours of the week reports were made near a traffic jam."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings

from api import params
from api.casework.door import Asked, door
from api.questions import asked as questions
from api.questions import tables
from geoplatform import sql
from geoplatform.errors import InvalidRequest

PARAMETERS = {*questions.FACETS, *questions.SPAN}
MOST_DAYS = 31  # each report is looked up beside the jams of its hour
REACH_M, SOON_S = 300, 1800  # what a case's own context calls near, and soon


def _hours(asked: Asked) -> Any:
    """Hours without a report are left out; reports without a point are near nothing and are not counted."""
    params.only(asked.request, PARAMETERS)
    wanted = questions.read(asked.request)
    since, until = _span(wanted.since, wanted.until)
    ids = tables.Data().ids(wanted.filter)
    rows = sql.rows(
        "api/jam_hours",
        {"ids": ids, "zone": settings.CITY_TIME_ZONE, "reach_m": REACH_M, "soon_s": SOON_S},
    )
    return {
        "from": since.isoformat(),
        "to": until.isoformat(),
        "reach_m": REACH_M,
        "soon_s": SOON_S,
        "hours": [
            {"weekday": weekday, "hour": hour, "reports": reports, "near": near}
            for weekday, hour, reports, near in rows
        ],
    }


def _span(since: date | None, until: date | None) -> tuple[date, date]:
    if since is None or until is None:
        raise InvalidRequest("parameters 'from' and 'to' are wanted: the days whose reports are looked at")
    if until - since >= timedelta(MOST_DAYS):
        raise InvalidRequest(f"from {since} to {until}: at most {MOST_DAYS} days are held against jams")
    return since, until


jam_hours = door(GET=("casework.view_board", _hours))
