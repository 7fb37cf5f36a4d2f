"""The points of a layer that lie in a box of columns and rows: counted, or a page of them, in compiled loops.

A box is no range of z-order keys, but it is cut into such by the quadtree that the keys are made of. A page
walks the keys and leaps over what lies outside; a count halves the map until a part is wholly inside, wholly
outside, or small. Columns and rows at zoom 30 are 4 cm: points in the outermost ones of a box may lie beside
it, and are told apart by whoever knows their degrees.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit

from layers.counting import rank
from layers.grid import KEY_ZOOM, Bbox, Tile, key_range
from layers.index import Points
from layers.zorder import WORD, Ints, first_at, gallop, gathered

FEW = 48  # points of a part that are looked at one by one
ACROSS = 4  # tiles of a box that is cut into ranges, at the most
DEEP = 4 * KEY_ZOOM  # parts that wait, at the most: three of each zoom
MOST_EDGE = 4096  # points on the edges of a box that are told apart


class Box(NamedTuple):
    """Columns and rows of keys, the last ones included."""

    left: int
    top: int
    right: int
    bottom: int


def box_of(area: Bbox) -> Box:
    """Return the columns and rows that a box in degrees touches."""
    left, bottom = _cell(area.west, area.south)
    right, top = _cell(area.east, area.north)
    return Box(left, top, right, bottom)


def ranges_of(area: Bbox) -> list[tuple[int, int]]:
    """Return ranges of keys that hold all points of a box in degrees, and some beside it: for a B-tree."""
    left, top, right, bottom = box_of(area)
    shift = max(max(right - left, bottom - top).bit_length() - ACROSS.bit_length() + 1, 0)
    tiles = [
        Tile(KEY_ZOOM - shift, x, y)
        for x in range(left >> shift, (right >> shift) + 1)
        for y in range(top >> shift, (bottom >> shift) + 1)
    ]
    found: list[tuple[int, int]] = []
    for first, last in sorted(key_range(tile) for tile in tiles):
        begin = found.pop()[0] if found and found[-1][1] + 1 == first else first
        found.append((begin, last))
    return found


def _cell(lon: float, lat: float) -> tuple[int, int]:
    """Return column and row of a position, as ``layers_tile_key`` makes them."""
    side = 1 << KEY_ZOOM
    radians = math.radians(min(max(lat, -85.0511287798066), 85.0511287798066))
    x = math.floor((lon + 180) / 360 * side)
    y = math.floor((1 - math.asinh(math.tan(radians)) / math.pi) / 2 * side)
    return min(max(x, 0), side - 1), min(max(y, 0), side - 1)


@njit(cache=True, nogil=True, inline="always")
def is_inside(key: int, left: int, top: int, right: int, bottom: int) -> bool:
    """Say whether a key lies in a box, its outermost columns and rows included."""
    x, y = gathered(key), gathered(key >> 1)
    return left <= x <= right and top <= y <= bottom


@njit(cache=True, nogil=True, inline="always")
def is_edge(key: int, left: int, top: int, right: int, bottom: int) -> bool:
    """Say whether a key lies in the outermost columns and rows of a box."""
    x, y = gathered(key), gathered(key >> 1)
    return x in (left, right) or y in (top, bottom)


@njit(cache=True, nogil=True, inline="always")
def meets(x: int, y: int, size: int, left: int, top: int, right: int, bottom: int) -> bool:
    """Say whether a part of the map, a square, and a box have a cell in common."""
    return x <= right and x + size > left and y <= bottom and y + size > top


@njit(cache=True, nogil=True)
def first_key(found: int, level: int, left: int, top: int, right: int, bottom: int) -> int:
    """Return the first key in a box of the part of the map that begins with ``found``; it has one."""
    x, y = gathered(found) << level, gathered(found >> 1) << level
    while level > 0:
        level -= 1
        size = 1 << level
        for quarter in range(4):
            ax, ay = x + (quarter & 1) * size, y + (quarter >> 1) * size
            if meets(ax, ay, size, left, top, right, bottom):
                found, x, y = found << 2 | quarter, ax, ay
                break
    return found


@njit(cache=True, nogil=True)
def next_key(key: int, left: int, top: int, right: int, bottom: int) -> int:
    """Return the first key behind one outside a box that lies in it; -1 where none does.

    From the highest zoom down: the path to the key is left at the last part whose later sibling meets the
    box, and that sibling is followed to its first key in the box.
    """
    best = best_level = -1
    x = y = 0
    for level in range(KEY_ZOOM - 1, -1, -1):
        size, quarter = 1 << level, (key >> (2 * level)) & 3
        for later in range(3, quarter, -1):
            if meets(x + (later & 1) * size, y + (later >> 1) * size, size, left, top, right, bottom):
                best, best_level = (key >> (2 * level + 2)) << 2 | later, level
        x += (quarter & 1) * size
        y += (quarter >> 1) * size
        if not meets(x, y, size, left, top, right, bottom):
            break
    return first_key(best, best_level, left, top, right, bottom) if best >= 0 else -1


@njit(cache=True, nogil=True)
def page_of(
    keys: Ints, ids: Ints, traits: Ints, bits: np.ndarray, gone: Ints, start: int, limit: int,
    left: int, top: int, right: int, bottom: int, out: Ints,
) -> int:  # fmt: skip
    """Write the first points from a place on that count and lie in a box; returns how many.

    ``out`` (int64, 4 by limit): their keys, ids, traits, and 1 where they lie in its outermost columns and
    rows.
    """
    n, i, end = 0, start, len(keys)
    g = first_at(gone, start, 0, len(gone))
    while i < end and n < limit:
        if not is_inside(keys[i], left, top, right, bottom):
            there = next_key(keys[i], left, top, right, bottom)
            if there < 0:
                break
            i = gallop(keys, there, i, end)
            continue
        while g < len(gone) and gone[g] < i:
            g += 1
        counts = bits[i >> 6] >> np.uint64(i & 63) & np.uint64(1)
        if counts and not (g < len(gone) and gone[g] == i):
            out[0, n], out[1, n] = keys[i], ids[i]
            out[2, n], out[3, n] = traits[i], is_edge(keys[i], left, top, right, bottom)
            n += 1
        elif not bits[i >> 6]:
            i |= WORD - 1  # none of 64 rows counts
        i += 1
    return n


@njit(cache=True, nogil=True)
def after_place(keys: Ints, ids: Ints, key: int, id: int) -> int:
    """Return the first place behind (key, id) in rows sorted so."""
    low = first_at(keys, key, 0, len(keys))
    return first_at(ids, id + 1, low, first_at(keys, key + 1, low, len(keys)))


@njit(cache=True, nogil=True)
def count_some(
    low: int, high: int, keys: Ints, ids: Ints, bits: np.ndarray,
    left: int, top: int, right: int, bottom: int, edge: Ints, edges: int,
) -> tuple[int, int]:  # fmt: skip
    """Count the rows between two places that lie in a box, one by one; see ``count_in``."""
    total = 0
    for i in range(low, high):
        counts = bits[i >> 6] >> np.uint64(i & 63) & np.uint64(1)
        if counts and is_inside(keys[i], left, top, right, bottom):
            total += 1
            if edges >= 0 and is_edge(keys[i], left, top, right, bottom):
                edges = put_edge(edge, edges, ids[i])
    return total, edges


@njit(cache=True, nogil=True, inline="always")
def put_edge(edge: Ints, edges: int, id: int) -> int:
    """Write an id behind others; returns how many there are now, -1 where there is no room."""
    if edges == len(edge):
        return -1
    edge[edges] = id
    return edges + 1


@njit(cache=True, nogil=True)
def count_in(
    keys: Ints, ids: Ints, bits: np.ndarray, sums: Ints, step: int,
    left: int, top: int, right: int, bottom: int, edge: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Count the rows of a base in a box; returns how many, and how many of them were written to ``edge``.

    Those in the outermost columns and rows are counted and written, by id; more than ``edge`` holds: -1.
    """
    total = edges = 0
    waiting = np.empty((DEEP, 4), np.int64)  # prefix of the keys, level, first place, place behind the last
    waiting[0, 0], waiting[0, 1], waiting[0, 2], waiting[0, 3] = 0, KEY_ZOOM, 0, len(keys)
    height = 1
    while height:
        height -= 1
        prefix, level = waiting[height, 0], waiting[height, 1]
        low, high = waiting[height, 2], waiting[height, 3]
        x, y, size = gathered(prefix) << level, gathered(prefix >> 1) << level, 1 << level
        if low == high or not meets(x, y, size, left, top, right, bottom):
            continue
        if x > left and x + size <= right and y > top and y + size <= bottom:
            total += rank(bits, sums, step, high) - rank(bits, sums, step, low)
        elif high - low <= FEW or level == 0:
            more, edges = count_some(low, high, keys, ids, bits, left, top, right, bottom, edge, edges)
            total += more
        else:
            height = put_quarters(waiting, height, keys, prefix, level, low, high)
    return total, edges


@njit(cache=True, nogil=True)
def put_quarters(waiting: Ints, height: int, keys: Ints, prefix: int, level: int, low: int, high: int) -> int:
    """Let the four quarters of a part wait; returns how many parts do now."""
    for quarter in range(4):
        behind = high
        if quarter < 3:
            behind = first_at(keys, (prefix << 2 | quarter + 1) << (2 * level - 2), low, high)
        waiting[height, 0], waiting[height, 1] = prefix << 2 | quarter, level - 1
        waiting[height, 2], waiting[height, 3] = low, behind
        height += 1
        low = behind
    return height


@njit(cache=True, nogil=True)
def count_listed(
    keys: Ints, ids: Ints, passes: np.ndarray, left: int, top: int, right: int, bottom: int, edge: Ints
) -> tuple[int, int]:
    """Count the same among a few rows, one by one."""
    total = edges = 0
    for i in range(len(keys)):
        if passes[i] and is_inside(keys[i], left, top, right, bottom):
            total += 1
            if edges >= 0 and is_edge(keys[i], left, top, right, bottom):
                edges = put_edge(edge, edges, ids[i])
    return total, edges


class Page(NamedTuple):
    """n points by (key, id), each with its packed traits and whether it lies on the edge of its box.

    On the edge: in the outermost columns and rows of keys; it may lie beside the box by up to 4 cm.
    """

    keys: np.ndarray
    ids: np.ndarray
    traits: np.ndarray
    edge: np.ndarray

    def take(self, mask: np.ndarray) -> "Page":
        """Return the points that a mask picks."""
        return Page(*(column[mask] for column in self))


def page(points: Points, boxes: tuple[Box, ...], after: tuple[int, int] | None, limit: int) -> Page:
    """Return the first points in any of some boxes behind a (key, id), at most ``limit``, in that order.

    Boxes do not overlap.
    """
    found = np.concatenate([part for box in boxes for part in _pages(points, box, after, limit)], axis=1)
    keys, ids, traits, edge = found[:, np.lexsort((found[1], found[0]))[:limit]]
    return Page(keys, ids, traits, edge == 1)


def every(points: Points, boxes: tuple[Box, ...], limit: int) -> Page:
    """Return the points in some boxes, of which there are at most ``limit``, in no order."""
    found = [part for box in boxes for part in _pages(points, box, None, limit)]
    keys, ids, traits, edge = np.concatenate(found, axis=1)
    return Page(keys, ids, traits, edge == 1)


def _pages(points: Points, box: Box, after: tuple[int, int] | None, limit: int) -> Iterator[np.ndarray]:
    """Yield the page of the base and that of what stands beside it (int64, 4 by at most ``limit``)."""
    snapshot = points.snapshot
    passing = np.packbits(points.fresh_passes, bitorder="little")
    padded = np.zeros((len(passing) + 15) // 8 * 8, np.uint8)
    padded[: len(passing)] = passing
    none = np.zeros(0, np.int64)
    for rows, bits, gone in (
        (snapshot.base.rows, points.view.bits, snapshot.gone),
        (snapshot.fresh, padded.view(np.uint64), none),
    ):
        out = np.empty((4, limit), np.int64)
        start = after_place(rows.keys, rows.ids, *after) if after else 0
        count = page_of(*rows, bits, gone, start, limit, *box, out)
        yield out[:, :count]


class Counted(NamedTuple):
    """How many points a box has, and which of them lie in its outermost columns and rows (ids).

    ``edge`` is None where these are too many to be told.
    """

    total: int
    edge: np.ndarray | None


def number(points: Points, box: Box) -> Counted:
    """Count the points in a box: those beside the base are added, those gone from it taken away."""
    snapshot, scratch = points.snapshot, np.empty((3, MOST_EDGE), np.int64)
    base = snapshot.base.rows
    total, edges = count_in(base.keys, base.ids, *points.view, *box, scratch[0])
    gone, gone_edges = count_listed(
        snapshot.gone_rows.keys, snapshot.gone_rows.ids, points.gone_passes, *box, scratch[1]
    )
    fresh, fresh_edges = count_listed(
        snapshot.fresh.keys, snapshot.fresh.ids, points.fresh_passes, *box, scratch[2]
    )
    if min(edges, gone_edges, fresh_edges) < 0:
        return Counted(total - gone + fresh, None)
    edge = scratch[0, :edges]
    if gone_edges or fresh_edges:
        edge = np.union1d(np.setdiff1d(edge, scratch[1, :gone_edges]), scratch[2, :fresh_edges])
    return Counted(total - gone + fresh, edge)
