"""Tables, layers and the map: what there is, in the resources of the published discovery document."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from api.collections import Collection, catalogue, find
from api.mapsengine.conditions import KEY
from api.mapsengine.grammar import GEOMETRY
from geoplatform.errors import NotFound
from layers.models import Revision

PROJECT = "geoplatform"
MAP = "city"
GEOMETRY_TYPES = {"point": "points", "line": "lineStrings", "polygon": "polygons"}
COLUMN_TYPES = {
    "integer": "integer",
    "number": "double",
    "string": "string",
    "boolean": "boolean",
    "instant": "datetime",
    "date": "datetime",
}
STYLES: Mapping[str, Mapping[str, Any]] = {
    "point": {"pointOptions": {"icon": {"name": "gx_small_red"}}},
    "line": {"lineOptions": {"stroke": {"color": "#b3261e", "width": 3.0, "opacity": 0.9}}},
    "polygon": {
        "polygonOptions": {
            "fill": {"color": "#1a73e8", "opacity": 0.1},
            "stroke": {"color": "#1a73e8", "width": 1.5, "opacity": 0.9},
        }
    },
}


def tables() -> list[dict[str, Any]]:
    """Return every collection as a table, without its columns."""
    revised = _revised()
    return [_table(collection, revised) for collection in catalogue().values()]


def table(id: str) -> dict[str, Any]:
    """Return a table with its columns, or raise NotFound."""
    collection = _found(id, "table")
    return {**_table(collection, _revised()), "schema": schema(collection)}


def schema(collection: Collection) -> dict[str, Any]:
    """Return the columns of a table: the geometry, the key, and the others."""
    columns = [
        {"name": GEOMETRY, "type": GEOMETRY_TYPES[collection.geometry]},
        {"name": KEY, "type": "string"},
        *({"name": one.name, "type": COLUMN_TYPES[one.kind]} for one in collection.columns.values()),
    ]
    return {"columns": columns, "primaryGeometry": GEOMETRY, "primaryKey": KEY}


def layers() -> list[dict[str, Any]]:
    """Return every collection as a layer, without its style."""
    revised = _revised()
    return [_layer(collection, revised) for collection in catalogue().values()]


def layer(id: str) -> dict[str, Any]:
    """Return a layer with its style, or raise NotFound."""
    collection = _found(id, "layer")
    rule = {
        "name": collection.title["en"],
        "zoomLevels": {"min": collection.layer.minzoom, "max": collection.layer.maxzoom},
        **STYLES[collection.geometry],
    }
    style = {"type": "displayRule", "displayRules": [rule]}
    return {**_layer(collection, _revised()), "style": style}


def published_layers() -> list[dict[str, Any]]:
    """Return every layer as whoever looks at a map may know it."""
    return [_published(collection) for collection in catalogue().values()]


def published_layer(id: str) -> dict[str, Any]:
    """Return one of them, or raise NotFound."""
    return _published(_found(id, "layer"))


def maps() -> list[dict[str, Any]]:
    """Return the one map that there is: all layers over one another."""
    revised = _revised()
    return [
        {
            **published_map(MAP),
            "etag": _etag(max(revised.values(), default=None)),
            **_modified(max(revised.values(), default=None)),
            "processingStatus": "complete",
            "publishingStatus": "published",
            "versions": ["published"],
            "tags": [],
        }
    ]


def map(id: str) -> dict[str, Any]:
    """Return the map, or raise NotFound for any other."""
    published_map(id)
    return maps()[0]


def published_maps() -> list[dict[str, Any]]:
    """Return the one map as whoever looks at it may know it."""
    return [published_map(MAP)]


def published_map(id: str) -> dict[str, Any]:
    """Return the map as whoever looks at it may know it, or raise NotFound for any other."""
    if id != MAP:
        raise NotFound(f"no map {id!r}: there is {MAP}")
    return {
        "id": MAP,
        "projectId": PROJECT,
        "name": "Geoplatform",
        "description": "All layers of the platform",
        "defaultViewport": list(settings.CITY_BOUNDS),
        "contents": [
            {
                "type": "layer",
                "id": collection.name,
                "key": collection.name,
                "name": collection.title["en"],
                "visibility": "defaultOn",
            }
            for collection in catalogue().values()
        ],
    }


def _found(id: str, kind: str) -> Collection:
    try:
        return find(id)
    except NotFound:
        raise NotFound(f"no {kind} {id!r}: there are {', '.join(catalogue())}") from None


def _table(collection: Collection, revised: Mapping[str, datetime]) -> dict[str, Any]:
    return {
        **_named(collection),
        **_modified(revised.get(collection.name)),
        "etag": _etag(revised.get(collection.name)),
        "processingStatus": "complete",
        "tags": [],
    }


def _layer(collection: Collection, revised: Mapping[str, datetime]) -> dict[str, Any]:
    return {
        **_table(collection, revised),
        "datasourceType": "table",
        "layerType": "vector",
        "datasources": [{"id": collection.name}],
        "publishingStatus": "published",
    }


def _published(collection: Collection) -> dict[str, Any]:
    return {**_named(collection), "layerType": "vector"}


def _named(collection: Collection) -> dict[str, Any]:
    return {
        "id": collection.name,
        "projectId": PROJECT,
        "name": collection.title["en"],
        "description": collection.description,
    }


def _revised() -> dict[str, datetime]:
    """Return when each layer last changed; one that never did is not in it."""
    return dict(Revision.objects.filter(layer__in=catalogue()).values_list("layer", "touched_at"))


def _modified(at: datetime | None) -> dict[str, str]:
    return {"lastModifiedTime": rfc3339(at)} if at else {}


def _etag(at: datetime | None) -> str:
    return f'"{rfc3339(at) if at else "never"}"'


def rfc3339(at: datetime) -> str:
    """Return an instant as Google's interfaces write it: UTC, milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
