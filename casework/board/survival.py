"""How long answers take, and how often they come, where not all is known yet; pure.

An open case says as much as a closed one: that it has lasted so long without an answer. To leave it out would
make who never answers disappear.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

#: Of the standard normal distribution: 95 % lie within.
Z = 1.959963984540054
HALF = 0.5


class Interval(NamedTuple):
    """Where a share lies, 0 to 1, with 95 % confidence."""

    low: float
    high: float


class Left(NamedTuple):
    """After so many seconds this share, 0 to 1, has no answer yet; and its 95 % interval."""

    seconds: float
    share: float
    low: float
    high: float


class Median(NamedTuple):
    """The time after which half are answered, in seconds, and its interval; None: not reached yet."""

    seconds: float | None
    low: float | None
    high: float | None


def wilson(kept: int, of: int) -> Interval | None:
    """Return Wilson's interval of a share; None of none.

    Source: Wilson 1927; it never leaves 0 to 1, and holds for few and for shares near 0 and 1.
    """
    if not of:
        return None
    share, square = kept / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    reach = Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    low = 0.0 if kept == 0 else middle - reach
    high = 1.0 if kept == of else middle + reach
    return Interval(low, high)


def median(seconds: np.ndarray, answered: np.ndarray) -> Median:
    """Return the median time to answer by Kaplan and Meier, with open cases as censored.

    Parameters
    ----------
    seconds, answered
        n times (numbers), and whether each ended with an answer (bool) or is only known to last so long.

    Returns
    -------
    Median
        The first time at which the estimate is at most one half; the interval is that of the log-minus-log
        transform with Greenwood's variance.

    Source: Kaplan and Meier 1958; Brookmeyer and Crowley 1982; Kalbfleisch and Prentice, 2nd edition, 1.4.
    """
    times, left, low, high = _estimate(seconds, answered, HALF)
    if not len(times):
        return Median(None, None, None)
    return Median(_reached(times, left), _reached(times, low), _reached(times, high))


def curve(seconds: np.ndarray, answered: np.ndarray, steps: int = 200) -> list[Left]:
    """Return the estimate of Kaplan and Meier as a staircase: what is left from each time on.

    Parameters
    ----------
    seconds, answered
        As for ``median``.
    steps
        At most so many of them: the last one of each of as many equal parts of the time.
    """
    times, left, low, high = _estimate(seconds, answered)
    if not len(times):
        return []
    parts = np.ceil(times * steps / max(float(times[-1]), 1.0))
    last = np.flatnonzero(np.diff(parts, append=np.inf))
    return [Left(float(times[at]), float(left[at]), float(low[at]), float(high[at])) for at in last]


def _estimate(seconds: np.ndarray, answered: np.ndarray, floor: float = 0.0) -> np.ndarray:
    """Return the times of answers, the share that is left behind each, and both ends of its interval."""
    # Half a second of numba, which every process that knows the board would pay.
    from casework.board.lasted import estimate

    found: np.ndarray = estimate(np.sort(seconds.astype(np.int64) * 2 + ~answered), Z, floor)
    return found


def _reached(times: np.ndarray, share: np.ndarray) -> float | None:
    """Return the first time at which no more than half is left."""
    first = int((share <= HALF).argmax())
    return float(times[first]) if share[first] <= HALF else None


def groups(intervals: Sequence[Interval]) -> list[int]:
    """Return the group of each interval, 0 for the lowest: those that a chain of overlaps joins are one.

    Whoever is in a lower group is surely lower than all in a higher one; within a group nothing is said.
    """
    order = sorted(range(len(intervals)), key=lambda at: intervals[at])
    found, group, high = [0] * len(intervals), -1, -1.0
    for at in order:
        if intervals[at].low > high:
            group += 1
        high = max(high, intervals[at].high)
        found[at] = group
    return found


def surely(intervals: Sequence[Interval]) -> list[tuple[int, int]]:
    """Return of each interval how many lie wholly below it, and how many wholly above."""
    lows = np.sort([one.low for one in intervals])
    highs = np.sort([one.high for one in intervals])
    return [
        (
            int(np.searchsorted(highs, one.low, side="left")),
            len(intervals) - int(np.searchsorted(lows, one.high, side="right")),
        )
        for one in intervals
    ]
