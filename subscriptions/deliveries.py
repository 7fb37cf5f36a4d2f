"""The messages to subscriptions on their way: in order, at least once, in at most eight attempts."""

import logging
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from access import keys
from geoplatform.errors import Conflict, NotFound
from subscriptions.models import Delivery, Former, State, Subscription

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
FIRST_PAUSE_S = 60.0  # doubled each time: the eighth attempt is one to two hours behind the first
LONGEST_REST_S = 86_400.0
BUSY_S = 120.0  # longer than an attempt may last
DEAD_IN_A_ROW = 3  # after which a subscription is told no more until it is verified anew
KEPT = timedelta(days=7)
KEPT_DEAD = timedelta(days=30)
KEPT_FORMER = timedelta(days=30)  # of a receiver that is told nothing for longer, what left is not told


def waiting() -> QuerySet[Delivery]:
    """Return the messages that are still to be sent, oldest first."""
    return Delivery.objects.filter(sent_at=None, dead_at=None).order_by("id")


def dead() -> QuerySet[Delivery]:
    """Return the messages that were given up, oldest first."""
    return Delivery.objects.filter(sent_at=None, dead_at__isnull=False).order_by("id")


@transaction.atomic
def claim(now: datetime, most: int) -> list[Delivery]:
    """Take the first message of each of some subscriptions, and count the attempt before it is made."""
    before = waiting().filter(subscription=OuterRef("subscription"), id__lt=OuterRef("id"))
    due = waiting().filter(
        ~Exists(before),
        keys.valid(now, "subscription__key__"),
        next_at__lte=now,
        subscription__state=State.ACTIVE,
    )
    taken = list(
        due.order_by("next_at", "id")
        .select_related("subscription")
        .select_for_update(skip_locked=True, of=("self",))[:most]
    )
    for message in taken:
        message.attempts += 1
        message.next_at = now + timedelta(seconds=max(BUSY_S, _pause_s(message.attempts)))
        message.save(update_fields=["attempts", "next_at"])
    return taken


def settle(message: Delivery, now: datetime) -> None:
    """Note that a message arrived."""
    message.sent_at, message.error = now, ""
    message.save(update_fields=["sent_at", "error"])


def postpone(message: Delivery, error: str, retry_after_s: float | None, now: datetime) -> None:
    """Note why a message did not arrive, and when it comes again; after its last attempt it is given up."""
    if message.attempts >= MOST_ATTEMPTS:
        bury(message, error, now)
        return
    pause_s = _pause_s(message.attempts)
    if retry_after_s and retry_after_s > pause_s:
        pause_s = min(retry_after_s, LONGEST_REST_S)
    message.error, message.next_at = error, now + timedelta(seconds=pause_s)
    message.save(update_fields=["error", "next_at"])


def bury(message: Delivery, error: str, now: datetime) -> None:
    """Give a message up; a subscription whose last messages were all given up is told no more."""
    message.dead_at, message.error = now, error
    message.save(update_fields=["dead_at", "error"])
    logger.warning("delivery given up subscription=%d id=%d: %s", message.subscription_id, message.id, error)
    last = message.subscription.delivery_set.exclude(sent_at=None, dead_at=None).order_by("-id")[
        :DEAD_IN_A_ROW
    ]
    if len(last) == DEAD_IN_A_ROW and all(one.dead_at for one in last):
        Subscription.objects.filter(id=message.subscription_id, state=State.ACTIVE).update(
            state=State.FAILING, error=error
        )


@transaction.atomic
def retry(ids: Iterable[int]) -> None:
    """Let dead messages be sent again, at once and with all their attempts.

    Raises
    ------
    NotFound, Conflict
        One is not there, or is not dead.
    """
    for id in ids:
        message = Delivery.objects.select_for_update().filter(id=id).first()
        if message is None:
            raise NotFound(f"no delivery {id}")
        if message.dead_at is None:
            raise Conflict(f"delivery {id} {'was sent' if message.sent_at else 'waits to be sent'}")
        message.attempts, message.next_at, message.dead_at = 0, message.dead_at, None
        message.save(update_fields=["attempts", "next_at", "dead_at"])


def forget(now: datetime) -> int:
    """Delete what arrived, or was given up, long ago, and what reports were; returns how many messages."""
    sent, _ = Delivery.objects.filter(sent_at__lt=now - KEPT).delete()
    given_up, _ = Delivery.objects.filter(dead_at__lt=now - KEPT_DEAD).delete()
    Former.objects.filter(left_at__lt=now - KEPT_FORMER).delete()
    return sent + given_up


def _pause_s(attempt: int) -> float:
    """Return how long to wait behind an attempt: twice as long each time, jittered."""
    return FIRST_PAUSE_S * 2.0 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311
