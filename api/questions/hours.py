"""Reports by the hour: which they are is asked of the index, whose days they are; when, of their rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from psycopg import sql as compose

from api import slow
from api.faults import said
from api.questions import tables
from api.questions.asked import Asked
from geoplatform import sql
from geoplatform.errors import InvalidRequest
from layers.traits import day_number

MOST_DAYS = 31
CITY = ZoneInfo(settings.CITY_TIME_ZONE)
STATEMENT = compose.SQL(
    "SELECT date_trunc('hour', report.submitted_at AT TIME ZONE {zone}) AS hour, {split}, count(*)"
    " FROM analyst.reports AS report WHERE report.id = ANY ({ids}) GROUP BY 1, 2"
)


def rows(wanted: Asked, since: date, until: date, split: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row for each hour of a span of at most 31 days of the city.

    Raises
    ------
    InvalidRequest
        The span is longer, or the split makes more columns than a table has.
    """
    days = (until - since).days + 1
    if days > MOST_DAYS:
        raise InvalidRequest(
            f"step 'hour' from {since} to {until}: at most {MOST_DAYS} days are told by hours"
        )
    filter = replace(wanted.filter, since=day_number(since), until=day_number(until))
    counted = _counted(tables.Data().ids(filter), split)
    names = sorted({name for _, name in counted if name})
    if len(names) > tables.MOST_LABELS:
        raise InvalidRequest(f"the split makes {len(names)} columns: at most {tables.MOST_LABELS} are shown")
    begin = datetime.combine(since, time())
    hours = [begin + timedelta(hours=hour) for hour in range(24 * days)]
    totals: dict[datetime, int] = {}
    for (hour, _), count in counted.items():
        totals[hour] = totals.get(hour, 0) + count
    return [
        {
            "start": hour.replace(tzinfo=CITY).isoformat(),
            "count": totals.get(hour, 0),
            **{f"count_{name}": counted.get((hour, name), 0) for name in names},
        }
        for hour in hours
    ]


def _counted(ids: list[int], split: Sequence[str]) -> dict[tuple[datetime, str], int]:
    """Return how many of some reports belong to each hour of the city and words of the split."""
    words = [compose.SQL("coalesce({}, 'none')").format(compose.Identifier(name)) for name in split]
    parts = compose.SQL(" || '_' || ").join(words) if words else compose.SQL("''")
    statement = STATEMENT.format(
        zone=compose.Placeholder("zone"), split=parts, ids=compose.Placeholder("ids")
    )
    literal = "{" + ",".join(map(str, ids)) + "}"  # psycopg takes 2 us an id, this 0.1 us

    def ask(limit_ms: int) -> dict[tuple[datetime, str], int]:
        with sql.bounded(limit_ms), connection.cursor() as cursor:
            cursor.execute(statement, {"zone": settings.CITY_TIME_ZONE, "ids": literal})
            return {(hour, name): count for hour, name, count in cursor.fetchall()}

    with said(settings.QUERY_TIMEOUT_MS):
        return slow.within(settings.QUERY_TIMEOUT_MS, ask)
