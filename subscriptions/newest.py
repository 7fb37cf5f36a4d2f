"""The newest reports of a choice, for feeds."""

from datetime import datetime
from typing import NamedTuple

from geoplatform import sql
from subscriptions.choice import Choice

# Reports back from the newest that are looked at: more than half a year of the city's; and all that a choice
# costs of which there is none.
REACH = 200_000


class Told(NamedTuple):
    """A report as a feed tells of it; longitude and latitude are null together."""

    id: int
    category: str
    name_id: str
    name_en: str
    kelurahan: str | None
    status: str
    text: str
    submitted_at: datetime
    updated_at: datetime
    lon: float | None
    lat: float | None


def newest(chosen: Choice, after: int, limit: int, limit_ms: int) -> list[Told]:
    """Return the newest reports of a choice whose ids are less than ``after``, newest first.

    Raises
    ------
    django.db.OperationalError
        The database gave no answer within ``limit_ms`` milliseconds.
    """
    params = {**chosen.params(), "after": after, "reach": REACH, "limit": limit}
    with sql.bounded(limit_ms):
        return [Told(*row) for row in sql.rows("subscriptions/newest", params)]


class Gone(NamedTuple):
    """A report that is in a choice no longer, and since when."""

    id: int
    left_at: datetime


def left(chosen: Choice, since: datetime, limit: int, limit_ms: int) -> list[Gone]:
    """Return the reports that left a choice since an instant, the last first; raises as ``newest``."""
    params = {**chosen.params(), "since": since, "limit": limit}
    with sql.bounded(limit_ms):
        return [Gone(*row) for row in sql.rows("subscriptions/left", params)]
