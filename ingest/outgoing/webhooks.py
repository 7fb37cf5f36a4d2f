"""Tells subscriptions what changed: asks whether they want to be told, then sends what waits for them.

At least once, in order for each of them. The address is looked at when it is connected, each time, so no
other answer of a name server slips through (``ingest.network.addresses``).
"""

import json
import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from geoplatform.errors import FeedUnavailable
from ingest import canonical
from ingest.network import telling
from subscriptions import collect, deliveries, signing, subscribers
from subscriptions.models import Delivery, Subscription

logger = logging.getLogger(__name__)

AT_ONCE = 16  # receivers that are spoken to at a time: a slow one holds up nobody
LONGEST_S = 50.0  # of one turn, which comes each minute
GONE = 410
ENDED = "the receiver answered 410: it wants to be told no more"


class Said(NamedTuple):
    """What came of a message: a status (0: none), an error of ours, how long to stay away, some body."""

    status: int
    error: str
    retry_after_s: float | None = None
    body: bytes = b""

    @property
    def arrived(self) -> bool:
        """Say whether the receiver took it."""
        return 200 <= self.status < 300


def turn(now: datetime) -> int:
    """Ask, collect, send and forget; returns how many messages arrived."""
    ask(now)
    put = collect.collect(now)
    arrived = send_due(now)
    deliveries.forget(now)
    if put or arrived:
        logger.info("webhooks put=%d arrived=%d waiting=%d", put, arrived, deliveries.waiting().count())
    return arrived


def ask(now: datetime) -> None:
    """Ask each receiver that is not verified whether it wants to be told: it answers with the challenge."""
    asked = subscribers.to_ask(now, 4 * AT_ONCE)
    for one in asked:
        one.asked_at = now
        one.save(update_fields=["asked_at"])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = {pool.submit(_tell_one, one, _number(one), _question(one), now): one for one in asked}
        for done in as_completed(under_way):
            one, said = under_way[done], done.result()
            if said.arrived and _is_echo(said.body, signing.challenge(one)):
                subscribers.verified(one, now)
            else:
                subscribers.unverified(one, said.error or "the receiver did not answer with the challenge")


def send_due(now: datetime) -> int:
    """Send what waits, for as long as there is something and the turn lasts; returns how much arrived.

    Each answer makes room for another message at once: nobody waits for the slowest. The database is spoken
    to by this thread alone.
    """
    began, arrived = time.monotonic(), 0
    under_way: dict[Future[Said], Delivery] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            if time.monotonic() - began < LONGEST_S and len(under_way) < AT_ONCE:
                for one in deliveries.claim(now, AT_ONCE - len(under_way)):
                    at = timezone.now()
                    told = pool.submit(_tell_one, one.subscription, str(one.number), one.body, at)
                    under_way[told] = one
            if not under_way:
                return arrived
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                arrived += _note(under_way.pop(done), done.result(), now)


def _note(message: Delivery, said: Said, now: datetime) -> bool:
    if said.arrived:
        deliveries.settle(message, now)
    elif said.status == GONE:
        subscribers.end(message.subscription)
        Subscription.objects.filter(id=message.subscription_id).update(error=ENDED)
    else:
        deliveries.postpone(message, said.error, said.retry_after_s, now)
    return said.arrived


def _tell_one(one: Subscription, number: str, content: Any, at: datetime) -> Said:
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", **signing.headers(one, number, body, at)}
    try:
        status, retry_after_s, got = telling.tell(one.url, body, headers, settings.WEBHOOK_HOSTS)
    except FeedUnavailable as error:
        return Said(0, str(error))
    refused = "" if 200 <= status < 300 else f"the receiver answered with status {status}"
    return Said(status, refused, retry_after_s, got)


def _number(one: Subscription) -> str:
    return f"verify-{one.id}-{signing.challenge(one)[:8]}"


def _question(one: Subscription) -> dict[str, Any]:
    return {"type": "subscription.verify", "subscription": one.id, "challenge": signing.challenge(one)}


def _is_echo(body: bytes, challenge: str) -> bool:
    """Say whether a receiver answered with the challenge, as it is or as JSON."""
    text = body.decode("utf-8", "replace").strip()
    if text == challenge:
        return True
    try:
        said = canonical.read(text)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("challenge") == challenge
