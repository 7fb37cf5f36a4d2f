"""A feature as PostgreSQL writes it: a whole GeoJSON Feature as one text, ready to be sent."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg import sql as compose

from api import slow
from api.collections import GEOMETRY, ID, Collection, Column
from api.crs import CRS84, Crs
from api.faults import said
from geoplatform import sql
from layers import live

GEOM = compose.Identifier(GEOMETRY)
KEY = compose.Identifier(ID)
# UTC with Z, and decimals of a second only where there are any.
INSTANT = compose.SQL(
    """replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000', '')"""
)
BOUNDED = compose.SQL(
    "SELECT set_config('statement_timeout', %(timeout_ms)s, true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)
FEATURE = compose.SQL(
    """'{{"type":"Feature","id":' || {} || ',"geometry":' || coalesce({}, 'null')"""
    """ || ',"properties":' || {} || '}}'"""
)


def feature(
    collection: Collection, crs: Crs = CRS84, properties: Sequence[str] | None = None
) -> compose.Composable:
    """Return the expression of a row's Feature; ``properties`` None: all that the collection has."""
    columns = [
        column for name, column in collection.columns.items() if properties is None or name in properties
    ]
    return FEATURE.format(KEY, geometry(collection, crs), _properties(columns))


def geometry(collection: Collection, crs: Crs) -> compose.Composable:
    """Return the expression of a row's GeoJSON geometry; null where it cannot be given in the system."""
    shape: compose.Composable = GEOM
    if crs.srid != CRS84.srid:
        reach = compose.SQL(", ").join(map(compose.Literal, crs.reach))
        shape = compose.SQL(
            "CASE WHEN ST_CoveredBy({}, ST_MakeEnvelope({}, 4326)) THEN ST_Transform({}, {}) END"
        ).format(GEOM, reach, GEOM, compose.Literal(crs.srid))
    if crs.flipped:
        shape = compose.SQL("ST_FlipCoordinates({})").format(shape)
    elif collection.geometry == "polygon":
        shape = compose.SQL("ST_ForcePolygonCCW({})").format(shape)  # RFC 7946 §3.1.6
    return compose.SQL("ST_AsGeoJSON({}, {}, 0)").format(shape, compose.Literal(crs.digits))


def _properties(columns: Sequence[Column]) -> compose.Composable:
    if not columns:
        return compose.SQL("'{{}}'").format()
    listed = compose.SQL(", ").join(
        compose.SQL("{} AS {}").format(_value(column), compose.Identifier(column.name)) for column in columns
    )
    return compose.SQL("(SELECT row_to_json(own)::text FROM (SELECT {}) AS own)").format(listed)


def _value(column: Column) -> compose.Composable:
    name = compose.Identifier(column.name)
    return INSTANT.format(name) if column.kind == "instant" else name


def listed(ids: Sequence[int]) -> str:
    """Return ids as PostgreSQL writes an array: as a list psycopg takes 2 us for each."""
    return "{" + ",".join(map(str, ids)) + "}"


def rows(
    query: compose.Composable, values: dict[str, Any], timeout_ms: int | None = None
) -> list[tuple[Any, ...]]:
    """Run a composed statement within the time that a question has, and return its rows.

    Raises
    ------
    InvalidRequest
        What is asked for cannot be computed: a division by zero, or a number beyond all bounds.
    Unavailable, TooMany
        It takes too long; or too many that do are asked for.
    """
    limit = settings.QUERY_TIMEOUT_MS if timeout_ms is None else timeout_ms
    with live.exact(), said(limit):
        return slow.within(limit, lambda limit_ms: _rows(query, values, limit_ms))


def _rows(query: compose.Composable, values: dict[str, Any], limit: int) -> list[tuple[Any, ...]]:
    if connection.in_atomic_block:
        with sql.bounded(limit), connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
    # What is sent at once is one transaction: the same as above, in one round trip of four.
    with connection.cursor() as cursor:
        cursor.execute(compose.SQL("{}; {}").format(BOUNDED, query), {**values, "timeout_ms": str(limit)})
        cursor.nextset()
        return list(cursor.fetchall())
