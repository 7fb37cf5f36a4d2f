"""Whether the rungs that were written down are reached by all that is known now: a holiday loaded late."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from casework.clock import norms
from casework.clock.reckoning import Calendar, Pause
from casework.escalation import ladder
from casework.escalation.climb import Rise, Standing, climb
from geoplatform import sql

EARLY, UNHEARD = "early", "unheard"


def why_not(escalations: Collection[int], at: datetime) -> dict[int, str]:
    """Say of each escalation why nobody is to be told of it at an instant; empty: its rung is reached.

    ``EARLY``: it is reached later by now. ``UNHEARD``: its feed is silent, and nobody knows whether it was
    answered there.
    """
    if not escalations:
        return {}
    ladders, calendar = ladder.ladders(), norms.calendar()
    rises = {category: [ladder.rise(rung) for rung in rungs] for category, rungs in ladders.items()}
    rows = sql.dicts("casework/rungs", {"escalations": list(escalations), "at": at})
    return {row["id"]: _why_not(row, rises.get(row["category"]) or rises[None], calendar, at) for row in rows}


def _why_not(row: Mapping[str, Any], rises: Sequence[Rise], calendar: Calendar, at: datetime) -> str:
    turn = Standing(
        ladder.rank(row["tier"]), row["due_at"], row["due_is_sure"], is_heard=row["silent_feed"] is None
    )
    vacant, told = set(map(ladder.rank, row["vacant"])), ladder.rank(row["told"])
    found = climb(turn, rises, calendar, map(Pause, row["since"], row["until"]), at, vacant)
    if found.is_unheard:
        return UNHEARD
    if told in {rise.rank for rise in rises}:
        is_reached = told in {one.rank for one in found.rungs}
    else:  # the ladder was changed since: of a rung that it has no more the answer's own date says all
        is_reached = row["due_at"] <= at
    return "" if is_reached else EARLY
