"""What becomes of the notices of random stories: attempts, outages, and a judge of what arrived.

The judge shares nothing with what it judges: it looks at who was reached, and never at why somebody was not.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from casework.escalation.standing import ENDED, REPLACED, why_not
from tests.casework.escalation.timelines import DAY, GOVERNOR, HOUR, MINUTE, Timeline, Told, Turn, known, some

SEEN = (
    "answered meanwhile",
    "away meanwhile",
    "late by an outage",
    "replaced",
    "silent meanwhile",
    "vacant by then",
)


class Sent(NamedTuple):
    """A notice that arrived."""

    turn: int
    number: int
    at: datetime
    official: str | None


class Rung(NamedTuple):
    """A rung that was written down, when somebody tries to tell of it, and from when on the server is up."""

    told: Told
    tries: Sequence[datetime]
    up_at: datetime


def attempted(dice: random.Random, told: Sequence[Told]) -> list[Rung]:
    """Return when each rung is tried: at once, and later and later; the server is down for hours or days."""
    return [_attempted(dice, one) for one in told if not one.is_vacant]


def _attempted(dice: random.Random, told: Told) -> Rung:
    at, tries = told.at, list[datetime]()
    up_at = some(dice, at, dice.choice((MINUTE, HOUR, 2 * DAY, 12 * DAY)))
    for _ in range(8):
        tries.append(at)
        at = some(dice, at + MINUTE, dice.choice((HOUR, 12 * HOUR, 4 * DAY)))
    return Rung(told, tries, up_at)


def deliver(timeline: Timeline, rungs: Sequence[Rung]) -> list[Sent]:
    """Return what arrives, knowing at each attempt no more than is known then."""
    return [sent for rung in rungs if (sent := _deliver(timeline, rung))]


def _deliver(timeline: Timeline, rung: Rung) -> Sent | None:
    """Try a notice; withdrawn as ended, or in a silence of its feed, it is told anew by a run behind that."""
    turn, official, is_withdrawn = timeline.turns[rung.told.turn], rung.told.official, False
    for at, is_run in _looks(timeline, rung):
        if is_run != is_withdrawn:  # who waits is tried, who was withdrawn is looked for by a run
            continue
        holder = _holder(timeline, turn, rung.told.number, at) if official else None
        why = why_not(known(turn.answered_at, at), turn.known_end(at), official, holder, at)
        if why == ENDED or (why in ("", REPLACED) and not timeline.is_heard(at)):
            is_withdrawn = True
            continue
        if why == REPLACED:  # who holds the office now is told instead, at once
            official = holder
            why = "" if holder else "vacant"
        if why:
            return None
        is_withdrawn = False
        if at >= rung.up_at:
            return Sent(rung.told.turn, rung.told.number, at, official)
    return None


def _looks(timeline: Timeline, rung: Rung) -> list[tuple[datetime, bool]]:
    """Return when somebody looks: attempts to send it, and the runs of escalation behind it."""
    runs = [(run, True) for run in timeline.world.runs if run > rung.told.at]
    return sorted([*((at, False) for at in rung.tries), *runs])


def judge(timeline: Timeline, rungs: Sequence[Rung], sent: Sequence[Sent]) -> set[str]:
    """Refuse what is wrong in what arrived; returns which of ``SEEN`` the story had."""
    assert max(Counter((one.turn, one.number) for one in sent).values(), default=1) == 1, "a rung told twice"
    arrived = {(one.turn, one.number): one for one in sent}
    seen: set[str] = set()
    for rung in rungs:
        turn = timeline.turns[rung.told.turn]
        one = arrived.pop((rung.told.turn, rung.told.number), None)
        looks = _tells(timeline, turn, rung)
        first = next((at for at in looks if at >= rung.up_at), None)
        before = [at for at in looks if first is None or at <= first]
        held = [_holder(timeline, turn, rung.told.number, at) for at in before]
        may = first is not None and first < turn.stops_at and (None not in held or rung.told.official is None)
        assert (one is not None) == may, "somebody who waits for it was not told, or nobody should be"
        if one is not None:
            assert one.at == first, "not by the first attempt that could"
            assert one.official == (held[-1] if rung.told.official else None), "to who holds it no more"
        seen |= _seen(timeline, rung, first, held)
    assert not arrived, "of no rung"
    return seen


def _tells(timeline: Timeline, turn: Turn, rung: Rung) -> list[datetime]:
    """Return when it may arrive: by attempts until it may not be told, and from the first run behind that."""
    tells, looks = list[datetime](), list(rung.tries)
    while gone := [at for at in looks if not timeline.may_tell(turn, at)]:
        tells += [at for at in looks if at < gone[0]]
        runs = [run for run in timeline.world.runs if run > gone[0] and timeline.may_tell(turn, run)]
        looks = [runs[0], *(at for at in rung.tries if at > runs[0])] if runs else []
    return tells + looks


def _holder(timeline: Timeline, turn: Turn, number: int, at: datetime) -> str | None:
    rank = next(rise.rank for rise in timeline.ladder if rise.number == number)
    if rank == GOVERNOR:
        return None
    term = timeline.world.holder(timeline.post(turn, rank), at)
    return term.official if term else None


def _seen(timeline: Timeline, rung: Rung, first: datetime | None, held: Sequence[str | None]) -> set[str]:
    turn = timeline.turns[rung.told.turn]
    tried = [at for at in rung.tries if at < turn.stops_at and (first is None or at <= first)]
    found = {
        "answered meanwhile": first is not None and turn.stops_at <= first,
        "away meanwhile": any(turn.is_away(at) for at in tried),
        "late by an outage": first is not None and first - rung.told.at > DAY,
        "replaced": bool(held and held[-1]) and held[-1] != rung.told.official,
        "silent meanwhile": any(not timeline.is_heard(at) for at in tried),
        "vacant by then": rung.told.official is not None and None in held,
    }
    return {kind for kind, is_so in found.items() if is_so}


def spoil(sent: list[Sent]) -> Iterator[tuple[str, list[Sent]]]:
    """Return what arrived, each time with one thing wrong."""
    if sent:
        yield "doubled", [*sent, sent[0]]
        yield "missing", sent[1:]
        yield "former", [sent[0]._replace(official="somebody else"), *sent[1:]]
        yield "late", [sent[0]._replace(at=sent[0].at + MINUTE), *sent[1:]]
