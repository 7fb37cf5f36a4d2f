"""Reading what a caller asks for; anything that cannot be used is named, with its value."""

import math
import re
from collections.abc import Collection
from datetime import date

from django.http import HttpRequest

from boundaries.lookup import today
from geoplatform.errors import InvalidRequest
from layers.record import LonLat

# float() and fromisoformat() take more than these, such as 1_06.8 and 2026-W20-4.
NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
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
    if text is None:
        return today()
    try:
        return date.fromisoformat(text if DATE.fullmatch(text) else "")
    except ValueError:
        raise InvalidRequest(f"on {text!r} is no date (YYYY-MM-DD)") from None


def _degrees(request: HttpRequest, name: str, limit: float) -> float:
    text = request.GET.get(name)
    if text is None:
        raise InvalidRequest(f"parameter {name!r} is missing")
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    if not abs(value) <= limit:
        raise InvalidRequest(f"{name} {text!r} is no number from -{limit:g} to {limit:g}")
    return value
