"""The ladder that still lies before a turn: which rungs, when they are due, and whom they would tell."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from casework.clock import norms, stops
from casework.escalation import ladder
from casework.escalation.climb import Reached, Standing, climb
from casework.escalation.holders import Holders, Whom
from casework.escalation.runs import Way, Ways
from casework.models import Escalation, Turn

HORIZON = timedelta(days=400)


class Rung(NamedTuple):
    """A rung that is not reached yet: when it is due (UTC), and whom it would tell if it were today."""

    number: int
    due_at: datetime
    whom: Whom


class Coming(NamedTuple):
    """The rungs to come, lowest first; ``is_held`` where more follow whose dates hang on unknown holidays."""

    rungs: Sequence[Rung]
    is_held: bool


def way(category: str | None, office: str | None, at: datetime) -> Way:
    """Return the whole ladder of an office or the unit, for a category, or for those without their own."""
    return Ways(ladder.ladders(), Holders.on(at)).of(category or "", office)


def coming(turn: Turn, category: str, at: datetime) -> Coming:
    """Return what a turn climbs if nobody answers; nothing, if it was answered or ended."""
    if turn.answered_at or turn.ended_at:
        return Coming((), False)
    up = way(category, turn.office_id, at)
    last = Escalation.objects.filter(turn=turn).order_by("-number").first()
    standing = Standing(
        ladder.rank(turn.office.level if turn.office else None),
        turn.due_at,
        turn.due_is_sure,
        last=Reached(last.number, ladder.rank(last.tier), last.due_at, last.is_vacant) if last else None,
    )
    stood = stops.of(turn.case_id)
    reached = climb(standing, up.rises, norms.calendar(), stood, at + HORIZON, up.vacant)
    return Coming([Rung(one.number, one.due_at, up.whom[one.rank]) for one in reached.rungs], reached.is_held)
