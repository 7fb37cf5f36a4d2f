"""A picture of a view of the map, drawn here and without a browser, for where a link to it is shared.

It is drawn from the same tiles as the map, in the same colours; names are left to the page.
"""

import hashlib
import math
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import listing, params
from api.public import answer, public
from boundaries.lookup import city_day
from console import shown
from console.picture import Picture, band, rings
from console.shown import NAMES, Shown
from console.words import words
from geoplatform import sql
from layers import live, tiles
from layers.cache import Cache
from layers.grid import Bbox, Tile
from layers.layer import Layer
from layers.tiles import BUFFER
from layers.traits import ALL, Filter

SIZE = (1200, 630)  # pixels, as whoever shows a link asks for
SIDES = (200, 2_000)
TILE_PX = 512
LEAST_ZOOM, MOST_ZOOM = 7, 17
NEAR_EDGE = 2 / TILE_PX
MARGIN = 0.06  # of the picture, round the box

_kept: Cache[bytes] = Cache(16_000_000, len)


@public
def preview(request: HttpRequest) -> HttpResponse:
    """``GET /embed/preview.png[?layers=][&bbox=][&lang=][&width=][&height=]`` and filters: the picture."""
    params.only(request, {*NAMES, "width", "height"})
    wanted = shown.read(request)
    width = params.whole(request, "width", SIZE[0], *SIDES)
    height = params.whole(request, "height", SIZE[1], *SIDES)
    now = timezone.now()
    versions = [tuple(live.stamp(layer.name)) for layer in wanted.layers]
    key = (wanted.query(), width, height, str(city_day(now)), str(versions))
    tag = hashlib.sha256(repr(key).encode()).hexdigest()[:16]

    def make() -> bytes:
        return _kept.get(key, lambda made: True, lambda: draw(wanted, width, height, now))

    return answer(request, tag, "image/png", make)


def draw(wanted: Shown, width: int, height: int, now: datetime) -> bytes:
    """Return a picture (PNG) of a view at an instant."""
    said = words(wanted.language)
    lines = [", ".join(layer.title[wanted.language] for layer in reversed(wanted.layers))]
    if sql.scalar("api/simulated"):
        lines.append(said["simulated"])
    lines = [line for line in lines if line]
    picture = Picture(width, height, said["thousand"])
    west, north, zoom = frame(wanted.box(), width, height - band(lines))
    place = _Place(west, north, zoom, width, height)
    shown_here = [layer for layer in wanted.layers if place.tile_zoom >= layer.minzoom]
    _draw_boundaries(picture, [layer for layer in shown_here if layer.geometry == "polygon"], place, now)
    for layer in shown_here:
        if layer.geometry != "polygon":
            _draw_layer(picture, layer, place, now, _filter(layer, wanted))
    picture.caption(said["title"], lines)
    return picture.png()


class _Place:
    """Where on the world's map, in pixels of a zoom, a picture lies."""

    def __init__(self, west: float, north: float, zoom: float, width: int, height: int) -> None:
        self.tile_zoom = math.floor(zoom)
        self.scale = 2.0 ** (zoom - self.tile_zoom) * TILE_PX
        self.x, self.y = (part * 2**self.tile_zoom for part in (west, north))
        self.columns, self.rows = width / self.scale, height / self.scale

    def tiles(self) -> Iterator[Tile]:
        """Yield the tiles that the picture touches."""
        last = 2**self.tile_zoom - 1
        for y in range(max(0, math.floor(self.y)), min(last, math.floor(self.y + self.rows)) + 1):
            for x in range(max(0, math.floor(self.x)), min(last, math.floor(self.x + self.columns)) + 1):
                yield Tile(self.tile_zoom, x, y)

    def pixel(self, position: list[float]) -> tuple[float, float]:
        """Return where a position in degrees lies in the picture."""
        x, y = mercator(position[0], position[1])
        side = 2**self.tile_zoom
        return (x * side - self.x) * self.scale, (y * side - self.y) * self.scale


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Return where a position lies on the world's map, 0 to 1, y southward."""
    sine = math.sin(math.radians(lat))
    return lon / 360 + 0.5, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def frame(box: Bbox, width: int, height: int) -> tuple[float, float, float]:
    """Return west and north (0 to 1) of a picture round a box, and its zoom in tiles of 512 pixels."""
    left, top = mercator(box.west, box.north)
    right, bottom = mercator(box.east, box.south)
    room = 1 - 2 * MARGIN
    zoom = min(
        math.log2(width * room / TILE_PX / (right - left)),
        math.log2(height * room / TILE_PX / (bottom - top)),
    )
    zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
    side = 2**zoom * TILE_PX
    return (left + right) / 2 - width / side / 2, (top + bottom) / 2 - height / side / 2, zoom


def _filter(layer: Layer, wanted: Shown) -> Filter:
    """Return which points of a layer a view shows: its filters are those of reports."""
    return params.filter(urlencode(listing.of_tiles(wanted.listing)), layer) if layer.traits else ALL


def _draw_layer(picture: Picture, layer: Layer, place: _Place, now: datetime, filter: Filter) -> None:
    features = [feature for at in place.tiles() for feature in _features(layer, at, now, filter)]
    paint = picture.lines if layer.geometry == "line" else picture.points
    paint(layer.name, features, place.pixel)


def _draw_boundaries(picture: Picture, layers: list[Layer], place: _Place, now: datetime) -> None:
    """Fill the land once, then draw the lines of the lowest tier first: the wider ones cover them."""
    known = {layer.name: [(at, _features(layer, at, now)) for at in place.tiles()] for layer in layers}
    for drawn in list(known.values())[:1]:
        picture.land((feature for _, features in drawn for feature in features), place.pixel)
    for name, drawn in reversed(known.items()):
        for at, features in drawn:
            lines = (line for one in features for ring in rings(one["geometry"]) for line in _open(ring, at))
            picture.borders(name, lines, place.pixel)


def _open(ring: list[list[float]], at: Tile) -> Iterator[list[list[float]]]:
    """Yield the lines of a ring without those along which its tile was cut out."""
    line = [ring[0]]
    for start, end in pairwise(ring):
        if _edges(start, at) & _edges(end, at):
            if len(line) > 1:
                yield line
            line = [end]
        else:
            line.append(end)
    if len(line) > 1:
        yield line


def _edges(position: list[float], at: Tile) -> set[str]:
    """Return on which edges of a tile and its margin a position lies, as near as its decimals tell."""
    x, y = mercator(position[0], position[1])
    column, row = x * 2**at.z - at.x, y * 2**at.z - at.y
    before, behind = -BUFFER, 1 + BUFFER
    sides = {"west": column - before, "east": behind - column, "north": row - before, "south": behind - row}
    return {side for side, apart in sides.items() if apart < NEAR_EDGE}


def _features(layer: Layer, at: Tile, now: datetime, filter: Filter = ALL) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(tiles.tile(layer, at, "geojson", now, filter))["features"]
    return found
