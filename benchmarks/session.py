"""A realistic session on the map: which tiles a viewer who pans and zooms asks for; the same each time."""

from math import asinh, pi, radians, tan
from random import Random

from benchmarks.rows import MIDDLE, SEED
from layers.grid import Tile

LENGTH = 1_500
ACROSS, DOWN = 4, 3  # tiles on a screen
LEAST, MOST = 5, 17  # zooms
FILTER = "category=flood,garbage&status=waiting,in_progress&from=2024-01-01"


def requests(distinct: int = LENGTH, seed: int = SEED) -> list[Tile]:
    """Return what many viewers' browsers ask for until there are so many distinct tiles; shuffled.

    A screen of 4 by 3 tiles begins at a zoom over the city, is moved by a tile or so, and goes in by a zoom,
    at the most to a street; then the next viewer looks elsewhere. What a browser has it does not ask again,
    but the next viewer's does: overviews are asked for more often than streets.
    """
    dice = Random(seed)
    asked: list[Tile] = []
    while len(set(asked)) < distinct:
        asked += _viewer(dice)
    # So that each second of a short measurement meets all zooms.
    dice.shuffle(asked)
    return asked


def tiles(distinct: int = LENGTH) -> list[Tile]:
    """Return each tile of the requests once, in their order."""
    return list(dict.fromkeys(requests(distinct)))


def _viewer(dice: Random) -> list[Tile]:
    lon, lat = dice.gauss(MIDDLE[0], 0.05), dice.gauss(MIDDLE[1], 0.05)
    first, last = dice.choice((LEAST, 9, 10, 11, 11, 12)), dice.choice((13, 14, 15, 16, MOST))
    seen: dict[Tile, None] = {}
    for zoom in range(first, last + 1):
        width = 360 / (1 << zoom)
        for _ in range(dice.choice((1, 1, 2, 3))):
            away, up = dice.uniform(-1, 1) * width, dice.uniform(-1, 1) * width
            seen.update(dict.fromkeys(screen(lon + away, lat + up, zoom)))
    return list(seen)


def screen(lon: float, lat: float, zoom: int) -> list[Tile]:
    """Return the tiles on a screen whose middle lies at a point."""
    middle = tile_at(lon, lat, zoom)
    left, top = middle.x - ACROSS // 2, middle.y - DOWN // 2
    side = 1 << zoom
    return [
        Tile(zoom, left + i, top + j)
        for j in range(DOWN)
        for i in range(ACROSS)
        if 0 <= left + i < side and 0 <= top + j < side
    ]


def tile_at(lon: float, lat: float, zoom: int) -> Tile:
    """Return the tile in which a point lies."""
    side = 1 << zoom
    x, y = (lon + 180) / 360 * side, (1 - asinh(tan(radians(lat))) / pi) / 2 * side
    return Tile(zoom, int(x), int(y))
