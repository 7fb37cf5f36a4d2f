"""Geometries that stand in a query: POINT, LINESTRING, POLYGON and CIRCLE; pure.

``POLYGON((lng lat, lng lat, ...), (hole ...))``, ``LINESTRING(lng lat, ...)``, ``POINT(lng lat)`` and
``CIRCLE(lng lat, metres)``, in small or capital letters.
"""

import math

from api.mapsengine.parser import Parser
from api.mapsengine.tree import Circle, Position, Shape
from geoplatform.errors import InvalidRequest

MOST_VERTICES = 500
MOST_RADIUS_M = 1_000_000.0
LEAST = {"LINESTRING": 2, "POLYGON": 4}


def literal(parameter: str, text: str) -> Shape | Circle:
    """Return a geometry, or raise InvalidRequest."""
    parser = Parser(parameter, text)
    shape = _literal(parser)
    parser.end()
    if isinstance(shape, Shape) and sum(map(len, shape.rings)) > MOST_VERTICES:
        raise InvalidRequest(f"{parameter} has more than {MOST_VERTICES} vertices")
    return shape


def position(parameter: str, lon: float, lat: float) -> Position:
    """Return a position that lies on the earth."""
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InvalidRequest(f"{parameter}: {lon:g} {lat:g} is no longitude and latitude in degrees")
    return lon, lat


def _literal(parser: Parser) -> Shape | Circle:
    if parser.function("POINT"):
        parser.expect("(")
        point = _position(parser)
        parser.expect(")")
        return Shape("POINT", ((point,),))
    if parser.function("LINESTRING"):
        return Shape("LINESTRING", (_long_enough(parser, "LINESTRING", _ring(parser)),))
    if parser.function("CIRCLE"):
        return _circle(parser)
    if parser.function("POLYGON"):
        parser.expect("(")
        rings = [_closed(parser, _ring(parser))]
        while parser.sign(","):
            rings.append(_closed(parser, _ring(parser)))
        parser.expect(")")
        return Shape("POLYGON", tuple(rings))
    raise parser.wrong("expected POINT, LINESTRING, POLYGON or CIRCLE")


def _circle(parser: Parser) -> Circle:
    parser.expect("(")
    centre = _position(parser)
    parser.expect(",")
    radius_m = float(parser.number())
    parser.expect(")")
    if not (math.isfinite(radius_m) and 0 < radius_m <= MOST_RADIUS_M):
        raise InvalidRequest(
            f"{parser.parameter}: a radius of {radius_m:g} m is none from 0 to {MOST_RADIUS_M:g}"
        )
    return Circle(centre, radius_m)


def _ring(parser: Parser) -> tuple[Position, ...]:
    parser.expect("(")
    positions = [_position(parser)]
    while parser.sign(","):
        positions.append(_position(parser))
    parser.expect(")")
    return tuple(positions)


def _position(parser: Parser) -> Position:
    return position(parser.parameter, float(parser.number()), float(parser.number()))


def _closed(parser: Parser, ring: tuple[Position, ...]) -> tuple[Position, ...]:
    if ring[0] != ring[-1]:
        raise InvalidRequest(f"{parser.parameter}: a ring of a POLYGON ends where it begins")
    return _long_enough(parser, "POLYGON", ring)


def _long_enough(parser: Parser, kind: str, ring: tuple[Position, ...]) -> tuple[Position, ...]:
    if len(ring) < LEAST[kind]:
        raise InvalidRequest(f"{parser.parameter}: a {kind} has at least {LEAST[kind]} positions")
    return ring
