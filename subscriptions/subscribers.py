"""Subscriptions: made, asked whether they are wanted, ended."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import shapely
from django.contrib.gis.geos import Polygon
from django.db import transaction
from django.db.models import Q, QuerySet

from access import keys
from access.models import ApiKey
from geoplatform.errors import Conflict, NotFound, TooMany
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
HOUR = timedelta(hours=1)
MOST_OF_HOST, MOST_OF_KEY = 30, 60  # questions an hour


@transaction.atomic
def create(key_id: int, url: str, choice: Choice, now: datetime) -> Subscription:
    """Make a subscription; nothing is sent before its receiver has said that it wants to be told.

    Raises
    ------
    Conflict
        The key has as many as it may have.
    """
    # Its requests side by side are counted one behind the other.
    ApiKey.objects.select_for_update().get(id=key_id)
    if alive(key_id).count() >= MOST:
        raise Conflict(f"this key has {MOST} subscriptions, and more it may not have")
    return Subscription.objects.create(
        key_id=key_id,
        url=url,
        places=list(choice.places),
        categories=list(choice.categories),
        area=stored(choice.area),
        offices=list(choice.offices),
        reports=list(choice.reports),
        salt=signing.salt(),
        created_at=now,
    )


def stored(area: shapely.Polygon | None) -> Polygon | None:
    """Return an area as it is stored."""
    rings = [area.exterior, *area.interiors] if area else []
    return Polygon(*(tuple(ring.coords) for ring in rings), srid=4326) if rings else None


def alive(key_id: int) -> QuerySet[Subscription]:
    """Return a key's subscriptions that have not ended, by id."""
    return Subscription.objects.filter(key_id=key_id).exclude(state=State.ENDED).order_by("id")


def find(key_id: int, id: int) -> Subscription:
    """Return a key's subscription; of another key's nobody is told that there is one."""
    found = alive(key_id).filter(id=id).first()
    if found is None:
        raise NotFound(f"no subscription {id} of this key")
    return found


def to_ask(now: datetime, most: int) -> list[Subscription]:
    """Return subscriptions whose receivers are to be asked whether they want to be told, at most so many.

    Who was never asked for them cannot be made to hear of us often: a host and a key have so many questions
    an hour, subscriptions that ended counted, too. What is beyond waits.
    """
    due = Q(asked_at=None) | Q(asked_at__lt=now - AGAIN, created_at__gt=now - PATIENCE)
    waiting = Subscription.objects.filter(due, keys.valid(now, "key__"), state=State.UNVERIFIED)
    lately = Subscription.objects.filter(asked_at__gt=now - HOUR).values_list("url", "key_id")
    asked: Counter[str | int] = Counter()
    for url, key_id in lately.iterator():
        asked.update((_host(url), key_id))
    taken: list[Subscription] = []
    for one in waiting.order_by("id").iterator():
        if len(taken) == most:
            break
        if asked[_host(one.url)] < MOST_OF_HOST and asked[one.key_id] < MOST_OF_KEY:
            asked.update((_host(one.url), one.key_id))
            taken.append(one)
    return taken


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


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


def ask_anew(one: Subscription, now: datetime) -> None:
    """Let a receiver be asked again, such as one that failed.

    Raises
    ------
    TooMany
        It was asked a moment ago, or is about to be.
    """
    if one.state == State.UNVERIFIED and (one.asked_at is None or one.asked_at > now - AGAIN):
        again = one.asked_at + AGAIN if one.asked_at else now + AGAIN
        minutes = int(AGAIN.total_seconds() / 60)
        raise TooMany(
            f"a receiver is asked once in {minutes} minutes", max(1, int((again - now).total_seconds()))
        )
    one.state, one.asked_at, one.error = State.UNVERIFIED, None, ""
    one.save(update_fields=["state", "asked_at", "error"])


def end(one: Subscription) -> None:
    """Tell a receiver nothing more."""
    one.state = State.ENDED
    one.save(update_fields=["state"])
    one.delivery_set.filter(sent_at=None).delete()
    logger.info("subscription ended id=%d", one.id)
