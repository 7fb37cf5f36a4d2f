"""Questions to PostgreSQL: bounded in time in one round trip, and what cannot be computed is said."""

import pytest
from django.db import connection
from psycopg import sql as compose

from api.features.statement import rows
from geoplatform.errors import InvalidRequest, Unavailable


def ask(text: str, timeout_ms: int = 120_000):
    return rows(compose.SQL(text), {}, timeout_ms)


def test_rows_come_back_within_a_transaction(db):
    assert ask("SELECT 1, 'a'") == [(1, "a")]


def test_rows_come_back_without_one_and_the_bound_ends_with_them(transactional_db):
    assert ask("SELECT current_setting('statement_timeout')", 1_234) == [("1234ms",)]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.parametrize("fixture", ["db", "transactional_db"])
def test_what_takes_too_long_is_ended(request, fixture):
    request.getfixturevalue(fixture)
    with pytest.raises(Unavailable, match=r"longer than 0\.02 s"):
        ask("SELECT pg_sleep(20)", 20)
    assert ask("SELECT 1") == [(1,)]


@pytest.mark.parametrize("fixture", ["db", "transactional_db"])
def test_what_cannot_be_computed_is_said(request, fixture):
    request.getfixturevalue(fixture)
    with pytest.raises(InvalidRequest, match="division by zero"):
        ask("SELECT 1 / 0")
    assert ask("SELECT 1") == [(1,)]
