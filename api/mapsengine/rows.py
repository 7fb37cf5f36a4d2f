"""Running a composed statement, and ending it where it takes too long."""

from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from psycopg import sql as compose

from api.selection import Terms
from geoplatform import sql
from geoplatform.errors import Unavailable


def run(statement: compose.Composable, terms: Terms) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, or raise Unavailable."""
    try:
        with sql.bounded(settings.QUERY_TIMEOUT_MS), connection.cursor() as cursor:
            cursor.execute(statement, terms.values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    except OperationalError as error:
        raise Unavailable(
            "the database gave no answer in time: let intersects or where leave out more"
        ) from error
