"""The points of one layer in memory, sorted by z-order key: a base that is shared, and what changed since.

A ``Snapshot`` never changes: who serves a tile keeps the one it began with, while the next one is made beside
it. ``layers/follow.py`` says where the rows come from, ``layers/columns.py`` how a base lies on the disk.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import NamedTuple

import numpy as np

from geoplatform.errors import Busy
from layers import counting
from layers.counting import ALL_ONES, TALLY
from layers.merging import find, merge
from layers.traits import ALL, DAY_BITS, Filter, Sieve, Wordlist, sieve
from layers.zorder import WORD

DAY_MASK = (1 << DAY_BITS) - 1
VIEWS = 16  # filters whose bitmaps and sums a base remembers
MOST_WANTED = 2  # filters that are made or waited for at a time; a web server has 4 threads to a process
# Rows to a step of the running sums, as powers of two. What has no filter is asked for most: there 3 bytes a
# row let a tile of 1,024 cells look at a quarter of the rows that 0.75 bytes do.
STEP, STEP_FILTERED = 4, 6
NO_KEY = -1  # of a point that is on no map


class Rows(NamedTuple):
    """n points (int64 each): z-order key, id, packed traits; in a base and a delta sorted by (key, id)."""

    keys: np.ndarray
    ids: np.ndarray
    traits: np.ndarray

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self.keys)

    def take(self, places: np.ndarray) -> "Rows":
        """Return the rows at some places, or those that a mask picks."""
        return Rows(self.keys[places], self.ids[places], self.traits[places])

    def ordered(self) -> "Rows":
        """Return the same rows sorted by (key, id)."""
        return self.take(np.lexsort((self.ids, self.keys)))


def no_rows() -> Rows:
    """Return no points."""
    return Rows(*np.zeros((3, 0), np.int64))


class View(NamedTuple):
    """What of a base passes a filter: a bitmap, a bit a row, and the running sums over ``1 << step`` rows."""

    bits: np.ndarray
    sums: np.ndarray
    step: int


@dataclass
class Base:
    """Points that do not change, and the places of their rows in the order of their ids (uint32)."""

    rows: Rows
    order: np.ndarray
    wordlist: Wordlist
    _views: "OrderedDict[Filter, View]" = field(default_factory=OrderedDict)
    _again: set[Filter] = field(default_factory=set)  # of these, asked for more than once
    _wanted: "Counter[Filter]" = field(default_factory=Counter)  # made now or waited for, by how many
    _counting: Lock = field(default_factory=Lock)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def view(self, filter: Filter) -> View:
        """Return what passes a filter; the last few are remembered.

        One is made at a time: whoever asks for filters never seen waits for their like, and takes one core.

        Raises
        ------
        Busy
            Two other filters are wanted already: were each waited for, a client that asks for ever new ones
            would hold all threads of the server, and keep everyone else from tiles that are there.
        """
        with self._counting:
            found = self._views.get(filter)
            if found:
                self._views.move_to_end(filter)
                self._again.add(filter)
                return found
        with self._turn(filter):
            found = self._views.get(filter) or self._made(filter)
            with self._counting:
                self._views[filter] = found
                self._forget(filter)
            return found

    def filters(self) -> list[Filter]:
        """Return the filters that were asked for more than once, those not asked for longest first."""
        with self._counting:
            return [filter for filter in self._views if filter in self._again]

    def adopt(self, other: "Base") -> None:
        """Take over what passes which filter from a base of the same rows; this one is nobody's yet."""
        with other._counting:
            self._views, self._again = OrderedDict(other._views), set(other._again)

    def _forget(self, newest: Filter) -> None:
        """Keep VIEWS at most: the one without a filter always, what was asked for once the least."""
        if len(self._views) <= VIEWS:
            return
        others = [known for known in self._views if known not in (ALL, newest)]
        gone = next((known for known in others if known not in self._again), others[0])
        self._views.pop(gone)
        self._again.discard(gone)

    def has_view(self, filter: Filter) -> bool:
        """Say whether what passes a filter is remembered."""
        return filter in self._views

    @contextmanager
    def _turn(self, filter: Filter) -> Iterator[None]:
        with self._counting:
            if filter not in self._wanted and len(self._wanted) >= MOST_WANTED:
                raise Busy("other filters never seen are being prepared: try again in a second")
            self._wanted[filter] += 1
        try:
            with self._one_at_a_time:
                yield
        finally:
            with self._counting:
                self._wanted[filter] -= 1
                if not self._wanted[filter]:
                    del self._wanted[filter]

    def _made(self, filter: Filter) -> View:
        step = STEP_FILTERED if filter else STEP
        if filter:
            bits = counting.sift(self.rows.traits, *_asked(sieve(filter, self.wordlist)))
        else:
            bits = np.full((self.rows.size + WORD - 1) // WORD + 1, ALL_ONES)
        traits, place = self.wordlist.traits, self.wordlist.traits.names.index(self.wordlist.traits.tally)
        shift, mask = traits.shifts[place], traits.masks[place]
        tallies = len(traits.tallied.words)
        sums = counting.running(self.rows.keys, self.rows.traits, bits, step, shift, mask, tallies)
        return View(bits, sums, step)


def base_of(rows: Rows, wordlist: Wordlist) -> Base:
    """Return a base of rows that are sorted by (key, id)."""
    return Base(rows, np.argsort(rows.ids, kind="stable").astype(np.uint32), wordlist)


@dataclass(frozen=True)
class Snapshot:
    """A layer's points at one revision: ``base`` less its rows at ``gone``, and ``fresh``."""

    base: Base
    gone: np.ndarray
    fresh: Rows
    _passing: dict[Filter, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict, repr=False)

    def passing(self, filter: Filter) -> tuple[np.ndarray, np.ndarray]:
        """Return which of the gone and which of the fresh rows pass a filter; the last few are remembered."""
        found = self._passing.get(filter)
        if found is None:
            asked = _asked(sieve(filter, self.base.wordlist))
            both = self.gone_rows.traits, self.fresh.traits
            found = counting.passing(both[0], *asked), counting.passing(both[1], *asked)
            if len(self._passing) >= VIEWS:
                self._passing.clear()
            self._passing[filter] = found
        return found

    @cached_property
    def gone_rows(self) -> Rows:
        """The rows of the base that are no longer so."""
        return self.base.rows.take(self.gone)

    @property
    def size(self) -> int:
        """How many points there are in all."""
        return self.base.rows.size - len(self.gone) + self.fresh.size

    @property
    def delta(self) -> int:
        """How many rows stand beside the base."""
        return len(self.gone) + self.fresh.size

    def rows(self) -> Rows:
        """Return all points, sorted by (key, id)."""
        return Rows(*merge(*self.base.rows, self.gone, *self.fresh))


def snapshot_of(rows: Rows, wordlist: Wordlist) -> Snapshot:
    """Return a snapshot of rows in any order, all of them its base."""
    return Snapshot(base_of(rows.ordered(), wordlist), np.zeros(0, np.int64), no_rows())


def applied(snapshot: Snapshot, changes: Rows) -> tuple[Snapshot, np.ndarray]:
    """Return the snapshot after changes, and the keys where it changed.

    Parameters
    ----------
    changes
        Points as they are now, each id once, in any order; one without a place has key -1.

    Returns
    -------
    snapshot, keys
        Keys (int64) of the points that changed, as they were and as they are.
    """
    base, fresh = snapshot.base, snapshot.fresh
    places = find(base.rows.ids, base.order, changes.ids)
    before = _before(snapshot, changes.ids, places)
    now = Rows(changes.keys, changes.ids, np.where(changes.keys == NO_KEY, 0, changes.traits))
    differs = (before.keys != now.keys) | (before.traits != now.traits)
    now, before, places = now.take(differs), before.take(differs), places[differs]
    stays = fresh.take(~np.isin(fresh.ids, now.ids))
    comes = now.take(now.keys != NO_KEY)
    keys = np.concatenate([before.keys, now.keys])
    following = Snapshot(
        base,
        np.union1d(snapshot.gone, places[places >= 0]).astype(np.int64),
        Rows(*(np.concatenate(pair) for pair in zip(stays, comes, strict=True))).ordered(),
    )
    return following, keys[keys != NO_KEY]


def keys_of(snapshot: Snapshot, ids: np.ndarray) -> np.ndarray:
    """Return the keys (int64) of those of some points that a snapshot has."""
    keys = _before(snapshot, ids, find(snapshot.base.rows.ids, snapshot.base.order, ids)).keys
    on_a_map: np.ndarray = keys[keys != NO_KEY]
    return on_a_map


def merged(snapshot: Snapshot) -> Snapshot:
    """Return the same points with all of them in the base."""
    return Snapshot(base_of(snapshot.rows(), snapshot.base.wordlist), np.zeros(0, np.int64), no_rows())


def _before(snapshot: Snapshot, ids: np.ndarray, places: np.ndarray) -> Rows:
    """Return points by their ids as the snapshot has them, with key -1 and no traits where it has none."""
    rows, fresh = snapshot.base.rows, snapshot.fresh
    in_base = (places >= 0) & ~np.isin(places, snapshot.gone)
    keys, traits = np.full(len(ids), NO_KEY), np.zeros(len(ids), np.int64)
    keys[in_base], traits[in_base] = rows.keys[places[in_base]], rows.traits[places[in_base]]
    order = np.argsort(fresh.ids, kind="stable").astype(np.uint32)
    beside = find(fresh.ids, order, ids)
    found = beside >= 0
    keys[found], traits[found] = fresh.keys[beside[found]], fresh.traits[beside[found]]
    return Rows(keys, ids, traits)


class Points(NamedTuple):
    """What a snapshot and a filter come to, as the compiled loops take it."""

    snapshot: Snapshot
    view: View
    gone_passes: np.ndarray
    fresh_passes: np.ndarray

    def number(self, low: int, high: int) -> int:
        """Return how many points have a key from ``low`` to below ``high``."""
        snapshot = self.snapshot
        total: int = counting.count(
            low, high, snapshot.base.rows.keys, *self.view,
            snapshot.gone_rows.keys, self.gone_passes, snapshot.fresh.keys, self.fresh_passes,
        )  # fmt: skip
        return total

    def gather(self, low: int, high: int, count: int) -> Rows:
        """Return the points of a key range, of which there are ``count``, by (key, id)."""
        snapshot, out = self.snapshot, np.empty((3, count), np.int64)
        counting.gather(
            low, high, *snapshot.base.rows, self.view.bits, snapshot.gone, snapshot.gone_rows.keys,
            *snapshot.fresh, self.fresh_passes, out,
        )  # fmt: skip
        return Rows(*out)

    def cells(self, low: int, high: int, cell: int) -> np.ndarray:
        """Return the sums of the cells of ``1 << cell`` keys in a range, in z-order, empty ones too.

        int64, cells by 3 + tallies: points, sums of columns and of rows at zoom 30, points by tallied word.
        """
        snapshot, traits = self.snapshot, self.snapshot.base.wordlist.traits
        place = traits.names.index(traits.tally)
        out = np.empty(((high - low) >> cell, TALLY + len(traits.tallied.words)), np.int64)
        counting.cells(
            low, high, cell, snapshot.base.rows.keys, snapshot.base.rows.traits, *self.view,
            snapshot.gone_rows.keys, snapshot.gone_rows.traits, self.gone_passes,
            snapshot.fresh.keys, snapshot.fresh.traits, self.fresh_passes,
            traits.shifts[place], traits.masks[place], out,
        )  # fmt: skip
        return out


def points(snapshot: Snapshot, filter: Filter = ALL) -> Points:
    """Return the points of a snapshot that pass a filter."""
    return Points(snapshot, snapshot.base.view(filter), *snapshot.passing(filter))


def _asked(sieve: Sieve) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int, int]:
    return sieve.shifts, sieve.masks, sieve.passes, sieve.since, sieve.until, DAY_MASK
