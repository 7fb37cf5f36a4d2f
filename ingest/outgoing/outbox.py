"""Sends what the city answers back to the channels that take it.

At least once: a message that may have arrived, as where the answer to it was lost, is sent again. It bears
the same key each time, by which the receiver can drop it.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.utils import timezone

from casework.citizens import links
from geoplatform.errors import FeedRefused, GeoplatformError
from ingest import feeds
from ingest.adapter import Answering, Feed, Reply
from ingest.network import sessions
from reports import outbox
from reports.models import Outgoing, Report

logger = logging.getLogger(__name__)

MOST = 100  # messages of one channel at a time: other work of the worker waits meanwhile
# A whole answer may take five timeouts (ingest.network.http), and connecting another.
BUSY_TIMEOUTS = 7


def send_due(now: datetime | None = None) -> int:
    """Send every message whose time has come; returns how many arrived.

    A channel that fails is left alone for this time: its other messages would fare no better.
    """
    channels = outbox.channels_due(now or timezone.now())
    arrived = sum(_send_channel(channel, now) for channel in channels)
    if channels:
        logger.info("outbox sent=%d waiting=%d", arrived, outbox.waiting().count())
    return arrived


def _send_channel(channel: str, now: datetime | None) -> int:
    arrived = 0
    while arrived < MOST:
        message = outbox.claim(channel, now or timezone.now(), _busy_s(channel))
        if message is None:
            break
        try:
            reference = _send(message)
        except FeedRefused as error:
            outbox.bury(message, str(error), now or timezone.now())
        except GeoplatformError as error:
            pause_s = getattr(error, "retry_after_s", None)
            outbox.postpone(message, str(error), pause_s, now or timezone.now())
            break
        else:
            outbox.settle(message, reference, now or timezone.now())
            arrived += 1
    return arrived


def _send(message: Outgoing) -> str:
    """Send one message; returns what the channel calls it.

    Raises
    ------
    FeedRefused
        The channel does not take it, now or ever.
    GeoplatformError
        It may do so later.
    """
    adapter = feeds.adapter(message.channel)
    if not hasattr(adapter, "send"):
        raise FeedRefused(f"{message.channel}: this channel takes no answers")
    report = Report.objects.filter(channel=message.channel, external_id=message.external_id).first()
    if report is None or report.simulated != adapter.feed.simulated:
        # A citizen of the simulated city must get no real answer, nor the other way round.
        raise FeedRefused(f"{message.channel}: the report is not one of this {_kind(adapter.feed)}")
    answering = cast(Answering, adapter)
    with sessions.connect(_door(adapter.feed)) as session:
        return answering.send(session, _reply(message, adapter.feed.private_answers, timezone.now()))


def _kind(feed: Feed) -> str:
    return "simulated city" if feed.simulated else "real feed"


def _door(feed: Feed) -> Feed:
    """Return the feed as it is answered: some are read in one place and answered in another."""
    url = feed.options.get("send_url", "")
    return replace(feed, url=url) if url and not feed.simulated else feed


def _reply(message: Outgoing, is_private: bool, at: datetime) -> Reply:
    """Return what the adapter sends; a link that speaks for the author goes where nobody else reads it."""
    body: Mapping[str, Any] = message.body
    below = links.line(body["below"], at) if is_private and "below" in body else ""
    return Reply(
        key=bytes(message.digest).hex()[:32],
        external_id=message.external_id,
        kind=message.kind,
        by=body["by"],
        at=datetime.fromisoformat(body["at"]),
        text="\n\n".join(filter(None, (body["text"], below))),
        status=body["status"],
    )


def _busy_s(channel: str) -> float:
    """Return how long an attempt may last; for a feed that there is no more, none is made."""
    try:
        return BUSY_TIMEOUTS * feeds.feed(channel).timeout_s
    except GeoplatformError:
        return 0.0
