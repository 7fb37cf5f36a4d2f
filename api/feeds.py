"""How the feeds fare, and which layers show nothing of the present because their feeds are silent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.public import document, public
from geoplatform import sql
from layers.feeds import is_stale, state
from layers.layer import Layer, catalogue
from layers.models import FeedState


@public
def feeds(request: HttpRequest) -> HttpResponse:
    """``GET /api/feeds``: every feed, how it fares, when it was heard, how much it brings."""
    now = timezone.now()
    return document(request, {"feeds": [entry(feed, now) for feed in FeedState.objects.order_by("feed")]})


def silent(now: datetime) -> list[dict[str, Any]]:
    """Return the feeds that are read and stale, and the layers that they fill, for a map to say."""
    kinds = fed()
    return [
        {
            "feed": feed.feed,
            "title": feed.title,
            "stale_since": feed.silent_since,
            "layers": [layer.name for layer in catalogue().values() if _kind(layer) in kinds[feed.feed]],
        }
        for feed in FeedState.objects.filter(enabled=True, stale_at__lt=now).order_by("feed")
        if kinds.get(feed.feed)
    ]


def stale_layers(now: datetime) -> Mapping[str, datetime]:
    """Return since when a layer shows nothing of the present: where every feed that fills it is stale."""
    kinds = fed()
    since: dict[str, datetime] = {}
    states = list(FeedState.objects.all())
    for layer in catalogue().values():
        fillers = [feed for feed in states if _kind(layer) in kinds.get(feed.feed, ())]
        silences = [feed.silent_since for feed in fillers if is_stale(feed, now) and feed.silent_since]
        if fillers and len(silences) == len(fillers):
            since[layer.name] = max(silences)
    return since


def fed() -> Mapping[str, list[str]]:
    """Return the kinds of rows that each feed has brought."""
    return dict(sql.rows("api/fed"))


def _kind(layer: Layer) -> str:
    """Return the kind of rows that a layer shows."""
    return layer.rows or layer.name


def entry(feed: FeedState, now: datetime) -> dict[str, Any]:
    """Return what is said of a feed."""
    return {
        "name": feed.feed,
        "title": feed.title,
        "owner": feed.owner,
        "state": state(feed, now),
        "simulated": feed.simulated,
        "cadence_s": feed.cadence_s,
        "last_run_at": feed.last_run_at,
        "last_success_at": feed.last_success_at,
        "last_item_at": feed.last_item_at,
        "stale_since": feed.silent_since if is_stale(feed, now) else None,
        "items_last_day": feed.items_last_day,
        "expected_a_day": feed.expected_a_day,
        "rejected_waiting": feed.rejected_waiting,
        "dead_letters": feed.dead_letters,
        "error": feed.error or None,
    }
