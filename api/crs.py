"""The reference systems that positions are taken and given in."""

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from geoplatform.errors import InvalidRequest

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_lock = Lock()  # a Transformer is not for two threads at a time


@dataclass(frozen=True)
class Crs:
    """A reference system: its URI, EPSG number, the decimals that are given, and where it is defined.

    ``flipped``: its first axis is latitude, as EPSG says of 4326. ``reach`` is west, south, east, north in
    degrees: beyond, positions cannot be given in it.
    """

    uri: str
    srid: int
    digits: int
    flipped: bool = False
    reach: tuple[float, float, float, float] = (-180.0, -90.0, 180.0, 90.0)


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, 6)
ALL = {
    one.uri: one
    for one in (
        CRS84,
        Crs(f"{EPSG}4326", 4326, 6, flipped=True),
        Crs(f"{EPSG}3857", 3857, 2, reach=(-180.0, -85.06, 180.0, 85.06)),
        # UTM zone 48 south; its formulas hold well beyond the zone's six degrees, but not round the Earth.
        Crs(f"{EPSG}32748", 32748, 2, reach=(75.0, -80.0, 135.0, 80.0)),
    )
}


def find(name: str, uri: str) -> Crs:
    """Return the system that a parameter names, or raise InvalidRequest."""
    try:
        return ALL[uri]
    except KeyError:
        raise InvalidRequest(f"{name} {uri!r} is not one of {', '.join(ALL)}") from None


def to_degrees(name: str, geometry: shapely.Geometry, crs: Crs) -> shapely.Geometry:
    """Return a geometry in longitude and latitude.

    Raises
    ------
    InvalidRequest
        It has positions that are none on the Earth; ``name`` is the parameter that it came in.
    """
    if crs.flipped:
        geometry = shapely.transform(geometry, lambda xy: xy[:, ::-1])
    elif crs.srid != CRS84.srid:
        with _lock:
            geometry = shapely.transform(geometry, _degrees(crs.srid), interleaved=False)
    # Not the bounds: they leave out what is no number.
    if not (np.abs(shapely.get_coordinates(geometry)) <= (180.0, 90.0)).all():
        raise InvalidRequest(f"{name}: it has positions that do not exist in {crs.uri}")
    return geometry


@cache
def _degrees(srid: int) -> Any:
    return Transformer.from_crs(srid, CRS84.srid, always_xy=True).transform
