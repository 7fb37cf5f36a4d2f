"""What PostgreSQL refuses of a question that was read without fault, in words for who asked it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django import db

from geoplatform.errors import InvalidRequest, Unavailable


@contextmanager
def said(limit_ms: int) -> Iterator[None]:
    """Translate the faults of a statement that has so many milliseconds, Django's and psycopg's alike.

    Raises
    ------
    InvalidRequest
        What is asked for cannot be computed: a division by zero, or a number beyond all bounds.
    Unavailable
        It takes too long, or the database was lost.
    """
    try:
        yield
    except (db.DataError, psycopg.DataError) as error:
        why = str(error).partition("\n")[0]
        raise InvalidRequest(f"filter: it cannot be computed for every feature ({why})") from error
    except (db.OperationalError, psycopg.OperationalError) as error:
        if not is_late(error):
            raise Unavailable("the database does not answer: try again in a minute") from error
        seconds = f"{limit_ms / 1000:g}"
        raise Unavailable(
            f"this question takes longer than {seconds} s: narrow it by bbox, datetime or a property"
        ) from error


def is_late(error: Exception) -> bool:
    """Say whether a statement was ended because it took too long."""
    return isinstance(error, psycopg.errors.QueryCanceled) or isinstance(
        error.__cause__, psycopg.errors.QueryCanceled
    )
