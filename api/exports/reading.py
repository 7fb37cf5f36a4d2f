"""The rows of a collection as PostgreSQL copies them out, a batch at a time; memory stays flat.

A connection of its own: what is read for minutes holds no place in the pool of those who ask for seconds.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from psycopg import sql as compose

from api.exports import binary
from api.faults import said
from api.selection import Selection
from geoplatform import sql

ROWS = 65_536  # of a batch, and of a row group of Parquet
BYTES = 32_000_000  # of a batch, where rows are long


@contextmanager
def copied(wanted: Selection, fields: compose.Composable, form: str) -> Iterator[psycopg.Copy]:
    """COPY fields of the rows of a selection, in no order.

    Raises
    ------
    InvalidRequest
        What is selected by cannot be computed for a row.
    Unavailable
        The database was lost, or took longer than ``settings.EXPORT_TIMEOUT_MS``.
    """
    where, values = wanted.where()
    statement = compose.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT (FORMAT {})").format(
        fields, wanted.collection.table, where, compose.SQL(form)
    )
    limit_ms = settings.EXPORT_TIMEOUT_MS
    # One transaction: behind a pooler the session is somebody else's as well.
    with said(limit_ms), sql.connect() as connection, connection.transaction():
        cursor = connection.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('timezone', 'UTC', true)",
            [str(limit_ms)],
        )
        with cursor.copy(statement, values) as copy:
            yield copy


def batches(
    wanted: Selection, fields: compose.Composable, form: str = "binary", most: int = ROWS
) -> Generator[list[bytes]]:
    """Yield rows as COPY sends them, many at a time; of the binary form without its head and end."""
    with copied(wanted, fields, form) as copy:
        yield from pieces(copy, form, most)


def pieces(copy: psycopg.Copy, form: str = "binary", most: int = ROWS) -> Iterator[list[bytes]]:
    """Yield the rows of a COPY, many at a time."""
    rows: list[bytes] = []
    size = 0
    is_binary = form == "binary"
    skipped = not is_binary
    while chunk := bytes(copy.read()):
        if not skipped:
            chunk, skipped = chunk[binary.SIGNATURE :], True
        if is_binary and chunk in (binary.END, b""):
            continue
        rows.append(chunk)
        size += len(chunk)
        if len(rows) == most or size > BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows
