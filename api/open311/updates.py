"""Updates of service requests: the extension by which a FixMyStreet hears what became of a report."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from psycopg import sql as compose

from api import slow
from api.open311 import asked
from api.selection import Terms
from geoplatform import sql
from geoplatform.errors import Unavailable
from reports import georeport

NAMES = {"service_request_id", "start_date", "end_date", "page", "page_size", "after"}
SELECT = """
SELECT step.id, step.report, step.status, step.at, step.by, step.note
FROM analyst.updates AS step
WHERE {} ORDER BY step.id DESC LIMIT {} OFFSET {}
"""


def several(given: Mapping[str, str]) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of updates, the newest first, and the id to go on behind; None on the last page.

    An update that changes no status says that of the one before: ``status`` is what holds after it.
    """
    terms, page = Terms(), asked.page(given)
    if "service_request_id" in given:
        terms.add("step.report = ANY ({})", terms.value(asked.ids(given["service_request_id"])))
    else:
        since, until = (
            terms.value(at) for at in asked.span(given, asked.present(), ("start_date", "end_date"))
        )
        terms.add("step.at BETWEEN {} AND {}", since, until)
    terms.add("step.id < {}", terms.value(page.after))
    found = _run(terms, replace(page, size=page.size + 1))
    shown = found[: page.size]
    return [_described(row) for row in shown], shown[-1][0] if len(found) > page.size else None


def _run(terms: Terms, page: asked.Page) -> list[tuple[Any, ...]]:
    size, offset = terms.value(page.size), terms.value(page.offset)
    statement = compose.SQL(SELECT).format(terms.where, size, offset)

    def ask(limit_ms: int) -> list[tuple[Any, ...]]:
        with sql.bounded(limit_ms), connection.cursor() as cursor:
            cursor.execute(statement, terms.values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    try:
        return slow.within(settings.QUERY_TIMEOUT_MS, ask)
    except OperationalError as error:
        raise Unavailable("the database gave no answer in time: ask for a shorter time") from error


def _described(row: tuple[Any, ...]) -> dict[str, Any]:
    id, report, status, at, by, note = row
    return {
        "update_id": str(id),
        "service_request_id": str(report),
        "status": georeport.WORDS[status],
        "updated_datetime": georeport.instant(at),
        "description": ": ".join(part for part in (by, note) if part) or None,
        "media_url": None,
    }
