"""Millions of points at once: which kelurahan each lies in, in memory.

``boundaries.lookup`` answers for one point, with its border and its officials, by SQL. This answers for an
archive, an analyst's file or all reports, with the code alone, and the very code that PostGIS would give.
"""

import hashlib
import logging
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import shapely
from django.conf import settings

from boundaries import cover_file, lookup
from boundaries.cover import Cover, build
from boundaries.kernels import NOWHERE
from geoplatform import sql
from geoplatform.errors import InvalidRequest, NotFound

logger = logging.getLogger(__name__)

#: Points that are turned into codes at a time: 16 MB of positions between input and output.
BLOCK = 1 << 23
#: Covers that a process keeps, of 12 MB each: the one in force, and one or two that are compared with it.
KEPT = 4

_kept: dict[int, Cover] = {}
_making = Lock()


def locate(
    lon: Any, lat: Any, edition_id: int | None = None, on: date | None = None, threads: int = 1
) -> np.ndarray:
    """Say in which kelurahan each of n points lies.

    Parameters
    ----------
    lon, lat
        (n,) degrees, EPSG:4326; arrays, lists or columns of a data frame.
    edition_id
        The edition whose polygons count; by default the one in force on a day.
    on
        That day, a date in Asia/Jakarta; by default today.
    threads
        How many processors to use.

    Returns
    -------
    (n,) array of objects: the code, such as ``31.71.01.1001``, or None where no kelurahan covers the point.
    A point on a shared edge or corner has the lowest code, as everywhere on this platform. The first 8
    characters are the kecamatan's code, the first 5 the kota's.

    Raises
    ------
    InvalidRequest
        lon or lat is no list of numbers, they differ in length, or a value is masked, not finite or
        no longitude or latitude; which one, and its value, is said. Both an edition and a day are given.
    NotFound
        No such edition, or none was in force that day.
    Unavailable
        None is in force at all.

    Source: polygons of the Edition, exactly as ``ST_Covers`` reads them; the method is in
    docs/explanation/join.md.
    """
    lon, lat = _axis("lon", lon), _axis("lat", lat)
    if len(lon) != len(lat):
        raise InvalidRequest(f"lon has {len(lon)} values, lat has {len(lat)}")
    found = cover(edition_id, on)
    # The last stands for NOBODY, -1.
    codes = np.array([*found.codes.tolist(), None], dtype=object)
    if len(lon) <= BLOCK:
        return np.asarray(codes[_positions(found, lon, lat, 0, threads)])
    out = np.empty(len(lon), object)
    for start in range(0, len(out), BLOCK):
        positions = _positions(found, lon, lat, start, threads)
        np.take(codes, positions, out=out[start : start + BLOCK], mode="wrap")
    return out


def cover(edition_id: int | None = None, on: date | None = None) -> Cover:
    """Return the cover of an edition, or of the one in force on a day; made once, and kept on disk.

    Raises
    ------
    InvalidRequest, NotFound, Unavailable
        As ``locate``.
    """
    if edition_id is not None and on is not None:
        raise InvalidRequest(f"edition {edition_id} and the day {on}: give one of them")
    if edition_id is None:
        edition_id = lookup.edition_on(on or lookup.today())
    with _making:
        if edition_id not in _kept:
            _kept[edition_id] = _make(edition_id)
            while len(_kept) > KEPT:
                del _kept[next(iter(_kept))]
        return _kept[edition_id]


def _make(edition_id: int) -> Cover:
    """Read the cover of an edition from its file, or make both from the polygons in the database."""
    rows = sql.rows("boundaries/polygons", {"edition_id": edition_id})
    if not rows:
        raise NotFound(f"no edition {edition_id}: manage.py editions lists them")
    path = _path(rows)
    found = cover_file.load(path)
    if found is None:
        polygons = shapely.from_wkb([bytes(geom) for _, geom in rows])
        found = build(polygons, [code for code, _ in rows])
        try:
            cover_file.save(found, path)
        except OSError as error:
            logger.warning("cover not kept edition=%d reason=%s", edition_id, error)
    return found


def _path(rows: list[tuple[Any, ...]]) -> Path:
    """Return where the cover of some polygons is kept: by content, so no file is ever out of date."""
    digest = hashlib.sha256()
    for code, geom in rows:
        digest.update(code.encode() + bytes(geom))
    return Path(settings.COVERS) / f"{digest.hexdigest()[:32]}.cover"


def _axis(name: str, values: Any) -> np.ndarray:
    """Return numbers as an array of one dimension, copied only where they are none yet."""
    try:
        if isinstance(values, np.ma.MaskedArray):
            # What lies below a mask is no position, however much it looks like one.
            values = np.ma.filled(values.astype(np.float64), np.nan)
        axis = np.asarray(values)
        if axis.dtype.kind in "bcmM":
            raise TypeError(f"it holds {axis.dtype}")
        if axis.dtype.kind not in "fiu":
            axis = axis.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"{name} is no list of numbers: {error}") from None
    if axis.ndim != 1:
        raise InvalidRequest(f"{name} has the shape {axis.shape}: a list of numbers is wanted")
    return axis


def _positions(found: Cover, lon: np.ndarray, lat: np.ndarray, start: int, threads: int) -> np.ndarray:
    """Look up one block of points; refuse those that are none, by the name, place and value of the first."""
    lon, lat = lon[start : start + BLOCK], lat[start : start + BLOCK]
    positions = found.positions(lon, lat, threads)
    if positions.min(initial=0) > NOWHERE:
        return positions
    wrong = np.flatnonzero(positions == NOWHERE)
    first = int(wrong[0])
    name, axis, most = ("lat", lat, 90) if abs(lon[first]) <= 180 else ("lon", lon, 180)
    raise InvalidRequest(
        f"{name}[{start + first}] is {axis[first]}, not degrees from -{most} to {most}"
        f" ({wrong.size} such points from {start} on)"
    )
