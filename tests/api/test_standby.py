"""A standby answers what it has, the primary all else: for who wrote, for what is kept, and alone."""

import copy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, RequestFactory

from access import pins
from api import standby as rules
from geoplatform import standbys
from geoplatform.database import Cluster
from geoplatform.standbys import Positions, Standby
from layers import live
from reports import intake
from tests.conftest import database_url
from tests.layers.test_live import PATIENCE_S

MAY = "start_date=2026-05-01T00:00:00Z&end_date=2026-05-31T00:00:00Z"
LIST = f"/open311/v2/requests.json?jurisdiction_id=jakarta.go.id&{MAY}"
ITEMS = "/api/collections/reports/items"


class Second(NamedTuple):
    """A standby, and a connection to it of the test's own."""

    cluster: Cluster
    own: psycopg.Connection


def ensure(wrapper: BaseDatabaseWrapper) -> None:
    """Connect: Django's test cases refuse a database that they do not know."""
    if wrapper.connection is None:
        with wrapper.wrap_database_errors:
            wrapper.connect()


def until(is_so: Callable[[], object]) -> None:
    """Wait for what other threads see soon."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def second(transactional_city, tmp_path: Path, settings, monkeypatch) -> Iterator[Second]:
    if not str(connection.settings_dict["HOST"]).startswith("/"):
        pytest.skip("a standby is made of a private cluster only")
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", ensure)
    settings.PINS_FILE = tmp_path / "pins"
    settings.STANDBY_LAG_S = 600  # paused for a while, on a machine that is busy
    cluster = Cluster(tmp_path / "standby", fsync=False, primary=database_url())
    name = connection.settings_dict["NAME"]
    try:
        with cluster:
            there = copy.deepcopy(connections["default"].settings_dict) | {"HOST": str(cluster.data)}
            connections.settings["standby-1"] = there
            standbys.watch()
            live.watch().is_ready.wait(PATIENCE_S)
            with psycopg.connect(cluster.url(name), autocommit=True) as own:
                until(has_all)
                yield Second(cluster, own)
            live.stop()
            standbys.stop()
            connections["standby-1"].close()
    finally:
        del connections["standby-1"], connections.settings["standby-1"]
        rmtree(cluster.home)


def has_all() -> bool:
    """Whether the standby has all that is written, and this process knows it."""
    return standbys.choose(standbys.written()) is not None


def ids(client: Client, address: str = LIST, **headers: str) -> int:
    answer = client.get(address, **headers)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    return len(found["features"] if isinstance(found, dict) else found)


def paused(second: Second) -> None:
    second.own.execute("SELECT pg_wal_replay_pause()")
    until(lambda: second.own.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() == ("paused",))


def test_a_standby_answers_and_who_wrote_is_shown_it_until_the_standby_has_it(second, submission, client):
    assert not asks_primary()
    assert standbys.read_to_keep(is_standby, PATIENCE_S)
    with transaction.atomic():  # of a request that notes who has read, too
        assert rules.read(RequestFactory().get("/api/staff/brief.csv"), is_standby)
        assert not is_standby()
    paused(second)
    intake.receive([submission()], simulated=False)
    assert ids(client) == 0  # what a standby has
    # What is kept by version is exact: this process has learnt of the report, so the primary is asked.
    until(lambda: live.followed("reports").known().snapshot.size == 1)
    assert asks_primary()
    assert not standbys.read_to_keep(is_standby, 0.0)  # what is kept is made of all that there is
    assert ids(client, ITEMS) == 1
    writer = Client()
    wrote = writer.post("/api/reports", {})
    assert rules.WRITTEN in wrote.cookies
    assert ids(writer) == 1
    for headers in ({"HTTP_GEOPLATFORM_WRITTEN": wrote["Geoplatform-Written"]}, {}):
        assert ids(Client(), **headers) == 1  # by what it sends back, or by its address
    assert ids(Client(), HTTP_X_FORWARDED_FOR="192.0.2.9") == 0
    second.own.execute("SELECT pg_wal_replay_resume()")
    until(has_all)
    until(lambda: not asks_primary())
    assert ids(Client(), HTTP_X_FORWARDED_FOR="192.0.2.9") == 1


def asks_primary() -> bool:
    """Whether what is kept would be read from the primary, by a request that a standby answers."""
    with standbys.asking("standby-1"), live.exact():
        return not is_standby()


def is_standby() -> bool:
    """Whether a standby is asked at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        ((is_so,),) = cursor.fetchall()
        return bool(is_so)


def test_a_standby_that_goes_drops_out_without_a_failed_answer_and_comes_back(second, submission, client):
    intake.receive([submission()], simulated=False)
    until(has_all)
    assert ids(client) == 1
    second.own.close()
    second.cluster.stop(always=True)
    assert ids(client) == 1  # by the connection that was lost: the primary answers instead
    until(lambda: standbys.choose(0) is None)
    assert ids(client) == 1
    second.cluster.start()
    until(has_all)
    assert ids(client) == 1


def test_a_lag_is_how_long_something_of_the_primary_was_not_replayed(settings):
    settings.STANDBY_LAG_S = 5
    primary, one = Positions(), Standby("standby-1")
    for now, position in ((0.0, 100), (1.0, 100), (2.0, 200)):
        primary.note(now, position)
    one.see(8.0, True, 200)
    assert (primary.lag_s(8.0, 200), one.is_fit(8.0, primary)) == (0, True)
    one.see(8.0, True, 100)
    assert (primary.lag_s(8.0, 100), one.is_fit(8.0, primary)) == (6, False)
    one.see(6.9, True, 100)
    assert (one.is_fit(6.9, primary), one.is_fit(9.0, primary)) == (True, False)  # silent for 2 s
    one.see(6.9, False, 300)
    assert not one.is_fit(6.9, primary)  # promoted


@pytest.mark.parametrize("text", ["", "1f", "1f:forged", "ffff:" + "A" * 43])
def test_a_position_that_we_did_not_sign_pins_nobody(text):
    assert pins.told(text) == 0


def test_a_signed_position_is_read_again():
    assert pins.told(pins.signed(0x1F00)) == 0x1F00


@pytest.mark.parametrize(
    ("method", "path", "is_read"),
    [
        ("GET", "/tiles/jams/10/815/529.mvt", True),
        ("GET", "/api/collections/reports/items", True),
        ("GET", "/api/collections/reports/export", True),
        ("GET", "/mapsengine/v1/tables", True),
        ("POST", "/api/reports", False),
        ("GET", "/notices/a-token", False),
        ("GET", "/staff/board", False),  # its view says so itself, once the session is known
        ("GET", "/ready", False),
    ],
)
def test_of_the_public_a_standby_answers_reads_alone(method, path, is_read):
    assert rules.is_read(method, path) is is_read


class Gone:
    """A cursor of a primary that is gone."""

    def execute(self, *_: object) -> None:
        raise psycopg.OperationalError("the connection is lost")


def test_a_look_that_finds_no_primary_learns_nothing_so_standbys_go_on(monkeypatch):
    monkeypatch.setattr(standbys, "are_there", lambda: True)
    watch = live.Watch()
    before = watch.learnt()
    with pytest.raises(psycopg.OperationalError):
        watch.look(Gone())
    assert watch.learnt() == before < standbys.LATEST
