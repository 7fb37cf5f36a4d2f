"""Shares and times with their intervals, against figures that were published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.board import survival
from casework.board.survival import Interval

# Freireich and others 1963: weeks of remission; a plus is one that was still lasting.
TREATED = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def median(text: str) -> survival.Median:
    parts = text.split()
    seconds = np.array([int(part.rstrip("+")) for part in parts])
    return survival.median(seconds, np.array([not part.endswith("+") for part in parts]))


def test_the_medians_of_freireichs_trial_are_those_that_were_published():
    assert median(TREATED).seconds == 23
    assert median(PLACEBO).seconds == 8


def test_an_interval_has_an_upper_end_only_where_enough_is_known():
    assert median(TREATED)[1:] == (13, None)
    assert median(PLACEBO)[1:] == (4, 11)


def test_where_nobody_answers_there_is_no_median():
    assert median("5+ 9+ 30+") == (None, None, None)
    assert survival.median(np.zeros(0), np.zeros(0, bool)) == (None, None, None)


def test_open_cases_make_the_median_later_and_never_earlier():
    assert median("1 2 3 4").seconds == 2
    assert median("1 2 3 4 9+ 9+ 9+").seconds == 4
    assert median("1 2 9+ 9+ 9+").seconds is None


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_the_median_is_that_of_the_product_worked_out_by_hand(cases):
    left, found = 1.0, None
    for time in sorted({seconds for seconds, answered in cases if answered}):
        at_risk = sum(seconds >= time for seconds, _ in cases)
        left *= 1 - cases.count((time, True)) / at_risk
        if found is None and left <= 0.5:
            found = time
    seconds, answered = np.array(cases).T
    got = survival.median(seconds, answered.astype(bool))
    if abs(left - 0.5) > 1e-9:
        assert got.seconds == found


def test_wilsons_interval_is_that_of_newcombes_examples():
    # Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (kept, of), interval in published.items():
        assert survival.wilson(kept, of) == pytest.approx(interval, abs=5e-5)
    assert survival.wilson(20, 20) == pytest.approx((0.8389, 1.0), abs=5e-5)
    assert survival.wilson(0, 0) is None


def test_those_whose_intervals_overlap_are_one_group_even_by_a_chain():
    intervals = [Interval(0.8, 0.9), Interval(0.1, 0.3), Interval(0.25, 0.5), Interval(0.45, 0.6)]
    assert survival.groups(intervals) == [1, 0, 0, 0]
    assert survival.surely(intervals) == [(3, 0), (0, 2), (0, 1), (1, 1)]
    assert survival.groups([]) == survival.surely([]) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=12))
def test_of_two_in_different_groups_the_lower_is_surely_lower(pairs):
    intervals = [Interval(min(pair), max(pair)) for pair in pairs]
    found = survival.groups(intervals)
    for one, group in zip(intervals, found, strict=True):
        for other, later in zip(intervals, found, strict=True):
            assert group >= later or one.high < other.low
    assert sorted(set(found)) == list(range(len(set(found))))


def test_the_curve_is_a_staircase_that_open_cases_do_not_lower():
    seconds, answered = np.array([10, 20, 20, 30, 40]), np.array([True, True, False, True, False])
    steps = survival.curve(seconds, answered)
    assert [(step.seconds, round(step.share, 4)) for step in steps] == [(10, 0.8), (20, 0.6), (30, 0.3)]
    assert all(step.low <= step.share <= step.high for step in steps)
    assert survival.curve(seconds, np.zeros(5, bool)) == []


@given(cases=st.lists(st.tuples(st.integers(0, 10**7), st.booleans()), max_size=60), steps=st.integers(1, 9))
def test_a_curve_of_few_steps_ends_where_the_whole_one_does(cases, steps):
    seconds = np.array([time for time, _ in cases], dtype=np.int64)
    answered = np.array([one for _, one in cases], dtype=bool)
    whole, few = (survival.curve(seconds, answered, count) for count in (10**8, steps))
    assert len(few) <= steps + 1
    assert few[-1:] == whole[-1:]
    assert set(few) <= set(whole)
