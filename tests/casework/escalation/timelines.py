"""Random stories of cases that nobody answers, what a run makes of them, and a judge who knows the truth.

The judge shares nothing with what it judges: it measures the time between two rungs, and never computes one.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from casework.clock.reckoning import Allowed, Calendar, Pause, due
from casework.escalation.climb import Reached, Rise, Standing, climb

JAKARTA = ZoneInfo("Asia/Jakarta")
BEGIN = datetime(2026, 3, 2, tzinfo=JAKARTA)  # a Monday
# Nyepi and Lebaran of 2026.
CALENDAR = Calendar(JAKARTA, frozenset(date(2026, 3, day) for day in range(18, 25)), frozenset({2026}))
TICK, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
GOVERNOR = 3  # the rank above all others
WAITS = [None, *(Allowed(hours, "hours") for hours in (1, 6, 24, 72))]
WAITS += [Allowed(days, "working_days") for days in (1, 2, 5)]
SEEN = (
    "acting",
    "away",
    "caught up",
    "changed",
    "disputed",
    "missed",
    "passed",
    "paused",
    "silent",
    "stopped",
    "vacant",
    "working days",
)


class Term(NamedTuple):
    """Who holds a post from a day on, up to another one that is no more theirs."""

    since: date
    until: date
    official: str
    acting: bool


class Stop(NamedTuple):
    """A pause as it was meant, and when it ended."""

    since: datetime
    until: datetime
    ended_at: datetime | None

    def known(self, now: datetime) -> Pause:
        """The pause as it is known at a time."""
        return Pause(self.since, self.ended_at if self.ended_at and self.ended_at <= now else self.until)


class Quiet(NamedTuple):
    """A time in which a feed is known to be silent, up to when it is heard again."""

    known_at: datetime
    until: datetime


class Away(NamedTuple):
    """A time for which a turn had ended: its report was merged, or closed, and that was undone."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Turn:
    """A turn, and all that will become of it."""

    rank: int
    post: str
    began_at: datetime
    due_at: datetime
    passed_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    is_disputed: bool = False
    away: Away | None = None

    def is_away(self, at: datetime) -> bool:
        return bool(self.away and self.away.since <= at < self.away.until)

    def known_end(self, now: datetime) -> datetime | None:
        """When it ended, as it is known at a time."""
        return self.away.since if self.away and self.is_away(now) else known(self.ended_at, now)

    @property
    def stops_at(self) -> datetime:
        return min(filter(None, (self.answered_at, self.ended_at, BEGIN + 1000 * DAY)))


@dataclass(frozen=True)
class World:
    """What stories have in common: ladders by category, posts with their terms, runs, and feeds' silences."""

    ladders: Mapping[str, Sequence[Rise]]
    posts: Mapping[str, Sequence[Term]]
    runs: Sequence[datetime]
    silences: Mapping[str, Sequence[Quiet]]

    def holder(self, post: str, at: datetime) -> Term | None:
        day = at.astimezone(JAKARTA).date()
        return next((term for term in self.posts[post] if term.since <= day < term.until), None)


@dataclass(frozen=True)
class Timeline:
    """One case: its turns, its pauses, and the posts above it by rank."""

    world: World
    category: str
    feed: str
    turns: Sequence[Turn]
    stops: Sequence[Stop]
    above: Mapping[int, str]

    @property
    def ladder(self) -> Sequence[Rise]:
        return self.world.ladders[self.category]

    @property
    def pauses(self) -> list[Pause]:
        """The pauses as they were in truth, and the silences."""
        return truth(self.stops) + [Pause(*quiet) for quiet in self.silences]

    @property
    def silences(self) -> Sequence[Quiet]:
        return self.world.silences[self.feed]

    def is_heard(self, at: datetime) -> bool:
        return not any(known_at <= at < until for known_at, until in self.silences)

    def may_tell(self, turn: Turn, at: datetime) -> bool:
        """Whether it may be told at a time that nobody answered, if nobody did."""
        return self.is_heard(at) and not turn.is_away(at)

    def post(self, turn: Turn, rank: int) -> str:
        return turn.post if rank == turn.rank else self.above[rank]


class Told(NamedTuple):
    """A rung as a run wrote it."""

    turn: int
    number: int
    due_at: datetime
    at: datetime
    official: str | None
    is_vacant: bool


def make(dice: random.Random) -> Timeline:
    """Return a story in a world of its own."""
    posts = {name: terms(dice, name) for name in ("a", "b", "camat", "kota")}
    world = World({"road": ladder(dice)}, posts, runs(dice), {"qlue": silences(dice)})
    return story(dice, world, "road", "qlue", ("a", "b", "camat", "kota"))


def story(
    dice: random.Random, world: World, category: str, feed: str, posts: tuple[str, str, str, str]
) -> Timeline:
    """Return a story that begins at one of two kelurahan, or with those above them."""
    first, second, camat, kota = posts
    above = {1: camat, 2: kota}
    stops = [stop(dice) for _ in range(dice.choice((0, 0, 1, 1, 2, 3)))]
    pauses = truth(stops)
    turns: list[Turn] = []
    at, is_disputed = some(dice, BEGIN, 6 * DAY), False
    while len(turns) < 3:
        # The unit stands beside the governor's office.
        rank = dice.choice((0, 0, 0, 0, 1, 1, 2, GOVERNOR))
        post = dice.choice((first, second)) if rank == 0 else above.get(rank, "unit")
        allowed = dice.choice([wait for wait in WAITS if wait])
        turn = Turn(rank, post, at, due(at, allowed, CALENDAR, pauses).at, is_disputed=is_disputed)
        turn, later, is_disputed = _outcome(dice, turn)
        turns.append(_away(dice, turn))
        if later is None:
            break
        at = later
    return Timeline(world, category, feed, turns, stops, above)


def _outcome(dice: random.Random, turn: Turn) -> tuple[Turn, datetime | None, bool]:
    """Return a turn with its end, when the next one begins, and whether a citizen wanted it."""
    outcome = dice.choice(("silent", "silent", "answered", "disputed", "passed", "passed"))
    if outcome == "silent":
        return turn, None, False
    if outcome == "passed":
        passed_at = some(dice, turn.began_at, 6 * DAY)
        ended_at = some(dice, passed_at, 9 * DAY) if dice.random() < 0.7 else None
        return replace(turn, passed_at=passed_at, ended_at=ended_at), ended_at, False
    answered_at = some(dice, turn.due_at - DAY, 20 * DAY)
    if outcome == "answered" and dice.random() < 0.3:  # closed without an answer
        return replace(turn, ended_at=answered_at), None, False
    ended_at = some(dice, answered_at, 2 * DAY)
    later = some(dice, ended_at, 3 * DAY) if outcome == "disputed" else None
    return replace(turn, answered_at=answered_at, ended_at=ended_at), later, True


def _away(dice: random.Random, turn: Turn) -> Turn:
    """Return a turn, now and then one that had ended for a time, and went on before it stopped."""
    since = some(dice, turn.began_at + MINUTE, 20 * DAY)
    away = Away(since, some(dice, since + MINUTE, dice.choice((HOUR, 3 * DAY, 9 * DAY))))
    return replace(turn, away=away) if away.until < turn.stops_at and dice.random() < 0.4 else turn


def ladder(dice: random.Random) -> list[Rise]:
    """Return a ladder, now and then without one of its tiers."""
    left_out = dice.choice((None, None, None, 0, 1, 2))
    return [Rise(rank + 1, rank, dice.choice(WAITS)) for rank in range(4) if rank != left_out]


def terms(dice: random.Random, name: str) -> list[Term]:
    """Return who held a post from before the stories begin until after their end, with gaps."""
    found: list[Term] = []
    day = BEGIN.date() - 9 * DAY
    while day < BEGIN.date() + 70 * DAY:
        until = day + DAY * dice.randrange(1, 60)
        if dice.random() < 0.75:
            found.append(Term(day, until, f"{name} {len(found)}", dice.random() < 0.3))
        day = until
    return found


def runs(dice: random.Random) -> list[datetime]:
    """Return when runs are made: mostly some hours apart, now and then days."""
    found, at = [], some(dice, BEGIN, DAY)
    while at < BEGIN + 45 * DAY:
        found.append(at)
        at = some(dice, at + MINUTE, dice.choice((6 * HOUR, DAY, 3 * DAY, 6 * DAY, 12 * DAY)))
    return found


def silences(dice: random.Random) -> list[Quiet]:
    """Return when a feed is silent: not at all, once or twice."""
    found, at = list[Quiet](), BEGIN
    for _ in range(dice.choice((0, 1, 1, 2))):
        known_at = some(dice, at, 20 * DAY)
        at = some(dice, known_at + MINUTE, dice.choice((HOUR, 3 * DAY, 12 * DAY)))
        found.append(Quiet(known_at, at))
    return found


def stop(dice: random.Random) -> Stop:
    since = some(dice, BEGIN, 30 * DAY)
    until = some(dice, since + HOUR, 9 * DAY)
    return Stop(since, until, some(dice, since, until - since) if dice.random() < 0.4 else None)


def some(dice: random.Random, after: datetime, length: timedelta) -> datetime:
    """Return an instant within a time, on the minute: so that now and then two things are at once."""
    return after + MINUTE * dice.randrange(max(int(length / MINUTE), 1))


def simulate(timeline: Timeline) -> list[Told]:
    """Return what the runs write, knowing at each no more than was known then."""
    told: list[Told] = []
    last: dict[int, Reached] = {}
    for before, now in pairwise([BEGIN, *timeline.world.runs]):
        pauses = [one.known(now) for one in timeline.stops if one.since <= now]
        pauses += [Pause(*quiet) for quiet in timeline.silences if quiet.until <= now]
        for index, turn in enumerate(timeline.turns):
            # The first run behind the end of a turn sees it, and must not be misled; so much for all others.
            if turn.began_at > now or turn.stops_at < before:
                continue
            held = {
                rise.rank: timeline.world.holder(timeline.post(turn, rise.rank), now)
                for rise in timeline.ladder
                if turn.rank <= rise.rank < GOVERNOR
            }
            standing = Standing(
                turn.rank,
                turn.due_at,
                answered_at=known(turn.answered_at, now),
                ended_at=turn.known_end(now),
                last=last.get(index),
                is_heard=timeline.is_heard(now),
            )
            vacant = {rank for rank, term in held.items() if term is None}
            for one in climb(standing, timeline.ladder, CALENDAR, pauses, now, vacant).rungs:
                term = held.get(one.rank)
                official = term.official if term else None
                told.append(Told(index, one.number, one.due_at, now, official, one.is_vacant))
                last[index] = one
    return told


def truth(stops: Sequence[Stop]) -> list[Pause]:
    """Return pauses as they were in the end, but for those that ended at once."""
    pauses = [stop.known(BEGIN + 1000 * DAY) for stop in stops]
    return [pause for pause in pauses if pause.since < pause.until]


def known(at: datetime | None, now: datetime) -> datetime | None:
    return at if at and at <= now else None


def judge(timeline: Timeline, told: Sequence[Told]) -> set[str]:
    """Refuse what is wrong in what was written; returns which of ``SEEN`` the story had."""
    seen: set[str] = set()
    for index, turn in enumerate(timeline.turns):
        seen |= _judge_turn(timeline, turn, [one for one in told if one.turn == index])
    return seen


def _judge_turn(timeline: Timeline, turn: Turn, told: Sequence[Told]) -> set[str]:
    seen: set[str] = set()
    way = [rise for rise in timeline.ladder if rise.rank >= turn.rank]
    assert [one.number for one in told] == [rise.number for rise in way[: len(told)]], (
        "twice, or not in order"
    )
    base, before, wait = turn.due_at, BEGIN, None
    for index, rise in enumerate(way):
        wait = timeline.ladder[0].wait if rise.rank == turn.rank else rise.wait
        if index and told[index - 1].is_vacant:
            wait = None
        if index == len(told):
            break
        one = told[index]
        assert has_just_passed(base, one.due_at, wait, timeline.pauses), (
            f"rung {rise.number} has another date"
        )
        assert one.due_at <= one.at, "early"
        assert one.at < turn.stops_at, "after the answer"
        assert timeline.is_heard(one.at), "while its feed was silent"
        assert not turn.is_away(one.at), "of a turn that had ended"
        earlier = [
            run
            for run in timeline.world.runs
            if max(one.due_at, before, turn.began_at) <= run < one.at and timeline.may_tell(turn, run)
        ]
        assert not earlier, "late by more than one run"
        _judge_holder(timeline, turn, rise, one)
        seen |= _seen(timeline, turn, rise, one, wait)
        base, before = one.due_at, one.at
    else:
        return seen | _seen_at_all(turn, told)
    looked = [
        run
        for run in timeline.world.runs
        if turn.began_at <= run < turn.stops_at and timeline.may_tell(turn, run)
    ]
    if way and looked:
        assert not has_passed(base, looked[-1], wait, timeline.pauses), "not told at all"
    if turn.stops_at < timeline.world.runs[-1]:
        seen.add("stopped")
    return seen | _seen_at_all(turn, told)


def _judge_holder(timeline: Timeline, turn: Turn, rise: Rise, one: Told) -> None:
    if rise.rank == GOVERNOR:
        assert (one.official, one.is_vacant) == (None, False)
        return
    term = timeline.world.holder(timeline.post(turn, rise.rank), one.at)
    assert one.official == (term and term.official), "to somebody who does not hold the post"
    assert one.is_vacant == (term is None)


def has_passed(base: datetime, now: datetime, wait: Allowed | None, pauses: Sequence[Pause]) -> bool:
    """Say whether a time has passed between two instants, the pauses left out."""
    if wait is None or now < base:
        return base <= now
    if wait.unit == "hours":
        return ran(base, now, pauses) >= HOUR * wait.amount
    ended = [CALENDAR.end(day) for day in worked(base, now) if CALENDAR.end(day) <= now]
    return sum((ran(end - DAY, end, pauses) for end in ended), timedelta()) >= DAY * wait.amount


def has_just_passed(base: datetime, now: datetime, wait: Allowed | None, pauses: Sequence[Pause]) -> bool:
    """Say whether it has passed at this very instant, and a microsecond before had not."""
    return has_passed(base, now, wait, pauses) and not has_passed(base, now - TICK, wait, pauses)


def ran(base: datetime, now: datetime, pauses: Sequence[Pause]) -> timedelta:
    """Return how long the clock ran; each stretch between two borders of pauses is in one or in none."""
    marks = sorted({base, now, *(mark for pause in pauses for mark in pause if base < mark < now)})
    stretches = pairwise(marks)
    return sum(
        (
            end - start
            for start, end in stretches
            if not any(since <= start < until for since, until in pauses)
        ),
        timedelta(),
    )


def worked(base: datetime, now: datetime) -> Iterator[date]:
    """Return the working days behind the one in which (or with which) a time begins."""
    day = (base - TICK).astimezone(JAKARTA).date() + DAY
    while day <= now.astimezone(JAKARTA).date():
        if CALENDAR.is_working(day):
            yield day
        day += DAY


def _seen(timeline: Timeline, turn: Turn, rise: Rise, one: Told, wait: Allowed | None) -> set[str]:
    term = rise.rank < GOVERNOR and timeline.world.holder(timeline.post(turn, rise.rank), one.at)
    then = rise.rank < GOVERNOR and timeline.world.holder(timeline.post(turn, rise.rank), one.due_at)
    found = {
        "acting": bool(term and term.acting),
        "away": bool(turn.away and turn.away.since < one.at and turn.away.until > turn.due_at),
        "changed": term != then,
        "disputed": turn.is_disputed,
        "missed": one.at - one.due_at > DAY,
        "passed": bool(turn.passed_at and turn.passed_at < one.at),
        "paused": any(since < one.due_at and until > turn.due_at for since, until in truth(timeline.stops)),
        "silent": any(
            known_at < one.at and until > turn.due_at and not timeline.is_heard(run)
            for known_at, until in timeline.silences
            for run in timeline.world.runs
            if one.due_at <= run < one.at
        ),
        "vacant": one.is_vacant,
        "working days": bool(wait and wait.unit == "working_days"),
    }
    return {kind for kind, is_so in found.items() if is_so}


def _seen_at_all(turn: Turn, told: Sequence[Told]) -> set[str]:
    return {"caught up" for one, other in pairwise(told) if one.at == other.at and one.due_at < other.due_at}


def spoil(timeline: Timeline, told: list[Told], dice: random.Random) -> Iterator[tuple[str, list[Told]]]:
    """Return what was written, each time with one thing wrong."""
    if not told:
        return
    index = dice.randrange(len(told))
    one, rest = told[index], [other for other in told if other.turn != told[index].turn]
    mine = [other for other in told if other.turn == one.turn]
    turn, others = timeline.turns[one.turn], [other for other in mine if other != one]
    yield "early", [*told[:index], one._replace(due_at=one.due_at - HOUR), *told[index + 1 :]]
    yield "missing", rest + mine[:-1]
    yield "doubled", [*told, one]
    if one.official:
        yield "former", [*told[:index], one._replace(official="somebody else"), *told[index + 1 :]]
    later = [run for run in timeline.world.runs if run > one.at]
    if later:
        moved = sorted([*others, one._replace(at=later[0])], key=lambda other: other.number)
        yield ("late" if later[0] < turn.stops_at else "after the answer"), rest + moved
