"""The base of a layer's point index, made of Parquet files: read, packed and sorted apart, merged here.

The files have the rows as the index wants them, and the revision that they are of; they are made where they
are not there. What changed since then processes read from the database, as ever: so a base of yesterday's
files, or one made elsewhere, is as right as any.
"""

import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import connection
from psycopg import sql as compose
from pyarrow import parquet

from api.bulk import folders, parts
from api.bulk.cluster import Each
from api.bulk.parts import Part
from geoplatform import sql, whole_files
from geoplatform.errors import BadSettings, Conflict, NotFound, Unavailable
from layers import columns, copying, manifest, revisions
from layers.index import NO_KEY, Rows, base_of
from layers.layer import Layer, find
from layers.revisions import Stamp
from layers.traits import EPOCH, Traits, Wordlist

ROWS = 1_000_000  # ids to a file
STAMP = "stamp"
Words = list[list[str | bool | None]]


class Packing(NamedTuple):
    """What a worker does: the file that it reads, and the one that it writes (3 x n: keys, ids, traits)."""

    source: Path
    out: Path
    traits: Traits


def index(name: str, folder: Path, each: Each, now: datetime, rows: int = ROWS) -> int:
    """Put a base made of a folder's files in its place, and the folder first if it is not there; its points.

    Raises
    ------
    NotFound
        There is no such layer, or it has no index.
    Conflict
        The files are of another database, or not what their manifest says.
    Unavailable
        Another process writes a base of this layer.
    """
    layer = find(name)
    if layer.traits is None:
        raise NotFound(f"layer {name!r} has no index of points")
    if not folder.exists():
        export(layer, folder, each, now, rows)
    files = manifest.known(folder).get(name, [])
    manifest.check(folder, files)
    wordlist = Wordlist(layer.traits)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as packed:
        wanted = [
            Packing(folder / file.path, Path(packed, f"{number}.npy"), layer.traits)
            for number, file in enumerate(files)
        ]
        told = each(pack, wanted)
        pieces = [recoded(np.load(one.out), words, wordlist) for one, words in zip(wanted, told, strict=True)]
    return _put(layer, pieces, wordlist, _stamp(folder, layer))


def export(layer: Layer, folder: Path, each: Each, now: datetime, rows: int = ROWS) -> None:
    """Write the points of a layer, as they are at one moment, to a folder of Parquet files."""
    with folders.beside(folder) as draft, parts.moment(_points(layer), rows, _params()) as moment:
        wanted = [
            Part(layer.name, first, last, moment.snapshot, now, draft / f"{layer.name}-{number:05}.parquet")
            for number, (first, last) in enumerate(moment.ranges)
        ]
        each(write, wanted)
        stamp = revisions.read(moment.cursor).get(layer.name, revisions.NEVER)
        files = [manifest.describe(draft, part.path) for part in wanted]
        manifest.put(draft, layer.name, files, **{STAMP: list(stamp)})


def write(part: Part) -> None:
    """Write some points in the order of their ids; the file is there whole or not at all."""
    parts.set_up()
    layer = find(part.name)
    assert layer.traits is not None  # noqa: S101
    statement = compose.SQL("SELECT * FROM {} WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id").format(
        _points(layer)
    )
    params = _params() | {"first": part.first, "last": part.last}
    words = pa.dictionary(pa.int32(), pa.string())
    numbers = {"id": pa.int64(), "key": pa.int64(), "day": pa.int32()}
    schema = pa.schema(list((numbers | dict.fromkeys(layer.traits.names, words)).items()))
    with (
        parts.same_moment(part.snapshot, settings.EXPORT_TIMEOUT_MS) as cursor,
        whole_files.beside(part.path) as unfinished,
        parquet.ParquetWriter(unfinished, schema, compression="zstd") as writer,
    ):
        for table in copying.tables(cursor, statement.as_string(cursor), params, layer.traits):
            writer.write_table(table.unify_dictionaries())


def _points(layer: Layer) -> compose.Composed:
    """Return the points of a layer as a table of a statement; ``_params`` has its parameters."""
    return compose.SQL("({}) AS point").format(compose.SQL(sql.statement(layer.statement)))


def _params() -> dict[str, Any]:
    return {"after": -1, "zone": settings.CITY_TIME_ZONE, "epoch_day": EPOCH}


def pack(packing: Packing) -> Words:
    """Pack the points of a file in the order of the index; returns the words by their codes there."""
    wordlist = Wordlist(packing.traits)
    rows = copying.packed(parquet.read_table(packing.source), wordlist)
    rows = rows.take(rows.keys != NO_KEY).ordered()
    with whole_files.beside(packing.out) as unfinished:
        np.save(unfinished, np.stack(rows))
    return wordlist.words


def recoded(piece: np.ndarray, words: Words, wordlist: Wordlist) -> np.ndarray:
    """Return packed points (3 x n) with the codes of another list of words, which takes in new ones."""
    traits = piece[2].copy()
    for place, (shift, mask) in enumerate(zip(wordlist.traits.shifts, wordlist.traits.masks, strict=True)):
        codes = np.array([wordlist.code(place, word) for word in words[place]], np.int64)
        traits &= ~(mask << shift)
        traits |= codes[(piece[2] >> shift) & mask] << shift
    return np.stack([piece[0], piece[1], traits])


def _stamp(folder: Path, layer: Layer) -> Stamp:
    """Return the revision that a folder's files are of; refuse those of another database."""
    path = folder / manifest.FOLDER / f"{layer.name}.json"
    stamp = Stamp(*json.loads(path.read_text(encoding="utf-8"))[STAMP])
    with connection.cursor() as cursor:
        now = revisions.read(cursor).get(layer.name, revisions.NEVER)
    if stamp.epoch != now.epoch or stamp.revision > now.revision:
        raise Conflict(f"{folder} is of {stamp}, this database is at {now}: it is another one")
    return stamp


def _put(layer: Layer, pieces: list[np.ndarray], wordlist: Wordlist, stamp: Stamp) -> int:
    """Merge packed points into a base, and put it in the place of the former one."""
    if settings.INDEX_FOLDER is None:
        raise BadSettings("GEOPLATFORM_INDEX names no folder: each process has an index of its own")
    joined = np.concatenate([np.zeros((3, 0), np.int64), *pieces], axis=1)
    base = base_of(Rows(*joined).ordered(), wordlist)
    folder = settings.INDEX_FOLDER / layer.name
    with columns.alone(folder, wait=True) as alone:
        if not alone:
            raise Unavailable(f"{folder}: another process writes there, or nobody may")
        columns.write(folder, base, stamp)
    return base.rows.size
