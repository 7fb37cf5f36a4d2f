"""In one word how a feed fares; pure but for the row that it reads."""

from datetime import datetime
from typing import Literal

from layers.models import FeedState

State = Literal["ok", "late", "stale", "failing", "disabled", "never"]
#: The states that someone must look into, today.
BAD: tuple[State, ...] = ("stale", "failing")


def state(feed: FeedState, now: datetime) -> State:
    """Say how a feed fares.

    ``disabled``: nobody reads it. ``stale``: silent for more than three times its usual interval.
    ``failing``: its last run was. ``never``: it has brought nothing yet. ``late``: half of the time is over
    after which it is stale. Else ``ok``. The first of them that is true.
    """
    if not feed.enabled:
        return "disabled"
    if is_stale(feed, now):
        return "stale"
    if feed.error:
        return "failing"
    if feed.last_success_at is None or feed.stale_at is None or feed.silent_since is None:
        return "never"
    return "late" if now > feed.silent_since + (feed.stale_at - feed.silent_since) / 2 else "ok"


def is_stale(feed: FeedState, now: datetime) -> bool:
    """Say whether a feed has been silent for so long that what it showed says nothing of the present."""
    return feed.stale_at is not None and now > feed.stale_at
