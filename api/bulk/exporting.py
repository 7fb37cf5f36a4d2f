"""A collection as a folder of GeoParquet files, all of one moment, each by whoever is free."""

from datetime import datetime
from pathlib import Path

from api.bulk import folders, parts
from api.bulk.cluster import Each
from api.bulk.parts import Part
from layers import manifest

ROWS = 1_000_000  # ids to a file


def export(name: str, out: Path, each: Each, now: datetime, rows: int = ROWS) -> int:
    """Write every feature of a collection that has been there at one moment; returns how many.

    Parameters
    ----------
    out
        A folder that is not there yet, on a disk that all workers see; workers reach the database, too.

    Raises
    ------
    NotFound
        There is no such collection.
    Conflict
        The folder is there.
    """
    from api import collections

    with folders.beside(out) as draft, parts.moment(collections.find(name).table, rows) as moment:
        wanted = [
            Part(name, first, last, moment.snapshot, now, draft / f"{name}-{number:05}.parquet")
            for number, (first, last) in enumerate(moment.ranges)
        ]
        each(write, wanted)
        files = [manifest.describe(draft, part.path) for part in wanted]
        manifest.put(draft, name, files)
    return sum(file.rows for file in files)


def write(part: Part) -> None:
    """Write one part, in the order of its ids; the file is there whole or not at all."""
    parts.set_up()
    from django.conf import settings
    from psycopg import sql as compose

    from api import collections
    from api.exports import dictionary, parquet, reading, tables
    from geoplatform import whole_files

    collection = collections.find(part.name)
    statement = compose.SQL(
        "COPY (SELECT {} FROM {} WHERE id BETWEEN {} AND {} ORDER BY id) TO STDOUT (FORMAT BINARY)"
    ).format(
        tables.read(collection).fields,
        collection.table,
        compose.Literal(part.first),
        compose.Literal(part.last),
    )
    about = dictionary.about(collection, part.at)
    with (
        parts.same_moment(part.snapshot, settings.EXPORT_TIMEOUT_MS) as cursor,
        cursor.copy(statement) as copy,
        whole_files.beside(part.path) as unfinished,
        unfinished.open("wb") as file,
    ):
        for piece in parquet.stream(collection, reading.pieces(copy), about):
            file.write(piece)
