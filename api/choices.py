"""Which reports a caller chooses, out of a query or a posted document."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from api import params
from geoplatform.errors import InvalidRequest
from subscriptions.choice import Choice, choice, polygon

NAMES = {"kelurahan", "category", "office", "report", "bbox", "polygon"}


def of_query(request: HttpRequest) -> Choice:
    """Return the choice of ``kelurahan``, ``category``, ``office``, ``report``, and ``bbox`` or ``polygon``.

    ``polygon`` has the corners one behind the other, each longitude and latitude: ``106.8,-6.2,106.9,...``
    """
    given = request.GET
    if "bbox" in given and "polygon" in given:
        raise InvalidRequest("bbox and polygon are two areas: one is taken")
    area = None
    if "bbox" in given:
        box = params.bbox(request)
        area = polygon(
            [(box.west, box.south), (box.east, box.south), (box.east, box.north), (box.west, box.north)]
        )
    elif "polygon" in given:
        numbers = [params.real("polygon", part) for part in given["polygon"].split(",")]
        if len(numbers) % 2:
            raise InvalidRequest("polygon: an odd number of coordinates")
        area = polygon(list(zip(numbers[::2], numbers[1::2], strict=True)))
    places, categories, offices = (
        _listed(given.get(name, "")) for name in ("kelurahan", "category", "office")
    )
    return choice(places, categories, area, offices, [_id(text) for text in _listed(given.get("report", ""))])


def of_document(said: Mapping[str, Any]) -> Choice:
    """Return the choice of a JSON object: lists of the same names, and ``bbox`` or ``polygon``."""
    if "bbox" in said and "polygon" in said:
        raise InvalidRequest("bbox and polygon are two areas: one is taken")
    area = None
    if "bbox" in said:
        west, south, east, north = _numbers("bbox", said["bbox"], 4)
        area = polygon([(west, south), (east, south), (east, north), (west, north)])
    elif "polygon" in said:
        area = _polygon(said["polygon"])
    reports = said.get("report", [])
    if not isinstance(reports, list) or not all(type(id) is int for id in reports):
        raise InvalidRequest("report: a list of numbers is expected")
    return choice(_texts(said, "kelurahan"), _texts(said, "category"), area, _texts(said, "office"), reports)


def _listed(text: str) -> list[str]:
    return text.split(",") if text else []


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise InvalidRequest(f"report {text[:30]!r} is no number of a report")
    return int(text)


def _texts(said: Mapping[str, Any], name: str) -> list[str]:
    values = said.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InvalidRequest(f"{name}: a list of texts is expected")
    return values


def _numbers(name: str, values: Any, count: int) -> list[float]:
    if not isinstance(values, list) or len(values) < count or not all(map(_is_number, values)):
        raise InvalidRequest(f"{name}: {count} numbers are expected")
    return [float(value) for value in values[:count]]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _polygon(said: Any) -> Any:
    """Return the polygon of a GeoJSON geometry."""
    if not isinstance(said, dict) or said.get("type") != "Polygon":
        raise InvalidRequest("polygon: a GeoJSON Polygon is expected")
    rings = said.get("coordinates")
    if not isinstance(rings, list) or not rings or not all(isinstance(ring, list) for ring in rings):
        raise InvalidRequest("polygon: coordinates are a list of rings")
    read = [[_numbers("polygon", corner, 2) for corner in ring] for ring in rings]
    return polygon(read[0], read[1:])
