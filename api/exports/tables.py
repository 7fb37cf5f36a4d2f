"""A collection as a table of Arrow: its schema, and the fields of the statement that reads it."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import shapely
from psycopg import sql as compose

from api.collections import Collection, Column
from api.exports import binary
from boundaries import points

GEOMETRY = "geometry"  # the name that every reader of GeoParquet expects
COVERING = "bbox"
BOX = pa.struct([(name, pa.float32()) for name in ("xmin", "ymin", "xmax", "ymax")])
CASTS = {
    "integer": "bigint",
    "number": "double precision",
    "string": "text",
    "boolean": "boolean",
    "instant": "timestamp with time zone",
    "date": "date",
}
KINDS = {
    "point": ["Point"],
    "line": ["LineString", "MultiLineString"],
    "polygon": ["Polygon", "MultiPolygon"],
}


class Read(NamedTuple):
    """What is selected, and the type of each field."""

    fields: compose.Composable
    types: tuple[str, ...]


def read(collection: Collection) -> Read:
    """Return the fields of a statement: id, columns, then a point's two ordinates, or else WKB."""
    fields: list[compose.Composable] = [compose.SQL("id")]
    types = ["bigint"]
    for column in collection.columns.values():
        cast = CASTS[column.kind]
        # The type is one of the table above.
        fields.append(compose.SQL("{}::" + cast).format(compose.Identifier(column.name)))
        types.append(cast)
    shapes = {"point": ["ST_X(geom)", "ST_Y(geom)"]}.get(collection.geometry, ["ST_AsBinary(geom)"])
    types += ["double precision"] * 2 if len(shapes) == 2 else ["bytea"]
    return Read(compose.SQL(", ").join([*fields, *map(compose.SQL, shapes)]), tuple(types))


def schema(collection: Collection) -> pa.Schema:
    """Return the columns of the table."""
    columns = [
        pa.field("id", pa.int64(), nullable=False),
        *(_field(column) for column in collection.columns.values()),
        pa.field(GEOMETRY, pa.binary()),
        pa.field(COVERING, BOX),
    ]
    return pa.schema(columns)


def _field(column: Column) -> pa.Field:
    arrow, _ = binary.TYPES[CASTS[column.kind]]
    return pa.field(column.name, arrow)


def batch(collection: Collection, rows: list[bytes]) -> tuple[pa.RecordBatch, np.ndarray]:
    """Return rows of a statement as columns, and their bounds (west, south, east, north; NaN: none)."""
    of = read(collection)
    columns = binary.columns(rows, of.types)
    if collection.geometry == "point":
        *plain, x, y = columns
        lon, lat = (axis.to_numpy(zero_copy_only=False) for axis in (x, y))
        geometry, boxes = points.to_wkb(lon, lat), np.stack([lon, lat, lon, lat])
    else:
        *plain, geometry = columns
        boxes = shapely.bounds(shapely.from_wkb(geometry.to_numpy(zero_copy_only=False))).T
    made = pa.RecordBatch.from_arrays([*plain, geometry, _covering(boxes)], schema=schema(collection))
    with np.errstate(invalid="ignore"):
        known = boxes[:, ~np.isnan(boxes[0])]
    whole = [known[0].min(), known[1].min(), known[2].max(), known[3].max()] if known.size else [np.nan] * 4
    return made, np.array(whole)


def _covering(boxes: np.ndarray) -> pa.Array:
    """Return boxes as float32, rounded outward, so that each still covers its geometry."""
    missing = np.isnan(boxes[0])
    low, high = (part.astype(np.float32) for part in (boxes[:2], boxes[2:]))
    low = np.where(low > boxes[:2], np.nextafter(low, np.float32(-np.inf)), low)
    high = np.where(high < boxes[2:], np.nextafter(high, np.float32(np.inf)), high)
    sides = [pa.array(side) for side in (*low.astype(np.float32), *high.astype(np.float32))]
    return pa.StructArray.from_arrays(
        sides, fields=list(BOX), mask=pa.array(missing) if missing.any() else None
    )
