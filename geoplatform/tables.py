"""Whether the database has the tables that this code wants, and what we may do there."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def are_missing() -> bool:
    """Return whether migrations wait: the database is new, or older than the code."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def may_rest_triggers() -> bool:
    """Return whether we are a superuser, who may let triggers rest: what is drawn whole is stored so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


@contextmanager
def triggers_at_rest() -> Iterator[None]:
    """Let triggers and foreign keys rest meanwhile, within a transaction; it takes a superuser."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'session_replication_role'")
        ((former,),) = cursor.fetchall()
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SELECT set_config('session_replication_role', %s, true)", [former])
