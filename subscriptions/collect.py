"""What subscriptions are to be told: put down as deliveries, together with how far it was looked."""

import json
import logging
from datetime import datetime

import shapely
from django.contrib.gis.geos import Polygon
from django.db import transaction
from django.db.models import Q

from access import keys
from geoplatform import sql
from layers import revisions
from reports.layers import REPORTS
from subscriptions.choice import Choice
from subscriptions.models import Delivery, State, Subscription

logger = logging.getLogger(__name__)

EACH = 100  # reports to a delivery
AT_ONCE = 10  # deliveries that are put down for a subscription at a time; what is left comes next time
MOST_WAITING = 1000  # beyond, nothing more is put down until some have arrived
LAST_ID = (1 << 63) - 1  # of a bigint: all of a revision was looked at


def collect(now: datetime) -> int:
    """Put down what changed since the last time for each active subscription; returns how many messages.

    Revisions are in commit order: whatever has one up to the layer's present one is there to be read.
    """
    until = revisions.current(REPORTS.name)
    behind = Subscription.objects.filter(
        Q(seen_revision__lt=until) | Q(seen_id__lt=LAST_ID), keys.valid(now, "key__"), state=State.ACTIVE
    )
    return sum(_collect_for(id, until, now) for id in behind.values_list("id", flat=True).order_by("id"))


@transaction.atomic
def _collect_for(id: int, until: int, now: datetime) -> int:
    one = Subscription.objects.select_for_update().get(id=id)
    waiting = one.delivery_set.filter(sent_at=None, dead_at=None).count()
    put = 0
    seen = one.seen_revision, one.seen_id
    while put < AT_ONCE and waiting + put < MOST_WAITING and seen < (until, LAST_ID):
        params = {
            **chosen(one).params(),
            "revision": seen[0],
            "id": seen[1],
            "until": until,
            "limit": EACH,
        }
        changed = sql.rows("subscriptions/changed", params)
        if changed:
            Delivery.objects.create(subscription=one, body=_body(one, changed), created_at=now, next_at=now)
            put += 1
        seen = changed[-1][:2] if len(changed) == EACH else (until, LAST_ID)
    one.seen_revision, one.seen_id = seen
    one.save(update_fields=["seen_revision", "seen_id"])
    return put


def chosen(one: Subscription) -> Choice:
    """Return what a subscription chooses."""
    return Choice(
        tuple(one.places), tuple(one.categories), polygon_of(one.area), tuple(one.offices), tuple(one.reports)
    )


def polygon_of(area: Polygon | None) -> shapely.Polygon | None:
    """Return an area as a choice has it."""
    if area is None:
        return None
    return shapely.Polygon(area.coords[0], list(area.coords[1:]))


def _body(one: Subscription, changed: list[tuple[int, int, str | None]]) -> dict[str, object]:
    return {
        "type": "reports.changed",
        "subscription": one.id,
        "reports": [json.loads(feature) for _, _, feature in changed if feature],
        "gone": [id for _, id, feature in changed if not feature],
    }
