"""Events, heard over real connections."""

import asyncio
import http.client
import json
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection

from api.events.journal import Change, Journal, read, told, written
from api.events.server import Hall, serve
from layers import live, revisions
from layers.changes import BLOCK_ZOOM
from layers.layer import catalogue
from layers.record import LonLat
from reports import intake
from tests.conftest import MONAS
from tests.grid import tile_of
from tests.ports import free_port

INJECTIONS = (
    "' OR 1=1 --",
    "%s",
    "{}",
    "reports=x",
    "reports=" + "9" * 40,
    "a" * 5000,
    "<script>",
    "reports=-1",
)


class Events:
    """The server, in a thread of its own; its heart does not beat where a test waits for something else."""

    def __init__(self, heartbeat_s: float = 600.0) -> None:
        self.port = free_port()
        live.watch().is_ready.wait(120)
        self._heartbeat_s = heartbeat_s
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._begun.wait(120)

    async def _run(self) -> None:
        self._loop, self._stop, self.hall = (
            asyncio.get_running_loop(),
            asyncio.Event(),
            Hall(self._heartbeat_s),
        )
        self._loop.call_later(0.05, self._begun.set)
        await serve("127.0.0.1", self.port, self._stop, self.hall)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(120)
        assert not self._thread.is_alive()
        live.stop()

    def open(self, path="/api/events", method="GET", **headers):
        """Return a connection, and the answer whose body is still to come."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked.request(method, path, headers=named)
        return asked, asked.getresponse()

    def get(self, path="/api/events", method="GET", **headers):
        """Return status, headers and body of an answer that ends."""
        asked, answer = self.open(path, method, **headers)
        body = answer.read() if answer.status != 200 else b""  # a stream has no end
        found = SimpleNamespace(status=answer.status, headers=answer.headers, body=body)
        answer.close()
        asked.close()
        return found

    @contextmanager
    def listen(self, path="/api/events", **headers):
        asked, answer = self.open(path, **headers)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        try:
            yield Listener(answer)
        finally:
            answer.close()
            asked.close()


class Listener:
    def __init__(self, answer) -> None:
        self.answer = answer

    def next(self) -> dict[str, str]:
        """Return the next event, its fields by name; a comment is one named ''."""
        fields = {}
        while (line := self.answer.readline().decode().rstrip("\n")) or not fields:
            name, _, value = line.partition(": ")
            fields[name] = value
        return fields

    def change(self) -> tuple[dict, str]:
        event = self.next()
        assert event["event"] == "change", event
        return json.loads(event["data"]), event["id"]


@pytest.fixture
def events(transactional_city):
    revisions.touch("reports")  # of a layer that never changed the first change is anywhere
    made = Events()
    yield made
    made.close()


@pytest.fixture
def still(db):
    """The server, and nothing that changes."""
    made = Events()
    yield made
    made.close()


@pytest.fixture
def receive(transactional_city, submission):
    def one(external_id="1", **parts):
        intake.receive([submission(external_id, **parts)], simulated=False)

    return one


def block(lon: float, lat: float) -> list[int]:
    return [BLOCK_ZOOM, *tile_of(lon, lat, BLOCK_ZOOM)[1:]]


def test_a_listener_is_told_which_layer_changed_where(events, receive):
    with events.listen("/api/events?layers=reports,jams") as listener:
        state = listener.next()
        assert state["event"] == "state"
        assert json.loads(state["data"])["revisions"].keys() == {"reports", "jams"}
        receive(point=MONAS)
        said, id = listener.change()
        assert (said["layer"], said["blocks"]) == ("reports", [block(*MONAS)])
        west, south, east, north = said["bbox"]
        assert west < MONAS.lon < east and south < MONAS.lat < north
        assert said["revision"] == revisions.current("reports")
        assert id == f"reports={said['revision']};jams={revisions.current('jams')}"


def test_another_layer_is_told_as_a_whole_and_only_to_who_asked_for_it(events):
    with (
        events.listen("/api/events?layers=jams") as jams,
        events.listen("/api/events?layers=alerts") as alerts,
    ):
        jams.next(), alerts.next()
        revisions.touch("jams")
        said, _ = jams.change()
        assert (said["layer"], said["blocks"], said["bbox"]) == ("jams", None, None)
        revisions.touch("alerts")
        assert alerts.change()[0]["layer"] == "alerts"


def test_who_comes_again_is_told_what_it_missed(events, receive):
    with events.listen("/api/events?layers=reports") as listener:
        position = listener.next()["id"]
    far = LonLat(106.9, -6.3)
    receive("1", point=MONAS)
    receive("2", point=far)
    with events.listen("/api/events?layers=reports", Last_Event_ID=position) as listener:
        assert listener.next()["event"] == "state"
        found = []
        while len(found) < 2:  # in one event or in two, as they were seen
            found += listener.change()[0]["blocks"]
        assert sorted(found) == sorted([block(*MONAS), block(*far)])


def test_who_comes_from_before_the_server_began_is_told_that_anything_may_have_changed(events):
    with events.listen("/api/events?layers=reports", Last_Event_ID="reports=0") as listener:
        revisions.touch("reports")
        listener.next()
        assert listener.change()[0]["blocks"] is None


def test_the_position_may_stand_in_the_address(still):
    with still.listen("/api/events?layers=jams&last-event-id=jams%3D77") as listener:
        assert listener.next()["id"] == "jams=77"
        assert listener.change()[0]["blocks"] is None


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_is_no_position_is_none(still, text):
    with still.listen("/api/events?layers=jams", Last_Event_ID=text) as listener:
        assert listener.next()["id"] == f"jams={revisions.current('jams')}"


@pytest.mark.parametrize(
    "query", ["layers=nothing", "layers=reports,%27%20OR", "colour=red", "layers=rep%00orts", "layers=,"]
)
def test_what_cannot_be_used_is_a_400(still, query):
    answer = still.get(f"/api/events?{query}")
    assert answer.status == 400 and json.loads(answer.body)["status"] == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_heart_beats(db):
    events = Events(heartbeat_s=0.1)
    try:
        with events.listen() as listener:
            listener.next()
            assert listener.next() == {"": "heartbeat"}
    finally:
        events.close()


def test_there_are_so_many_listeners_and_not_more(still, settings):
    settings.EVENTS_MOST = 2
    with still.listen(), still.listen():
        answer = still.get()
        assert answer.status == 503 and answer.headers["Retry-After"] == "30"


def test_one_address_listens_so_often_and_not_more(still, settings):
    settings.EVENTS_MOST_EACH = 1
    with still.listen(X_Forwarded_For="203.0.113.7"):
        answer = still.get(X_Forwarded_For="203.0.113.7")
        assert answer.status == 429 and answer.headers["Retry-After"] == "30"
        with still.listen(X_Forwarded_For="203.0.113.8"):
            pass


def test_two_hundred_listen_at_a_time_on_one_thread(events, receive):
    asked = [events.open("/api/events?layers=reports") for _ in range(200)]
    listeners = [Listener(answer) for _, answer in asked]
    assert {listener.next()["event"] for listener in listeners} == {"state"}
    assert events.hall.listeners.total() == 200
    receive()
    assert {listener.change()[0]["layer"] for listener in listeners} == {"reports"}
    for connected, answer in asked:
        answer.close()
        connected.close()


def test_a_sensitive_report_is_told_by_the_block_of_its_rounded_point(events, receive):
    near_an_edge = LonLat(106.83105471, -6.2)  # the edge of a block lies at 106.8310546875
    assert block(*near_an_edge) != block(round(near_an_edge.lon, 3), -6.2)
    with events.listen("/api/events?layers=reports") as listener:
        listener.next()
        receive(category="public_order", point=near_an_edge)
        assert listener.change()[0]["blocks"] == [block(106.831, -6.2)]


def test_other_sites_may_listen(still):
    answer = still.get(method="OPTIONS")
    assert answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] == "*"
    answer = still.get(method="HEAD")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    answer = still.get(method="POST")
    assert answer.status == 405


def test_another_host_is_refused(still):
    assert still.get(Host="elsewhere.example").status == 400


def test_the_web_server_says_where_events_are(client, settings, db):
    assert client.get("/api/events").status_code == 503
    settings.EVENTS_URL = "http://127.0.0.1:8001/api/events"
    answer = client.get("/api/events?layers=reports")
    assert answer.status_code == 307 and answer["Location"] == f"{settings.EVENTS_URL}?layers=reports"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_position_is_read_as_it_is_written():
    position = {"reports": 51, "jams": 7}
    assert read(written(position), ["reports", "jams", "alerts"]) == position
    assert read(written(position), ["jams"]) == {"jams": 7}


def test_of_very_many_blocks_a_box_is_told():
    said = told(Change("reports", 2, frozenset((x, 8472) for x in range(13000, 13300))))
    assert said["blocks"] is None and len(said["bbox"]) == 4


def test_a_journal_that_forgot_says_that_anything_may_have_changed(city, submission, monkeypatch):
    monkeypatch.setattr("api.events.journal.KEPT", 2)
    state = live.followed("reports")

    def change(n: int) -> None:
        revisions.anew("reports")
        intake.receive([submission(str(n))], simulated=False)
        with connection.cursor() as cursor:
            state.refresh(cursor)
        journal.look()

    with connection.cursor() as cursor:
        state.refresh(cursor)
    journal = Journal([catalogue()["reports"]])
    began = journal.revisions["reports"]
    for n in range(3):
        change(n)
    assert journal.behind({"reports": began})[0].blocks is None
    assert journal.behind({"reports": began + 1})[0].blocks is not None
    assert journal.behind({"reports": began + 3}) == []
    assert journal.behind({"reports": began + 99})[0].blocks is None


def test_a_change_whose_points_are_not_read_yet_is_told_with_its_block_and_not_before(city, submission):
    """The version of every layer is read first, and the points of one after another."""
    revisions.touch("reports")  # of a layer that never changed the first change is anywhere
    state = live.followed("reports")
    with connection.cursor() as cursor:
        state.refresh(cursor)
        journal = Journal([catalogue()["reports"]])
        began = journal.revisions["reports"]
        intake.receive([submission()], simulated=False)
        assert not journal.look()
        state.refresh(cursor)
    assert journal.look()
    (change,) = journal.behind({"reports": began})
    assert change.blocks == {tuple(block(*MONAS)[1:])}
