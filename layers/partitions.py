"""Traffic lies in a partition for each month of its reports (UTC): months are made ahead, old ones released.

What is released is no part of its table any more, and waits in the schema ``detached`` until it is archived
(``layers.archive``). Rows that no month was made for are never refused: they go to the rest, and are moved
when their month is made. What is on the map still stays in the table, however old its report is.
"""

import logging
from datetime import UTC, datetime

from django.conf import settings

from geoplatform import sql

logger = logging.getLogger(__name__)

#: The tables by the kind of row that they hold, as in ``layers.record.Kind``.
TABLES = {"alerts": "layers_alert", "jams": "layers_jam", "irregularities": "layers_irregularity"}
AHEAD = 2  # months that are made before they begin


def oldest(at: datetime) -> datetime | None:
    """Return the first instant whose traffic is kept in the tables; None: all is."""
    return month(at, -settings.TRAFFIC_MONTHS) if settings.TRAFFIC_MONTHS else None


def month(at: datetime, later: int = 0) -> datetime:
    """Return when the month (UTC) of an instant begins, or one so many months later."""
    now = at.astimezone(UTC)
    months = now.year * 12 + now.month - 1 + later
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def make_months(at: datetime, since: datetime | None = None) -> int:
    """Make the month of an instant, those after it, and past ones that the rest holds rows of; how many.

    Parameters
    ----------
    since
        Of what was reported before, which is kept no longer, no month is made; None: all is kept.
    """
    wanted = [(table, month(at, later)) for table in TABLES.values() for later in range(AHEAD + 1)]
    wanted += sql.rows("layers/rest_months", {"at": at, "since": since})
    made: int = sum(sql.scalar("layers/make_month", {"table": table, "at": of}) for table, of in wanted)
    if made:
        logger.info("partitions made count=%d", made)
    return made


def release(before: datetime) -> list[str]:
    """Detach every partition that ended by an instant, and what the rest has of before; returns their names.

    Each is a transaction of its own, that waits five seconds for the table at most and holds it for some
    milliseconds. Killed in between, the next turn goes on: what was detached waits.
    """
    released = []
    for table, name in sql.rows("layers/past_months", {"tables": list(TABLES.values()), "before": before}):
        if sql.scalar("layers/detach", {"table": table, "name": name, "before": before}):
            released.append(name)
    for table in TABLES.values():
        if sql.scalar("layers/sweep", {"table": table, "before": before}):
            released.append(f"{table}_rest")
    if released:
        logger.info("partitions released count=%d", len(released))
    return released
