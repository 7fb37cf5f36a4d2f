"""What a collection holds: each column with type and meaning, licence, attribution and the day."""

import json
import re
from datetime import datetime
from html import unescape
from typing import Any

from api.collections import ID, Collection
from api.exports import tables
from layers.layer import ATTRIBUTION

FORMS = {
    "parquet": "GeoParquet 1.1, zstd; geometry WKB in OGC:CRS84, bounds of each row in bbox",
    "fgb": "FlatGeobuf; with a spatial index where it has 500,000 features or fewer, each with a geometry",
    "gpkg": "GeoPackage; with a spatial index where it has 500,000 features or fewer",
    "csv": "CSV in UTF-8 with a header; points as lon and lat, other geometries as WKT",
    "geojsonseq": "GeoJSON text sequence (RFC 8142), positions to 6 decimals",
}
TYPES = {"instant": "instant, UTC", "date": "date in Asia/Jakarta"}
GEOMETRIES = {"point": "Point", "line": "LineString", "polygon": "MultiPolygon"}


def dictionary(collection: Collection, now: datetime) -> dict[str, Any]:
    """Return the data dictionary of a collection as it is at an instant."""
    return {
        "collection": collection.name,
        "title": collection.title,
        "description": collection.description,
        "geometry": {"type": GEOMETRIES[collection.geometry], "crs": "OGC:CRS84 (degrees, longitude first)"},
        "key": ID,
        "columns": [
            {"name": ID, "type": "integer", "description": "key; the same in every export", "values": []},
            *(
                {
                    "name": column.name,
                    "type": TYPES.get(column.kind, column.kind),
                    "description": column.description,
                    "values": list(column.values),
                }
                for column in collection.columns.values()
            ),
        ],
        "attribution": plain(collection.layer.credit()),
        "attribution_html": collection.layer.credit(),
        "licence": collection.layer.terms() or None,
        "publisher": ATTRIBUTION,
        "made_at": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "forms": FORMS,
    }


def about(collection: Collection, now: datetime) -> dict[str, str]:
    """Return what a file says of itself where its format has room: the same, as texts."""
    said = dictionary(collection, now)
    columns = {column["name"]: column["description"] for column in said["columns"]}
    columns[tables.GEOMETRY] = said["geometry"]["crs"]
    return {
        "title": f"{said['title']['id']} / {said['title']['en']}",
        "description": said["description"],
        "attribution": said["attribution"],
        "licence": said["licence"] or "not stated",
        "publisher": said["publisher"],
        "made_at": said["made_at"],
        "columns": json.dumps(columns),
    }


def plain(html: str) -> str:
    """Return what a reader of an attribution reads, the address of each link behind it."""
    linked = re.sub(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', r"\2 (\1)", html)
    return unescape(re.sub(r"<[^>]+>", "", linked))
