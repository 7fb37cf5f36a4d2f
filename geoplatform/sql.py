"""SQL that lives in files: one statement each, read once, run with named parameters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from psycopg.copy import LibpqWriter

from geoplatform import address

ROOT = Path(__file__).resolve().parent.parent


@cache
def statement(name: str) -> str:
    """Return the statement of a file, named by app and stem: ``reports/upsert``."""
    app, stem = name.split("/")
    return (ROOT / app / "sql" / f"{stem}.sql").read_text(encoding="utf-8")


def rows(name: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows; none for a statement that returns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), {key: _literal(value) for key, value in (params or {}).items()})
        return cursor.fetchall() if cursor.description else []


def _literal(value: Any) -> Any:
    """Return a list of ids as PostgreSQL writes one: psycopg takes 2 us an id, this 0.1 us."""
    if isinstance(value, list) and value and all(type(item) is int for item in value):
        return "{" + ",".join(map(str, value)) + "}"
    return value


def fill(name: str, table: str, values: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a temporary table, which a statement makes, in place of those that it holds.

    A third of the cost of handing them over as a parameter: 14 us a row of 600 bytes against 20 to 100; and
    in binary, for which the table says its types, another third of that. Sent in one piece: between pieces
    another thread would have Python's lock each time.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement(name))
        # Empty, but for a transaction that fills it more than once.
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
        types, bare = [column.type_code for column in cursor.description], cursor.cursor
        with (
            connection.wrap_database_errors,
            bare.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)", writer=_AtOnce(bare)) as copy,
        ):
            copy.set_types(types)
            for row in values:
                copy.write_row(row)


class _AtOnce(LibpqWriter):
    """Sends all rows of a COPY when the last one is there."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        super().__init__(cursor)
        self._pieces: list[Any] = []

    def write(self, data: Any) -> None:
        """Keep a piece back."""
        self._pieces.append(data)

    def finish(self, exc: BaseException | None = None) -> None:
        """Send everything, unless it was broken off."""
        if exc is None:
            super().write(b"".join(self._pieces))
        super().finish(exc)


def dicts(name: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run a statement and return each row as a mapping from column name to value."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), params or {})
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def scalar(name: str, params: Mapping[str, Any] | None = None) -> Any:
    """Run a statement and return the one value of its one row."""
    ((value,),) = rows(name, params)
    return value


def connect(alias: str = DEFAULT_DB_ALIAS) -> psycopg.Connection:
    """Open a connection of one's own beside Django's and its pool, each statement its own transaction.

    Nothing is prepared on it, as Django prepares nothing: behind a pooler the next statement may be another
    server process's.
    """
    parts = connections[alias].settings_dict
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {key: value for key, value in parts["OPTIONS"].items() if key != "pool"}
    named = {key: parts[name] for name, key in known.items() if parts[name]}
    return psycopg.connect(
        **{**address.FAITHFUL, **named, **options}, autocommit=True, prepare_threshold=None
    )


def drain() -> None:
    """Have the connections that idle in this process's pool opened anew: the database was lost.

    The pool finds out one by one, and waits 1, 2, 4 s between them: of four dead ones a request had 7 s.
    """
    if pool := connections[DEFAULT_DB_ALIAS].pool:  # type: ignore[attr-defined]
        pool.drain()


@contextmanager
def lock(key: str) -> Iterator[bool]:
    """Hold the advisory lock of a key; yields False, at once, where another process holds it.

    The lock belongs to the database session: it falls with a process that is killed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        (held,) = cursor.fetchone()
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def hold(key: str, shared: bool = False) -> None:
    """Wait for a key and hold it until the transaction ends; many may share it, or one have it alone."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])


@contextmanager
def bounded(milliseconds: int) -> Iterator[None]:
    """Open a transaction whose statements are ended after so many milliseconds, and run on one process.

    PostGIS 3.3 gives ST_Transform a cost of 10,000, which turns a small tile into a parallel scan.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true),"
                " set_config('max_parallel_workers_per_gather', '0', true)",
                [str(milliseconds)],
            )
        yield
