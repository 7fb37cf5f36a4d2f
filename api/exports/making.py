"""An export in any of its forms: as a stream of bytes, or as a file that appears when it is whole."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg import sql as compose

from api.collections import Collection
from api.exports import dictionary, files, lines, parquet, reading, tables
from api.faults import said
from api.selection import Selection
from geoplatform import sql, whole_files

MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
    "csv": "text/csv; charset=utf-8; header=present",
    "geojsonseq": "application/geo+json-seq",
}
INDEXED = 500_000  # features up to which a file may have a spatial index
FEW = 16_384  # rows that are handed to GDAL at a time: it copies them
PIECE = 1 << 20  # bytes of a file that are sent at a time


def shown(wanted: Selection) -> Collection:
    """Return the collection with the columns that are wanted."""
    if wanted.properties is None:
        return wanted.collection
    columns = {name: wanted.collection.columns[name] for name in wanted.properties}
    return replace(wanted.collection, columns=columns)


def stream(wanted: Selection, form: str, now: datetime) -> Iterator[bytes]:
    """Yield an export; what GDAL writes is made in ``settings.EXPORTS`` first, and gone when it is sent.

    Raises
    ------
    Unavailable
        The database was lost, or too slow.
    """
    collection = shown(wanted)
    if form == "csv":
        return lines.csv(collection, reading.batches(wanted, lines.csv_fields(collection), "csv"))
    if form == "geojsonseq":
        return lines.sequence(reading.batches(wanted, lines.feature_field(collection)))
    if form == "parquet":
        rows = reading.batches(wanted, tables.read(collection).fields)
        return parquet.stream(collection, rows, dictionary.about(collection, now))
    return _by_file(wanted, form, now)


def write(wanted: Selection, form: str, now: datetime, path: Path) -> None:
    """Write an export to a file, which appears when it is whole; raises as ``stream``."""
    with whole_files.beside(path) as unfinished:
        if form in files.DRIVERS:
            _write(wanted, form, now, unfinished)
            return
        with unfinished.open("wb") as file:
            for piece in stream(wanted, form, now):
                file.write(piece)


def _by_file(wanted: Selection, form: str, now: datetime) -> Iterator[bytes]:
    settings.EXPORTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.EXPORTS, prefix=".sending-") as folder:
        path = Path(folder) / f"{wanted.collection.name}.{form}"
        _write(wanted, form, now, path)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


def _write(wanted: Selection, form: str, now: datetime, path: Path) -> None:
    collection = shown(wanted)
    fields = tables.read(collection).fields
    with contextlib.closing(reading.batches(wanted, fields, most=FEW)) as rows:
        about = dictionary.about(collection, now)
        files.write(path, form, collection, rows, about, can_be_indexed(wanted, form))


def can_be_indexed(wanted: Selection, form: str) -> bool:
    """Say whether a file of a selection gets a spatial index: there is none of many features.

    GDAL makes it in memory, 50 to 100 bytes a feature; and that of a FlatGeobuf leaves out features without a
    geometry, and with them the features.
    """
    where, values = wanted.where()
    parts = {"table": wanted.collection.table, "where": where}
    planned = compose.SQL("EXPLAIN (FORMAT JSON) SELECT FROM {table} WHERE {where}").format(**parts)
    without = compose.SQL(
        "SELECT EXISTS (SELECT FROM {table} WHERE {where} AND geom IS NULL) AS without"
    ).format(**parts)
    limit_ms = settings.QUERY_TIMEOUT_MS
    with said(limit_ms), sql.bounded(limit_ms), connection.cursor() as cursor:
        cursor.execute(planned, values)
        ((plan,),) = cursor.fetchall()
        if plan[0]["Plan"]["Plan Rows"] > INDEXED or form == "gpkg":
            return bool(plan[0]["Plan"]["Plan Rows"] <= INDEXED)
        cursor.execute(without, values)
        ((is_without,),) = cursor.fetchall()
    return not is_without
