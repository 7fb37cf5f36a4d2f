"""``manage.py migrate``: Django's own, which waits for no table longer than it may hold up who reads it."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connection
from psycopg import errors, sql

from geoplatform.sql import lock

LOCK_TIMEOUT_S = 5.0
BROKEN_OFF = """
SELECT class.relname FROM pg_index AS broken
  JOIN pg_class AS class ON class.oid = broken.indexrelid
 WHERE NOT broken.indisvalid AND class.relnamespace = current_schema()::regnamespace
 ORDER BY class.relname
"""


class Command(migrate.Command):
    """Django's ``migrate``, one at a time, with a limit to waiting, and behind one that was killed."""

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=LOCK_TIMEOUT_S,
            metavar="SECONDS",
            help="give up where a table is not free for so long, and change nothing; 5",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with lock("migrate") as held:
            # The session of one that was killed lives until its statement ends, and is heeded so long.
            if not held:
                raise CommandError("another migrate is under way in this database; nothing was done")
            _wait_at_most(options["lock_timeout"])
            try:
                _drop_broken_indexes()
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, errors.LockNotAvailable):
                    raise
                raise CommandError(
                    f"a table was not free for {options['lock_timeout']:g} s: that migration was taken back, "
                    "those before it stay; start migrate again when no long export or backup runs"
                ) from error
            finally:
                _wait_at_most(0)


def _wait_at_most(seconds: float) -> None:
    # Who waits for a table has all later readers wait behind it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(round(1000 * seconds))])


def _drop_broken_indexes() -> None:
    """Drop what CREATE INDEX CONCURRENTLY left where it was killed: it is of no use, and holds the name."""
    with connection.cursor() as cursor:
        cursor.execute(BROKEN_OFF)
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))
