"""``GET /api/nearest``: what of a layer lies nearest to a point, in metres on the spheroid."""

from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from psycopg import sql as compose

from api import collections, params, selection, slow
from api.collections import Collection, Column
from api.faults import said
from api.public import public
from api.questions import forms
from api.selection import Selection
from geoplatform import sql
from layers.record import LonLat
from layers.tiles import DIGITS

OWN = ("layer", "lon", "lat", "limit", "within_m", "f")
MOST = 1_000
FARTHEST_M = 20_100_000.0  # more than half the way round the Earth: no bound
# The nearest by degrees are found by the index of the geometry, and are the nearest by metres nearly. How far
# the last of them is bounds how far the last one by metres can be: all within that are asked for and ordered.
STATEMENT = compose.SQL(
    """
WITH near AS MATERIALIZED (
    SELECT item.geom FROM {table} AS item
    WHERE item.geom IS NOT NULL AND {where}
    ORDER BY item.geom <-> {point} LIMIT {limit}
), reach AS MATERIALIZED (
    SELECT least({within_m}, max(ST_Distance(near.geom::geography, {point}::geography)) + 0.001) AS metres
    FROM near
), box AS MATERIALIZED (
    SELECT CASE WHEN reach.metres < 100000 AND abs({lat}) < 80
        THEN ST_Expand({point}, reach.metres / (110000 * cosd({lat})), reach.metres / 110000)
        ELSE ST_MakeEnvelope(-180, -90, 180, 90, 4326) END AS around
    FROM reach
), found AS (
    SELECT item.id, item.geom, {columns}, ST_Distance(item.geom::geography, {point}::geography) AS distance_m
    FROM reach
    CROSS JOIN box
    JOIN {table} AS item ON item.geom && box.around
    WHERE ST_DWithin(item.geom::geography, {point}::geography, reach.metres) AND {where}
    ORDER BY distance_m, item.id LIMIT {limit}
)
SELECT found.id, ST_AsGeoJSON(found.geom, {digits}), found.distance_m,
    to_jsonb(found) - 'id' - 'geom' - 'distance_m'
FROM found ORDER BY found.distance_m, found.id
"""
)


@public
def nearest(request: HttpRequest) -> HttpResponse:
    """Of equal distances the lower id comes first."""
    known = [name for name, one in collections.catalogue().items() if one.geometry == "point"]
    collection = collections.find(params.one_of(request, "layer", known))
    params.only(request, {*OWN, *selection.NAMES, *collection.columns} - {"sortby", "properties"})
    asked = {name: request.GET[name] for name in request.GET if name not in OWN}
    point = params.point(request)
    limit = params.whole(request, "limit", default=5, least=1, most=MOST)
    within_m = params.number(request, "within_m", FARTHEST_M, 0, FARTHEST_M)
    form = params.one_of(request, "f", ("geojson", "csv"), "geojson")
    found = around(selection.parse(collection, asked), point, limit, within_m)
    if form == "csv":
        return forms.reply(request, form, _csv(collection, found))
    features = (
        (id, shape, {"distance_m": round(metres, 1), **properties}) for id, shape, metres, properties in found
    )
    body = forms.to_geojson(features, layer=collection.name, lon=point.lon, lat=point.lat)
    return forms.reply(request, form, body)


def around(wanted: Selection, point: LonLat, limit: int, within_m: float) -> list[tuple[Any, ...]]:
    """Return id, geometry as GeoJSON text, metres, and properties, nearest first."""
    collection = wanted.collection
    where, values = wanted.where()
    fields = compose.SQL(", ").join(compose.Identifier("item", name) for name in collection.columns)
    point_at = compose.SQL("ST_SetSRID(ST_MakePoint({}, {}), 4326)").format(
        compose.Placeholder("lon"), compose.Placeholder("lat")
    )
    statement = STATEMENT.format(
        table=collection.table,
        point=point_at,
        columns=fields,
        where=where,
        **{name: compose.Placeholder(name) for name in ("lat", "limit", "within_m", "digits")},
    )
    given = {"lon": point.lon, "lat": point.lat, "limit": limit, "within_m": within_m, "digits": DIGITS}

    def ask(limit_ms: int) -> list[tuple[Any, ...]]:
        with sql.bounded(limit_ms), connection.cursor() as cursor:
            cursor.execute(statement, {**values, **given})
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    with said(settings.QUERY_TIMEOUT_MS):
        rows = slow.within(settings.QUERY_TIMEOUT_MS, ask)
    return [
        (
            id,
            shape,
            metres,
            {name: _written(column, given[name]) for name, column in collection.columns.items()},
        )
        for id, shape, metres, given in map(_decoded, rows)
    ]


def _decoded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Read the properties: Django leaves jsonb as text."""
    id, shape, metres, properties = row
    return id, shape, metres, orjson.loads(properties)


def _written(column: Column, value: Any) -> Any:
    """Return a value as every answer writes it: an instant of UTC ends in Z."""
    return value.replace("+00:00", "Z") if column.kind == "instant" and value else value


def _csv(collection: Collection, found: list[tuple[Any, ...]]) -> bytes:
    header = ["id", "distance_m", "lon", "lat", *collection.columns]
    rows = []
    for id, shape, metres, properties in found:
        lon, lat = orjson.loads(shape)["coordinates"]
        rows.append([id, round(metres, 1), lon, lat, *map(forms.harmless, properties.values())])
    return forms.to_csv(header, rows)
