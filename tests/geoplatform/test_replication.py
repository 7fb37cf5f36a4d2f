"""Commits wait for a standby, an operator lets them go, and it takes over where the primary is silent."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree

import psycopg
import pytest
from django.db import connection

from geoplatform import postgres, replication, sql
from geoplatform.database import Cluster
from geoplatform.replication import NotSafe
from tests.conftest import NOON, database_url

pytestmark = pytest.mark.skipif(
    not postgres.installations(), reason="no PostgreSQL with PostGIS is installed"
)
PATIENCE_S = 120.0


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Cluster, Cluster]]:
    """A primary with one table, and a standby of it that runs."""
    primary = Cluster(tmp_path / "primary", fsync=False)
    standby = Cluster(tmp_path / "standby", fsync=False)
    try:
        with primary:
            primary.say(
                "CREATE TABLE said (number int)",
                "ALTER SYSTEM SET synchronous_commit = 'on'",
                "SELECT pg_reload_conf()",
            )
            standby.primary = f"{at(primary)}&application_name=second"
            with standby:
                yield primary, standby
    finally:
        for one in (primary, standby):
            rmtree(one.home, ignore_errors=True)


def at(cluster: Cluster) -> str:
    return cluster.url("postgres")


def say(server: str, number: int) -> None:
    with psycopg.connect(server, autocommit=True) as own:
        own.execute("INSERT INTO said VALUES (%s)", [number])


def said(cluster: Cluster) -> list[str]:
    return cluster.say("SELECT number FROM said ORDER BY number").split()


def test_a_commit_waits_for_the_standby_until_it_is_let_go(pair: tuple[Cluster, Cluster], db: None) -> None:
    primary, standby = pair
    furnish(primary)
    replication.together(at(primary), "second", PATIENCE_S)
    assert 'waits for: FIRST 1 ("second")' in replication.state(at(primary))
    say(at(primary), 1)
    assert standby.say(f"SELECT pg_last_wal_receive_lsn() >= {flushed(primary)}") == "t"

    standby.stop(always=True)
    with ThreadPoolExecutor(1) as writers:
        written = writers.submit(say, at(primary), 2)
        until_one_waits(primary)
        try:
            told = (written.done(), commits_waiting(primary))
        finally:  # else the writer waits for ever, and this test for it
            let_go = replication.alone(at(primary))
        written.result(PATIENCE_S)
    assert (told, let_go) == ((False, 1), 1)
    assert commits_waiting(primary) == 0
    assert "waits for: nobody" in replication.state(at(primary))

    standby.start()
    replication.together(at(primary), "second", PATIENCE_S)
    say(at(primary), 3)
    primary.stop(always=True)
    replication.promote(at(standby), at(primary))
    say(at(standby), 4)  # it waits for nobody
    assert said(standby) == ["1", "2", "3", "4"]


def test_a_standby_takes_over_only_where_the_primary_is_silent(pair: tuple[Cluster, Cluster], capsys) -> None:
    primary, standby = pair
    assert replication.main(["promote", at(standby), "--former", at(primary)]) == 1
    assert "the former primary answers" in capsys.readouterr().err
    assert replication.main(["state", at(standby)]) == 0
    assert capsys.readouterr().out == "standby\n"


def test_nobody_waits_for_a_standby_that_has_not_all(pair: tuple[Cluster, Cluster]) -> None:
    primary, _ = pair
    with pytest.raises(NotSafe, match="the standby 'third' has not all of the primary's log after 0 s"):
        replication.together(at(primary), "third", 0)
    with pytest.raises(NotSafe, match="no name of a standby"):
        replication.together(at(primary), 'second"', 0)
    assert "waits for: nobody" in replication.state(at(primary))


@pytest.mark.parametrize("uri", ["postgresql://postgres:s3cret@db/postgres", "s3cret://"])
def test_a_password_in_an_argument_is_refused_and_not_repeated(uri: str, capsys) -> None:
    with pytest.raises(SystemExit):
        replication.main(["state", uri])
    said = capsys.readouterr().err
    assert ("~/.pgpass" in said or "no libpq URI" in said, "s3cret" in said) == (True, False)


def flushed(primary: Cluster) -> str:
    return f"'{primary.say('SELECT pg_current_wal_flush_lsn()')}'"


def until_one_waits(primary: Cluster) -> None:
    """Wait in the database until a commit waits."""
    primary.say(
        "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')"
        " LOOP PERFORM pg_sleep(0.02), pg_stat_clear_snapshot(); END LOOP; END $$"
    )


def furnish(cluster: Cluster) -> None:
    """Make the empty tables and the functions of the tests' database: to migrate would take a minute."""
    if not str(connection.settings_dict["HOST"]).startswith("/"):
        pytest.skip("these tests' database may be of another version")
    dump = [postgres.program("pg_dump", cluster.data), "--section=pre-data", f"--dbname={database_url()}"]
    said = postgres.must(dump, postgres.account(cluster.data))
    with psycopg.connect(at(cluster)) as own:
        own.execute("\n".join(line for line in said.splitlines() if not line.startswith("\\")))


def commits_waiting(server: Cluster) -> int:
    """Ask for the figures of a cluster as ``/metrics`` does, for the one that the alert looks at."""
    with psycopg.connect(at(server)) as own:
        figures = own.execute(sql.statement("api/metrics"), {"at": NOON}).fetchall()
    return {name: value for name, _, value in figures}["commits_waiting"]
