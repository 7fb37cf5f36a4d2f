"""Cells that points are counted in: Uber's hexagons (H3), or squares of the city's UTM grid."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

import h3.api.numpy_int as h3
import numpy as np
import orjson
from pyproj import Transformer

METRES = 32748  # EPSG: UTM zone 48 south, in which the province lies
DIGITS = 6
BLOCK = 50_000  # points whose cells are looked up at a time, in some 20 ms
_lock = Lock()  # a Transformer is not for two threads at a time


class Cell(NamedTuple):
    """A cell with points: its id, how many, its area, and its outline as GeoJSON text."""

    id: str
    points: int
    area_km2: float
    geometry: str


def hexagons(lon: np.ndarray, lat: np.ndarray, resolution: int, check: Callable[[], None]) -> Iterator[Cell]:
    """Yield the H3 cells of a resolution that n points lie in, by their ids: 2.3 million points a second.

    ``check`` is called now and then, and raises where the time is up.
    """
    find = h3.latlng_to_cell

    def cells(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        found = (find(y, x, resolution) for x, y in zip(lon.tolist(), lat.tolist(), strict=True))
        return np.fromiter(found, np.uint64, len(lon))

    for cell, count in _counted(lon, lat, cells, check):
        ring = [(x, y) for y, x in h3.cell_to_boundary(cell)]
        yield Cell(h3.int_to_str(cell), count, round(h3.cell_area(cell, unit="km^2"), 6), _polygon(ring))


def squares(lon: np.ndarray, lat: np.ndarray, size_m: int, check: Callable[[], None]) -> Iterator[Cell]:
    """Yield the squares of so many metres that n points lie in, by easting and northing of their corners.

    An id is the square's south-west corner in metres of EPSG:32748 and its size: ``E700000N9310000S500``.
    ``check`` is called now and then, and raises where the time is up.
    """

    def cells(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        with _lock:
            east, north = _metres().transform(lon, lat)
        columns, rows = (np.floor(axis / size_m).astype(np.int64) for axis in (east, north))
        numbers: np.ndarray = (columns << 32) + rows
        return numbers

    found = _counted(lon, lat, cells, check)
    corners = [((number >> 32) * size_m, (number & 0xFFFFFFFF) * size_m) for number, _ in found]
    around = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * size_m
    rings = (np.array(corners, np.float64).reshape(-1, 1, 2) + around).reshape(-1, 2)
    with _lock:
        degrees = np.stack(_metres().transform(*rings.T, direction="INVERSE"), axis=-1)
    area = round(size_m**2 / 1e6, 6)
    outlines = degrees.reshape(-1, 4, 2).tolist()
    for (x, y), (_, count), ring in zip(corners, found, outlines, strict=True):
        yield Cell(f"E{x}N{y}S{size_m}", count, area, _polygon(ring))


def _counted(
    lon: np.ndarray,
    lat: np.ndarray,
    cells: Callable[[np.ndarray, np.ndarray], np.ndarray],
    check: Callable[[], None],
) -> list[tuple[int, int]]:
    """Return each cell once, in order, and how many points it has."""
    totals: Counter[int] = Counter()
    for start in range(0, len(lon), BLOCK):
        check()
        some = slice(start, start + BLOCK)
        found, counts = np.unique(cells(lon[some], lat[some]), return_counts=True)
        totals.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
    return sorted(totals.items())


def _polygon(ring: list[Any]) -> str:
    """Return a ring, counter-clockwise (RFC 7946 §3.1.6), as a GeoJSON polygon."""
    closed = [[round(x, DIGITS), round(y, DIGITS)] for x, y in (*ring, ring[0])]
    return orjson.dumps({"type": "Polygon", "coordinates": [closed]}).decode()


@cache
def _metres() -> Transformer:
    return Transformer.from_crs(4326, METRES, always_xy=True)
