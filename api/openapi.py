"""The one OpenAPI document: fragments beside, one for each door, and what the code knows better than they.

A fragment ``api/openapi/<door>.yaml`` has ``paths`` and ``components``. Added here are the names of layers
and collections, the parameters and schemas of each collection, and the answers that every address may give.
"""

import copy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse

from api.collections import ID, Collection, catalogue
from api.features.answers import DEFAULT, MOST
from api.ogc.documents import DESCRIPTION, MAX_AGE_S, OPENAPI, TITLE, schema
from api.ogc.views import base
from api.public import document, public
from geoplatform.errors import GeoplatformError
from layers.layer import catalogue as layers

FRAGMENTS = Path(__file__).with_name("openapi")
VERSION = "1.0.0"
METHODS = ("get", "put", "post", "delete", "patch")
GEOMETRIES = {"point": "Point", "line": "LineString", "polygon": "MultiPolygon"}
REF = "#/components/"


class BadFragment(GeoplatformError):
    """Two fragments of the OpenAPI document say different things of one name."""


@public
def openapi(request: HttpRequest) -> HttpResponse:
    """``GET /api/openapi.json``: every address of the platform as OpenAPI 3.0."""
    made = {**whole(), "servers": [{"url": base(request)}]}
    answer = document(request, made, OPENAPI, max_age_s=MAX_AGE_S)
    answer["Vary"] = "Accept-Encoding"
    return answer


@cache
def whole() -> dict[str, Any]:
    """Return the document without its servers."""
    made: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": VERSION},
        "tags": [],
        "paths": {},
        "components": {},
    }
    for path in sorted(FRAGMENTS.glob("*.yaml")):
        fragment = yaml.safe_load(path.read_text(encoding="utf-8"))
        _merge(made["paths"], fragment.get("paths", {}), path.name)
        made["tags"] += fragment.get("tags", [])
        for kind, parts in fragment.get("components", {}).items():
            _merge(made["components"].setdefault(kind, {}), parts, path.name)
    _merge(made["components"]["parameters"], _names(), "names")
    for collection in catalogue().values():
        _merge(made["paths"], _paths(collection), collection.name)
        made["components"]["schemas"][f"{collection.name}_feature"] = _feature(collection)
    for operations in made["paths"].values():
        for method in METHODS:
            if method in operations:
                _add_errors(operations[method], operations)
    return made


def _merge(into: dict[str, Any], parts: Mapping[str, Any], source: str) -> None:
    for name, part in parts.items():
        if name in into and into[name] != part:
            raise BadFragment(f"{source}: {name} is said by another fragment, too")
        into[name] = part


def _names() -> dict[str, Any]:
    """Return the parameters whose values the code knows."""
    return {
        "layer": _in_path("layer", list(layers()), "a layer, as /tiles lists them"),
        "collection": _in_path("collection", list(catalogue()), "a collection, as /api/collections lists"),
        "limit": {
            "name": "limit",
            "in": "query",
            "description": f"features to a page; more than {MOST} are {MOST}",
            "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT},
        },
    }


def _in_path(name: str, values: list[str], said: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": said,
        "schema": {"type": "string", "enum": values},
    }


def _paths(of: Collection) -> dict[str, Any]:
    """Return the addresses of a collection's features, with its own properties."""
    here = f"/api/collections/{of.name}/items"
    names = [
        "bbox", "bbox-crs", "datetime", "limit", "after", "filter", "filter-lang", "filter-crs", "crs", "f",
    ]  # fmt: skip
    shared = [{"$ref": f"{REF}parameters/{name}"} for name in names]
    listed = {"type": "string", "enum": [ID, *of.columns]}
    own = [
        {
            "name": "sortby",
            "in": "query",
            "description": "properties to sort by, at most 3, each with - before it to descend",
            "explode": False,
            "schema": {
                "type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": True,
                "items": {"type": "string", "pattern": f"^[+-]?({'|'.join([ID, *of.columns])})$"},
            },
        },
        {
            "name": "properties",
            "in": "query",
            "description": "properties to send; by default all",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "string", "enum": list(of.columns)}},
        },
        {
            "name": ID,
            "in": "query",
            "description": "key of the feature; any of several with commas between",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "integer"}},
        },
        *(_of_column(name, of) for name in of.columns),
    ]  # fmt: skip
    page = f"{REF}schemas/{of.name}_feature"
    return {
        here: {
            "get": {
                "tags": ["Features"],
                "operationId": f"items_{of.name}",
                "summary": f"Features of {of.title['en'].lower()}, page by page",
                "description": of.description,
                "parameters": [*shared, *own],
                "responses": {"200": _answer(_page(page), listed)},
            }
        },
        f"{here}/{{id}}": {
            "get": {
                "tags": ["Features"],
                "operationId": f"item_{of.name}",
                "summary": f"One feature of {of.title['en'].lower()}",
                "parameters": [{"$ref": f"{REF}parameters/{name}"} for name in ("id", "crs", "f")],
                "responses": {"200": _answer({"$ref": page}, listed)},
            }
        },
    }


def _of_column(name: str, of: Collection) -> dict[str, Any]:
    """Return the parameter that asks for values of a column: any of several, with commas between."""
    column = of.columns[name]
    kind = {key: value for key, value in schema(column).items() if key in ("type", "format", "enum")}
    return {
        "name": name,
        "in": "query",
        "description": f"{column.description}; any of several with commas between",
        "explode": False,
        "schema": {"type": "array", "minItems": 1, "items": kind},
    }


def _answer(body: dict[str, Any], _listed: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "GeoJSON, or a page to be read",
        "headers": {
            "Content-Crs": {"schema": {"type": "string"}, "description": "the system of the positions"},
            "ETag": {"schema": {"type": "string"}},
        },
        "content": {
            "application/geo+json": {"schema": body},
            "text/html": {"schema": {"type": "string"}},
        },
    }


def _page(feature: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "features", "numberReturned", "links"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "numberReturned": {"type": "integer", "minimum": 0},
            "numberMatched": {
                "type": "integer",
                "minimum": 0,
                "description": "exact; left out where it would take too long to count",
            },
            "features": {"type": "array", "items": {"$ref": feature}},
            "links": {"type": "array", "items": {"$ref": f"{REF}schemas/link"}},
        },
    }


def _feature(of: Collection) -> dict[str, Any]:
    geometry = {
        "type": "object",
        "nullable": True,
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"type": "string", "enum": [GEOMETRIES[of.geometry]]},
            "coordinates": {"type": "array", "items": {}},
        },
    }
    properties = {name: {**schema(column), "nullable": True} for name, column in of.columns.items()}
    for one in properties.values():
        if "enum" in one:
            one["enum"] = [*one["enum"], None]
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "integer"},
            "geometry": geometry,
            "properties": {
                "type": "object",
                "properties": copy.deepcopy(properties),
                "additionalProperties": False,
            },
            "links": {"type": "array", "items": {"$ref": f"{REF}schemas/link"}},
        },
    }


def _add_errors(operation: dict[str, Any], path: Mapping[str, Any]) -> None:
    """Add what every address may answer; what a fragment says of it itself stays."""
    responses = operation["responses"]
    for status, name in (
        ("400", "refused"),
        ("404", "nothing"),
        ("429", "tooMany"),
        ("503", "unavailable"),
    ):
        responses.setdefault(status, {"$ref": f"{REF}responses/{name}"})
