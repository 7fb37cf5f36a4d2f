"""Counting the points of a layer by any of their traits: by kelurahan, by status, by month.

All that is counted by stands in one number per point (``layers/traits.py``), so a table of counts is one walk
over one column: base - gone + fresh, as every count of the index. An *axis* says into which row of the table
each word of a facet, or each day, goes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from layers import counting
from layers.counting import passes
from layers.index import DAY_MASK, Rows, Snapshot
from layers.traits import DAY_BITS, Filter, Wordlist, sieve
from layers.zorder import Ints

DAY = "day"  # the axis that is no facet
LARGEST = 1 << 22  # fields of one table of counts: 32 MB


class Axis(NamedTuple):
    """What a table is counted by: a facet or ``day``, a place per word or day number, how many places.

    Words that ``places`` does not have, and points without a word, go to ``other``, a place as well; days
    that it does not have are not counted at all.
    """

    name: str
    places: Mapping[Any, int]
    size: int
    other: int = 0


def tally(snapshot: Snapshot, filter: Filter, axes: Sequence[Axis]) -> np.ndarray:
    """Return how many points of a snapshot pass a filter, by the places of each axis (int64)."""
    wordlist, base = snapshot.base.wordlist, snapshot.base.rows
    counts = tally_traits(base.traits, wordlist, filter, axes)
    counts += tally_traits(snapshot.fresh.traits, wordlist, filter, axes)
    counts -= tally_traits(snapshot.gone_rows.traits, wordlist, filter, axes)
    return counts


def tally_traits(traits: Ints, wordlist: Wordlist, filter: Filter, axes: Sequence[Axis]) -> np.ndarray:
    """Return the same of n points' packed traits."""
    sizes = np.array([axis.size for axis in axes], np.int64)
    if sizes.prod(initial=1) > LARGEST:
        raise OverflowError(f"a table of {sizes.prod()} fields is more than {LARGEST}")
    looked = [_lookup(axis, wordlist) for axis in axes]
    shifts = np.array([shift for shift, _, _ in looked], np.int64)
    masks = np.array([mask for _, mask, _ in looked], np.int64)
    places = np.full((len(axes), int(masks.max(initial=0)) + 1), -1, np.int64)
    for row, (_, _, known) in enumerate(looked):
        places[row, : len(known)] = known
    out = np.zeros(int(sizes.prod(initial=1)), np.int64)
    asked = sieve(filter, wordlist)
    _count(
        traits, asked.shifts, asked.masks, asked.passes, asked.since, asked.until, DAY_MASK,
        shifts, masks, places, sizes, out,
    )  # fmt: skip
    return out.reshape(tuple(sizes))


def passing(traits: Ints, wordlist: Wordlist, filter: Filter) -> np.ndarray:
    """Return which of n points' packed traits pass a filter (bool)."""
    asked = sieve(filter, wordlist)
    arguments = (asked.shifts, asked.masks, asked.passes, asked.since, asked.until, DAY_MASK)
    passed: np.ndarray = counting.passing(traits, *arguments)
    return passed


def selected(snapshot: Snapshot, filter: Filter) -> Rows:
    """Return the points of a snapshot that pass a filter, in no order."""
    wordlist, base, fresh = snapshot.base.wordlist, snapshot.base.rows, snapshot.fresh
    stays = passing(base.traits, wordlist, filter)
    stays[snapshot.gone] = False
    pairs = zip(base.take(stays), fresh.take(passing(fresh.traits, wordlist, filter)), strict=True)
    return Rows(*(np.concatenate(pair) for pair in pairs))


def _lookup(axis: Axis, wordlist: Wordlist) -> tuple[int, int, np.ndarray]:
    """Return where an axis's bits lie, their mask, and the place of each code; -1 is not counted."""
    if axis.name == DAY:
        days = np.full(DAY_MASK + 1, -1, np.int64)
        days[list(axis.places)] = list(axis.places.values())
        return 0, (1 << DAY_BITS) - 1, days
    facet = wordlist.traits.names.index(axis.name)
    words = wordlist.words[facet]
    known = np.array([axis.places.get(word, axis.other) for word in words], np.int64)
    return int(wordlist.traits.shifts[facet]), int(wordlist.traits.masks[facet]), known


@njit(cache=True, nogil=True)
def _count(
    traits: Ints, facet_shifts: Ints, facet_masks: Ints, allowed: np.ndarray, since: int, until: int,
    day: int, shifts: Ints, masks: Ints, places: Ints, sizes: Ints, out: Ints,
) -> None:  # fmt: skip
    """Add the points that pass a sieve to a table of counts, one axis after the other in its flat order."""
    for i in range(len(traits)):
        if passes(traits[i], facet_shifts, facet_masks, allowed, since, until, day):
            at, is_counted = 0, True
            for axis in range(len(sizes)):
                place = places[axis, (traits[i] >> shifts[axis]) & masks[axis]]
                is_counted &= place >= 0
                at = at * sizes[axis] + place
            if is_counted:
                out[at] += 1
