"""The documents of OGC API - Features: what there is, what it is, and what may be asked of it."""

from typing import Any

from django.conf import settings

from api import crs
from api.collections import GEOMETRY, ID, Collection, Column, catalogue
from api.collections import Kind as ColumnKind
from api.exports.making import MEDIA_TYPES

JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
SCHEMA, OPENAPI = "application/schema+json", "application/vnd.oai.openapi+json;version=3.0"
MAX_AGE_S = 300  # what the documents say changes with a release
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
TITLE = "Geoplatform"
DESCRIPTION = "Citizens' reports, traffic, places and boundaries of Jakarta: open to anyone, no key needed."
TYPES: dict[ColumnKind, dict[str, str]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "instant": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
}
FILES = {
    "parquet": "GeoParquet", "fgb": "FlatGeobuf", "gpkg": "GeoPackage", "csv": "CSV",
    "geojsonseq": "GeoJSON, a line each",
}  # fmt: skip
GEOMETRIES = {
    "point": "geometry-point", "line": "geometry-linestring", "polygon": "geometry-multipolygon",
}  # fmt: skip


def link(rel: str, href: str, type: str = JSON, title: str = "") -> dict[str, str]:
    """Return a link."""
    made = {"href": href, "rel": rel, "type": type}
    return made | {"title": title} if title else made


def _itself(href: str) -> list[dict[str, str]]:
    return [link("self", href), link("alternate", f"{href}?f=html", HTML)]


def landing(base: str) -> dict[str, Any]:
    """Return the landing page; ``base`` is scheme and host of the platform."""
    api = f"{base}/api"
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "links": [
            *_itself(api),
            link("service-desc", f"{api}/openapi.json", OPENAPI, "this API as OpenAPI 3.0"),
            link("service-doc", f"{api}/docs", HTML, "this API to be read and tried"),
            link("conformance", f"{api}/conformance", title="what it conforms to"),
            link("data", f"{api}/collections", title="the collections"),
            link(f"{REL}tiling-schemes", f"{api}/tileMatrixSets", title="tile matrix sets"),
            link("related", f"{base}/", HTML, "the map"),
        ],
    }


def collections(base: str) -> dict[str, Any]:
    """Return all collections, lowest on the map first."""
    return {
        "links": _itself(f"{base}/api/collections"),
        "collections": [collection(base, one) for one in catalogue().values()],
        "crs": list(crs.ALL),
    }


def collection(base: str, of: Collection) -> dict[str, Any]:
    """Return the description of a collection.

    The extent is the city's: where people report from has no bounds.
    """
    here = f"{base}/api/collections/{of.name}"
    made: dict[str, Any] = {
        "id": of.name,
        "title": of.title["en"],
        "description": of.description,
        "attribution": of.layer.credit(),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [settings.CITY_BOUNDS], "crs": crs.CRS84.uri},
        },
        "crs": list(crs.ALL),
        "storageCrs": crs.CRS84.uri,
        "links": [
            *_itself(here),
            link("items", f"{here}/items", GEOJSON, "its features"),
            link("items", f"{here}/items?f=html", HTML, "its features"),
            link(f"{REL}queryables", f"{here}/queryables", SCHEMA, "what may be asked of them"),
            link(f"{REL}tilesets-vector", f"{here}/tiles", title="its tiles"),
            link("describedby", f"{here}/dictionary", title="what its columns mean"),
            *(
                link("enclosure", f"{here}/export.{form}", type, f"all of it as a file: {FILES[form]}")
                for form, type in MEDIA_TYPES.items()
            ),
        ],
    }
    if of.time:
        made["extent"]["temporal"] = {"interval": [[None, None]]}
    return made


def queryables(base: str, of: Collection) -> dict[str, Any]:
    """Return what may be asked of a collection, as JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/api/collections/{of.name}/queryables",
        "type": "object",
        "title": of.title["en"],
        "properties": {
            ID: {"type": "integer", "description": "key of the feature", "x-ogc-role": "id"},
            GEOMETRY: {"format": GEOMETRIES[of.geometry], "x-ogc-role": "primary-geometry"},
            **{name: schema(column) for name, column in of.columns.items()},
        },
        "additionalProperties": False,
    }


def schema(column: Column) -> dict[str, Any]:
    """Return a column as JSON Schema."""
    made: dict[str, Any] = {**TYPES[column.kind], "title": column.name, "description": column.description}
    if column.values:
        made["enum"] = list(column.values)
    return made
