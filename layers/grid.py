"""Arithmetic between tiles, degrees and z-order keys; pure.

Tiles are those of the usual web map: EPSG:3857, zoom 0 is the world, x grows eastward, y southward.
"""

import math
from typing import Literal, NamedTuple

from geoplatform.errors import InvalidRequest

MAX_ZOOM = 22
KEY_ZOOM = 30  # the zoom whose columns and rows make a point's key: 60 bits, 4 cm at the equator
# What a tile of points is drawn by; here, for who asks it without the compiled loops.
Form = Literal["mvt", "geojson"]
SCREENFUL = 2000  # points that a tile shows one by one
CELL_ZOOMS = 5  # a cell is so many zooms finer than its tile: 32 to a side, 8 pixels each


class Tile(NamedTuple):
    """One tile of the web map."""

    z: int
    x: int
    y: int


class Bbox(NamedTuple):
    """West, south, east, north in degrees (RFC 7946)."""

    west: float
    south: float
    east: float
    north: float


def tile(z: int, x: int, y: int) -> Tile:
    """Return the tile, or raise InvalidRequest where there is none such."""
    if not 0 <= z <= MAX_ZOOM:
        raise InvalidRequest(f"zoom {z}: it must lie between 0 and {MAX_ZOOM}")
    for name, value in (("x", x), ("y", y)):
        if not 0 <= value < 1 << z:
            raise InvalidRequest(f"{name} {value}: at zoom {z} it must lie between 0 and {(1 << z) - 1}")
    return Tile(z, x, y)


def spread(value: int) -> int:
    """Put a zero between each two bits of a number below 2**32."""
    value = (value | (value << 16)) & 0x0000FFFF0000FFFF
    value = (value | (value << 8)) & 0x00FF00FF00FF00FF
    value = (value | (value << 4)) & 0x0F0F0F0F0F0F0F0F
    value = (value | (value << 2)) & 0x3333333333333333
    return (value | (value << 1)) & 0x5555555555555555


def key_range(at: Tile) -> tuple[int, int]:
    """Return the lowest and the highest key of the points in a tile."""
    shift = 2 * (KEY_ZOOM - at.z)
    first = (spread(at.x) | spread(at.y) << 1) << shift
    return first, first + (1 << shift) - 1


def bbox(at: Tile) -> Bbox:
    """Return the corners of a tile in degrees."""
    side = 1 << at.z

    def lat(y: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / side))))

    return Bbox(at.x / side * 360 - 180, lat(at.y + 1), (at.x + 1) / side * 360 - 180, lat(at.y))
