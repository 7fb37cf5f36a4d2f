"""Tiles, TileJSON and the catalogue of layers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import feeds, params
from api.public import answer, document, public
from layers import tiles
from layers.layer import Layer, catalogue, find
from layers.revisions import current

MEDIA_TYPES: dict[tiles.Form, str] = {
    "geojson": "application/geo+json",
    "mvt": "application/vnd.mapbox-vector-tile",
}


@public
def tile(request: HttpRequest, layer: str, z: str, x: str, y: str, form: tiles.Form) -> HttpResponse:
    """``GET /tiles/{layer}/{z}/{x}/{y}.{geojson|mvt}``: one tile; one without features is an empty one."""
    found, at, now = find(layer), params.tile(z, x, y), timezone.now()
    tag = f"{tiles.tag(found, form, now)}-{at.z}-{at.x}-{at.y}"
    return answer(request, tag, MEDIA_TYPES[form], lambda: tiles.tile(found, at, form, now))


@public
def tilejson(request: HttpRequest, layer: str) -> HttpResponse:
    """``GET /tiles/{layer}.json``: the layer's TileJSON 3.0.

    It has no ``bounds``: clients ask for no tile beyond them, and a report or a jam may lie anywhere.
    """
    found = find(layer)
    mvt, geojson = _templates(request, found)
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


def _templates(request: HttpRequest, layer: Layer) -> tuple[str, str]:
    """Return the addresses of MVT and GeoJSON tiles with {z}, {x}, {y} left open."""
    base = request.build_absolute_uri(f"/tiles/{layer.name}/")
    return f"{base}{{z}}/{{x}}/{{y}}.mvt", f"{base}{{z}}/{{x}}/{{y}}.geojson"
