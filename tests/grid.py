"""From a position to its tile, as every web map says."""

import math

from layers.grid import Tile


def tile_of(lon: float, lat: float, z: int) -> Tile:
    """Return the tile of a zoom that a position in degrees lies in."""
    side = 1 << z
    x = math.floor((lon + 180) / 360 * side)
    y = math.floor((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
    return Tile(z, min(max(x, 0), side - 1), min(max(y, 0), side - 1))
