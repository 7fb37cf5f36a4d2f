"""The pictures that offices show of their work as an address on the channel: fetched, each once, and kept."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from geoplatform import sql
from geoplatform.errors import BadSettings, FeedUnavailable, Rejected
from ingest import feeds
from ingest.models import AnswerPicture
from ingest.network import http
from reports import answer_photos, pictures
from reports.answer_photos import Shown
from reports.models import SourceUpdate

logger = logging.getLogger(__name__)

MOST = 200  # pictures a minute
MOST_BYTES, WITHIN_S = 20_000_000, 30.0
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(
    minutes=10
)  # doubled each time: the fifth attempt is two and a half hours behind the first
RECENT = 50_000  # ids of steps


def seek(at: datetime, after: int = 0) -> int:
    """Note the steps of offices that name a picture and were not looked at; returns how many.

    Parameters
    ----------
    after
        Only steps with greater ids are looked at.
    """
    noted: int = sql.scalar("ingest/answer_pictures", {"after": after, "at": at})
    return noted


def recent() -> int:
    """Return the id behind which the steps lie that came of late."""
    newest = SourceUpdate.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return max(0, newest - RECENT)


def fetch_due(at: datetime, most: int = MOST) -> int:
    """Fetch the pictures whose time has come; returns how many were kept.

    One that does not come is asked for again, five times in all; one that is no picture is not.
    """
    due = AnswerPicture.objects.filter(ended_at=None, next_at__lte=at).select_related("step")
    kept = sum(_fetch(one, at) for one in due.order_by("next_at", "step_id")[:most])
    if kept:
        logger.info("pictures of answers kept=%d", kept)
    return kept


def _fetch(one: AnswerPicture, at: datetime) -> bool:
    """Fetch one picture; the attempt is counted before it is made."""
    one.attempts += 1
    one.next_at = at + FIRST_PAUSE * 2 ** (one.attempts - 1)
    one.save(update_fields=["attempts", "next_at"])
    step, problem, is_over = one.step, "", one.attempts >= MOST_ATTEMPTS
    try:
        body = http.download(step.image_url, WITHIN_S, MOST_BYTES, _allowed(step.channel))
        photo, _ = pictures.read(body)
    except FeedUnavailable as error:
        problem = str(error)
    except Rejected as error:
        problem, is_over = str(error), True
    else:
        shown = Shown(step.channel, step.external_id, bytes(step.digest).hex(), step.at, (photo,))
        answer_photos.keep([shown])
        is_over = True
    one.error, one.ended_at = problem, at if is_over else None
    one.save(update_fields=["error", "ended_at"])
    return not problem


def _allowed(channel: str) -> Collection[str]:
    """Return the hosts with private addresses that the channel's own feed may speak to."""
    try:
        return feeds.feed(channel).allow_hosts
    except BadSettings:
        return ()
