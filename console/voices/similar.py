"""Reports like one that is being written: of its kind, near it, not done, of the last weeks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime

from api import collections, selection
from api.questions import nearest
from layers.record import LonLat

WITHIN_M, MOST = 200, 3
DAYS = 60


class Similar(NamedTuple):
    """A report that may tell of the same problem."""

    id: int
    distance_m: float
    text: str
    status: str
    submitted_at: datetime


def query(at: datetime) -> dict[str, str]:
    """Return what is asked of ``/api/nearest``, beside category and point: by the form's module, too."""
    since = (at - timedelta(days=DAYS)).date()
    return {"datetime": f"{since}/..", "filter": "status <> 'done'"}


def find(category: str, point: LonLat, at: datetime) -> list[Similar]:
    """Return the reports like one, the nearest first."""
    collection = collections.find("reports")
    wanted = selection.parse(collection, {"category": category, **query(at)})
    return [_similar(id, metres, has) for id, _, metres, has in nearest.around(wanted, point, MOST, WITHIN_M)]


def _similar(id: int, metres: float, has: Mapping[str, Any]) -> Similar:
    submitted_at = parse_datetime(has["submitted_at"])
    assert submitted_at is not None  # noqa: S101 - a column that is never null
    return Similar(id, round(metres), has["text"], has["status"], submitted_at)
