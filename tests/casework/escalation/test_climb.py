"""Which rungs an unanswered turn has reached: by hand-made cases, and by 10,000 random timelines."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.clock.reckoning import Allowed, Calendar, Pause
from casework.escalation.climb import Reached, Rise, Standing, climb
from tests.casework.escalation import attempts, timelines

JAKARTA = ZoneInfo("Asia/Jakarta")
CALENDAR = Calendar(JAKARTA, frozenset({date(2026, 5, 14)}), frozenset({2026}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LADDER = [
    Rise(1, 0, None),
    Rise(2, 1, Allowed(24, "hours")),
    Rise(3, 2, Allowed(2, "working_days")),
    Rise(4, 3, Allowed(24, "hours")),
]
DUE = datetime(2026, 5, 11, 5, 0, tzinfo=UTC)  # a Monday, noon in Jakarta; the Thursday is a holiday


def at(day: int, hour: int = 0) -> datetime:
    """A day of May in Jakarta."""
    return datetime(2026, 5, day, hour, tzinfo=JAKARTA)


def reached(now: datetime, *pauses: Pause, ladder: list[Rise] = LADDER, **turn: object) -> dict:
    standing = Standing(**({"rank": 0, "due_at": DUE} | turn))
    return {one.number: one.due_at for one in climb(standing, ladder, CALENDAR, pauses, now).rungs}


def test_nothing_is_reached_before_the_answer_is_due_and_the_first_rung_at_that_instant():
    assert reached(DUE - timedelta(microseconds=1)) == {}
    assert reached(DUE) == {1: DUE}


def test_each_rung_is_reached_its_own_time_after_the_one_before():
    # Tuesday noon; Wednesday and, after the holiday, Friday; Saturday is a day like any for hours.
    assert reached(at(31)) == {1: DUE, 2: at(12, 12), 3: at(16), 4: at(17)}


def test_the_working_day_behind_a_midnight_counts_whole():
    ladder = [Rise(1, 0, None), Rise(2, 1, Allowed(1, "working_days"))]
    # Due when Monday ends: the working day after it is Tuesday.
    assert reached(at(31), ladder=ladder, due_at=at(12)) == {1: at(12), 2: at(13)}


@pytest.mark.parametrize(("rank", "numbers"), [(0, [1, 2, 3, 4]), (1, [2, 3, 4]), (2, [3, 4]), (3, [4])])
def test_a_higher_office_begins_on_its_own_rung_when_its_answer_is_due(rank, numbers):
    found = reached(at(31), rank=rank)
    assert list(found) == numbers
    assert found[numbers[0]] == DUE


def test_a_turn_that_did_not_begin_has_no_ladder():
    assert reached(at(31), due_at=None) == {}


def test_an_office_without_a_rung_of_its_tier_begins_on_the_next_one_above_after_its_time():
    assert reached(at(31), rank=2, ladder=[LADDER[0], LADDER[3]]) == {4: DUE + 24 * HOUR}


@pytest.mark.parametrize("end", ["answered_at", "ended_at"])
def test_an_answer_and_the_end_of_the_turn_stop_the_climb(end):
    assert list(reached(at(13), **{end: at(13, 1)})) == [1, 2]
    assert reached(at(13, 1), **{end: at(13, 1)}) == {}


def test_a_vacant_post_is_skipped_at_once_and_shown():
    standing = Standing(0, DUE)
    found = climb(standing, LADDER, CALENDAR, (), at(12, 13), vacant={1}).rungs
    assert found == (Reached(1, 0, DUE), Reached(2, 1, at(12, 12), True), Reached(3, 2, at(12, 12)))


def test_the_time_to_the_next_rung_counts_from_when_the_last_one_was_due_not_from_when_it_was_seen():
    last = Reached(1, 0, DUE)
    assert reached(at(12, 12), last=last) == {2: at(12, 12)}
    assert reached(at(12, 11), last=last) == {}


def test_a_due_date_that_was_moved_later_moves_what_is_not_yet_reached():
    assert reached(at(31), last=Reached(1, 0, DUE - DAY))[2] == DUE + DAY


def test_behind_a_rung_of_another_ladder_the_next_tier_above_is_told_and_numbers_go_on():
    camat = LADDER[1]._replace(number=1)
    assert reached(at(31), ladder=[camat, LADDER[3]], last=Reached(1, 0, DUE)) == {
        2: at(12, 12),
        4: at(13, 12),
    }
    assert list(reached(at(31), ladder=[Rise(1, 3, None)], last=Reached(2, 1, DUE))) == [3]
    assert reached(at(31), ladder=[Rise(5, 1, None)], last=Reached(2, 1, DUE)) == {}


def test_while_a_pause_lasts_the_climb_stands_still():
    pause = Pause(at(11, 13), at(13, 13))
    assert reached(at(31), pause)[2] == at(12, 12) + 48 * HOUR
    assert reached(at(13), pause) == {1: DUE}


def test_a_date_that_depends_on_holidays_that_nobody_loaded_is_held_back():
    eve = datetime(2026, 12, 30, 5, tzinfo=UTC)
    found = climb(Standing(0, eve), LADDER, CALENDAR, (), eve + 30 * DAY)
    assert ([one.number for one in found.rungs], found.is_held) == ([1, 2], True)
    held = climb(Standing(0, DUE, due_is_sure=False), LADDER, CALENDAR, (), at(31))
    assert (held.rungs, held.is_held) == ((), True)
    assert not climb(Standing(0, DUE, due_is_sure=False), LADDER, CALENDAR, (), DUE - HOUR).is_held


def test_while_its_feed_is_silent_all_that_a_turn_has_reached_is_held_back():
    silent = climb(Standing(0, DUE, is_heard=False), LADDER, CALENDAR, (), at(31))
    assert (silent.rungs, silent.is_held, silent.is_unheard) == ((), False, True)
    assert not climb(Standing(0, DUE, is_heard=False), LADDER, CALENDAR, (), DUE - HOUR).is_unheard


def test_of_ten_thousand_timelines_none_is_told_early_late_twice_or_after_a_term():
    """Nor by a notice, though terms end and answers come before it is sent, and the mail server is down."""
    dice, chance = random.Random(20261126), random.Random(317)
    told = {kind: 0 for kind in timelines.SEEN}
    sent = {kind: 0 for kind in attempts.SEEN}
    for _ in range(10_000):
        timeline = timelines.make(dice)
        written = timelines.simulate(timeline)
        for kind in timelines.judge(timeline, written):
            told[kind] += 1
        rungs = attempts.attempted(chance, written)
        for kind in attempts.judge(timeline, rungs, attempts.deliver(timeline, rungs)):
            sent[kind] += 1
    # The dice threw each thing that can go wrong, and often.
    assert min(told.values()) > 300, told
    assert min(sent.values()) > 150, sent


def test_the_judge_of_notices_finds_what_is_wrong():
    dice = random.Random(2)
    found = set()
    for _ in range(200):
        timeline = timelines.make(dice)
        rungs = attempts.attempted(dice, timelines.simulate(timeline))
        for name, spoilt in attempts.spoil(attempts.deliver(timeline, rungs)):
            with pytest.raises(AssertionError):
                attempts.judge(timeline, rungs, spoilt)
            found.add(name)
    assert found == {"doubled", "missing", "former", "late"}


def test_the_judge_finds_what_is_wrong():
    dice = random.Random(1)
    found = set()
    for _ in range(300):
        timeline = timelines.make(dice)
        told = timelines.simulate(timeline)
        for name, spoilt in timelines.spoil(timeline, told, dice):
            with pytest.raises(AssertionError):
                timelines.judge(timeline, spoilt)
            found.add(name)
    assert found == {"early", "missing", "doubled", "late", "former", "after the answer"}
