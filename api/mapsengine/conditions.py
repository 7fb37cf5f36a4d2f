"""From trees to conditions of a statement: columns are those of the collection, values are placeholders."""

import math
from collections.abc import Callable
from datetime import date, datetime
from functools import singledispatch
from typing import Any

from psycopg import sql as compose

from api import params
from api.collections import GEOMETRY as GEOM
from api.collections import ID, Collection
from api.mapsengine.grammar import GEOMETRY
from api.mapsengine.tree import (
    And,
    Circle,
    Column,
    Compare,
    Condition,
    Contains,
    Distance,
    Intersects,
    Not,
    Or,
    Position,
    Shape,
    Value,
)
from api.selection import Terms
from geoplatform.errors import InvalidRequest

KEY = "gx_id"
METRES_A_DEGREE = 110_000.0  # and a little more everywhere: what is nearer lies within the box
LARGEST_ID = (1 << 63) - 1
FALSE = compose.SQL("FALSE")

Part = compose.Composable


def condition(tree: Condition, collection: Collection, terms: Terms) -> Part:
    """Return a condition on rows of ``collection.table``; the values go into ``terms``.

    Raises
    ------
    InvalidRequest
        A column that there is not, or a value that it cannot be compared with.
    """
    return _condition(tree, collection, terms)


def distance(to: Shape, terms: Terms) -> Part:
    """Return metres on the spheroid from a row's geometry to another one."""
    return compose.SQL("ST_Distance({}::geography, {}::geography)").format(
        compose.Identifier(GEOM), geometry(to, terms)
    )


def geometry(shape: Shape, terms: Terms) -> Part:
    """Return a geometry that stands in a query; its text is a placeholder as every other value."""
    made = compose.SQL("ST_GeomFromText({}, 4326)").format(terms.value(text(shape)))
    return made if shape.kind == "POINT" else compose.SQL("ST_MakeValid({})").format(made)


def column(name: str, collection: Collection, parameter: str = "where") -> Part:
    """Return a column of the collection by the name that the caller gives."""
    if name not in collection.columns:
        known = ", ".join([GEOMETRY, KEY, *collection.columns])
        raise InvalidRequest(f"{parameter} names a column {name!r}: table {collection.name} has {known}")
    return compose.Identifier(name)


def text(shape: Shape) -> str:
    """Return a geometry as WKT."""
    if shape.kind == "POINT":
        return f"POINT({_pair(shape.rings[0][0])})"
    rings = ["(" + ", ".join(map(_pair, ring)) + ")" for ring in shape.rings]
    return f"POLYGON({', '.join(rings)})" if shape.kind == "POLYGON" else f"LINESTRING{rings[0]}"


def _pair(position: Position) -> str:
    return f"{position[0]!r} {position[1]!r}"


@singledispatch
def _condition(tree: Any, collection: Collection, terms: Terms) -> Part:
    raise TypeError(f"{type(tree).__name__} is no condition")


@_condition.register
def _(tree: And, collection: Collection, terms: Terms) -> Part:
    return _joined(" AND ", tree.parts, collection, terms)


@_condition.register
def _(tree: Or, collection: Collection, terms: Terms) -> Part:
    return _joined(" OR ", tree.parts, collection, terms)


def _joined(word: str, parts: tuple[Condition, ...], collection: Collection, terms: Terms) -> Part:
    made = [compose.SQL("({})").format(_condition(part, collection, terms)) for part in parts]
    return compose.SQL(word).join(made)


@_condition.register
def _(tree: Not, collection: Collection, terms: Terms) -> Part:
    return compose.SQL("NOT ({})").format(_condition(tree.part, collection, terms))


@_condition.register
def _(tree: Contains, collection: Collection, terms: Terms) -> Part:
    name = column(tree.column.name, collection)
    if collection.columns[tree.column.name].kind != "string":
        raise InvalidRequest(f"where: CONTAINS is asked of {tree.column.name}, which is no string")
    return compose.SQL("strpos({}, {}) > 0").format(name, terms.value(tree.text))


@_condition.register
def _(tree: Intersects, collection: Collection, terms: Terms) -> Part:
    if isinstance(tree.shape, Circle):
        centre = Shape("POINT", ((tree.shape.centre,),))
        return nearer(Distance(centre), "<=", tree.shape.radius_m, terms)
    return compose.SQL("ST_Intersects({}, {})").format(compose.Identifier(GEOM), geometry(tree.shape, terms))


@_condition.register
def _(tree: Compare, collection: Collection, terms: Terms) -> Part:
    left, operator, right = tree.left, tree.operator, tree.right
    if isinstance(left, Value):
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        left, operator, right = right, mirrored.get(operator, operator), left  # type: ignore[assignment]
    if isinstance(left, Value):
        raise InvalidRequest("where: a comparison names a column, or ST_DISTANCE")
    if isinstance(left, Distance) or isinstance(right, Distance):
        return _far(left, operator, right, terms)
    if left.name == KEY:
        return _key(operator, right, terms)
    name = column(left.name, collection)
    if isinstance(right, Column):
        return _both(left, name, operator, right, collection)
    value = _read(left, right, collection)
    return compose.SQL("{} {} {}").format(name, compose.SQL(operator), terms.value(value))


def _both(left: Column, name: Part, operator: str, right: Column, collection: Collection) -> Part:
    other = column(right.name, collection)
    kinds = {_family(collection.columns[one.name].kind) for one in (left, right)}
    if len(kinds) > 1:
        raise InvalidRequest(f"where compares {left.name} with {right.name}, which is of another type")
    return compose.SQL("{} {} {}").format(name, compose.SQL(operator), other)


def _family(kind: str) -> str:
    return {"integer": "number", "date": "instant"}.get(kind, kind)


def _read(left: Column, right: Value, collection: Collection) -> Any:
    """Return the value that a column is compared with, as the column has it."""
    kind, value = collection.columns[left.name].kind, right.value
    accept = READ[_family(kind)]
    read = accept(left.name, value)
    if read is None:
        raise InvalidRequest(f"where compares {left.name}, which is a {kind}, with {value!r}")
    return read


def _number(name: str, value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _string(name: str, value: Any) -> Any:
    return value if isinstance(value, str) else None


def _boolean(name: str, value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _instant(name: str, value: Any) -> datetime | date | None:
    if not isinstance(value, str):
        return None
    read = params.day if params.DATE.fullmatch(value) else params.instant
    return read(f"where: {name}", value)


READ: dict[str, Callable[[str, Any], Any]] = {
    "number": _number,
    "string": _string,
    "boolean": _boolean,
    "instant": _instant,
}


def _key(operator: str, right: Any, terms: Terms) -> Part:
    """Compare the key of a feature, which is a string of digits here and a number in the database."""
    if operator not in ("=", "<>") or not isinstance(right, Value) or not isinstance(right.value, str):
        raise InvalidRequest(f"where: {KEY} is compared by = and <> with a string alone")
    digits = right.value
    if not (digits.isascii() and digits.isdecimal() and int(digits[:30]) <= LARGEST_ID):
        return FALSE if operator == "=" else compose.SQL("TRUE")
    return compose.SQL("{} {} {}").format(
        compose.Identifier(ID), compose.SQL(operator), terms.value(int(digits))
    )


def _far(left: Any, operator: str, right: Any, terms: Terms) -> Part:
    if not isinstance(left, Distance) or not isinstance(right, Value) or _number("", right.value) is None:
        raise InvalidRequest("where: ST_DISTANCE is compared with a number of metres")
    return nearer(left, operator, float(right.value), terms)


def nearer(of: Distance, operator: str, metres: float, terms: Terms) -> Part:
    """Compare a distance; where it must be small, a box that an index knows leaves most rows out before."""
    exact = compose.SQL("{} {} {}").format(distance(of.to, terms), compose.SQL(operator), terms.value(metres))
    box = _box(of.to, metres) if operator in ("<", "<=", "=") else None
    if box is None:
        return exact
    corners = compose.SQL(", ").join([terms.value(side) for side in box])
    return compose.SQL("({} && ST_MakeEnvelope({}, 4326) AND {})").format(
        compose.Identifier(GEOM), corners, exact
    )


def _box(shape: Shape, metres: float) -> tuple[float, float, float, float] | None:
    """Return a box in degrees with all within so many metres; None where it reaches round the earth."""
    lons, lats = zip(*(position for ring in shape.rings for position in ring), strict=True)
    up = max(metres, 0.0) / METRES_A_DEGREE
    farthest = max(abs(min(lats) - up), abs(max(lats) + up))
    if farthest >= 89:
        return None
    aside = up / math.cos(math.radians(farthest))
    west, east = min(lons) - aside, max(lons) + aside
    return None if west < -180 or east > 180 else (west, min(lats) - up, east, max(lats) + up)
