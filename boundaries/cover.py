"""The cell cover of polygons: which polygon covers a point, for millions of points in memory.

A grid of cells lies over the polygons. A cell that no edge crosses lies in one polygon whole, or in none, and
answers at once. A border cell keeps the few edges that cross it and an anchor, a point whose polygons are
known: who goes from there to the point enters or leaves a polygon at each edge. Where rounding might decide,
at the edges themselves, the rings of the polygons are asked, with the arithmetic of PostGIS' ST_Covers. The
picture and the figures are in docs/explanation/join.md.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from boundaries import kernels
from boundaries.cells import CELL, EDGE, BorderCells, Frame, Rings

#: Cells in all, of 2 bytes each: 44 m a side over Jakarta with its islands. A tenth of the city's points then
#: lie in border cells; a quarter as many cells were a third slower, four times as many no faster.
CELLS = 1 << 22
#: Points that are looked up at a time: what lies between input and output stays in the processor's cache.
CHUNK = 1 << 18


@dataclass(frozen=True)
class Cover:
    """The cover of n polygons; ``codes`` (n,) ascending, and polygons are told by their place in it."""

    codes: np.ndarray
    frame: Frame
    grid: np.ndarray
    border: BorderCells
    rings: Rings

    def positions(self, lon: Any, lat: Any, threads: int = 1) -> np.ndarray:
        """Return which polygon covers each of n points.

        Parameters
        ----------
        lon, lat
            (n,) degrees, EPSG:4326, anything that numpy reads as floats.
        threads
            As many look up at a time; each at 60 to 90 million points a second.

        Returns
        -------
        (n,) int16: the place in ``codes`` of the lowest code that covers the point, edges included;
        ``kernels.NOBODY`` (-1) where none does, ``kernels.NOWHERE`` (-2) where lon or lat is not finite, or
        beyond 180 or 90.
        """
        out = np.empty(len(lon), np.int16)

        def look_up(start: int) -> None:
            part = slice(start, start + CHUNK)
            lons, lats = (np.ascontiguousarray(axis[part], np.float64) for axis in (lon, lat))
            kernels.locate(lons, lats, self.frame, self.grid, self.border, self.rings, out[part])

        if threads == 1:
            for start in range(0, len(out), CHUNK):
                look_up(start)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(look_up, range(0, len(out), CHUNK)))
        return out


def build(polygons: np.ndarray, codes: Sequence[str], cells: int = CELLS) -> Cover:
    """Make the cover of polygons.

    Parameters
    ----------
    polygons
        n valid Polygons or MultiPolygons (shapely), EPSG:4326. They may overlap: the lowest code counts.
    codes
        Their n codes, each once, in any order.
    cells
        About as many cells the grid has.

    Raises
    ------
    ValueError
        No polygons, or more than 16 bits can tell apart.
    """
    if not 0 < len(polygons) < 2**15:
        raise ValueError(f"{len(polygons)} polygons: from 1 to {2**15 - 1} can be covered")
    order = np.argsort(np.asarray(codes))
    rings = _rings(np.asarray(polygons)[order])
    frame = _frame(rings.boxes, cells)
    edges, owners = _edges(rings)
    counts = np.zeros(frame.columns * frame.rows, np.int64)
    kernels.cells_crossed(edges, frame, counts, np.empty(0, np.int32))
    cursor = np.cumsum(counts) - counts
    chosen = np.empty(counts.sum(), np.int32)
    crossed = np.flatnonzero(counts)
    border = _empty_border(crossed, np.append(cursor[crossed], len(chosen)), frame)
    kernels.cells_crossed(edges, frame, cursor, chosen)
    kernels.fill_border(crossed, chosen, edges, owners, frame, rings, border)
    grid = np.zeros(len(counts), np.int16)
    grid[crossed] = kernels.BORDER - (np.arange(len(crossed)) - border.column_start[crossed // frame.rows])
    kernels.fill_inner(grid, frame, rings)
    return Cover(np.asarray(codes)[order], frame, grid, border, rings)


def _rings(polygons: np.ndarray) -> Rings:
    """Take polygons apart into rings, in their order."""
    parts, part_polygon = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    vertices, vertex_ring = shapely.get_coordinates(rings, return_index=True)
    return Rings(
        vertices=vertices,
        ring_start=np.searchsorted(vertex_ring, np.arange(len(rings) + 1)),
        is_hole=np.append(False, ring_part[1:] == ring_part[:-1]),
        polygon_start=np.searchsorted(part_polygon[ring_part], np.arange(len(polygons) + 1)),
        boxes=np.asarray(shapely.bounds(polygons)),
    )


def _frame(boxes: np.ndarray, cells: int) -> Frame:
    """Lay a grid of squares over boxes, one to spare on each side, none narrower than a million roundings."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    # A column's border cells are numbered in 16 bits.
    longest = min(cells // 16, 30_000)
    size = max(
        np.sqrt((high - low).prod() / cells),
        (high - low).max() / longest,
        2**20 * np.spacing(np.abs(boxes).max()),
    )
    columns, rows = np.ceil((high - low) / size).astype(int) + 2
    west, south = low - size
    return Frame(float(west), float(south), float(1 / size), float(1 / size), int(columns), int(rows))


def _edges(rings: Rings) -> tuple[np.ndarray, np.ndarray]:
    """Return each edge once, as (m, 4) with its west end first, and its owners, as (m, 2) or more."""
    ends = np.hstack([rings.vertices[:-1], rings.vertices[1:]])
    ring = np.repeat(np.arange(len(rings.is_hole)), np.diff(rings.ring_start))
    within = (ring[1:] == ring[:-1]) & (ends[:, :2] != ends[:, 2:]).any(axis=1)
    ends, ring = ends[within], ring[:-1][within]
    turned = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turned] = ends[turned][:, [2, 3, 0, 1]]
    edges, which = np.unique(ends, axis=0, return_inverse=True)
    which = which.ravel()
    owner = np.searchsorted(rings.polygon_start, ring, side="right") - 1
    order = np.argsort(which, kind="stable")
    nth = np.arange(len(order)) - np.searchsorted(which[order], which[order])
    owners = np.full((len(edges), nth.max() + 1), kernels.NOBODY, np.int16)
    owners[which[order], nth] = owner[order]
    return edges, owners


def _empty_border(crossed: np.ndarray, starts: np.ndarray, frame: Frame) -> BorderCells:
    """Make room for border cells, given by their numbers in the grid, whose edges begin there."""
    cells = np.zeros(len(crossed), CELL)
    cells["start"], cells["stop"], cells["members"] = starts[:-1], starts[1:], kernels.NOBODY
    return BorderCells(
        column_start=np.searchsorted(crossed, np.arange(frame.columns) * frame.rows),
        cells=cells,
        edges=np.empty(int(starts[-1]), EDGE),
    )
