"""The loop behind ``casework.board.survival``; compiled, loaded by whoever asks how long answers take."""

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def estimate(cases: np.ndarray, z: float, floor: float) -> np.ndarray:
    """Return the estimate of Kaplan and Meier, and the log-minus-log interval with Greenwood's variance.

    Parameters
    ----------
    cases
        Sorted integers, one a case: its seconds times 2, and 1 where it is not known to last no longer.
    z
        How far the interval reaches, in standard deviations.
    floor
        No more is asked for once all three shares are at most so much.

    Returns
    -------
    np.ndarray
        Columns of k numbers: the times at which some answered, seconds; the share that is left without an
        answer behind each; the low and the high end of its interval.
    """
    found = np.empty((4, len(cases)))
    left, variance, at, steps = 1.0, 0.0, 0, 0
    while at < len(cases):
        first, time = at, cases[at] >> 1
        while at < len(cases) and cases[at] == time * 2:
            at += 1
        answers, at_risk = at - first, len(cases) - first
        if not answers:
            at += 1
            continue
        left *= 1 - answers / at_risk
        # At the last time all may have answered: nothing is left, and nothing varies.
        variance += answers / (at_risk * max(at_risk - answers, 1))
        low = high = left
        if 0 < left < 1:
            log = math.log(left)
            reach = math.exp(z * math.sqrt(variance) / -log)
            low, high = math.exp(log * reach), math.exp(log / reach)
        found[0, steps], found[1, steps], found[2, steps], found[3, steps] = time, left, low, high
        steps += 1
        if high <= floor:
            break
    return found[:, :steps]
