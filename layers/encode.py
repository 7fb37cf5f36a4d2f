"""Points and cells to Mapbox vector tiles and GeoJSON, written by compiled loops that release the GIL.

MVT is version 2.1 of its specification: one layer, extent 4096, every property a value of the layer's table.
GeoJSON is RFC 7946. Both take their words ready-made from ``layers/lettering.py``.
"""

import math

import numpy as np
from numba import njit

from layers.counting import COUNT, SUM_X, SUM_Y, TALLY
from layers.grid import KEY_ZOOM
from layers.zorder import SIDE, Ints, gathered

EXTENT_BITS = 12  # 4096 steps to the side of a tile
FRONT = 256  # bytes before the features, for what can be written only when their length is known
SMALL = 1 << 16  # counts below this are looked up, not searched, in a tile's table of values
Bytes = np.ndarray


@njit(cache=True, nogil=True, inline="always")
def put_varint(out: Bytes, p: int, value: int) -> int:
    """Write a whole number as protobuf does; returns the place behind it."""
    while value > 127:
        out[p] = (value & 127) | 128
        p += 1
        value >>= 7
    out[p] = value
    return p + 1


@njit(cache=True, nogil=True, inline="always")
def width(value: int) -> int:
    """Return how many bytes ``put_varint`` takes."""
    n = 1
    while value > 127:
        value >>= 7
        n += 1
    return n


@njit(cache=True, nogil=True, inline="always")
def put(out: Bytes, p: int, text: Bytes, start: int, end: int) -> int:
    """Copy a piece of a text; returns the place behind it."""
    for i in range(start, end):
        out[p] = text[i]
        p += 1
    return p


@njit(cache=True, nogil=True, inline="always")
def within(coordinate: int, origin: int, zoom: int) -> int:
    """Return the middle of a column or row of keys in steps of its tile, the nearest of 0 to 4095.

    Not 4096: some maps take what lies there for the next tile's, which does not have it.
    """
    finer = KEY_ZOOM - zoom - EXTENT_BITS
    offset = 2 * (coordinate - origin) + 1  # in half columns
    if finer >= 0:
        return min((offset + (1 << finer)) >> (finer + 1), (1 << EXTENT_BITS) - 1)
    return offset << (-finer - 1)


@njit(cache=True, nogil=True, inline="always")
def put_feature(out: Bytes, p: int, id: int, tags: Ints, n: int, x: int, y: int) -> int:
    """Write a point feature (field 2 of a layer) with ``n`` tags; an id below 0 is none."""
    tags_length = 0
    for i in range(n):
        tags_length += width(tags[i])
    across, down = x << 1, y << 1  # zigzag: never negative here
    geometry = 1 + width(across) + width(down)
    length = 1 + width(tags_length) + tags_length + 2 + 2 + geometry
    if id >= 0:
        length += 1 + width(id)
    out[p] = 0x12
    p = put_varint(out, p + 1, length)
    if id >= 0:
        out[p] = 0x08
        p = put_varint(out, p + 1, id)
    out[p] = 0x12
    p = put_varint(out, p + 1, tags_length)
    for i in range(n):
        p = put_varint(out, p, tags[i])
    out[p], out[p + 1], out[p + 2], out[p + 3], out[p + 4] = 0x18, 1, 0x22, geometry, 9
    return put_varint(out, put_varint(out, p + 5, across), down)


@njit(cache=True, nogil=True, inline="always")
def put_number_value(out: Bytes, p: int, value: int) -> int:
    """Write an unsigned number as an entry of a layer's table of values (field 4)."""
    out[p], out[p + 1], out[p + 2] = 0x22, 1 + width(value), 0x28
    return put_varint(out, p + 3, value)


@njit(cache=True, nogil=True)
def close_layer(out: Bytes, p: int, name: Bytes) -> tuple[int, int]:
    """Write the extent behind a layer and its name and length before it; returns where it begins and ends."""
    out[p] = 0x28
    p = put_varint(out, p + 1, 1 << EXTENT_BITS)
    start = FRONT - len(name)
    put(out, start, name, 0, len(name))
    length = p - start
    start -= 1 + width(length)
    out[start] = 0x1A
    put_varint(out, start + 1, length)
    return start, p


@njit(cache=True, nogil=True)
def points_mvt(
    keys: Ints, ids: Ints, traits: Ints, zoom: int, left: int, top: int, today: int, day_mask: int,
    shifts: Ints, masks: Ints, firsts: Ints, words: Bytes, starts: Ints, name: Bytes, names: Bytes,
    slots: Ints, out: Bytes,
) -> tuple[int, int]:  # fmt: skip
    """Write points as a vector tile; returns where in ``out`` it begins and ends.

    ``slots`` (int32) has -1 for each word and, behind them, each age in days; it is left so.
    """
    p, used, facets = FRONT, 0, len(shifts)
    tags, order = np.empty(2 * facets + 2, np.int64), np.empty(len(keys) * (facets + 1), np.int64)
    ages = len(starts) - 1
    for i in range(len(keys)):
        n = 0
        for facet in range(facets + 1):
            if facet < facets:
                code = (traits[i] >> shifts[facet]) & masks[facet]
                if code == 0:
                    continue
                word = firsts[facet] + code
            else:
                word = ages + max(0, today - (traits[i] & day_mask))
            if slots[word] < 0:
                slots[word] = used
                order[used] = word
                used += 1
            tags[n], tags[n + 1] = facet, slots[word]
            n += 2
        x, y = within(gathered(keys[i]), left, zoom), within(gathered(keys[i] >> 1), top, zoom)
        p = put_feature(out, p, ids[i], tags, n, x, y)
    p = put(out, p, names, 0, len(names))
    for i in range(used):
        word = order[i]
        slots[word] = -1
        if word >= ages:
            p = put_number_value(out, p, word - ages)
        else:
            p = put(out, p, words, starts[word], starts[word + 1])
    return close_layer(out, p, name)


@njit(cache=True, nogil=True)
def cells_mvt(
    cells: Ints,
    zoom: int,
    left: int,
    top: int,
    opens: Ints,
    name: Bytes,
    names: Bytes,
    slots: Ints,
    out: Bytes,
) -> tuple[int, int]:
    """Write cells as a vector tile; returns where in ``out`` it begins and ends.

    ``slots`` (int32) has -1 for each number up to SMALL; it is left so.
    """
    p, used, tallies = FRONT, 0, cells.shape[1] - TALLY
    tags, order = np.empty(2 * (tallies + 2), np.int64), np.empty(len(cells) * (tallies + 2), np.int64)
    for i in range(len(cells)):
        count = cells[i, COUNT]
        if count == 0:
            continue
        for key in range(tallies + 2):
            value = opens[i] if key == tallies + 1 else cells[i, TALLY + key - 1 if key else COUNT]
            place = min(value, SMALL)
            if place == SMALL or slots[place] < 0:
                slots[place], order[used] = used, value
                used += 1
            tags[2 * key], tags[2 * key + 1] = key, slots[place]
        x = within(cells[i, SUM_X] // count, left, zoom)
        p = put_feature(out, p, -1, tags, len(tags), x, within(cells[i, SUM_Y] // count, top, zoom))
    p = put(out, p, names, 0, len(names))
    for i in range(used):
        p = put_number_value(out, p, order[i])
        slots[min(order[i], SMALL)] = -1
    return close_layer(out, p, name)


@njit(cache=True, nogil=True, inline="always")
def put_whole(out: Bytes, p: int, value: int) -> int:
    """Write a whole number, not negative, in decimal digits."""
    n, rest = 1, value // 10
    while rest > 0:
        n += 1
        rest //= 10
    for i in range(p + n - 1, p - 1, -1):
        out[i] = 48 + value % 10
        value //= 10
    return p + n


@njit(cache=True, nogil=True)
def put_degrees(out: Bytes, p: int, degrees: float, digits: int) -> int:
    """Write degrees with at most so many decimals, and no zeros at their end."""
    one = 10**digits
    value = np.int64(round(degrees * one))
    if value < 0:
        out[p] = 45
        p += 1
        value = -value
    p = put_whole(out, p, value // one)
    rest = value % one
    if rest == 0:
        return p
    out[p] = 46
    while rest % 10 == 0:
        rest //= 10
        digits -= 1
    for i in range(p + digits, p, -1):
        out[i] = 48 + rest % 10
        rest //= 10
    return p + digits + 1


@njit(cache=True, nogil=True)
def put_position(out: Bytes, p: int, x: float, y: float, digits: int) -> int:
    """Write a place in columns and rows of keys as a GeoJSON position: longitude, latitude."""
    p = put_degrees(out, p, x * (360.0 / SIDE) - 180.0, digits)
    out[p] = 44
    lat = math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y / SIDE))))
    return put_degrees(out, p + 1, lat, digits)


@njit(cache=True, nogil=True)
def points_geojson(
    keys: Ints, ids: Ints, traits: Ints, today: int, day_mask: int, digits: int, shifts: Ints, masks: Ints,
    firsts: Ints, words: Bytes, starts: Ints, joints: Bytes, ends: Ints, out: Bytes,
) -> int:  # fmt: skip
    """Write points as a FeatureCollection; returns its length. ``joints`` up to ``ends[i]`` is piece i."""
    p = put(out, 0, joints, 0, ends[0])
    for i in range(len(keys)):
        if i:
            out[p] = 44
            p += 1
        p = put_whole(out, put(out, p, joints, ends[0], ends[1]), ids[i])
        p = put(out, p, joints, ends[1], ends[2])
        p = put_position(out, p, gathered(keys[i]) + 0.5, gathered(keys[i] >> 1) + 0.5, digits)
        p = put(out, p, joints, ends[2], ends[3])
        for facet in range(len(shifts)):
            code = (traits[i] >> shifts[facet]) & masks[facet]
            if code:
                word = firsts[facet] + code
                p = put(out, p, words, starts[word], starts[word + 1])
        p = put(out, p, joints, ends[3], ends[4])
        p = put(out, put_whole(out, p, max(0, today - (traits[i] & day_mask))), joints, ends[4], ends[5])
    return put(out, p, joints, ends[5], ends[6])


@njit(cache=True, nogil=True)
def cells_geojson(cells: Ints, opens: Ints, digits: int, joints: Bytes, ends: Ints, out: Bytes) -> int:
    """Write cells as a FeatureCollection; returns its length. ``joints`` up to ``ends[i]`` is piece i."""
    p, first, last = put(out, 0, joints, 0, ends[0]), True, len(ends) - 1
    for i in range(len(cells)):
        count = cells[i, COUNT]
        if count == 0:
            continue
        if not first:
            out[p] = 44
            p += 1
        first = False
        p = put(out, p, joints, ends[0], ends[1])
        p = put_position(out, p, cells[i, SUM_X] // count + 0.5, cells[i, SUM_Y] // count + 0.5, digits)
        p = put_whole(out, put(out, p, joints, ends[1], ends[2]), count)
        for tally in range(cells.shape[1] - TALLY):
            p = put(out, p, joints, ends[2 + tally], ends[3 + tally])
            p = put_whole(out, p, cells[i, TALLY + tally])
        p = put_whole(out, put(out, p, joints, ends[last - 3], ends[last - 2]), opens[i])
        p = put(out, p, joints, ends[last - 2], ends[last - 1])
    return put(out, p, joints, ends[last - 1], ends[last])


@njit(cache=True, nogil=True)
def openings(cells: Ints, zoom: int, screenful: int) -> Ints:
    """Return for each cell the zoom at which its points, or smaller cells, are shown: the next to go to.

    That is the first zoom whose tile round the cell holds no more than a screenful; where even the cell
    itself holds more, the zoom at which it is a tile of its own.
    """
    n = len(cells)
    before, deepest = np.zeros(n + 1, np.int64), 0
    for i in range(n):
        before[i + 1] = before[i] + cells[i, COUNT]
    while 1 << (2 * deepest) < n:
        deepest += 1
    out = np.zeros(n, np.int64)
    for i in range(n):
        deeper = 1
        while deeper < deepest:
            step = 2 * (deepest - deeper)
            first = (i >> step) << step
            if before[first + (1 << step)] - before[first] <= screenful:
                break
            deeper += 1
        out[i] = zoom + deeper
    return out
