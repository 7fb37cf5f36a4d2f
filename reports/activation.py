"""What else changes when other boundaries or officials count: which open reports change hands."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
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
Progress = Callable[[int, int], None]


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


@dataclass(frozen=True)
class Move:
    """How many open reports go from one kelurahan (None: outside) to another, and the newest of them."""

    former: str | None
    code: str | None
    reports: int
    example: int


class _Row(NamedTuple):
    id: int
    former: str | None
    code: str | None
    is_open: bool


def preview(edition_id: int, since: date | None) -> Preview:
    """Say in memory what an edition would move: a second for 200,000 reports that take 27 s to be placed.

    Reports that lie in a kelurahan or in none count, not those that took the nearest off the coast or that
    people placed. Why the rest is not done in memory too: docs/adr/0016.

    Raises
    ------
    NotFound
        There is no such edition.
    """
    return look(edition_id, since)[0]


def look(edition_id: int, since: date | None) -> tuple[Preview, list[Move]]:
    """Return ``preview`` and, from where to where, the open reports that would change hands, most first."""
    reports, moved = 0, 0
    hands: defaultdict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for page in _pages(edition_id, since):
        reports += len(page)
        others = [one for one in page if one.code != one.former]
        moved += len(others)
        for one in others:
            if one.is_open:
                hands[one.former, one.code].append(one.id)
    moves = [Move(former, code, len(ids), max(ids)) for (former, code), ids in hands.items()]
    moves.sort(key=lambda one: (-one.reports, one.former or "", one.code or ""))
    return Preview(reports, moved, sum(one.reports for one in moves)), moves


def _pages(edition_id: int, since: date | None) -> Iterator[list[_Row]]:
    """Yield the reports with a point, where they are and where an edition would have them."""
    from boundaries import bulk  # numba takes half a second, and few commands need it

    after = 0
    while page := sql.rows(
        "reports/known_points", {"after": after, "since": _midnight(since), "items": PAGE}
    ):
        ids, lon, lat, codes, is_open = zip(*page, strict=True)
        after = ids[-1]
        found = bulk.locate(lon, lat, edition_id=edition_id)
        yield [_Row(*row) for row in zip(ids, codes, found, is_open, strict=True)]


@transaction.atomic
def activate(
    edition_id: int, since: date | None, dry_run: bool = False, progress: Progress = lambda done, of: None
) -> Moved:
    """Put an edition in force from a day on, and place and route the reports of those days anew.

    One transaction; a dry run does all of it, counts, and takes it back.

    Parameters
    ----------
    progress
        Called with how many reports were placed anew, and how many there are.
    """
    sql.hold(PLACEMENT)
    editions.put_in_force(edition_id, since)
    began = time.monotonic()
    told = preview(edition_id, since)
    logger.info(
        "activation begins edition=%d reports=%d other_kelurahan=%d open=%d seconds=%.1f",
        edition_id, told.reports, told.moved, told.open_moved, time.monotonic() - began,
    )  # fmt: skip
    moved = place_anew(since, progress)
    transaction.set_rollback(dry_run)
    return moved


@transaction.atomic
def place_anew(since: date | None = None, progress: Progress = lambda done, of: None) -> Moved:
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
        progress(start + len(batch), len(ids))
    # The names and codes of the new edition may be others.
    reports.filter(point=None).update(words_read_at=None)
    return Moved(len(ids), len(placed), Report.objects.filter(id__in=rerouted).exclude(status="done").count())


@transaction.atomic
def route_anew(office: str, since: date | None) -> int:
    """Say anew who was to answer the reports of an office since a day, for its holder is another one.

    Returns how many are in other hands now.
    """
    sql.hold(PLACEMENT)
    reports = Report.objects.filter(office=office)
    if since:
        reports = reports.filter(submitted_at__gte=_midnight(since))
    return len(route(list(reports.order_by("id").values_list("id", flat=True))))


def _midnight(since: date | None) -> datetime | None:
    """Return when a day begins in the city."""
    return datetime.combine(since, datetime.min.time(), ZoneInfo(settings.CITY_TIME_ZONE)) if since else None
