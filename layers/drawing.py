"""One tile of a point index, in one of the two forms; nothing is cut off.

Where at most a screenful of points lies in a tile it holds them one by one, else cells with counts: as many
to its side as a map can tell apart.
"""

import threading
from typing import NamedTuple

import numpy as np

from layers import encode
from layers.grid import CELL_ZOOMS, KEY_ZOOM, SCREENFUL, Form, Tile, key_range
from layers.index import DAY_MASK, Points, Rows
from layers.lettering import MOST_PER_FEATURE, Lettering

_own = threading.local()


class Scratch(NamedTuple):
    """What one thread writes into, kept from tile to tile: bytes, and places in a tile's table of values."""

    out: np.ndarray
    words: np.ndarray
    numbers: np.ndarray


def draw(points: Points, at: Tile, form: Form, digits: int, today: int, letters: Lettering) -> bytes:
    """Return a tile.

    Parameters
    ----------
    digits
        Decimals of a degree that GeoJSON gives.
    today
        The day from which ages count, in days since ``layers.traits.EPOCH``.

    An empty tile is an MVT of no bytes or a FeatureCollection without features.
    """
    first, last = key_range(at)
    count = points.number(first, last + 1)
    if count <= SCREENFUL:
        rows = points.gather(first, last + 1, count)
        return _points(rows, at, form, digits, today, points.snapshot.base.wordlist.traits, letters)
    cells = points.cells(first, last + 1, 2 * (KEY_ZOOM - at.z - CELL_ZOOMS))
    return _cells(cells, at, form, digits, letters)


def _points(rows: Rows, at: Tile, form: Form, digits: int, today: int, traits, letters: Lettering) -> bytes:  # type: ignore[no-untyped-def]
    scratch = _scratch(rows.size * (MOST_PER_FEATURE + letters.longest), letters)
    coded = (traits.shifts, traits.masks, letters.firsts)
    if form == "geojson":
        end = encode.points_geojson(
            *rows, today, DAY_MASK, digits, *coded, *letters.json, *letters.points, scratch.out
        )
        return scratch.out[:end].tobytes()
    if not rows.size:
        return b""
    start, end = encode.points_mvt(
        *rows, *_corner(at), today, DAY_MASK, *coded, *letters.mvt, letters.name, letters.point_names,
        scratch.words, scratch.out,
    )  # fmt: skip
    return scratch.out[start:end].tobytes()


def _cells(cells: np.ndarray, at: Tile, form: Form, digits: int, letters: Lettering) -> bytes:
    scratch = _scratch(len(cells) * MOST_PER_FEATURE, letters)
    opens = encode.openings(cells, at.z, SCREENFUL)
    if form == "geojson":
        end = encode.cells_geojson(cells, opens, digits, *letters.cells, scratch.out)
        return scratch.out[:end].tobytes()
    start, end = encode.cells_mvt(
        cells, *_corner(at), opens, letters.name, letters.cell_names, scratch.numbers, scratch.out
    )
    return scratch.out[start:end].tobytes()


def _corner(at: Tile) -> tuple[int, int, int]:
    """Return a tile's zoom, and the column and row of keys where it begins."""
    return at.z, at.x << (KEY_ZOOM - at.z), at.y << (KEY_ZOOM - at.z)


def _scratch(size: int, letters: Lettering) -> Scratch:
    """Return this thread's scratch with room for a body of ``size`` bytes and what stands round it."""
    need = size + encode.FRONT + 8192 + len(letters.mvt[0])
    known: Scratch | None = getattr(_own, "scratch", None)
    if known is None or len(known.out) < need or len(known.words) < letters.slots:
        known = Scratch(
            np.empty(2 * need, np.uint8),
            np.full(letters.slots, -1, np.int32),
            np.full(encode.SMALL + 1, -1, np.int32),
        )
        _own.scratch = known
    return known
