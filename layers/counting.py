"""Counting and gathering the points of a key range, in compiled loops; all release the GIL.

Three lists make up a layer's points: the *base*, sorted once and shared by all processes; the *gone*, rows of
the base that are no longer so; the *fresh*, rows that stand beside it. A count is base - gone + fresh. Each
list is sorted by (key, id). What of the base counts is said by a bitmap and by running sums over steps of
``1 << step`` rows (at most 64), so that the points between two places of ten million are told, summed and
tallied by a look at two rows of the sums and at a step at either end.
"""

import numpy as np
from numba import njit

from layers.zorder import WORD, Ints, first_at, gallop, gathered, ones

# Columns of the running sums and of a cell: points, sums of their columns and rows, then the tally by code.
COUNT, SUM_X, SUM_Y, TALLY = 0, 1, 2, 3
ONE, ALL_ONES = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(cache=True, nogil=True, inline="always")
def passes(
    traits: int, shifts: Ints, masks: Ints, allowed: np.ndarray, since: int, until: int, day: int
) -> bool:
    """Say whether a point's traits pass a sieve; ``day`` is the mask of the day's bits."""
    on = traits & day
    if on < since or on > until:
        return False
    for i in range(len(shifts)):  # noqa: SIM110 - numba compiles no all() of a generator
        if not allowed[i, (traits >> shifts[i]) & masks[i]]:
            return False
    return True


@njit(cache=True, nogil=True)
def sift(
    traits: Ints, shifts: Ints, masks: Ints, allowed: np.ndarray, since: int, until: int, day: int
) -> np.ndarray:
    """Return a bitmap (uint64, a bit a row) of the rows that pass a sieve."""
    n = len(traits)
    bits = np.zeros((n + WORD - 1) // WORD + 1, np.uint64)
    for i in range(n):
        if passes(traits[i], shifts, masks, allowed, since, until, day):
            bits[i >> 6] |= ONE << np.uint64(i & 63)
    return bits


@njit(cache=True, nogil=True)
def passing(
    traits: Ints, shifts: Ints, masks: Ints, allowed: np.ndarray, since: int, until: int, day: int
) -> np.ndarray:
    """Return which rows pass a sieve (bool)."""
    out = np.empty(len(traits), np.bool_)
    for i in range(len(traits)):
        out[i] = passes(traits[i], shifts, masks, allowed, since, until, day)
    return out


@njit(cache=True, nogil=True, inline="always")
def add(sums: Ints, row: int, key: int, traits: int, shift: int, mask: int, sign: int) -> None:
    """Add a point to a row of sums, or take it away (``sign`` -1)."""
    sums[row, COUNT] += sign
    sums[row, SUM_X] += sign * gathered(key)
    sums[row, SUM_Y] += sign * gathered(key >> 1)
    code = (traits >> shift) & mask
    if 0 < code <= sums.shape[1] - TALLY:
        sums[row, TALLY + code - 1] += sign


@njit(cache=True, nogil=True)
def running(
    keys: Ints, traits: Ints, bits: np.ndarray, step: int, shift: int, mask: int, tallies: int
) -> Ints:
    """Return the sums over all rows before each step (int64, steps + 1 by 3 + tallies)."""
    n = len(keys)
    steps = (n + (1 << step) - 1) >> step
    sums = np.zeros((steps + 1, TALLY + tallies), np.int64)
    for row in range(steps):
        sums[row + 1] = sums[row]
        for i in range(row << step, min(n, (row + 1) << step)):
            if bits[i >> 6] >> np.uint64(i & 63) & ONE:
                add(sums, row + 1, keys[i], traits[i], shift, mask, 1)
    return sums


@njit(cache=True, nogil=True)
def rank(bits: np.ndarray, sums: Ints, step: int, i: int) -> int:
    """Return how many rows before a place count."""
    row = i >> step
    before_step = (ONE << np.uint64((row << step) & 63)) - ONE
    return sums[row, COUNT] + ones(bits[i >> 6] & ((ONE << np.uint64(i & 63)) - ONE ^ before_step))


@njit(cache=True, nogil=True, inline="always")
def add_counting(
    out: Ints, row: int, low: int, high: int, keys: Ints, traits: Ints, bits: np.ndarray,
    shift: int, mask: int, sign: int,
) -> None:  # fmt: skip
    """Add the rows of the base from ``low`` to below ``high`` that count, one by one."""
    for i in range(low, high):
        if bits[i >> 6] >> np.uint64(i & 63) & ONE:
            add(out, row, keys[i], traits[i], shift, mask, sign)


@njit(cache=True, nogil=True)
def put_before(
    out: Ints, row: int, place: int, keys: Ints, traits: Ints, bits: np.ndarray, sums: Ints, step: int,
    shift: int, mask: int,
) -> None:  # fmt: skip
    """Set a row of sums to those of all rows before a place: the nearest step, and the rows between."""
    nearest = (place + (1 << step >> 1)) >> step
    edge = min(nearest << step, len(keys))
    for column in range(out.shape[1]):
        out[row, column] = sums[nearest, column]
    add_counting(out, row, edge, place, keys, traits, bits, shift, mask, 1)
    add_counting(out, row, place, edge, keys, traits, bits, shift, mask, -1)


@njit(cache=True, nogil=True)
def next_set(bits: np.ndarray, i: int, end: int) -> int:
    """Return the first place from ``i`` on whose bit is set, ``end`` where none is before it."""
    while i < end:
        rest = bits[i >> 6] >> np.uint64(i & 63)
        if rest:
            while not rest & ONE:
                rest >>= ONE
                i += 1
            return min(i, end)
        i = ((i >> 6) + 1) << 6
    return end


@njit(cache=True, nogil=True)
def count(
    low: int, high: int, keys: Ints, bits: np.ndarray, sums: Ints, step: int,
    gone_keys: Ints, gone_passes: np.ndarray, fresh_keys: Ints, fresh_passes: np.ndarray,
) -> int:  # fmt: skip
    """Return how many points lie in the keys from ``low`` to below ``high``."""
    a = first_at(keys, low, 0, len(keys))
    total = rank(bits, sums, step, first_at(keys, high, a, len(keys))) - rank(bits, sums, step, a)
    for i in range(first_at(gone_keys, low, 0, len(gone_keys)), first_at(gone_keys, high, 0, len(gone_keys))):
        total -= gone_passes[i]
    for i in range(
        first_at(fresh_keys, low, 0, len(fresh_keys)), first_at(fresh_keys, high, 0, len(fresh_keys))
    ):
        total += fresh_passes[i]
    return total


@njit(cache=True, nogil=True)
def gather(
    low: int, high: int, keys: Ints, ids: Ints, traits: Ints, bits: np.ndarray,
    gone_places: Ints, gone_keys: Ints, fresh_keys: Ints, fresh_ids: Ints, fresh_traits: Ints,
    fresh_passes: np.ndarray, out: Ints,
) -> int:  # fmt: skip
    """Write key, id and traits of the points in a key range into the columns of ``out``, by (key, id).

    Returns how many there are; ``out`` (int64, 3 by n) must have room for them.
    """
    i = first_at(keys, low, 0, len(keys))
    end = first_at(keys, high, i, len(keys))
    f = first_at(fresh_keys, low, 0, len(fresh_keys))
    fresh_end = first_at(fresh_keys, high, f, len(fresh_keys))
    g = first_at(gone_keys, low, 0, len(gone_keys))
    n = 0
    while True:
        i = next_set(bits, i, end)
        while g < len(gone_places) and gone_places[g] < i:
            g += 1
        if i < end and g < len(gone_places) and gone_places[g] == i:
            i += 1
            continue
        while f < fresh_end and (i >= end or (fresh_keys[f], fresh_ids[f]) < (keys[i], ids[i])):
            if fresh_passes[f]:
                out[0, n], out[1, n], out[2, n] = fresh_keys[f], fresh_ids[f], fresh_traits[f]
                n += 1
            f += 1
        if i >= end:
            return n
        out[0, n], out[1, n], out[2, n] = keys[i], ids[i], traits[i]
        n += 1
        i += 1


@njit(cache=True, nogil=True)
def cells_of_base(
    low: int, high: int, cell: int, keys: Ints, traits: Ints, bits: np.ndarray, sums: Ints, step: int,
    shift: int, mask: int, out: Ints,
) -> None:  # fmt: skip
    """Sum the points of the base up as ``cells`` does; ``out`` holds zeros."""
    i = first_at(keys, low, 0, len(keys))
    end = first_at(keys, high, i, len(keys))
    # What lies before the place where a cell begins is what lay before the end of the last one: a step of 16
    # rows is looked at once, and half of it at most.
    before, known = np.zeros((2, out.shape[1]), np.int64), -1
    while i < end:
        row = (keys[i] - low) >> cell
        j = gallop(keys, low + ((row + 1) << cell), i, end)
        if j - i <= 1 << step >> 1:
            add_counting(out, row, i, j, keys, traits, bits, shift, mask, 1)
        else:
            if known != i:
                put_before(before, 0, i, keys, traits, bits, sums, step, shift, mask)
            put_before(before, 1, j, keys, traits, bits, sums, step, shift, mask)
            for column in range(out.shape[1]):
                out[row, column] = before[1, column] - before[0, column]
                before[0, column] = before[1, column]
            known = j
        i = j


@njit(cache=True, nogil=True)
def cells(
    low: int, high: int, cell: int, keys: Ints, traits: Ints, bits: np.ndarray, sums: Ints,
    step: int, gone_keys: Ints, gone_traits: Ints, gone_passes: np.ndarray,
    fresh_keys: Ints, fresh_traits: Ints, fresh_passes: np.ndarray, shift: int, mask: int, out: Ints,
) -> None:  # fmt: skip
    """Sum the points of a key range up in cells of ``1 << cell`` keys, in z-order, in rows of ``out``."""
    out[:] = 0
    cells_of_base(low, high, cell, keys, traits, bits, sums, step, shift, mask, out)
    for g in range(first_at(gone_keys, low, 0, len(gone_keys)), first_at(gone_keys, high, 0, len(gone_keys))):
        if gone_passes[g]:
            add(out, (gone_keys[g] - low) >> cell, gone_keys[g], gone_traits[g], shift, mask, -1)
    for f in range(
        first_at(fresh_keys, low, 0, len(fresh_keys)), first_at(fresh_keys, high, 0, len(fresh_keys))
    ):
        if fresh_passes[f]:
            add(out, (fresh_keys[f] - low) >> cell, fresh_keys[f], fresh_traits[f], shift, mask, 1)
