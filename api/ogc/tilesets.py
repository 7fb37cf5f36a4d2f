"""The tiles of a collection as OGC API - Tiles names them: WebMercatorQuad, as on any web map."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api import collections
from api.collections import Collection
from api.crs import CRS84, EPSG
from api.ogc import documents
from api.ogc.documents import GEOJSON, JSON, REL, link
from api.public import document, public
from api.tiles import MEDIA_TYPES, reply
from geoplatform.errors import InvalidRequest, NotFound
from layers.grid import MAX_ZOOM, Form

QUAD = "WebMercatorQuad"
URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
MERCATOR = f"{EPSG}3857"
HALF_M = 20_037_508.342789244  # of the square's side
SIDE = 256  # pixels, by which scales are counted
PIXEL_M = 0.00028  # of a screen, by the standard
FORMS: dict[str, Form] = {"mvt": "mvt", "json": "geojson", "geojson": "geojson"}
GEOMETRY_DIMENSION = {"point": 0, "line": 1, "polygon": 2}


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")[:-1]


def find(name: str) -> None:
    """Raise NotFound for any tile matrix set but the one that there is."""
    if name != QUAD:
        raise NotFound(f"no tile matrix set {name!r}: there is {QUAD}")


@public
def matrix_sets(request: HttpRequest) -> HttpResponse:
    """``GET /api/tileMatrixSets``: the one that there is."""
    here = f"{_base(request)}/api/tileMatrixSets"
    listed = {"id": QUAD, "title": "Google Maps Compatible for the World", "uri": URI, "crs": MERCATOR}
    return document(
        request,
        {"tileMatrixSets": [{**listed, "links": [link("self", f"{here}/{QUAD}")]}]},
        max_age_s=documents.MAX_AGE_S,
    )


@public
def matrix_set(request: HttpRequest, matrix: str) -> HttpResponse:
    """``GET /api/tileMatrixSets/WebMercatorQuad``: its matrices, zoom by zoom."""
    find(matrix)
    return document(request, _definition(), max_age_s=documents.MAX_AGE_S)


@cache
def _definition() -> dict[str, Any]:
    return {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    cell_m = 2 * HALF_M / SIDE / 2**zoom
    return {
        "id": str(zoom),
        "scaleDenominator": cell_m / PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_M, HALF_M],
        "tileWidth": SIDE,
        "tileHeight": SIDE,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }


@public
def tilesets(request: HttpRequest, collection: str) -> HttpResponse:
    """``GET /api/collections/{collection}/tiles``: the collection's tilesets: one."""
    made = _tileset(_base(request), collections.find(collection))
    brief = {key: made[key] for key in ("title", "dataType", "crs", "tileMatrixSetURI", "links")}
    here = f"{_base(request)}/api/collections/{collection}/tiles"
    return document(
        request, {"links": [link("self", here)], "tilesets": [brief]}, max_age_s=documents.MAX_AGE_S
    )


@public
def tileset(request: HttpRequest, collection: str, matrix: str) -> HttpResponse:
    """``GET /api/collections/{collection}/tiles/WebMercatorQuad``: what its tiles hold."""
    find(matrix)
    return document(
        request, _tileset(_base(request), collections.find(collection)), max_age_s=documents.MAX_AGE_S
    )


def _tileset(base: str, of: Collection) -> dict[str, Any]:
    here = f"{base}/api/collections/{of.name}/tiles/{QUAD}"
    template = f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    west, south, east, north = settings.CITY_BOUNDS
    return {
        "title": of.title["en"],
        "description": of.description,
        "attribution": of.layer.credit(),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": URI,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri},
        "layers": [
            {
                "id": of.layer.name,
                "title": of.title["en"],
                "dataType": "vector",
                "geometryDimension": GEOMETRY_DIMENSION[of.geometry],
                "minTileMatrix": str(of.layer.minzoom),
                "maxTileMatrix": str(of.layer.maxzoom),
                "propertiesSchema": {
                    "type": "object",
                    "properties": {name: {"description": said} for name, said in of.layer.fields.items()},
                },
            }
        ],
        "links": [
            link("self", here),
            link(f"{REL}tiling-scheme", f"{base}/api/tileMatrixSets/{QUAD}", JSON),
            link("item", f"{template}?f=mvt", MEDIA_TYPES["mvt"]) | {"templated": True},
            link("item", f"{template}?f=json", GEOJSON) | {"templated": True},
            link("describedby", f"{base}/tiles/{of.layer.name}.json", JSON, "TileJSON"),
        ],
    }


@public
def tile(request: HttpRequest, collection: str, matrix: str, z: str, row: str, column: str) -> HttpResponse:
    """``GET .../WebMercatorQuad/{z}/{row}/{column}[?f=mvt]``: a tile as ``/tiles`` has it."""
    find(matrix)
    layer = collections.find(collection).layer
    query = request.META.get("QUERY_STRING", "")
    form = request.GET.get("f")
    if form is None:
        form = "json" if "json" in request.headers.get("Accept", "") else "mvt"
    elif form not in FORMS:
        raise InvalidRequest(f"f {form!r} is none of {', '.join(FORMS)}")
    rest = "&".join(part for part in query.split("&") if part and not part.startswith("f="))
    try:
        answer = reply(request, layer.name, (z, column, row), FORMS[form], rest)
        answer["Vary"] = "Accept, Accept-Encoding"
        return answer
    except InvalidRequest as error:
        if str(error).startswith(("zoom", "x ", "y ")):
            raise NotFound(f"no tile {z}/{row}/{column} in {QUAD}") from None
        raise
