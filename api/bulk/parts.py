"""A table in parts that are read apart and are of one moment: by ids, under one snapshot of PostgreSQL.

It asks nothing of Django before that is set up, for a worker begins with this module.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql as compose


class Part(NamedTuple):
    """Some rows of a collection or a layer, by their ids, and the file that they are written to.

    ``snapshot`` names the moment, as ``pg_export_snapshot`` does; it holds as long as who made it is there.
    """

    name: str
    first: int
    last: int
    snapshot: str
    at: datetime
    path: Path


class Moment(NamedTuple):
    """One moment of the database: its name, a cursor that sees it, and ranges of ids of a table."""

    snapshot: str
    cursor: "psycopg.Cursor"
    ranges: list[tuple[int, int]]


@contextmanager
def moment(
    table: "compose.Composable", rows: int, params: Mapping[str, Any] | None = None
) -> Iterator[Moment]:
    """Hold a moment for workers that read a table in parts of so many ids; it ends with the context."""
    from psycopg import sql as compose

    from geoplatform import sql

    with sql.connect() as own, own.transaction(), own.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        bounds = compose.SQL("SELECT pg_export_snapshot(), min(id), max(id) FROM {}").format(table)
        cursor.execute(bounds, params)
        ((snapshot, first, last),) = cursor.fetchall()
        starts = range(first, last + 1, rows) if first is not None else ()
        yield Moment(snapshot, cursor, [(start, min(start + rows - 1, last)) for start in starts])


@contextmanager
def same_moment(snapshot: str, timeout_ms: int) -> Iterator["psycopg.Cursor"]:
    """Yield a cursor that sees what the snapshot of a name sees, its times in UTC."""
    from psycopg import sql as compose

    from geoplatform import sql

    with sql.connect() as own, own.transaction(), own.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(compose.SQL("SET TRANSACTION SNAPSHOT {}").format(compose.Literal(snapshot)))
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('timezone', 'UTC', true)",
            [str(timeout_ms)],
        )
        yield cursor


def set_up() -> None:
    """Set Django up in a worker; where it is already, nothing is done."""
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
