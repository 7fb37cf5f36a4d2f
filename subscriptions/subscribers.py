"""Subscriptions: made, asked whether they are wanted, ended."""

import logging
from datetime import datetime, timedelta

from django.contrib.gis.geos import Polygon
from django.db.models import Q, QuerySet

from access import keys
from geoplatform.errors import Conflict, NotFound
from layers import revisions
from reports.layers import REPORTS
from subscriptions import signing
from subscriptions.choice import Choice
from subscriptions.collect import LAST_ID
from subscriptions.models import State, Subscription

logger = logging.getLogger(__name__)

MOST = 20  # of one key that have not ended
AGAIN = timedelta(minutes=10)  # between two questions to who did not answer
PATIENCE = timedelta(days=1)  # after which it is not asked again


def create(key_id: int, url: str, choice: Choice, now: datetime) -> Subscription:
    """Make a subscription; nothing is sent before its receiver has said that it wants to be told.

    Raises
    ------
    Conflict
        The key has as many as it may have.
    """
    if alive(key_id).count() >= MOST:
        raise Conflict(f"this key has {MOST} subscriptions, and more it may not have")
    rings = [choice.area.exterior, *choice.area.interiors] if choice.area else []
    area = Polygon(*(tuple(ring.coords) for ring in rings), srid=4326) if rings else None
    return Subscription.objects.create(
        key_id=key_id,
        url=url,
        places=list(choice.places),
        categories=list(choice.categories),
        area=area,
        salt=signing.salt(),
        created_at=now,
    )


def alive(key_id: int) -> QuerySet[Subscription]:
    """Return a key's subscriptions that have not ended, by id."""
    return Subscription.objects.filter(key_id=key_id).exclude(state=State.ENDED).order_by("id")


def find(key_id: int, id: int) -> Subscription:
    """Return a key's subscription; of another key's nobody is told that there is one."""
    found = alive(key_id).filter(id=id).first()
    if found is None:
        raise NotFound(f"no subscription {id} of this key")
    return found


def to_ask(now: datetime) -> QuerySet[Subscription]:
    """Return the subscriptions whose receivers are to be asked whether they want to be told."""
    due = Q(asked_at=None) | Q(asked_at__lt=now - AGAIN, created_at__gt=now - PATIENCE)
    return Subscription.objects.filter(due, keys.valid(now, "key__"), state=State.UNVERIFIED).order_by("id")


def verified(one: Subscription, now: datetime) -> None:
    """Note that a receiver wants to be told: of what changes from now on, and of what waits."""
    one.state, one.verified_at, one.error = State.ACTIVE, now, ""
    if one.seen_revision == 0:
        one.seen_revision, one.seen_id = revisions.current(REPORTS.name), LAST_ID
    one.save(update_fields=["state", "verified_at", "error", "seen_revision", "seen_id"])
    logger.info("subscription verified id=%d", one.id)


def unverified(one: Subscription, error: str) -> None:
    """Note why a receiver is not told."""
    one.error = error
    one.save(update_fields=["error"])


def ask_anew(one: Subscription) -> None:
    """Let a receiver be asked again, such as one that failed."""
    one.state, one.asked_at, one.error = State.UNVERIFIED, None, ""
    one.save(update_fields=["state", "asked_at", "error"])


def end(one: Subscription) -> None:
    """Tell a receiver nothing more."""
    one.state = State.ENDED
    one.save(update_fields=["state"])
    one.delivery_set.filter(sent_at=None).delete()
    logger.info("subscription ended id=%d", one.id)
