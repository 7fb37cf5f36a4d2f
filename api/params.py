"""Reading what a caller asks for; anything that cannot be used is named, with its value."""

import math
import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import shapely
from django.conf import settings
from django.http import HttpRequest

from api.crs import CRS84, Crs, to_degrees
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
# Every kelurahan by its code, and some words more: what addresses say is kept beside the tiles.
LONGEST_QUERY, MOST_PARAMETERS = 6000, 20
# Beyond lies nothing that is asked for, and at the ends of the calendar no day is left to reckon with.
FIRST_YEAR, LAST_YEAR = 1900, 2200
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


@lru_cache(maxsize=256)
def _filter(query: str, layer_name: str) -> Filter:
    layer = find(layer_name)
    asked: dict[str, str] = {}
    if len(query) > LONGEST_QUERY:
        raise InvalidRequest(f"the filters have {len(query)} characters: at most {LONGEST_QUERY}")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequest(f"more than {MOST_PARAMETERS} parameters") from None
    for name, text in pairs:
        if name in asked:
            raise InvalidRequest(f"parameter {name!r} is given twice")
        asked[name] = text
    if layer.traits is None and asked:
        raise InvalidRequest(f"parameter {next(iter(asked))!r}: layer {layer.name} takes no filters")
    if layer.traits is None:
        return ALL
    days = {end: day(end, asked.pop(end)) for end in ("from", "to") if end in asked}
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


def one_of(request: HttpRequest, name: str, known: Collection[str], default: str | None = None) -> str:
    """Return one of some words, by default ``default``; without one it is required."""
    text = request.GET.get(name, default)
    if text is None:
        raise InvalidRequest(f"parameter {name!r} is missing: one of {', '.join(known)}")
    if text not in known:
        raise InvalidRequest(f"{name} {text!r}: known are {', '.join(known)}")
    return text


def number(request: HttpRequest, name: str, default: float, least: float, most: float) -> float:
    """Return a number from ``least`` to ``most``, by default ``default``."""
    text = request.GET.get(name)
    if text is None:
        return default
    value = _number(name, text, most)
    if value < least:
        raise InvalidRequest(f"{name} {text!r}: it must lie between {least:g} and {most:g}")
    return value


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text if DATE.fullmatch(text) else "")
    except ValueError:
        raise InvalidRequest(f"{name} {text!r} is no date (YYYY-MM-DD)") from None


def _check_year(name: str, text: str, year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidRequest(f"{name} {text!r}: the years from {FIRST_YEAR} to {LAST_YEAR} are taken")


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


INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
OPEN_ENDS = ("", "..")
FARTHEST_M = 1e8  # of any coordinate in metres
LARGEST = (1 << 63) - 1  # of a bigint


class Span(NamedTuple):
    """From when until when, None for an open end; ``open``: the end itself is not in it."""

    since: datetime | None
    until: datetime | None
    open: bool = False


def instant(name: str, text: str) -> datetime:
    """Return an instant as RFC 3339 writes it, with its offset: from 1900 to 2200."""
    try:
        if not INSTANT.fullmatch(text):
            raise ValueError(text)
        # fromisoformat() reads at most six decimals.
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{name} {text!r} is no instant (YYYY-MM-DDTHH:MM:SSZ)") from None
    _check_year(name, text, found.year)
    return found


def day(name: str, text: str) -> date:
    """Return a date that can be reckoned with: from 1900 to 2200."""
    found = _date(name, text)
    _check_year(name, text, found.year)
    return found


def span(text: str, name: str = "datetime") -> Span:
    """Return an instant, a date (a whole day in the city), or two with a slash between; ``..``: open."""
    first, slash, last = text.partition("/")
    if not slash:
        last = first
    if first in OPEN_ENDS and last in OPEN_ENDS:
        raise InvalidRequest(f"{name} {text!r} has neither beginning nor end")
    since = None if first in OPEN_ENDS else _begins(name, first)
    until = None if last in OPEN_ENDS else _ends(name, last)
    is_open = DATE.fullmatch(last) is not None
    if since and until and (since >= until if is_open else since > until):
        raise InvalidRequest(f"{name} {text!r} ends before it begins")
    return Span(since, until, is_open)


def _begins(name: str, text: str) -> datetime:
    return _midnight(day(name, text)) if DATE.fullmatch(text) else instant(name, text)


def _ends(name: str, text: str) -> datetime:
    if not DATE.fullmatch(text):
        return instant(name, text)
    return _midnight(day(name, text), days=1)


def _midnight(day: date, days: int = 0) -> datetime:
    """Return when a day begins in the city, or one some days later."""
    there = datetime.combine(day + timedelta(days), time(), ZoneInfo(settings.CITY_TIME_ZONE))
    return there.astimezone(UTC)


def integer(name: str, text: str) -> int:
    """Return a whole number that a bigint holds."""
    value = _whole(name, text)
    if not -LARGEST <= value <= LARGEST:
        raise InvalidRequest(f"{name} {text!r} is larger than any that there is")
    return value


def real(name: str, text: str) -> float:
    """Return a finite number."""
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise InvalidRequest(f"{name} {text!r} is no number that can be used")
    return value


def boxes(text: str, crs: Crs = CRS84) -> tuple[tuple[Bbox, ...], shapely.Geometry | None]:
    """Return a ``bbox`` of four numbers, or of six with heights that count for nothing.

    Returns
    -------
    boxes, region
        In degrees: one box, or two where west is greater than east: it reaches over the 180th meridian. The
        region is the same as a polygon where the box of another system is none in degrees.
    """
    numbers = [real("bbox", part) for part in text.split(",")]
    if len(numbers) == 6:
        numbers = [numbers[place] for place in (0, 1, 3, 4)]
    if len(numbers) != 4:
        raise InvalidRequest(f"bbox {text!r} is not four numbers, or six")
    if crs.flipped:
        numbers = [numbers[place] for place in (1, 0, 3, 2)]
    west, south, east, north = numbers
    if south > north:
        raise InvalidRequest(f"bbox {text!r}: the lower corner comes first")
    if crs.srid == CRS84.srid:
        return _in_degrees(text, Bbox(west, south, east, north)), None
    if west > east:
        raise InvalidRequest(f"bbox {text!r}: the lower corner comes first")
    if max(map(abs, numbers)) > FARTHEST_M:
        raise InvalidRequest(f"bbox {text!r}: it has positions that do not exist in {crs.uri}")
    area = shape(Bbox(west, south, east, north))
    # Sides that are straight there are curved here: in between there are corners, too.
    there = to_degrees("bbox", shapely.segmentize(area, max(float(shapely.length(area)) / 64, 1.0)), crs)
    return (Bbox(*shapely.bounds(there)),), None if crs.srid == 3857 else there


def _in_degrees(text: str, box: Bbox) -> tuple[Bbox, ...]:
    if max(abs(box.west), abs(box.east)) > 180 or max(abs(box.south), abs(box.north)) > 90:
        raise InvalidRequest(f"bbox {text!r}: longitudes reach from -180 to 180, latitudes from -90 to 90")
    if box.west <= box.east:
        return (box,)
    return Bbox(box.west, box.south, 180.0, box.north), Bbox(-180.0, box.south, box.east, box.north)


def shape(box: Bbox) -> shapely.Geometry:
    """Return a box as a polygon; one without width or height as a line or a point."""
    return shapely.envelope(shapely.MultiPoint([box[:2], box[2:]]))
