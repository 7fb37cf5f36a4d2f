"""Running a composed statement, and ending it where it takes too long."""

from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from psycopg import sql as compose

from api import slow
from api.selection import Terms
from geoplatform import sql
from geoplatform.errors import Unavailable


def run(statement: compose.Composable, terms: Terms) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, or raise Unavailable."""
    try:
        return slow.within(settings.QUERY_TIMEOUT_MS, lambda limit_ms: _run(statement, terms, limit_ms))
    except OperationalError as error:
        raise Unavailable(
            "the database gave no answer in time: let intersects or where leave out more"
        ) from error


def _run(statement: compose.Composable, terms: Terms, limit_ms: int) -> list[tuple[Any, ...]]:
    with sql.bounded(limit_ms), connection.cursor() as cursor:
        cursor.execute(statement, terms.values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
