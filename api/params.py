"""Reading what a caller asks for; anything that cannot be used is named, with its value."""

import math
import re
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qsl

from django.http import HttpRequest

from boundaries.lookup import today
from geoplatform.errors import InvalidRequest
from layers import grid
from layers.grid import Bbox, Tile
from layers.layer import Layer, find
from layers.record import LonLat
from layers.traits import ALL, Filter, wanted

# float() and fromisoformat() take more than these, such as 1_06.8 and 2026-W20-4.
NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
WHOLE = re.compile(r"-?\d+", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def only(request: HttpRequest, names: Collection[str]) -> None:
    """Refuse parameters that are not known, and those given twice."""
    for name, values in request.GET.lists():
        if name not in names:
            raise InvalidRequest(f"unknown parameter {name!r}: known are {', '.join(sorted(names))}")
        if len(values) > 1:
            raise InvalidRequest(f"parameter {name!r} is given {len(values)} times")


def point(request: HttpRequest) -> LonLat:
    """Return ``lon`` and ``lat``, degrees, EPSG:4326."""
    return LonLat(_degrees(request, "lon", 180), _degrees(request, "lat", 90))


def on(request: HttpRequest) -> date:
    """Return the date ``on``, by default today in the city."""
    text = request.GET.get("on")
    return today() if text is None else _date("on", text)


def tile(z: str, x: str, y: str) -> Tile:
    """Return the tile that a path names."""
    return grid.tile(_whole("zoom", z), _whole("x", x), _whole("y", y))


def filter(query: str, layer: Layer) -> Filter:
    """Return which points of a layer a query asks for: words by facet, and days ``from`` and ``to``."""
    return _filter(query, layer.name) if query else ALL


@lru_cache(maxsize=1024)
def _filter(query: str, layer_name: str) -> Filter:
    layer = find(layer_name)
    asked: dict[str, str] = {}
    for name, text in parse_qsl(query, keep_blank_values=True, max_num_fields=20):
        if name in asked:
            raise InvalidRequest(f"parameter {name!r} is given twice")
        asked[name] = text
    if layer.traits is None and asked:
        raise InvalidRequest(f"parameter {next(iter(asked))!r}: layer {layer.name} takes no filters")
    if layer.traits is None:
        return ALL
    days = {end: _date(end, asked.pop(end)) for end in ("from", "to") if end in asked}
    words = {name: text.split(",") for name, text in asked.items()}
    return wanted(layer.traits, words, days.get("from"), days.get("to"))


def bbox(request: HttpRequest) -> Bbox:
    """Return ``bbox``: west, south, east, north in degrees; none reaches over the 180th meridian."""
    text = _required(request, "bbox")
    parts = text.split(",")
    if len(parts) != 4:
        raise InvalidRequest(f"bbox {text!r} is not west,south,east,north")
    limits = (("west", 180), ("south", 90), ("east", 180), ("north", 90))
    box = Bbox(
        *(_number(f"bbox {name}", part, most) for part, (name, most) in zip(parts, limits, strict=True))
    )
    if not (box.west < box.east and box.south < box.north):
        raise InvalidRequest(f"bbox {text!r}: west must be less than east, and south less than north")
    return box


def whole(request: HttpRequest, name: str, default: int, least: int, most: int) -> int:
    """Return a whole number from ``least`` to ``most``, by default ``default``."""
    text = request.GET.get(name)
    if text is None:
        return default
    value = _whole(name, text)
    if not least <= value <= most:
        raise InvalidRequest(f"{name} {value}: it must lie between {least} and {most}")
    return value


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text if DATE.fullmatch(text) else "")
    except ValueError:
        raise InvalidRequest(f"{name} {text!r} is no date (YYYY-MM-DD)") from None


def _required(request: HttpRequest, name: str) -> str:
    text = request.GET.get(name)
    if text is None:
        raise InvalidRequest(f"parameter {name!r} is missing")
    return text


def _degrees(request: HttpRequest, name: str, limit: float) -> float:
    return _number(name, _required(request, name), limit)


def _whole(name: str, text: str) -> int:
    try:
        return int(text if WHOLE.fullmatch(text) else "")  # which refuses more than 4300 digits, too
    except ValueError:
        raise InvalidRequest(f"{name} {text!r} is no whole number that can be used") from None


def _number(name: str, text: str, limit: float) -> float:
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    if not abs(value) <= limit:
        raise InvalidRequest(f"{name} {text!r} is no number from -{limit:g} to {limit:g}")
    return value
