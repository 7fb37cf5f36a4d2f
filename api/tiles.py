"""Tiles, TileJSON and the catalogue of layers."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone

from api import feeds, params
from api.answer import Answer, is_known, wants_gzip
from api.public import LIVE, document, public
from layers import tiles
from layers.changes import BLOCK_ZOOM
from layers.grid import Form, Tile
from layers.layer import Layer, catalogue, find
from layers.revisions import current

MEDIA_TYPES: dict[Form, str] = {
    "geojson": "application/geo+json",
    "mvt": "application/vnd.mapbox-vector-tile",
}

MOST_DEEPER = 2  # zooms: a tile of 16 blocks has 17 keys, one of more the layer's alone


class Asked(NamedTuple):
    """A request for a tile, as it came: parts of the path, the query, and two headers."""

    layer: str
    z: str
    x: str
    y: str
    form: str
    query: str = ""
    accept_encoding: str = ""
    if_none_match: str = ""


@public
def tile(request: HttpRequest, layer: str, z: str, x: str, y: str, form: Form) -> HttpResponse:
    """``GET /tiles/{layer}/{z}/{x}/{y}.{geojson|mvt}``: one tile; one without features is an empty one.

    ``api/front.py`` answers most of them before they come here.
    """
    return reply(request, layer, (z, x, y), form, request.META.get("QUERY_STRING", ""))


def reply(request: HttpRequest, layer: str, at: tuple[str, str, str], form: Form, query: str) -> HttpResponse:
    """Answer with a tile, named by zoom, column and row."""
    header = request.headers.get
    asked = Asked(layer, *at, form, query, header("Accept-Encoding", ""), header("If-None-Match", ""))
    answer = respond(asked)
    if answer.status == 304:
        return HttpResponseNotModified(headers=dict(answer.headers))
    return HttpResponse(answer.body, headers=dict(answer.headers))


def respond(asked: Asked) -> Answer:
    """Answer a request for a tile, whoever it came through.

    Raises
    ------
    NotFound, InvalidRequest
        There is no such layer, tile or filter.
    Unavailable
        The database gave no answer.
    """
    layer, at = _addressed(asked.layer, asked.z, asked.x, asked.y)
    filter = params.filter(asked.query, layer)
    form: Form = "mvt" if asked.form == "mvt" else "geojson"
    made = tiles.served(layer, at, form, timezone.now(), filter)
    zipped = wants_gzip(asked.accept_encoding)
    etag = f'"{made.tag}-gzip"' if zipped else f'"{made.tag}"'
    headers = [
        ("ETag", etag),
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", LIVE),
        ("Surrogate-Key", surrogate_keys(layer.name, at)),
    ]
    if asked.if_none_match and is_known(asked.if_none_match, etag):
        return Answer(304, headers, b"")
    body = made.body
    if made.zipped and zipped:
        headers.append(("Content-Encoding", "gzip"))
    elif made.zipped:
        body = tiles.plain(made)
    headers += [("Content-Type", MEDIA_TYPES[form]), ("Content-Length", str(len(body)))]
    return Answer(200, headers, body)


@lru_cache(maxsize=8192)
def _addressed(layer_name: str, z: str, x: str, y: str) -> tuple[Layer, Tile]:
    """Read an address; those that are asked for often are read once: a third of the time of a kept tile."""
    return find(layer_name), params.tile(z, x, y)


@lru_cache(maxsize=8192)
def surrogate_keys(layer: str, at: Tile) -> str:
    """Return the keys by which a cache may be told of a change: the layer, and the blocks of zoom 14."""
    keys, deeper = [layer], BLOCK_ZOOM - at.z
    if deeper <= 0:
        keys.append(f"{layer}-{BLOCK_ZOOM}-{at.x >> -deeper}-{at.y >> -deeper}")
    elif deeper <= MOST_DEEPER:
        side = 1 << deeper
        keys += [
            f"{layer}-{BLOCK_ZOOM}-{at.x * side + x}-{at.y * side + y}"
            for y in range(side)
            for x in range(side)
        ]
    return " ".join(keys)


@public
def tilejson(request: HttpRequest, layer: str) -> HttpResponse:
    """``GET /tiles/{layer}.json[?filters]``: the layer's TileJSON 3.0; its tiles take the same filters.

    It has no ``bounds``: clients ask for no tile beyond them, and a report or a jam may lie anywhere.
    """
    found = find(layer)
    mvt, geojson = (f"{address}{filters(request, found)}" for address in _templates(request, found))
    return document(
        request,
        {
            "tilejson": "3.0.0",
            "name": found.title["id"],
            "description": found.title["en"],
            "version": f"1.{current(found.name)}.0",
            "attribution": found.credit(),
            "scheme": "xyz",
            "tiles": [mvt],
            "geojson_tiles": [geojson],
            "minzoom": found.minzoom,
            "maxzoom": found.maxzoom,
            "filters": _filters(found),
            "center": settings.CITY_CENTRE,
            "vector_layers": [
                {
                    "id": found.name,
                    "description": found.title["en"],
                    "minzoom": found.minzoom,
                    "maxzoom": found.maxzoom,
                    "fields": dict(found.fields),
                }
            ],
        },
    )


@public
def layers(request: HttpRequest) -> HttpResponse:
    """``GET /tiles``: every layer, lowest on the map first."""
    stale = feeds.stale_layers(timezone.now())
    return document(request, {"layers": [_entry(request, layer, stale) for layer in catalogue().values()]})


def _entry(request: HttpRequest, layer: Layer, stale: Mapping[str, datetime]) -> dict[str, Any]:
    mvt, geojson = _templates(request, layer)
    return {
        "name": layer.name,
        "title": layer.title,
        "geometry": layer.geometry,
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "attribution": layer.credit(),
        "revision": current(layer.name),
        "stale_since": stale.get(layer.name),
        "fields": layer.fields,
        "tilejson": request.build_absolute_uri(f"/tiles/{layer.name}.json"),
        "mvt": mvt,
        "geojson": geojson,
    }


def _filters(layer: Layer) -> dict[str, Any]:
    """Return what the tiles may be filtered by, and the words of each that are known beforehand."""
    if not layer.traits:
        return {}
    words = {
        facet.name: [word for word in facet.words if isinstance(word, str)]
        for facet in layer.traits.facets
        if not any(isinstance(word, bool) for word in facet.words)
    }
    days = {end: "YYYY-MM-DD, a day of the city" for end in ("from", "to")}
    return {name: known or layer.fields.get(name, "") for name, known in words.items()} | days


def filters(request: HttpRequest, layer: Layer) -> str:
    """Return the filters of a request as the query of a tile's address, empty or with its question mark.

    Raises
    ------
    InvalidRequest
        As a tile would.
    """
    params.filter(request.META.get("QUERY_STRING", ""), layer)
    query = request.GET.urlencode(safe=",")
    return f"?{query}" if query else ""


def _templates(request: HttpRequest, layer: Layer) -> tuple[str, str]:
    """Return the addresses of MVT and GeoJSON tiles with {z}, {x}, {y} left open."""
    base = request.build_absolute_uri(f"/tiles/{layer.name}/")
    return f"{base}{{z}}/{{x}}/{{y}}.mvt", f"{base}{{z}}/{{x}}/{{y}}.geojson"
