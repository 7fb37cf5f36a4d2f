"""How far a change of counts could be chance: limits of the difference of two counts; pure."""

from math import sqrt

Z = 1.959964  # of a normal distribution, 95 %: one of twenty intervals misses


def score_limits(count: int) -> tuple[float, float]:
    """Return the score limits of the mean of a Poisson count, which hold at zero, too."""
    middle, reach = count + Z * Z / 2, Z * sqrt(count + Z * Z / 4)
    return middle - reach, middle + reach


def difference(count: int, before: int) -> tuple[float, float]:
    """Return the 95 % limits of how much the mean has risen from one count to another.

    Each count's own limits, joined as Zou and Donner do (MOVER, Statistics in Medicine 27, 2008): no bell
    curve is taken for granted, which few reports do not have.
    """
    (low, high), (low_before, high_before) = score_limits(count), score_limits(before)
    change = count - before
    fall = sqrt((count - low) ** 2 + (high_before - before) ** 2)
    rise = sqrt((high - count) ** 2 + (before - low_before) ** 2)
    return change - fall, change + rise
