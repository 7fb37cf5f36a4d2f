"""Reading what a caller asks for; anything that cannot be used is named, with its value."""

import math
from collections.abc import Collection
from datetime import date, datetime

from django.http import HttpRequest

from boundaries.lookup import today
from geoplatform.errors import InvalidRequest
from layers.record import LonLat


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
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        raise InvalidRequest(f"on {text!r} is no date (YYYY-MM-DD)") from None


def _degrees(request: HttpRequest, name: str, limit: float) -> float:
    text = request.GET.get(name)
    if text is None:
        raise InvalidRequest(f"parameter {name!r} is missing")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= limit:
        raise InvalidRequest(f"{name} {text!r} is no number from -{limit:g} to {limit:g}")
    return value
