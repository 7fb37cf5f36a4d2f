"""In one word how a feed fares; pure but for the row that it reads."""

from datetime import datetime
from typing import Literal

from layers.models import FeedState

State = Literal["ok", "late", "low", "stale", "failing", "disabled", "never"]
#: The states that someone must look into, today.
BAD: tuple[State, ...] = ("stale", "failing", "low")
LOW_SHARE = 0.1  # of what a day like this usually brings: a holiday brings more
FEW = 20  # a day; of fewer items a tenth says nothing


def state(feed: FeedState, now: datetime) -> State:
    """Say how a feed fares.

    ``disabled``: it is neither read nor pushed. ``stale``: silent for more than three times its usual
    interval. ``failing``: its last run was. ``never``: it has brought nothing yet. ``low``: it brings less
    than a tenth of what is usual. ``late``: half of the time is over after which it is stale. Else ``ok``.
    The first of them that is true.
    """
    if not feed.enabled:
        return "disabled"
    if is_stale(feed, now):
        return "stale"
    if feed.error:
        return "failing"
    if feed.last_success_at is None or feed.stale_at is None or feed.silent_since is None:
        return "never"
    if is_low(feed):
        return "low"
    return "late" if now > feed.silent_since + (feed.stale_at - feed.silent_since) / 2 else "ok"


def is_stale(feed: FeedState, now: datetime) -> bool:
    """Say whether a feed has been silent for so long that what it showed says nothing of the present."""
    return feed.stale_at is not None and now > feed.stale_at


def is_low(feed: FeedState) -> bool:
    """Say whether a feed answers, and brings hardly anything of what a day like this usually does."""
    usual = feed.expected_a_day or 0
    return usual >= FEW and feed.items_last_day < LOW_SHARE * usual
