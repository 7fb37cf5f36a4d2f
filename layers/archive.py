"""Traffic that was released, as GeoParquet in a folder for each month: readable without us, and written once.

A piece is a table of the schema ``detached``. Its files are written beside their places and renamed, then its
manifest; then both are read anew, and only what is there to the last row is dropped from the database. Names
and bytes follow from the rows alone: whoever is killed on the way ends with the same files the next time.
"""

import io
import json
import logging
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import shapely
from django.contrib.gis.db.models import GeometryField
from django.db import connection, models
from psycopg import sql as compose
from pyarrow import csv, parquet

from geoplatform import sql, whole_files
from geoplatform.errors import Conflict
from layers import manifest, partitions
from layers.manifest import File
from layers.models import Alert, Irregularity, Jam

logger = logging.getLogger(__name__)

MODELS: dict[str, type[models.Model]] = {"alerts": Alert, "jams": Jam, "irregularities": Irregularity}
GEOMETRY = "geometry"  # the name that every reader of GeoParquet expects
BLOCK = 32_000_000  # bytes of text that are read at once; a row group
INSTANT = pa.timestamp("us", "UTC")
TYPES = {
    models.SmallIntegerField: pa.int16(),
    models.IntegerField: pa.int32(),
    models.BigAutoField: pa.int64(),
    models.FloatField: pa.float64(),
    models.BooleanField: pa.bool_(),
}


class Month(NamedTuple):
    """A month of a piece: its first and last id, and when it begins (UTC)."""

    since: datetime
    first: int
    last: int


class Column(NamedTuple):
    """A column of a file: its name, how it is selected as text, and its type."""

    name: str
    selected: compose.Composable
    type: pa.DataType


def waiting() -> list[str]:
    """Return the pieces that wait to be archived."""
    return [name for name, _ in sql.rows("layers/detached")]


def archive(root: Path) -> dict[str, int]:
    """Move every piece that waits to an archive; returns the rows of each.

    Raises
    ------
    Conflict
        Another process does so at this moment; or what was read anew is not what was written.
    """
    with sql.lock("archive") as held:
        if not held:
            raise Conflict("traffic is being archived already")
        return {piece: move(root, piece) for piece in waiting()}


def move(root: Path, piece: str) -> int:
    """Write a piece, read it anew, and drop it from the database; returns its rows.

    The database counts them for itself, and refuses to drop another number than was read.
    """
    rows = manifest.check(root, write(root, piece))
    sql.rows("layers/drop_detached", {"name": piece, "archived": rows})
    logger.info("archived piece=%s rows=%d", piece, rows)
    return rows


def write(root: Path, piece: str) -> list[File]:
    """Write the files of a piece and its manifest, in the place of those that a killed process left."""
    months = _months(piece)
    if not months:
        return []
    kind = next(kind for kind, table in partitions.TABLES.items() if piece.startswith(f"{table}_"))
    files = [manifest.describe(root, _write(root, kind, piece, month)) for month in months]
    first, last = min(month.first for month in months), max(month.last for month in months)
    manifest.put(root, f"{piece}-{first}-{last}", files)
    return files


def _months(piece: str) -> list[Month]:
    """Return the months of a piece, the first ahead."""
    statement = compose.SQL(
        "SELECT date_trunc('month', reported_at, 'UTC'), min(id), max(id) FROM {} GROUP BY 1 ORDER BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.format(compose.Identifier("detached", piece)))
        return [Month(*row) for row in cursor.fetchall()]


def _write(root: Path, kind: str, piece: str, month: Month) -> Path:
    """Write one month of a piece; the file is there whole, and on the disk."""
    since = month.since.astimezone(UTC)
    folder = root / kind / f"year={since:%Y}" / f"month={since:%m}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}-{month.first}-{month.last}.parquet"
    columns = _columns(MODELS[kind])
    schema = pa.schema([pa.field(column.name, column.type) for column in columns], {b"geo": _geo(kind)})
    for left in folder.glob(f".{path.name}.*"):  # by one that was killed
        shutil.rmtree(left)
    with whole_files.beside(path) as unfinished:
        with parquet.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for block in _blocks(piece, columns, since):
                writer.write_table(_table(block, columns, schema))
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
    manifest.sync(folder)
    return path


def _columns(model: type[models.Model]) -> list[Column]:
    """Return the columns of a model that are archived: all but those that follow from others."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.GeneratedField)]
    return [_column(field) for field in fields]


def _column(field: models.Field) -> Column:
    name = compose.Identifier(field.column or field.name)
    if isinstance(field, GeometryField):
        return Column(GEOMETRY, compose.SQL("encode(ST_AsBinary({}), 'hex')").format(name), pa.binary())
    if isinstance(field, models.DateTimeField):
        return Column(
            field.name, compose.SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(name), INSTANT
        )
    if isinstance(field, models.BinaryField):
        return Column(field.name, compose.SQL("encode({}, 'hex')").format(name), pa.string())
    return Column(field.name, name, TYPES.get(type(field), pa.string()))


def _geo(kind: str) -> str:
    """Return the metadata of GeoParquet 1.1.0; no CRS means OGC:CRS84, longitude first."""
    geometry = {"encoding": "WKB", "geometry_types": ["Point" if kind == "alerts" else "LineString"]}
    return json.dumps({"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: geometry}})


def _blocks(piece: str, columns: list[Column], since: datetime) -> Iterator[bytes]:
    """Yield the rows of a month as lines of CSV, many at a time, in the order of their reports."""
    statement = compose.SQL(
        "COPY (SELECT {} FROM {} WHERE reported_at >= {} AND reported_at < {} ORDER BY reported_at, id)"
        " TO STDOUT (FORMAT csv)"
    ).format(
        compose.SQL(", ").join(column.selected for column in columns),
        compose.Identifier("detached", piece),
        compose.Literal(since),
        compose.Literal(partitions.month(since, 1)),
    )
    out = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for line in copy:
            out.write(line)
            if out.tell() >= BLOCK:
                yield out.getvalue()
                out = io.BytesIO()
    if out.tell():
        yield out.getvalue()


def _table(block: bytes, columns: list[Column], schema: pa.Schema) -> pa.Table:
    """Read lines as the columns that are written; an empty text is one, and nothing is null."""
    read = {column.name: _as_text(column.type) for column in columns}
    rows = csv.read_csv(
        pa.BufferReader(block),
        csv.ReadOptions(column_names=list(read), block_size=len(block)),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=read, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
            true_values=["t"], false_values=["f"],
        ),
    )  # fmt: skip
    geometry = shapely.to_wkb(shapely.from_wkb(rows[GEOMETRY].to_numpy()))
    at = rows.schema.get_field_index(GEOMETRY)
    return rows.set_column(at, pa.field(GEOMETRY, pa.binary()), pa.array(geometry, pa.binary())).cast(schema)


def _as_text(kind: pa.DataType) -> pa.DataType:
    """Return the type that a column is read as from its text."""
    return {INSTANT: pa.int64(), pa.binary(): pa.string()}.get(kind, kind)
