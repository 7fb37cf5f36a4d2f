"""Write rows to GeoParquet, CSV or FlatGeobuf, batch by batch; the file appears when it is whole."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import pyproj
from pyarrow import csv as arrow_csv
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError

from boundaries.points import DEGREES
from geoplatform import whole_files
from geoplatform.errors import InvalidRequest, Unavailable, Unsupported

Batches = Iterator[pa.RecordBatch]


def check(path: Path) -> None:
    """Refuse a file that could not be written, before any work is done.

    Raises
    ------
    Unsupported
        Its name ends in something that is not written.
    InvalidRequest
        It is a folder itself; its folder is not there, or cannot be written to.
    """
    if path.suffix.lower() not in WRITERS:
        written = ", ".join(WRITERS)
        raise Unsupported(f"{path.name}: what ends in {path.suffix!r} is not written; {written} are")
    if path.is_dir():
        raise InvalidRequest(f"{path} is a folder: give the name of a file")
    if not path.parent.is_dir():
        raise InvalidRequest(f"{path.parent}: no such folder")
    if not os.access(path.parent, os.W_OK):
        raise InvalidRequest(f"{path.parent}: this folder cannot be written to")


def has_geometry(path: Path) -> bool:
    """Whether the format of a file has a column of geometries."""
    return path.suffix.lower() != ".csv"


def held(path: Path, field: pa.Field) -> pa.Field:
    """Return a column as the format of a file holds it, every value the same.

    Raises
    ------
    InvalidRequest
        The format would lose or round what is in it.
    """
    kind = field.type
    if not has_geometry(path) and (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise InvalidRequest(f"{path.name}: a CSV does not hold the bytes of column {field.name!r}")
    return _in_flatgeobuf(path, field) if path.suffix.lower() == ".fgb" else field


def _in_flatgeobuf(path: Path, field: pa.Field) -> pa.Field:
    """Return a column as GDAL stores it in a FlatGeobuf without rounding."""
    if field.name == "OGC_FID":
        # GDAL reads it as the number of the feature, for which the format has no place.
        raise InvalidRequest(f"{path.name}: a FlatGeobuf forgets a column 'OGC_FID': rename it first")
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_uint64(kind):
        return pa.field(field.name, pa.int64())
    if pa.types.is_decimal(kind):
        return pa.field(field.name, pa.string())
    if _is_rounded(kind):
        raise InvalidRequest(f"{path.name}: a FlatGeobuf rounds the {kind} of column {field.name!r}")
    return field


def _is_rounded(kind: pa.DataType) -> bool:
    """Whether GDAL makes a float of a type, or of one within it."""
    return bool(
        pa.types.is_uint64(kind)
        or pa.types.is_decimal(kind)
        or any(_is_rounded(kind.field(number).type) for number in range(kind.num_fields))
    )


def write(path: Path, schema: pa.Schema, batches: Batches, geometry: str | None, crs: str | None) -> None:
    """Write all batches to a file, or, where an error ends them, nothing.

    Parameters
    ----------
    schema
        The columns of each batch.
    geometry
        The column of WKB; None in a CSV.
    crs
        Of that geometry, as PROJJSON; None is EPSG:4326.

    Raises
    ------
    InvalidRequest
        The format cannot hold a column of this type, or a value in it.
    Unavailable
        The disk does not take it.
    """
    with whole_files.beside(path) as unfinished:
        try:
            WRITERS[path.suffix.lower()](unfinished, schema, batches, geometry, crs)
        except (pa.ArrowException, DataSourceError, DataLayerError) as error:
            raise InvalidRequest(f"{path.name} cannot be written: {error}") from None
        except OSError as error:
            raise Unavailable(f"{path.name} cannot be written: {error}") from None


def _parquet(path: Path, schema: pa.Schema, batches: Batches, geometry: str | None, crs: str | None) -> None:
    """Write GeoParquet 1.1."""
    said = {b"geo": _geo(schema, str(geometry), crs)}
    with parquet.ParquetWriter(path, schema.with_metadata(said), compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(said))


def _geo(schema: pa.Schema, geometry: str, crs: str | None) -> bytes:
    """Return the metadata of GeoParquet 1.1.0; no CRS means OGC:CRS84.

    What a GeoParquet file said of its geometries (others than the points, heights, bounds) stays true.
    """
    said = json.loads((schema.metadata or {}).get(b"geo", '{"columns": {}}'))
    columns = {name: column for name, column in said["columns"].items() if name in schema.names}
    points: dict[str, Any] = {"geometry_types": ["Point"], **columns.get(geometry, {}), "encoding": "WKB"}
    if crs is not None:
        points["crs"] = json.loads(crs)
    columns[geometry] = points
    return json.dumps({"version": "1.1.0", "primary_column": geometry, "columns": columns}).encode()


def _csv(path: Path, schema: pa.Schema, batches: Batches, geometry: str | None, crs: str | None) -> None:
    """Write a CSV in UTF-8 with commas and a header."""
    with arrow_csv.CSVWriter(path, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _flatgeobuf(
    path: Path, schema: pa.Schema, batches: Batches, geometry: str | None, crs: str | None
) -> None:
    """Write a FlatGeobuf without an index: one would hold all rows in memory and change their order."""
    failures: list[BaseException] = []

    def watched() -> Batches:
        try:
            yield from batches
        except BaseException as error:
            failures.append(error)
            raise

    try:
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(schema, watched()),
            path,
            driver="FlatGeobuf",
            geometry_name=geometry,
            geometry_type="Point",
            crs=(pyproj.CRS(crs) if crs else DEGREES).to_wkt(),
            SPATIAL_INDEX="NO",
        )
    except RuntimeError:
        # What ended the batches passes through C on its way, and comes out without its name.
        if failures:
            raise failures[0] from None
        raise


WRITERS: dict[str, Callable[[Path, pa.Schema, Batches, str | None, str | None], None]] = {
    ".parquet": _parquet,
    ".geoparquet": _parquet,
    ".csv": _csv,
    ".fgb": _flatgeobuf,
}
