"""Service requests: reports as the public may see them, by GeoReport's own names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from psycopg import sql as compose

from api import selection, slow
from api.collections import find
from api.open311 import asked
from api.open311.asked import Page
from api.selection import Terms
from boundaries.models import Office
from geoplatform import sql
from geoplatform.errors import NotFound, Unavailable
from layers.tiles import DIGITS
from reports import georeport
from reports.models import Category

NAMES = {
    "service_request_id", "service_code", "start_date", "end_date", "status", "updated_after",
    "updated_before", "bbox", "page", "page_size", "after",
}  # fmt: skip
COLLECTION = "reports"
SELECT = """
SELECT report.id, report.category, report.status, report.text, report.submitted_at, report.office,
    greatest(report.updated_at, newest.at) AS updated_at, newest.note,
    ST_X(report.geom) AS lon, ST_Y(report.geom) AS lat, state.open311
FROM analyst.reports AS report
LEFT JOIN casework_case AS held ON held.report_id = report.id
LEFT JOIN casework_state AS state ON state.code = held.state_id
LEFT JOIN LATERAL (
    SELECT step.at, step.note
    FROM analyst.updates AS step
    WHERE step.report = report.id
    ORDER BY step.at DESC, step.id DESC
    LIMIT 1
) AS newest ON true
WHERE {} ORDER BY report.id DESC LIMIT {} OFFSET {}
"""


def several(given: Mapping[str, str]) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of requests, the newest first, and the id to go on behind; None on the last page."""
    terms = Terms()
    if "service_request_id" in given:  # which overrides all others, by the specification
        terms.add("report.id = ANY ({})", terms.value(asked.ids(given["service_request_id"])))
        return _described(_run(terms, Page(asked.MOST, 0, 0))), None
    page = asked.page(given)
    _put(terms, given)
    terms.add("report.id < {}", terms.value(page.after))
    found = _run(terms, replace(page, size=page.size + 1))  # one more says whether there is a next page
    shown = found[: page.size]
    return _described(shown), shown[-1]["id"] if len(found) > page.size else None


def single(id: int) -> dict[str, Any]:
    """Return one request, or raise NotFound."""
    terms = Terms()
    terms.add("report.id = {}", terms.value(id))
    found = _described(_run(terms, Page(1, 0, 0)))
    if not found:
        raise NotFound(f"service_request_id {id} was not found")
    return found[0]


def _put(terms: Terms, given: Mapping[str, str]) -> None:
    now = asked.present()
    if "updated_after" in given or "updated_before" in given:
        since, until = (terms.value(at) for at in asked.span(given, now, ("updated_after", "updated_before")))
        terms.add(
            "report.updated_at BETWEEN {} AND {} OR report.id IN"
            " (SELECT step.report FROM analyst.updates AS step WHERE step.at BETWEEN {} AND {})",
            since, until, since, until,
        )  # fmt: skip
    else:
        since, until = (terms.value(at) for at in asked.span(given, now, ("start_date", "end_date")))
        terms.add("report.submitted_at BETWEEN {} AND {}", since, until)
    if "service_code" in given:
        terms.add("report.category = ANY ({})", terms.value(asked.categories(given["service_code"])))
    if "status" in given:
        # Of what the city has in hand its own word, else the channel's.
        words, theirs = asked.statuses(given["status"])
        terms.add(
            "state.open311 = ANY ({}) OR (state.open311 IS NULL AND report.status = ANY ({}))",
            terms.value(words), terms.value(theirs),
        )  # fmt: skip
    if "bbox" in given:
        selection.parse(find(COLLECTION), {"bbox": given["bbox"]}).put(terms)


def _run(terms: Terms, page: Page) -> list[dict[str, Any]]:
    size, offset = terms.value(page.size), terms.value(page.offset)
    statement = compose.SQL(SELECT).format(terms.where, size, offset)
    try:
        return slow.within(settings.QUERY_TIMEOUT_MS, lambda limit_ms: _rows(statement, terms, limit_ms))
    except OperationalError as error:
        raise Unavailable("the database gave no answer in time: ask for a shorter time, or a bbox") from error


def _rows(statement: compose.Composable, terms: Terms, limit_ms: int) -> list[dict[str, Any]]:
    with sql.bounded(limit_ms), connection.cursor() as cursor:
        cursor.execute(statement, terms.values)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _described(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    services = dict(Category.objects.values_list("code", "name_id"))
    codes = {row["office"] for row in rows if row["office"]}
    offices = dict(Office.objects.filter(code__in=codes).values_list("code", "title"))
    return [
        {
            "service_request_id": str(row["id"]),
            "status": row["open311"] or georeport.WORDS[row["status"]],
            "status_notes": row["note"] or None,
            "service_name": services[row["category"]],
            "service_code": row["category"],
            "description": row["text"] or None,
            "agency_responsible": offices.get(row["office"]),
            "service_notice": None,
            "requested_datetime": georeport.instant(row["submitted_at"]),
            "updated_datetime": georeport.instant(row["updated_at"]),
            "expected_datetime": None,
            "address": None,
            "address_id": None,
            "zipcode": None,
            "lat": None if row["lat"] is None else round(row["lat"], DIGITS),
            "long": None if row["lon"] is None else round(row["lon"], DIGITS),
            "media_url": None,
        }
        for row in rows
    ]
