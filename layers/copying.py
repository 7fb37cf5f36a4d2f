"""The points of a layer out of its table, a block at a time, packed as the index holds them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as arrow
from django.db.backends.utils import CursorWrapper
from pyarrow import csv

from layers.index import NO_KEY, Rows, no_rows
from layers.traits import LAST_DAY, Traits, Wordlist

BLOCK = 8_000_000  # bytes of text that are read at once
TRUTH = {"t": True, "f": False}  # as COPY writes it


def copied(
    cursor: Any, statement: str, params: Mapping[str, Any], wordlist: Wordlist, on_a_map: bool = False
) -> Rows:
    """Return what a statement selects (see ``layers.layer.PointTable``), in any order; new words get codes.

    Rows whose key is -1 are on no map: with ``on_a_map`` they are left out. Of a large table each column is
    put together and its pieces forgotten before the next: all at once it was the most memory of a build.
    """
    columns: tuple[list[np.ndarray], ...] = tuple([column] for column in no_rows())
    for block in _blocks(cursor, statement, params):
        rows = _packed(block, wordlist)
        for column, piece in zip(columns, _on_a_map(rows) if on_a_map else rows, strict=True):
            column.append(piece)
    return Rows(*map(_joined, columns))


def _joined(pieces: list[np.ndarray]) -> np.ndarray:
    joined = np.concatenate(pieces)
    pieces.clear()
    return joined


def _on_a_map(rows: Rows) -> Rows:
    return rows.take(rows.keys != NO_KEY)


def _blocks(cursor: Any, statement: str, params: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the lines that COPY sends, many at a time; each is whole."""
    lines: list[bytes] = []
    size = 0
    # Where Django's cursor notes its queries (DEBUG), its copy() takes no parameters: psycopg's own does.
    own = cursor.cursor if isinstance(cursor, CursorWrapper) else cursor
    with own.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", params) as copy:
        for line in copy:
            lines.append(bytes(line))
            size += len(line)
            if size >= BLOCK:
                yield b"".join(lines)
                lines, size = [], 0
    if lines:
        yield b"".join(lines)


def tables(cursor: Any, statement: str, params: Mapping[str, Any], traits: Traits) -> Iterator[arrow.Table]:
    """Yield what a statement selects as tables: id, key, day and the facets, with their words."""
    for block in _blocks(cursor, statement, params):
        yield _table(block, traits.names)


def _packed(block: bytes, wordlist: Wordlist) -> Rows:
    return packed(_table(block, wordlist.traits.names), wordlist)


def _table(block: bytes, facets: Sequence[str]) -> arrow.Table:
    words = arrow.dictionary(arrow.int32(), arrow.string())
    types = {"id": arrow.int64(), "key": arrow.int64(), "day": arrow.int32(), **dict.fromkeys(facets, words)}
    return csv.read_csv(
        arrow.BufferReader(block),
        csv.ReadOptions(column_names=list(types), use_threads=False),
        convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""]),
    )


def packed(table: arrow.Table, wordlist: Wordlist) -> Rows:
    """Return the points of a table, as ``tables`` yields them; new words get codes."""
    traits = np.clip(table["day"].to_numpy(), 0, LAST_DAY).astype(np.int64)
    for place, facet in enumerate(wordlist.traits.names):
        traits |= _codes(table[facet], place, wordlist) << wordlist.traits.shifts[place]
    return Rows(table["key"].to_numpy(), table["id"].to_numpy(), traits)


def _codes(column: arrow.ChunkedArray, place: int, wordlist: Wordlist) -> np.ndarray:
    """Return the codes (int64) of a column of words; nothing has code 0."""
    is_truth = any(isinstance(word, bool) for word in wordlist.traits.facets[place].words)
    pieces = []
    for chunk in column.chunks:
        said = chunk.dictionary.to_pylist()
        known = [wordlist.code(place, TRUTH[word] if is_truth else word) for word in said]
        indices = chunk.indices.fill_null(len(said)).to_numpy(zero_copy_only=False)
        pieces.append(np.array([*known, 0], np.int64)[indices])
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)
