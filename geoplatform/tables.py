"""Whether the database has the tables that this code wants."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def are_missing() -> bool:
    """Return whether migrations wait: the database is new, or older than the code."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
