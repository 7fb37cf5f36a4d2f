"""The pool of the web server's connections outlives PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg_pool.base import AttemptWithBackoff

from geoplatform import settings, sql


@pytest.fixture
def pooled(transactional_db, monkeypatch) -> Iterator[Callable[..., DatabaseWrapper]]:
    """Make connections of the pool that the settings describe, whose second look comes after a minute."""
    monkeypatch.setenv("GEOPLATFORM_DATABASE_POOL", "1")
    monkeypatch.setattr(AttemptWithBackoff, "INITIAL_DELAY", 60.0)
    own, made = connection.settings_dict, []

    def make(patience_s: int = 10, **more: str) -> DatabaseWrapper:
        said = settings._database({}, patience_s)
        said |= {"NAME": own["NAME"], "OPTIONS": {**own["OPTIONS"], **said["OPTIONS"]}}
        made.append(DatabaseWrapper({**own, **said} | more, "default"))
        return made[-1]

    yield make
    for one in made:
        one.close()
    made[0].close_pool()


def pid_of(one: DatabaseWrapper) -> int:
    with one.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def end(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 30000)", [pid])
        assert cursor.fetchone() == (True,)


def test_a_pool_hands_out_no_connection_whose_other_end_died(pooled):
    one = pooled()
    dead = pid_of(one)
    one.close()
    end(dead)
    assert pid_of(one) != dead


def test_where_all_that_idle_died_a_request_waits_for_a_new_one_alone(pooled, monkeypatch):
    many = [pooled() for _ in range(4)]
    dead = [pid_of(one) for one in many]
    for one in many:
        one.close()
    for pid in dead:
        end(pid)
    with monkeypatch.context() as lent:
        lent.setitem(connection.settings_dict["OPTIONS"], "pool", many[0].settings_dict["OPTIONS"]["pool"])
        sql.drain()
    assert pid_of(many[0]) not in dead


def test_a_pool_that_could_not_connect_tries_anew_for_the_next_request(pooled, tmp_path):
    away = tmp_path / "away"
    one = pooled(patience_s=2, HOST=str(away))
    with pytest.raises(OperationalError):
        pid_of(one)
    away.symlink_to(connection.settings_dict["HOST"])
    assert pid_of(one)
