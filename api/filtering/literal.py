"""The values that a filter names: geometries and times."""

import math
from datetime import datetime, timedelta
from typing import Any

import orjson
import shapely
from psycopg import sql as compose

from api import params
from api.crs import Crs, to_degrees
from geoplatform.errors import InvalidRequest

POSITIONS = 5_000
TINY = timedelta(microseconds=1)  # PostgreSQL tells no two instants apart that are nearer
FOREVER = {"start": compose.SQL("'-infinity'::timestamptz"), "end": compose.SQL("'infinity'::timestamptz")}


def geometry(node: dict[str, Any], crs: Crs) -> shapely.Geometry:
    """Return the geometry of a GeoJSON object or a ``bbox``, in degrees.

    Raises
    ------
    InvalidRequest
        It is none, crosses itself, or has positions that do not exist.
    """
    if "bbox" in node:
        return box(node["bbox"], crs)
    try:
        shape = shapely.force_2d(shapely.from_geojson(orjson.dumps(node)))
    except (shapely.errors.GEOSException, orjson.JSONEncodeError, TypeError, ValueError) as error:
        raise InvalidRequest(f"filter: {node.get('type')!r} is no geometry ({error})") from None
    if shapely.is_empty(shape) or shapely.get_num_coordinates(shape) > POSITIONS:
        raise InvalidRequest(f"filter: a geometry has no positions, or more than {POSITIONS}")
    if not shapely.is_valid(shape):
        raise InvalidRequest(f"filter: {shapely.is_valid_reason(shape)}")
    return to_degrees("filter", shape, crs)


def box(numbers: Any, crs: Crs) -> shapely.Geometry:
    """Return a box of four or six numbers as a geometry in degrees."""
    if not isinstance(numbers, list) or not all(is_number(one) for one in numbers):
        raise InvalidRequest(f"filter: bbox {numbers!r} is not four numbers, or six")
    boxes, region = params.boxes(",".join(map(repr, numbers)), crs)
    return shapely.union_all([params.shape(one) for one in boxes]) if region is None else region


def is_number(node: Any) -> bool:
    """Say whether a literal is a number that can be computed with."""
    return isinstance(node, int | float) and not isinstance(node, bool) and math.isfinite(node)


def instant(node: dict[str, Any]) -> datetime:
    """Return the instant of a ``timestamp``."""
    return params.instant("filter: timestamp", _text(node["timestamp"]))


def day(node: dict[str, Any]) -> tuple[datetime, datetime]:
    """Return the first and the last instant of a ``date`` in the city."""
    span = params.span(_text(node["date"]) + "/..", "filter: date")
    assert span.since is not None  # noqa: S101 - it was no open end, else it is refused
    return span.since, span.since + timedelta(days=1) - TINY


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"filter: {value!r} is no time")
    return value
