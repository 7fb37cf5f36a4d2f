"""The compiled sums of an index, said again without it."""

import numpy as np
import pytest

from layers import counting

SHIFT, MASK, TALLIES = 4, 3, 3


@pytest.fixture(scope="module")
def columns():
    dice = np.random.default_rng(1)
    # Few keys, so that cells of any size, empty ones and rows on the same spot are among them.
    keys = np.sort(dice.choice(1 << 12, 5_003) * dice.choice((1, 1, 7), 5_003)).astype(np.int64)
    return keys, dice.integers(0, 1 << 8, 5_003), dice.random(5_003) < 0.4


def sums_of(keys, traits, chosen):
    codes = (traits[chosen] >> SHIFT) & MASK
    across = [sum(((key >> 2 * bit) & 1) << bit for bit in range(16)) for key in keys[chosen].tolist()]
    down = [sum(((key >> 2 * bit + 1) & 1) << bit for bit in range(16)) for key in keys[chosen].tolist()]
    return [len(codes), sum(across), sum(down), *((codes == code).sum() for code in range(1, TALLIES + 1))]


def bitmap(chosen):
    words = np.zeros(len(chosen) // 64 + 2, np.uint64)
    for place in np.flatnonzero(chosen).tolist():
        words[place >> 6] |= np.uint64(1 << (place & 63))
    return words


@pytest.mark.parametrize("step", [4, 6])
@pytest.mark.parametrize("cell", [2, 6, 8, 10])
def test_cells_are_the_sums_of_their_rows(columns, step, cell):
    keys, traits, chosen = columns
    bits = bitmap(chosen)
    sums = counting.running(keys, traits, bits, step, SHIFT, MASK, TALLIES)
    none, never = np.zeros(0, np.int64), np.zeros(0, np.bool_)
    low, high = 1 << 10, 1 << 14
    out = np.empty(((high - low) >> cell, counting.TALLY + TALLIES), np.int64)
    counting.cells(
        low,
        high,
        cell,
        keys,
        traits,
        bits,
        sums,
        step,
        none,
        none,
        never,
        none,
        none,
        never,
        SHIFT,
        MASK,
        out,
    )
    for row, found in enumerate(out.tolist()):
        first = low + (row << cell)
        inside = chosen & (keys >= first) & (keys < first + (1 << cell))
        assert found == sums_of(keys, traits, inside)


@pytest.mark.parametrize("step", [4, 6])
def test_what_lies_before_any_place_is_summed_from_the_nearest_step(columns, step):
    keys, traits, chosen = columns
    bits = bitmap(chosen)
    sums = counting.running(keys, traits, bits, step, SHIFT, MASK, TALLIES)
    out = np.empty((1, counting.TALLY + TALLIES), np.int64)
    for place in (0, 1, 7, 8, 9, 15, 16, 31, 33, 63, 64, 2_500, 4_999, 5_001, 5_002, 5_003):
        counting.put_before(out, 0, place, keys, traits, bits, sums, step, SHIFT, MASK)
        assert out[0].tolist() == sums_of(keys, traits, chosen & (np.arange(len(keys)) < place))
