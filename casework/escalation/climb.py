"""Which rungs of its ladder an unanswered turn has reached, and when; pure.

The climb begins when the answer was due. Each rung is reached so long after the one before as its norm
says; pauses are left out, and times in which the feed was silent. Behind a vacant post the next one is
reached at once. What was missed is caught up: when a rung is reached does not depend on when somebody looks.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from casework.clock.reckoning import Allowed, Calendar, Due, Pause, due

# A working day ends at the first instant of the next one, which would be taken for the day of the start.
TICK = timedelta(microseconds=1)


class Rise(NamedTuple):
    """A rung as the clock takes it.

    ``rank`` is that of its tier: 0 the lowest, the higher the further up. ``wait`` counts from the rung
    before; none: it is reached at once.
    """

    number: int
    rank: int
    wait: Allowed | None


class Reached(NamedTuple):
    """A rung that a turn reached, the rank of its tier, when (UTC), and whether the post was vacant then.

    ``number`` is that of the ladder, or, where a rung of another ladder had that or a higher one, the next.
    """

    number: int
    rank: int
    due_at: datetime
    is_vacant: bool = False


@dataclass(frozen=True)
class Standing:
    """How it stands with a turn.

    Parameters
    ----------
    rank
        Of the tier of the office whose turn it is; of the unit's own turn that of the governor's office.
    due_at
        When its answer is due, UTC; none before it began.
    due_is_sure
        Whether the holidays on which that depends are known.
    answered_at, ended_at
        What ends the climb. That the office passed the case on does not: until another one accepts, its clock
        runs on.
    last
        The highest rung that was written down.
    is_heard
        Whether the feed that would tell of an answer is heard.
    """

    rank: int
    due_at: datetime | None
    due_is_sure: bool = True
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    last: Reached | None = None
    is_heard: bool = True

    def waits(self, now: datetime) -> bool:
        """Say whether an answer is still waited for."""
        return not any(end and end <= now for end in (self.answered_at, self.ended_at))


class Climb(NamedTuple):
    """The rungs newly reached, lowest first, and whether more are held back.

    ``is_held``: until holidays are known; ``is_unheard``: while the feed is silent, all of them.
    """

    rungs: tuple[Reached, ...] = ()
    is_held: bool = False
    is_unheard: bool = False


def climb(
    turn: Standing,
    ladder: Sequence[Rise],
    calendar: Calendar,
    pauses: Iterable[Pause],
    now: datetime,
    vacant: Collection[int] = (),
) -> Climb:
    """Return the rungs that a turn has reached by now and that were not written down yet.

    Parameters
    ----------
    ladder
        The whole ladder of the turn's category, lowest first. A turn begins on the rung of its own office's
        tier, after the time of the ladder's first rung; without such a rung on the next one above.
    pauses
        Those of the case, in any order; times in which its feed was silent among them, once they are over.
    vacant
        Ranks of the rungs whose posts nobody holds today.
    """
    if turn.due_at is None or not turn.waits(now):
        return Climb()
    stops, last, rungs = list(pauses), turn.last, list[Reached]()
    for rise in above(turn.rank, turn.last, ladder):
        # The due date of a turn may have been moved since: no rung is reached before it.
        since = max(last.due_at, turn.due_at) if last else turn.due_at
        wait = None if last and last.is_vacant else _wait(turn, rise, ladder)
        at, is_sure = _after(since, wait, calendar, stops)
        if at > now:
            break
        if not turn.is_heard:
            return Climb(is_unheard=True)
        if not (is_sure and turn.due_is_sure):
            return Climb(tuple(rungs), is_held=True)
        number = max(rise.number, last.number + 1) if last else rise.number
        last = Reached(number, rise.rank, at, rise.rank in vacant)
        rungs.append(last)
    return Climb(tuple(rungs))


def above(rank: int, last: Reached | None, ladder: Sequence[Rise]) -> list[Rise]:
    """Return the rungs that are left to a turn of an office of a rank, behind the last that it reached.

    By their tiers: the ladder may be another one than that by which the last was told.
    """
    return [rise for rise in ladder if rise.rank >= rank and (last is None or rise.rank > last.rank)]


def _wait(turn: Standing, rise: Rise, ladder: Sequence[Rise]) -> Allowed | None:
    return ladder[0].wait if rise.rank == turn.rank else rise.wait


def _after(since: datetime, wait: Allowed | None, calendar: Calendar, pauses: Sequence[Pause]) -> Due:
    if wait is None:
        return Due(since, True)
    return due(since - TICK if wait.unit == "working_days" else since, wait, calendar, pauses)
