"""A process that reads from a standby: it hears of nothing, and sees each change when the standby has it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import psycopg
import pytest
from django.db import connection

from geoplatform import sql
from geoplatform.address import FAITHFUL
from geoplatform.database import Cluster
from layers import live
from reports import intake
from tests.conftest import database_url
from tests.layers.test_live import PATIENCE_S, shown, soon


@pytest.fixture
def standby(transactional_city, tmp_path: Path) -> Iterator[psycopg.Connection]:
    """A second cluster that replays what the first one writes; yields a connection to the same database."""
    if not str(connection.settings_dict["HOST"]).startswith("/"):
        pytest.skip("a standby is made of a private cluster only")
    cluster = Cluster(tmp_path / "standby", fsync=False, primary=database_url())
    try:
        with cluster, psycopg.connect(cluster.url(connection.settings_dict["NAME"]), autocommit=True) as own:
            yield own
    finally:
        rmtree(cluster.home)


@pytest.fixture
def watching(standby, monkeypatch):
    """A watch whose connections are to the standby."""
    address = standby.info.dsn
    monkeypatch.setattr(sql, "connect", lambda: psycopg.connect(address, **FAITHFUL, autocommit=True))
    watch = live.watch()
    assert watch.is_ready.wait(PATIENCE_S)
    yield watch
    live.stop()


def test_a_standby_that_lags_costs_time_and_no_change(watching, standby, submission):
    before = shown()
    standby.execute("SELECT pg_wal_replay_pause()")
    intake.receive([submission()], simulated=False)
    watching.looked.clear()
    watching.looked.wait(PATIENCE_S)
    assert shown().tag == before.tag

    standby.execute("SELECT pg_wal_replay_resume()")
    assert soon(watching, lambda: shown().tag != before.tag)
