"""The database as the migrations leave it: made once, copied by each worker and each later run."""

# Some 170 migrations take a processor more than ten seconds, of each worker; a copy takes half of one.

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Identifier, Literal

NAME = "test_geoplatform_migrated"


def template() -> str:
    """Return the name of a database that Django's own takes for its template, made where it is missing."""
    said = _said()
    with _maintenance() as cursor:
        # Of workers that begin together one migrates, and the others wait for it.
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [NAME])
        if _kept(cursor) != said:
            cursor.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(NAME)))
            cursor.execute(SQL("CREATE DATABASE {}").format(Identifier(NAME)))
            _migrate()
            # Last: one that was killed before is made anew.
            cursor.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(NAME), Literal(said)))
    return NAME


def _said() -> str:
    """Return what stands for all that migrations make: those of the platform, and who else has any."""
    root = Path(settings.ROOT)
    files = [*sorted(root.glob("*/migrations/*.py")), root / "requirements.txt"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _kept(cursor: CursorWrapper) -> str | None:
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [NAME])
    found = cursor.fetchone()
    return found[0] if found else None


def _migrate() -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = NAME
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()  # a database is copied while nobody uses it
        connection.settings_dict["NAME"] = name


@contextmanager
def _maintenance() -> Iterator[CursorWrapper]:
    """Speak to the server, outside of every database that is made or copied."""
    with connection._nodb_cursor() as cursor:
        yield cursor
