"""The mailbox to which notices come back: what mail servers report of them (RFC 3464) becomes evidence."""

import logging
import os
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from casework.escalation import receipts
from geoplatform.errors import FeedError, InvalidRequest, NotFound
from ingest import feeds
from ingest.adapter import Feed
from ingest.models import Run
from ingest.network.imap import MailSession

logger = logging.getLogger(__name__)
NAME = "bounces"
# Or a file of the password, by GEOPLATFORM_FEED_BOUNCES_TOKEN_FILE.
URL, PASSWORD = "GEOPLATFORM_FEED_BOUNCES_URL", "GEOPLATFORM_FEED_BOUNCES_TOKEN"
MOST_BYTES = 1_000_000  # a report holds the headers of what came back, seldom all of it
LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Found:
    """What a reading found: messages, those of them that report on a notice, and how much of that is news."""

    messages: int = 0
    reports: int = 0
    news: int = 0


def mailbox() -> Feed | None:
    """Return the mailbox that the settings name, or None.

    It may lie in a network of the city's own; in the clear it is read on this machine alone.
    """
    url = os.environ.get(URL, "")
    if not url:
        return None
    host = urlsplit(url).hostname or ""
    is_trusted = host in LOCAL or urlsplit(url).scheme == "imaps"
    return Feed(
        name=NAME,
        title="Bounces",
        owner="",
        url=url,
        cadence_s=300,
        token=feeds.secret(PASSWORD),
        max_bytes=MOST_BYTES,
        allow_hosts=(host,) if is_trusted else (),
    )


def read(box: Feed, at: datetime) -> Found:
    """Read what came since the last reading; each message is done with before the next one is fetched.

    Mail that is no report, or reports on another mail, is left alone: it stays in the mailbox as it is.

    Raises
    ------
    FeedUnavailable, BadSettings
        The mailbox cannot be read; what was read until then is kept.
    """
    last = Run.objects.filter(feed=NAME, cursor__isnull=False).order_by("-started_at", "-id").first()
    run = Run.objects.create(feed=NAME, started_at=at, cursor=last.cursor if last else None)
    found = Found()
    try:
        with MailSession(box) as session:
            for message, cursor in session.messages(run.cursor):
                news = _take(message.raw, at)
                found = Found(
                    found.messages + 1, found.reports + (news is not None), found.news + (news or 0)
                )
                run.cursor = dict(cursor)
                run.save(update_fields=["cursor"])
    except FeedError as error:
        run.outcome, run.error = "failed", str(error)
        raise
    else:
        run.outcome = "complete"
    finally:
        run.finished_at, run.fetched, run.new = at, found.messages, found.news
        run.save()
    logger.info("bounces read messages=%d reports=%d news=%d", found.messages, found.reports, found.news)
    return found


def _take(document: bytes, at: datetime) -> int | None:
    """Return for how much a message is news; None where it reports on no notice of ours."""
    try:
        return receipts.take(document, at)
    except (InvalidRequest, NotFound):
        return None
