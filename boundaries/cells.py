"""What a cover is made of: plain arrays, in the form that compiled loops take; positions in EPSG:4326."""

from typing import NamedTuple

import numpy as np

#: As many polygons as one cell tells apart; where more come together the rings are asked.
MEMBERS = 8


class Frame(NamedTuple):
    """Where the grid lies: its south-west corner in degrees, cells a degree, and how many cells."""

    west: float
    south: float
    per_lon: float
    per_lat: float
    columns: int
    rows: int


class Rings(NamedTuple):
    """All rings of p polygons, one behind the other.

    ``vertices`` (v, 2) lon, lat, each ring closed; ring r is ``vertices[ring_start[r]:ring_start[r + 1]]``;
    ``is_hole`` (r,), each hole behind its outer ring; polygon q has the rings
    ``polygon_start[q]:polygon_start[q + 1]``; ``boxes`` (p, 4) west, south, east, north.
    """

    vertices: np.ndarray
    ring_start: np.ndarray
    is_hole: np.ndarray
    polygon_start: np.ndarray
    boxes: np.ndarray


#: One border cell: its edges ``start:stop``; its anchor x, y; the polygons that it may meet, ascending; those
#: of them that cover the anchor, as bits, or -1: ask the rings. Together they lie in one line of the
#: processor's cache: the join is a sixth faster than with an array for each.
CELL = np.dtype(
    [
        ("start", "i4"),
        ("stop", "i4"),
        ("x", "f8"),
        ("y", "f8"),
        ("members", "i2", (MEMBERS,)),
        ("inside", "i2"),
    ],
    align=True,
)
#: One edge of a border cell: both ends, the anchor on the left; the members that it bounds, as bits.
EDGE = np.dtype([("ax", "f8"), ("ay", "f8"), ("bx", "f8"), ("by", "f8"), ("mask", "i8")])


class BorderCells(NamedTuple):
    """The b cells that edges cross, column by column.

    ``cells`` (b,) of CELL, those of column i from ``column_start[i]`` on; ``edges`` (m,) of EDGE.
    """

    column_start: np.ndarray
    cells: np.ndarray
    edges: np.ndarray
