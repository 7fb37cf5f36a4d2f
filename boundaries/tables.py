"""Files of rows with a position, read in spans that can be read apart: GeoParquet, CSV, FlatGeobuf.

A table says its columns, where its positions stand, and its spans; ``read`` gives the rows of one span in
batches. It holds no open file, so that it can be sent to another process.
"""

import csv
import io
import json
from abc import ABC, abstractmethod
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pyproj
from pyarrow import csv as arrow_csv
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError

from boundaries import lines, points
from geoplatform.errors import InvalidRequest, Unsupported

#: Rows that are in memory at a time.
BATCH = 1 << 17
#: Bytes of a CSV, features of a FlatGeobuf, that are read as one span.
SPAN_BYTES = 16 << 20
SPAN_FEATURES = 1_000_000

Span = tuple[int, int]

# GDAL 3.12's own path from FlatGeobuf to Arrow takes rows without a geometry for rows of negative length.
pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})


@dataclass(frozen=True)
class Position:
    """Where the positions of a table stand: in one column of geometries, or in two of degrees.

    ``crs`` is None for degrees (EPSG:4326).
    """

    columns: tuple[str, ...]
    crs: str | None = None

    @property
    def geometry(self) -> str | None:
        """The column of geometries, if it is one."""
        return self.columns[0] if len(self.columns) == 1 else None

    def lonlat(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
        """Return lon and lat of n rows in degrees, EPSG:4326; NaN where a row has none."""
        if self.geometry is None:
            lon, lat = (points.from_numbers(name, batch.column(name)) for name in self.columns)
            return lon, lat
        x, y = points.from_geometry(self.geometry, batch.column(self.geometry))
        return points.in_degrees(x, y, pyproj.CRS(self.crs)) if self.crs else (x, y)


@dataclass(frozen=True)
class Table(ABC):
    """A file of rows. ``rows`` is how many, where that is known without reading them."""

    path: Path
    position: Position
    schema: pa.Schema
    rows: int | None

    @abstractmethod
    def spans(self) -> Iterable[Span]:
        """Return what can be read apart, in the order of the file; each as soon as it is known."""

    @abstractmethod
    def read(self, span: Span) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one span."""

    def whole(self) -> Iterable[Span]:
        """Return the spans for one who reads all of them in order."""
        return self.spans()

    @property
    def size_bytes(self) -> int | None:
        """Bytes of all spans, where how far it is can be told from them alone."""
        return None

    def bytes_of(self, span: Span) -> int:
        """Return the bytes of one span; 0 where they tell nothing."""
        return 0


class Parquet(Table):
    """A Parquet file, by its ``geo`` metadata (GeoParquet) or by two columns; a span is a row group."""

    def spans(self) -> list[Span]:
        """Return the row groups, one by one."""
        return [(group, group + 1) for group in range(parquet.ParquetFile(self.path).num_row_groups)]

    def read(self, span: Span) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some row groups."""
        # Few programs write checksums; where they stand, a damaged page is not taken for rows.
        with parquet.ParquetFile(self.path, page_checksum_verification=True) as file:
            yield from file.iter_batches(BATCH, row_groups=list(range(*span)))


@dataclass(frozen=True)
class Csv(Table):
    """A CSV in UTF-8 with commas, its lines behind ``start``; values stay the text that they are."""

    start: int

    def spans(self) -> Iterator[Span]:
        """Cut the lines into ranges of bytes, never within quotes."""
        return pairwise(chain([self.start], lines.ends(self.path, self.start, SPAN_BYTES)))

    @property
    def size_bytes(self) -> int:
        """Bytes of all lines but the header."""
        return self.path.stat().st_size - self.start

    def bytes_of(self, span: Span) -> int:
        """Return the bytes of a range of them."""
        return span[1] - span[0]

    def read(self, span: Span) -> Iterator[pa.RecordBatch]:
        """Yield the lines of a range of bytes."""
        with self.path.open("rb") as file:
            file.seek(span[0])
            content = file.read(span[1] - span[0])
        if content.isspace():  # Arrow takes lines without anything for no rows, but wants one
            return
        rows = arrow_csv.read_csv(
            pa.BufferReader(content),
            arrow_csv.ReadOptions(column_names=self.schema.names, block_size=lines.LONGEST),
            arrow_csv.ParseOptions(newlines_in_values=True),
            arrow_csv.ConvertOptions(column_types=self.schema, strings_can_be_null=False),
        )
        yield from rows.to_batches(BATCH)


class FlatGeobuf(Table):
    """A FlatGeobuf of points; a span is some features, which takes long to find where it has no index."""

    def spans(self) -> list[Span]:
        """Return ranges of features."""
        rows = self.rows or 0
        return list(pairwise([*range(0, rows, SPAN_FEATURES), rows]))

    def read(self, span: Span) -> Iterator[pa.RecordBatch]:
        """Yield a range of features."""
        left = span[1] - span[0]
        for batch in self._features(span[0]):
            yield batch.slice(0, left)
            left -= len(batch)
            if left <= 0:
                return

    def whole(self) -> list[Span]:
        """Return all features as one: to find those of a second takes as long as to read the first."""
        return [(0, self.rows or 0)]

    def _features(self, skipped: int) -> Iterator[pa.RecordBatch]:
        with pyogrio.open_arrow(self.path, skip_features=skipped, batch_size=BATCH, use_pyarrow=True) as (
            _,
            reader,
        ):
            yield from reader


def find(path: Path, lon: str | None = None, lat: str | None = None) -> Table:
    """Look at a file and say what is in it.

    Parameters
    ----------
    path
        ``.parquet`` (or ``.geoparquet``), ``.csv`` or ``.fgb``.
    lon, lat
        The columns that hold degrees in EPSG:4326; by default the geometry counts, and where there is none
        the columns ``lon`` and ``lat``.

    Raises
    ------
    InvalidRequest
        No such file; it is not what its name says; no such column; no CRS is known.
    Unsupported
        Its name ends in something else.
    """
    opener = OPENERS.get(path.suffix.lower())
    if opener is None:
        raise Unsupported(f"{path.name}: what ends in {path.suffix!r} is not read; {', '.join(OPENERS)} are")
    if not path.is_file():
        raise InvalidRequest(f"{path}: no such file")
    try:
        return opener(path, lon, lat)
    except READ_ERRORS as error:
        raise InvalidRequest(f"{path.name} cannot be read: {error}") from None


def _parquet(path: Path, lon: str | None, lat: str | None) -> Table:
    """Open a Parquet file."""
    with parquet.ParquetFile(path) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    _check_names(path, schema.names)
    geo = _geo(path, schema)
    if geo is None or lon or lat:
        return Parquet(path, _degrees(path, schema, lon, lat), schema, rows)
    name = geo["primary_column"]
    crs = geo["columns"][name].get("crs", "OGC:CRS84")
    return Parquet(
        path, _geometry(path, schema, name, json.dumps(crs) if isinstance(crs, dict) else crs), schema, rows
    )


def _geo(path: Path, schema: pa.Schema) -> dict[str, Any] | None:
    """Return what GeoParquet says of its geometries, None where a Parquet file has none."""
    if b"geo" not in (schema.metadata or {}):
        return None
    try:
        geo = json.loads(schema.metadata[b"geo"])
        columns = {name: dict(column) for name, column in geo["columns"].items()}
        return {"primary_column": geo["primary_column"], "columns": {geo["primary_column"]: {}, **columns}}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(f"{path.name}: its geo metadata is not that of GeoParquet: {error!r}") from None


def _csv(path: Path, lon: str | None, lat: str | None) -> Table:
    """Open a CSV: its header says the columns, and all of them are text."""
    with path.open("rb") as file:
        mark = len(BOM_UTF8) if file.read(len(BOM_UTF8)) == BOM_UTF8 else 0
        start = lines.first_end(path, mark)
        file.seek(mark)
        header = file.read(start - mark).decode()
    names = next(csv.reader(io.StringIO(header, newline="")), [])
    _check_names(path, names)
    schema = pa.schema([(name, pa.string()) for name in names])
    return Csv(path, _degrees(path, schema, lon, lat), schema, None, start)


def _flatgeobuf(path: Path, lon: str | None, lat: str | None) -> Table:
    """Open a FlatGeobuf."""
    rows = pyogrio.read_info(path, force_feature_count=True)["features"]
    with pyogrio.open_arrow(path, batch_size=BATCH, use_pyarrow=True) as (said, reader):
        schema = reader.schema
    _check_names(path, schema.names)
    if lon or lat:
        return FlatGeobuf(path, _degrees(path, schema, lon, lat), schema, rows)
    name = said["geometry_name"] or "wkb_geometry"
    return FlatGeobuf(path, _geometry(path, schema, name, said["crs"]), schema, rows)


def _check_names(path: Path, names: list[str]) -> None:
    """Refuse a table in which a name does not tell which column is meant."""
    if len(set(names)) < len(names):
        raise InvalidRequest(f"{path.name}: two columns have one name: {', '.join(names)}")


def _degrees(path: Path, schema: pa.Schema, lon: str | None, lat: str | None) -> Position:
    """Return the two columns of degrees, which must be there."""
    columns = (lon or "lon", lat or "lat")
    for name in columns:
        if name not in schema.names:
            raise InvalidRequest(
                f"{path.name} has no column {name!r}; it has {', '.join(schema.names) or 'none'}"
            )
    return Position(columns)


def _geometry(path: Path, schema: pa.Schema, name: str, crs: str | None) -> Position:
    """Return the column of geometries, whose CRS must be known."""
    if name not in schema.names:
        raise InvalidRequest(f"{path.name} has no geometry {name!r}; it has {', '.join(schema.names)}")
    if crs is None:
        raise InvalidRequest(f"{path.name} does not say the CRS of its geometry: write it into the file")
    try:
        return Position((name,), pyproj.CRS(crs).to_json())
    except pyproj.exceptions.CRSError as error:
        raise InvalidRequest(f"{path.name}: its CRS is not known: {error}") from None


#: What the libraries raise for a file that they cannot read, at its beginning or in its midst.
READ_ERRORS = (pa.ArrowException, OSError, DataSourceError, DataLayerError, UnicodeDecodeError, csv.Error)
OPENERS: dict[str, Callable[[Path, str | None, str | None], Table]] = {
    ".parquet": _parquet,
    ".geoparquet": _parquet,
    ".csv": _csv,
    ".fgb": _flatgeobuf,
}
