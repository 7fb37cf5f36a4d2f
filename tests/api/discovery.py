"""What the published discovery document of Maps Engine v1 says of each resource, and a strict reader of it.

Written anew from the document's last revision (2015-12-02): names and types of members. The reader refuses
what a generated client might: an unknown member, another type, a date that is none, a word outside an enum.
"""

import re
from typing import Any

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
STATUS = ("complete", "failed", "notReady", "processing", "ready")
ASSET = {
    "bbox": ["number"],
    "creationTime": "instant",
    "creatorEmail": "string",
    "description": "string",
    "draftAccessList": "string",
    "etag": "string",
    "id": "string",
    "lastModifiedTime": "instant",
    "lastModifierEmail": "string",
    "name": "string",
    "processingStatus": STATUS,
    "projectId": "string",
    "publishedAccessList": "string",
    "tags": ["string"],
    "writersCanEditPermissions": "boolean",
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "TablesListResponse": {"nextPageToken": "string", "tables": ["Table"]},
    "Table": {**ASSET, "files": ["File"], "schema": "Schema", "sourceEncoding": "string"},
    "File": {"filename": "string", "size": "int64", "uploadStatus": "string"},
    "Schema": {"columns": ["TableColumn"], "primaryGeometry": "string", "primaryKey": "string"},
    "TableColumn": {
        "name": "string",
        "type": (
            "boolean", "datetime", "double", "integer", "lineStrings", "mixedGeometry", "points", "polygons",
            "string",
        ),
    },
    "FeaturesListResponse": {
        "allowedQueriesPerSecond": "number",
        "features": ["Feature"],
        "nextPageToken": "string",
        "schema": "Schema",
        "type": ("FeatureCollection",),
    },
    "Feature": {"geometry": "geometry", "properties": "object", "type": ("Feature",)},
    "LayersListResponse": {"layers": ["Layer"], "nextPageToken": "string"},
    "Layer": {
        **ASSET,
        "datasourceType": ("image", "table"),
        "datasources": ["Datasource"],
        "layerType": ("image", "vector"),
        "publishingStatus": ("notPublished", "published"),
        "style": "VectorStyle",
    },
    "Datasource": {"id": "string"},
    "VectorStyle": {"displayRules": ["DisplayRule"], "featureInfo": "FeatureInfo", "type": ("displayRule",)},
    "FeatureInfo": {"content": "string"},
    "DisplayRule": {
        "filters": ["Filter"],
        "lineOptions": "LineStyle",
        "name": "string",
        "pointOptions": "PointStyle",
        "polygonOptions": "PolygonStyle",
        "zoomLevels": "ZoomLevels",
    },
    "Filter": {"column": "string", "operator": "string", "value": "any"},
    "ZoomLevels": {"max": "integer", "min": "integer"},
    "PointStyle": {"icon": "IconStyle", "label": "LabelStyle"},
    "IconStyle": {"id": "string", "name": "string", "scaledShape": "object", "scalingFunction": "object"},
    "LineStyle": {"border": "Border", "dash": ["number"], "label": "LabelStyle", "stroke": "Border"},
    "PolygonStyle": {"fill": "Color", "label": "LabelStyle", "stroke": "Border"},
    "LabelStyle": {"color": "string", "column": "string", "opacity": "number", "size": "number"},
    "Border": {"color": "string", "opacity": "number", "width": "number"},
    "Color": {"color": "string", "opacity": "number"},
    "PublishedLayersListResponse": {"layers": ["PublishedLayer"], "nextPageToken": "string"},
    "PublishedLayer": {
        "description": "string",
        "id": "string",
        "layerType": ("image", "vector"),
        "name": "string",
        "projectId": "string",
    },
    "MapsListResponse": {"maps": ["Map"], "nextPageToken": "string"},
    "Map": {
        **ASSET,
        "contents": ["MapItem"],
        "defaultViewport": ["number"],
        "publishingStatus": ("notPublished", "published"),
        "versions": [("draft", "published")],
    },
    "MapItem": {
        "defaultViewport": ["number"],
        "id": "string",
        "key": "string",
        "name": "string",
        "type": ("layer",),
        "visibility": ("defaultOn", "defaultOff"),
    },
    "PublishedMapsListResponse": {"maps": ["PublishedMap"], "nextPageToken": "string"},
    "PublishedMap": {
        "contents": ["MapItem"],
        "defaultViewport": ["number"],
        "description": "string",
        "id": "string",
        "name": "string",
        "projectId": "string",
    },
    "ErrorResponse": {"error": "Error"},
    "Error": {"errors": ["Fault"], "code": "integer", "message": "string"},
    "Fault": {
        "domain": "string",
        "reason": "string",
        "message": "string",
        "locationType": ("parameter", "header"),
        "location": "string",
    },
}  # fmt: skip
DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def read(schema: Any, value: Any, where: str = "$") -> None:
    """Read a value strictly; AssertionError says where it is not what the document says."""
    if isinstance(schema, list):
        assert isinstance(value, list), f"{where} is no array"
        for place, one in enumerate(value):
            read(schema[0], one, f"{where}[{place}]")
    elif isinstance(schema, tuple):
        assert value in schema, f"{where} is {value!r}, which is none of {schema}"
    elif schema in SCHEMAS:
        assert isinstance(value, dict), f"{where} is no object"
        for name, one in value.items():
            assert name in SCHEMAS[schema], f"{where}.{name} is no member of a {schema}"
            read(SCHEMAS[schema][name], one, f"{where}.{name}")
    else:
        assert SIMPLE[schema](value), f"{where} is {value!r}, which is no {schema}"


def _geometry(value: Any) -> bool:
    return value is None or (
        set(value) == {"type", "coordinates"} and _positions(value["coordinates"], DEPTHS[value["type"]])
    )


def _positions(value: Any, depth: int) -> bool:
    if depth:
        return bool(value) and all(_positions(one, depth - 1) for one in value)
    return len(value) == 2 and all(isinstance(one, int | float) for one in value)


def _is(*kinds: type) -> Any:
    return lambda value: isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


SIMPLE = {
    "any": lambda value: True,
    "boolean": _is(bool),
    "geometry": _geometry,
    "instant": lambda value: isinstance(value, str) and INSTANT.fullmatch(value),
    "int64": lambda value: isinstance(value, str) and value.isdecimal(),
    "integer": _is(int),
    "number": _is(int, float),
    "object": _is(dict),
    "string": _is(str),
}
