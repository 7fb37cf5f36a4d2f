"""What else changes when other boundaries or officials count: which open reports change hands."""

import logging
import time
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from boundaries import editions
from geoplatform import sql
from layers import revisions
from reports.intake import PLACEMENT, locate, route
from reports.layers import REPORTS
from reports.models import Report

logger = logging.getLogger(__name__)

BATCH = 5000
PAGE = 100_000


@dataclass(frozen=True)
class Moved:
    """Reports placed anew: all of them, those in another place, and the open ones in other hands."""

    reports: int
    placed: int
    open_rerouted: int


@dataclass(frozen=True)
class Preview:
    """Reports looked at, those that an edition puts into another kelurahan, and the open ones of these."""

    reports: int
    moved: int
    open_moved: int


def preview(edition_id: int, since: date | None) -> Preview:
    """Say in memory what an edition would move: a second for 200,000 reports that take 27 s to be placed.

    Reports that lie in a kelurahan or in none count, not those that took the nearest off the coast or that
    people placed. Why the rest is not done in memory too: docs/adr/0016.

    Raises
    ------
    NotFound
        There is no such edition.
    """
    from boundaries import bulk  # numba takes half a second, and few commands need it

    after, totals = 0, Preview(0, 0, 0)
    while page := sql.rows(
        "reports/known_points", {"after": after, "since": _midnight(since), "items": PAGE}
    ):
        ids, lon, lat, codes, is_open = zip(*page, strict=True)
        after = ids[-1]
        found = bulk.locate(lon, lat, edition_id=edition_id)
        moved = [now != former for now, former in zip(found, codes, strict=True)]
        open_moved = sum(one and other for one, other in zip(moved, is_open, strict=True))
        totals = Preview(totals.reports + len(ids), totals.moved + sum(moved), totals.open_moved + open_moved)
    return totals


@transaction.atomic
def activate(edition_id: int, since: date | None, dry_run: bool = False) -> Moved:
    """Put an edition in force from a day on, and place and route the reports of those days anew.

    One transaction; a dry run does all of it, counts, and takes it back.
    """
    sql.hold(PLACEMENT)
    editions.put_in_force(edition_id, since)
    began = time.monotonic()
    told = preview(edition_id, since)
    logger.info(
        "activation begins edition=%d reports=%d other_kelurahan=%d open=%d seconds=%.1f",
        edition_id, told.reports, told.moved, told.open_moved, time.monotonic() - began,
    )  # fmt: skip
    moved = place_anew(since)
    transaction.set_rollback(dry_run)
    return moved


@transaction.atomic
def place_anew(since: date | None = None) -> Moved:
    """Place and route anew every report since a day (None: all), as boundaries and officials now are."""
    sql.hold(PLACEMENT)
    revisions.touch(REPORTS.name)
    reports = Report.objects.order_by("id")
    if since:
        reports = reports.filter(submitted_at__gte=_midnight(since))
    ids = list(reports.values_list("id", flat=True))
    placed: list[int] = []
    rerouted: list[int] = []
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        placed += locate(batch)
        rerouted += route(batch)
    # The names and codes of the new edition may be others.
    reports.filter(point=None).update(words_read_at=None)
    return Moved(len(ids), len(placed), Report.objects.filter(id__in=rerouted).exclude(status="done").count())


def _midnight(since: date | None) -> datetime | None:
    """Return when a day begins in the city."""
    return datetime.combine(since, datetime.min.time(), ZoneInfo(settings.CITY_TIME_ZONE)) if since else None
