"""Read the dumps of cahyadsn/wilayah_boundaries as data: the SQL is taken apart, never executed.

A dump holds comments, statements of exactly two forms, and nothing else::

    DELETE FROM wilayah_boundaries WHERE kode LIKE '31.71.%' AND LENGTH(kode)=13;      -- passed over
    INSERT INTO wilayah_boundaries(kode,nama,lat,lng,path) VALUES
        ('31.71.01.1001','Gambir',-6.17,106.82,'[[[-6.168,106.830], ...]]'), ...;

``path`` is JSON of [lat, lng] pairs: rings, points, numbers for a polygon; one level more for islands.
Quotes in text are doubled.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import geopandas
import numpy as np
import shapely

from geoplatform.errors import BadBoundaries

BLANK = re.compile(r"(?:\s++|--[^\n]*(?:\n|$)|/\*.*?\*/)*+", re.DOTALL)
TEXT = r"'([^'\\]*(?:''[^'\\]*)*)'"
NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
DELETE = re.compile(
    rf"DELETE\s+FROM\s+wilayah_boundaries\s+WHERE\s+kode\s+LIKE\s+{TEXT}\s+AND\s+LENGTH\(kode\)\s*=\s*\d+\s*;"
)
INSERT = re.compile(r"INSERT\s+INTO\s+wilayah_boundaries\s*\(kode,nama,lat,lng,path\)\s*VALUES")
ROW = re.compile(rf"\(\s*{TEXT}\s*,\s*{TEXT}\s*,\s*{NUMBER}\s*,\s*{NUMBER}\s*,\s*{TEXT}\s*\)\s*([,;])")

#: Codes of the levels above kelurahan, which a dump may also hold.
ABOVE = re.compile(r"\d\d(?:\.\d\d){0,2}")


class Row(NamedTuple):
    """One kelurahan as the dump has it; ``path`` is the JSON text."""

    kode: str
    nama: str
    path: str


def read(path: Path) -> geopandas.GeoDataFrame:
    """Read one dump.

    Returns
    -------
    GeoDataFrame
        Columns kode, nama, geometry (EPSG:4326, longitude first), one row per kelurahan; rows of the
        levels above are left out.

    Raises
    ------
    BadBoundaries
        Any character that belongs to neither form, or a path that is not as described.

    Source: https://github.com/cahyadsn/wilayah_boundaries, db/kel/31.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadBoundaries(f"{path.name} is not UTF-8: {error}") from None
    found = [row for row in rows(text, path.name) if not ABOVE.fullmatch(row.kode)]
    return geopandas.GeoDataFrame(
        {"kode": [row.kode for row in found], "nama": [row.nama for row in found]},
        geometry=[_geometry(row, path.name) for row in found],
        crs="EPSG:4326",
    )


def rows(text: str, where: str) -> Iterator[Row]:
    """Take a dump's text apart into its rows, strictly; ``where`` is named in errors."""
    at = _skip(text, 0)
    while at < len(text):
        delete = DELETE.match(text, at)
        if delete:
            at = _skip(text, delete.end())
            continue
        insert = INSERT.match(text, at)
        if not insert:
            raise _unexpected(text, at, where)
        at, more = insert.end(), ","
        while more == ",":
            at = _skip(text, at)
            row = ROW.match(text, at)
            if not row:
                raise _unexpected(text, at, where)
            kode, nama, shape, more = row.groups()
            yield Row(kode.replace("''", "'"), nama.replace("''", "'"), shape.replace("''", "'"))
            at = row.end()
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    """Return the place after blanks and comments."""
    blank = BLANK.match(text, at)
    return blank.end() if blank else at


def _unexpected(text: str, at: int, where: str) -> BadBoundaries:
    """Name the line and what stands there."""
    return BadBoundaries(f"{where} line {text.count(chr(10), 0, at) + 1}: cannot read {text[at : at + 40]!r}")


def _geometry(row: Row, where: str) -> Any:
    """Turn the JSON of [lat, lng] pairs into a Polygon or MultiPolygon, longitude first."""
    try:
        path = json.loads(row.path)
        depth = _depth(path)
        if depth not in (3, 4):
            raise ValueError(f"{depth} levels deep")
        polygons = [path] if depth == 3 else path
        made = [
            shapely.Polygon(rings[0], rings[1:]) for rings in (list(map(_ring, rings)) for rings in polygons)
        ]
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise BadBoundaries(
            f"{where}: path of {row.kode} is not rings of [lat, lng] points: {error}"
        ) from None
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)


def _depth(path: Any) -> int:
    """Return how many lists lie within one another, by the first of each."""
    depth = 0
    while isinstance(path, list) and path:
        path, depth = path[0], depth + 1
    return depth


def _ring(points: list[list[float]]) -> np.ndarray:
    """Return one ring as an (n, 2) array of lon, lat."""
    ring = np.array(points, dtype=float)
    if ring.ndim != 2 or ring.shape[0] < 4 or ring.shape[1] != 2:
        raise ValueError(f"a ring of shape {ring.shape}")
    return ring[:, ::-1]
