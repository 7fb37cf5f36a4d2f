"""How a layer may be drawn: a style for MapLibre, and a page for Leaflet that can be copied.

The colours are those of the public map (``console/static/console/styles.js``). There are no letters in the
styles: letters need glyphs from somewhere, and then a style would work only where that is reached.
"""

import base64
import hashlib
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api.public import answer, document, public
from api.tiles import filters
from layers.layer import Layer, find
from layers.revisions import current

STATUSES = {"waiting": "#c62828", "in_progress": "#f5a800", "done": "#1b7f4b"}
LEVELS = ["#7a8f7a", "#d9a400", "#e07b00", "#d2451e", "#a3131d", "#3d0a10"]
BORDERS = {"kelurahan": ("#aeb6bb", 0.8), "kecamatan": ("#87919a", 1.3), "kota": ("#56626d", 2.4)}
POINTS = {"petrol_stations": "#00695c", "hospitals": "#1f4e9c", "restaurants": "#8d4b1f", "alerts": "#b3261e"}
LINES = {"irregularities": "#6a1b9a"}
OTHERS = "#4a6572"
CELL = "#35507a"
GROUND = "#f7f5ee"
INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


@public
def style(request: HttpRequest, layer: str) -> HttpResponse:
    """``GET /tiles/{layer}/style.json[?filters]``: a MapLibre style of one layer."""
    found = find(layer)
    query = filters(request, found)
    lon, lat, zoom = settings.CITY_CENTRE
    content = {
        "version": 8,
        "name": found.title["id"],
        "metadata": {"layer": found.name, "title": found.title},
        "center": [lon, lat],
        "zoom": max(zoom, found.minzoom + 1),
        "sources": {
            found.name: {
                "type": "vector",
                "url": request.build_absolute_uri(f"/tiles/{found.name}.json{query}"),
            }
        },
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": GROUND}},
            *(
                {**part, "id": f"{found.name}-{part['id']}", "source": found.name, "source-layer": found.name}
                for part in _parts(found)
            ),
        ],
    }
    return document(request, content)


def _parts(layer: Layer) -> list[dict[str, Any]]:
    """Return the layers of a style, the lowest first."""
    if layer.geometry == "polygon":
        colour, width = BORDERS.get(layer.name, (OTHERS, 1))
        # A fill that can hardly be seen, and all the same be clicked on.
        return [
            {"id": "fill", "type": "fill", "paint": {"fill-color": colour, "fill-opacity": 0.08}},
            {"id": "border", "type": "line", "paint": {"line-color": colour, "line-width": width}},
        ]
    if layer.geometry == "line":
        return [_line(layer)]
    return [_cells(layer), _points(layer)]


def _line(layer: Layer) -> dict[str, Any]:
    colour: Any = LINES.get(layer.name, OTHERS)
    width: Any = 4
    if "level" in layer.fields:
        colour = ["step", ["get", "level"], LEVELS[0]]
        for level, shade in enumerate(LEVELS[1:], 1):
            colour += [level, shade]
        width = ["interpolate", ["linear"], ["get", "level"], 0, 2, 5, 6]
    paint = {"line-color": colour, "line-width": width}
    return {
        "id": "lines",
        "type": "line",
        "layout": {"line-cap": "round", "line-join": "round"},
        "paint": paint,
    }


def _cells(layer: Layer) -> dict[str, Any]:
    size = ["interpolate", ["linear"], ["sqrt", ["get", "count"]], 1, 4, 100, 28]
    return {
        "id": "cells",
        "type": "circle",
        "filter": ["has", "count"],
        "paint": {"circle-color": CELL, "circle-opacity": 0.75, "circle-radius": size},
    }


def _points(layer: Layer) -> dict[str, Any]:
    colour: Any = POINTS.get(layer.name, OTHERS)
    if "status" in layer.fields:
        colour = ["match", ["get", "status"]]
        for status, shade in STATUSES.items():
            colour += [status, shade]
        colour.append(OTHERS)
    return {
        "id": "points",
        "type": "circle",
        "filter": ["!", ["has", "count"]],
        "paint": {
            "circle-color": colour,
            "circle-radius": 5,
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 1,
        },
    }


@public
def leaflet(request: HttpRequest, layer: str) -> HttpResponse:
    """``GET /tiles/{layer}/leaflet.html[?filters]``: a page with the layer, its source meant to be copied."""
    found = find(layer)
    query = filters(request, found)
    lon, lat, zoom = settings.CITY_CENTRE
    page = render_to_string(
        "api/leaflet.html",
        {
            "layer": found,
            "platform": request.build_absolute_uri("/").rstrip("/"),
            "query": query,
            # As texts: a template in Bahasa Indonesia would write -6,2.
            "lon": str(lon),
            "lat": str(lat),
            "zoom": max(zoom + 1, found.minzoom),
            "colour": POINTS.get(found.name, LINES.get(found.name, BORDERS.get(found.name, (OTHERS,))[0])),
            "credit": found.credit(),
        },
    )
    body = page.encode()
    tag = hashlib.sha256(body).hexdigest()[:16]
    response = answer(request, f"{tag}.{current(found.name)}", "text/html; charset=utf-8", lambda: body)
    response["Content-Security-Policy"] = content_security_policy(page)
    return response


def content_security_policy(page: str) -> str:
    """Return what a page may load: files of ours, and the very script and style that stand in it."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in INLINE.findall(page):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{digest}'")
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *hashes["script"]]),
        "style-src": " ".join(["'self'", *hashes["style"]]),
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
