"""What a cover is made of: plain arrays, in the form that compiled loops take; positions in EPSG:4326."""

from typing import NamedTuple

import numpy as np


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


class BorderCells(NamedTuple):
    """The b cells that edges cross, column by column.

    Those of column i begin at ``column_start[i]``. Cell c has the edges ``starts[c]:starts[c + 1]`` of
    ``edges`` (m, 4), lon and lat of both ends, the anchor on the left. ``members`` (b, 8) are the polygons
    that it may meet, ascending; ``masks`` (m,) those that an edge bounds, as bits; ``inside`` (b,) those that
    cover ``anchors`` (b, 2), as bits, or -1: ask the rings.
    """

    column_start: np.ndarray
    starts: np.ndarray
    edges: np.ndarray
    masks: np.ndarray
    anchors: np.ndarray
    inside: np.ndarray
    members: np.ndarray
