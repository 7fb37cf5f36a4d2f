"""How long payloads are kept as they were sent, and pictures: they may hold names, phones, addresses, faces.

Runs are forgotten too, and how much each hour brought: some feeds have hundreds of runs a day.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from access import audit
from casework.citizens import anonymise as casework
from geoplatform import sql
from geoplatform.errors import NotFound
from ingest.models import AnswerPicture, Payload
from reports import photos
from reports.models import Photo, Report

logger = logging.getLogger(__name__)

BATCH = 2000
RUN_DAYS = 35  # four weeks tell what is usual of a feed (ingest.runs.health)


def oldest(now: datetime) -> datetime:
    """Return the instant before which what was fetched is too old to be kept."""
    return now - timedelta(days=settings.PAYLOAD_DAYS)


def due(now: datetime) -> int:
    """Count the payloads that would be emptied."""
    return Payload.objects.filter(expired_at=None, fetched_at__lt=oldest(now)).count()


def expire(now: datetime) -> int:
    """Empty what is too old, batch by batch; returns how many payloads that were.

    What came of them stays: reports, updates, rejections with their reasons. They cannot be replayed.
    """
    return expire_before(oldest(now), now)


def expire_before(before: datetime, now: datetime) -> int:
    """Empty what was fetched before an instant; returns how many payloads that were."""
    total = 0
    last: int | None = 0
    while last is not None:
        params = {"after": last, "before": before, "limit": BATCH, "now": now}
        ((last, emptied),) = sql.rows("ingest/expire", params)
        total += emptied
    if total:
        logger.info("payloads expired count=%d", total)
    return total


def oldest_photo(now: datetime) -> datetime:
    """Return the instant before which a picture is too old to be kept."""
    return now - timedelta(days=settings.PHOTO_DAYS)


def due_photos(now: datetime) -> int:
    """Count the pictures that would be thrown away."""
    return Photo.objects.filter(expired_at=None, kept_at__lt=oldest_photo(now)).count()


def expire_photos(now: datetime) -> int:
    """Throw away the pictures that are too old; returns how many reports' pictures that were."""
    total = photos.expire(oldest_photo(now), now)
    if total:
        logger.info("photos expired count=%d", total)
    return total


def anonymise(at: datetime, who: audit.Origin) -> int:
    """Anonymise the reports that are due, and what is as old and was only kept; returns how many reports.

    Payloads are emptied though they may be kept for longer, and rejections lose their reasons.
    """
    struck = casework.strike(at)
    expire_before(casework.before(at), at)
    forget_reasons(casework.before(at))
    # What could not be fetched was named by an address that is struck out now.
    AnswerPicture.objects.filter(step__image_url="").exclude(error="").update(error="")
    if struck:
        audit.record("personal.anonymise", who, at, reports=struck)
        logger.info("reports anonymised count=%d", struck)
    return struck


@transaction.atomic
def forget(channel: str, external_id: str, at: datetime, who: audit.Origin) -> tuple[int, int]:
    """Forget the citizen who wrote a report and asks for it; returns its number, and how many payloads went.

    Raises
    ------
    NotFound
        There is no such report.
    """
    report = Report.objects.filter(channel=channel, external_id=external_id).first()
    if report is None:
        raise NotFound(f"no report {external_id!r} of {channel}")
    casework.forget(report.pk, at)
    asked = {"feed": channel, "external_id": external_id, "now": at}
    emptied: int = sql.scalar("ingest/forget_payloads", asked)
    AnswerPicture.objects.filter(step__channel=channel, step__external_id=external_id).update(error="")
    audit.record("personal.forget", who, at, f"report:{report.pk}")
    logger.info("report forgotten id=%d payloads=%d", report.pk, emptied)
    return report.pk, emptied


def forget_reasons(before: datetime) -> int:
    """Take the words out of the rejections of before an instant; returns how many."""
    forgotten: int = sql.scalar("ingest/forget_reasons", {"before": before})
    return forgotten


def forget_runs(now: datetime) -> int:
    """Delete the runs that are old, and the cursors of all but the newest; returns how many runs.

    Of each feed those stay that tell where the next run begins, and whether the feed is simulated.
    """
    forgotten: int = sql.scalar("ingest/forget", {"before": now - timedelta(days=RUN_DAYS)})
    return forgotten
