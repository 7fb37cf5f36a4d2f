"""Whether the database has the tables that this code wants, and what we may do there."""

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
