"""What else changes when other boundaries or officials count: which open reports change hands."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from boundaries import editions
from geoplatform import sql
from layers import revisions
from reports.intake import PLACEMENT, locate, route
from reports.layers import REPORTS
from reports.models import Report

BATCH = 5000


@dataclass(frozen=True)
class Moved:
    """Reports placed anew: all of them, those in another place, and the open ones in other hands."""

    reports: int
    placed: int
    open_rerouted: int


@transaction.atomic
def activate(edition_id: int, since: date | None, dry_run: bool = False) -> Moved:
    """Put an edition in force from a day on, and place and route the reports of those days anew.

    One transaction; a dry run does all of it, counts, and takes it back.
    """
    sql.hold(PLACEMENT)
    editions.put_in_force(edition_id, since)
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
        midnight = datetime.combine(since, time.min, ZoneInfo(settings.CITY_TIME_ZONE))
        reports = reports.filter(submitted_at__gte=midnight)
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
