"""The database as every test finds it: filled once, and put back after a test that committed something.

Django's own way empties every table and makes permissions and content types anew, and the city had to be
loaded again by whoever came next: some two seconds a test. Here a table is written only where it was changed.
"""

from django.db import connection, transaction
from psycopg.sql import SQL, Composed, Identifier

# What each table held that held anything, in the form of COPY.
_KEPT: dict[str, bytes] = {}


def keep() -> None:
    """Take the database as it is for the one that every test finds."""
    _KEPT.clear()
    _KEPT.update({table: rows for table in _tables() if (rows := _rows(table))})


@transaction.atomic
def put_back() -> None:
    """Make every table what it was, triggers and references at rest; one that is the same is not touched."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _tables():
            kept = _KEPT.get(table, b"")
            if _rows(table) == kept:
                continue
            cursor.execute(SQL("DELETE FROM {}").format(Identifier(table)))
            if kept:
                with cursor.copy(_copy(table, "FROM STDIN")) as copy:
                    copy.write(kept)


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND relname NOT IN ('spatial_ref_sys', 'django_migrations') ORDER BY relname"
        )
        return [name for (name,) in cursor.fetchall()]


def _rows(table: str) -> bytes:
    """Return what a table holds; nothing for an empty one."""
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT EXISTS (SELECT FROM {})").format(Identifier(table)))
        if not cursor.fetchone()[0]:
            return b""
        with cursor.copy(_copy(table, "TO STDOUT")) as copy:
            return b"".join(copy)


def _copy(table: str, where: str) -> Composed:
    return SQL("COPY {} " + where + " (FORMAT binary)").format(Identifier(table))
