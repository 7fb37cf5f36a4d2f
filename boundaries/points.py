"""Points as they lie in columns of Arrow: from WKB or numbers to lon and lat in degrees, and to WKB again."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from geoplatform.errors import InvalidRequest

#: A point in WKB, little-endian: byte order, kind (1: Point), two ordinates; 21 bytes.
WKB = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
#: The same with a height: ISO's kind, which GeoParquet wants, not PostGIS's own.
WKB_Z = np.dtype([*WKB.descr, ("z", "<f8")])
DEGREES = pyproj.CRS("EPSG:4326")


def from_numbers(name: str, column: pa.Array) -> np.ndarray:
    """Return a column of numbers, or of text that holds numbers, as floats; NaN where it is empty.

    Raises
    ------
    InvalidRequest
        A text is no number; it is said.
    """
    try:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            trimmed = pa.compute.utf8_trim_whitespace(column)
            column = pa.compute.if_else(pa.compute.equal(trimmed, ""), None, trimmed)
        return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidRequest(f"column {name!r} does not hold degrees: {error}") from None


def from_geometry(name: str, column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of a column of points: WKB, or GeoArrow's struct of x and y; NaN where there is none.

    Raises
    ------
    InvalidRequest
        It holds something else; which kind of geometry is said.
    """
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if is_geoarrow(column.type):
        x, y, *_ = _ordinates(name, column)
        return x, y
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise InvalidRequest(f"column {name!r} is {column.type}, not points in WKB")
    plain = _plain_points(column)
    return _any_points(name, column) if plain is None else (plain["x"], plain["y"])


def is_geoarrow(kind: pa.DataType) -> bool:
    """Whether a column holds GeoArrow's points with an ordinate a field: x, y and perhaps z."""
    if isinstance(kind, pa.ExtensionType):
        kind = kind.storage_type
    return bool(pa.types.is_struct(kind)) and [field.name for field in kind] in (["x", "y"], ["x", "y", "z"])


def geoarrow_to_wkb(name: str, column: pa.Array) -> pa.Array:
    """Return GeoArrow's points as WKB, which every program reads."""
    return to_wkb(*_ordinates(name, column.storage if isinstance(column, pa.ExtensionArray) else column))


def _ordinates(name: str, column: pa.StructArray) -> list[np.ndarray]:
    return [from_numbers(name, pa.compute.struct_field(column, field.name)) for field in column.type]


def _plain_points(column: pa.Array) -> np.ndarray | None:
    """Look at WKB as an array of points without reading it, where it is nothing but little-endian points.

    30 million a second, where reading each takes 1 million.
    """
    large = pa.types.is_large_binary(column.type)
    _, starts, content = column.buffers()
    if column.null_count or content is None:
        return None
    offsets = np.frombuffer(starts, np.int64 if large else np.int32)[column.offset :][: len(column) + 1]
    if not (np.diff(offsets) == WKB.itemsize).all():
        return None
    points = np.frombuffer(content, np.uint8)[offsets[0] : offsets[-1]].view(WKB)
    return points if ((points["order"] == 1) & (points["kind"] == 1)).all() else None


def _any_points(name: str, column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Read WKB in any of its forms, with rows that have none."""
    try:
        shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise InvalidRequest(f"column {name!r} holds WKB that cannot be read: {error}") from None
    kinds = shapely.get_type_id(shapes)
    other = np.flatnonzero(kinds > 0)
    if other.size:
        raise InvalidRequest(f"column {name!r} holds a {shapes[other[0]].geom_type}: points are wanted")
    shapes[shapely.is_empty(shapes)] = None
    return shapely.get_x(shapes), shapely.get_y(shapes)


def in_degrees(x: np.ndarray, y: np.ndarray, crs: pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    """Bring positions from a CRS, easting or longitude first, to lon and lat in EPSG:4326.

    What is in EPSG:4326 or OGC:CRS84 already stays as it is, to the last bit.
    """
    if _is_degrees(crs):
        return x, y
    lon, lat = _to_degrees(crs).transform(x, y)
    # Where there is no point, or none that can be brought over, pyproj says infinity.
    missing = np.isnan(x) | np.isnan(y)
    return np.where(missing, np.nan, lon), np.where(missing, np.nan, lat)


@lru_cache
def _is_degrees(crs: pyproj.CRS) -> bool:
    return bool(crs.equals(DEGREES, ignore_axis_order=True) or crs.equals("OGC:CRS84"))


@lru_cache
def _to_degrees(crs: pyproj.CRS) -> Any:
    return pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True)


def to_wkb(x: np.ndarray, y: np.ndarray, z: np.ndarray | None = None) -> pa.Array:
    """Return n points as WKB; null where x or y is NaN."""
    points = np.empty(len(x), WKB if z is None else WKB_Z)
    points["order"], points["kind"] = 1, 1 if z is None else 1001
    points["x"], points["y"] = x, y
    if z is not None:
        points["z"] = z
    offsets = np.arange(len(x) + 1, dtype=np.int32) * points.itemsize
    whole = pa.Array.from_buffers(
        pa.binary(), len(x), [None, pa.py_buffer(offsets), pa.py_buffer(points.tobytes())]
    )
    missing = np.isnan(x) | np.isnan(y)
    return pa.compute.if_else(pa.array(~missing), whole, None) if missing.any() else whole
