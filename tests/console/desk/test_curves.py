"""Curves of who still waits: their points are reckoned, not drawn by eye."""

import re

from casework.board.survival import Left
from console.desk.board import curves

HALVES = [Left(86_400, 0.5, 0.25, 0.75), Left(172_800, 0.0, 0.0, 0.0)]


def points(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", path)]


def test_a_curve_begins_with_all_waiting_and_steps_down_at_each_time():
    (curve,) = curves.picture({"kelurahan": HALVES}).curves
    x, top, first, half, second, floor = points(curve.line)
    assert (x, top, floor) == (curves.LEFT, curves.TOP, curves.HEIGHT - curves.BOTTOM)
    assert (half - top) == (floor - half)
    assert (first - x) == (second - first)
    assert second == curves.WIDTH - curves.RIGHT
    assert curve.band == ""


def test_a_band_goes_along_the_upper_end_and_back_along_the_lower():
    (curve,) = curves.picture({"kelurahan": HALVES}, banded="kelurahan").curves
    numbers = points(curve.band)
    upper, lower = numbers[3], numbers[8]
    assert upper < points(curve.line)[3] < lower
    assert numbers[-1] == numbers[1]


def test_who_never_answered_has_no_curve_and_days_are_marked_at_most_eight_times():
    picture = curves.picture({"kota": [], "kelurahan": [Left(86_400 * 99, 0.2, 0.1, 0.3)]})
    assert [curve.name for curve in picture.curves] == ["kelurahan"]
    assert len(picture.days) <= curves.MOST_TICKS + 1


def test_what_share_waits_after_some_days_is_that_of_the_step_before():
    assert curves.at_days(HALVES, (0, 1, 2, 7)) == [1.0, 0.5, 0.0, 0.0]
