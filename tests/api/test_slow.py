"""One who asks what is slow leaves room for others: real requests, side by side, of a real database."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from access.slots import Slots
from api import slow
from api.front import Front
from api.questions import grids, heat
from geoplatform import sql
from geoplatform.errors import Busy, TooMany, Unavailable
from layers import live
from layers.layer import find
from tests.api.test_front import Asked

HOG, OTHER, THIRD = "203.0.113.7", "203.0.113.8", "203.0.113.9"
ITEMS = "/api/collections/reports/items"
SLOW = "filter=text%20LIKE%20%27%25jalan%25%27"
QUICK = "/api/collections/petrol_stations/items"
PATIENCE_S = 120


@pytest.fixture
def crowd(transactional_city, monkeypatch) -> Iterator[Callable[..., Future]]:
    """Ask in a thread, from an address; what waits takes a place soon."""
    monkeypatch.setattr(slow, "MOMENT_MS", 300)
    live.state(find("reports"))
    front = Front(WSGIHandler())

    def ask(who: str, path: str, query: str = "") -> Asked:
        try:
            return Asked(front, path, "GET", query, REMOTE_ADDR=who)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        yield lambda *asked: pool.submit(ask, *asked)


@pytest.fixture
def stuck(crowd) -> Iterator[Callable[[], None]]:
    """Let whoever reads reports wait, until it is called or the test is over."""
    with sql.connect() as other, other.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE reports_report IN ACCESS EXCLUSIVE MODE")
        yield lambda: cursor.execute("ROLLBACK")
        cursor.execute("ROLLBACK")


def until(taken: int) -> None:
    """Wait until so many places are taken."""
    look = Event()
    for _ in range(PATIENCE_S * 100):
        if slow.slots.taken() == taken:
            return
        look.wait(0.01)
    raise AssertionError(f"{slow.slots.taken()} places are taken, and not {taken}")


def test_who_has_two_slow_questions_is_refused_a_third_at_once_and_others_are_answered(crowd, stuck):
    hogged = [crowd(HOG, ITEMS, SLOW) for _ in range(2)]
    until(2)
    refused = crowd(HOG, ITEMS, f"{SLOW}&limit=3").result(PATIENCE_S)
    assert refused.status.startswith("429") and refused.headers["retry-after"] == "1"
    assert json.loads(refused.body)["detail"].startswith("2 slow questions of yours")
    assert refused.headers["cache-control"] == "no-store"
    assert crowd(OTHER, QUICK).result(PATIENCE_S).status.startswith("200")
    assert slow.slots.taken() == 2
    stuck()
    assert [one.result(PATIENCE_S).status[:3] for one in hogged] == ["200", "200"]
    assert crowd(HOG, ITEMS, SLOW).result(PATIENCE_S).status.startswith("200")
    assert slow.slots.taken() == 0


def test_where_all_places_are_taken_another_slow_question_waits_for_better_times(crowd, stuck):
    hogged = [crowd(HOG, ITEMS, SLOW) for _ in range(2)]
    until(2)
    third = crowd(OTHER, ITEMS, SLOW)
    until(3)
    refused = crowd(THIRD, ITEMS, SLOW).result(PATIENCE_S)
    assert refused.status.startswith("503") and refused.headers["retry-after"] == "1"
    assert crowd(THIRD, QUICK).result(PATIENCE_S).status.startswith("200")
    stuck()
    assert [one.result(PATIENCE_S).status[:3] for one in (*hogged, third)] == ["200"] * 3


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/mapsengine/v1/tables/reports/features", "version=published&where=status%3D%27done%27"),
        ("/open311/v2/requests.json", ""),
        ("/open311/v2/servicerequestupdates.json", ""),
        ("/api/nearest", "layer=reports&lon=106.8&lat=-6.2&status=done"),
        ("/api/series", "step=hour"),
        ("/api/reports", "bbox=106.8,-6.2,106.9,-6.1"),
        ("/feeds/reports.atom", ""),
        (ITEMS, "sortby=status"),
        (ITEMS, f"{SLOW}&bbox=106.8,-6.2,106.9,-6.1&f=html"),
        ("/api/collections/reports/export.csv", ""),
    ],
)
def test_every_door_that_may_be_slow_is_refused_to_who_has_his_places(city, client, path, query):
    slow.slots.take(HOG)
    slow.slots.take(HOG)
    try:
        answer = client.get(f"{path}?{query}", REMOTE_ADDR=HOG)
        assert (answer.status_code, answer["Retry-After"]) == (429, "1")
        other = client.get(f"{path}?{query}", REMOTE_ADDR=OTHER)
        assert other.status_code == 200 and b"".join(other) is not None
        other.close()
    finally:
        slow.slots.give_back(HOG)
        slow.slots.give_back(HOG)
    assert slow.slots.taken() == 0


def test_a_heat_map_of_many_points_takes_a_place(city, client, scatter, monkeypatch):
    scatter(3, traced=False)
    monkeypatch.setattr(heat, "FEW", 2)
    assert client.get("/api/heat", REMOTE_ADDR=HOG).json()["counted"] == 3
    monkeypatch.setattr(slow, "slots", Slots(places=1, each=0))
    assert client.get("/api/heat", REMOTE_ADDR=HOG).status_code == 429
    monkeypatch.setattr(slow, "slots", Slots(places=0, each=1))
    assert client.get("/api/heat", REMOTE_ADDR=HOG).status_code == 503


def test_a_heat_map_ends_when_its_time_is_up(city, client, scatter, settings):
    scatter(1, traced=False)
    settings.QUERY_TIMEOUT_MS = -1
    answer = client.get("/api/heat")
    assert answer.status_code == 503 and "fewer reports" in answer.json()["detail"]


@pytest.mark.parametrize(
    "cells", [lambda *a: grids.hexagons(*a[:2], 8, a[2]), lambda *a: grids.squares(*a[:2], 500, a[2])]
)
def test_cells_are_counted_block_by_block_and_all_points_once(monkeypatch, cells):
    monkeypatch.setattr(grids, "BLOCK", 3)
    dice, looks = np.random.default_rng(1), []
    lon, lat = dice.uniform(106.7, 106.9, 10), dice.uniform(-6.3, -6.1, 10)
    made = list(cells(lon, lat, lambda: looks.append(1)))
    assert sum(cell.points for cell in made) == 10 and len(looks) == 4

    def late():
        raise Unavailable("late")

    with pytest.raises(Unavailable):
        list(cells(lon, lat, late))


def test_places_are_each_ones_and_all_ones_and_this_machine_has_no_bound_of_its_own():
    slots = Slots(places=4, each=2)
    slots.take("a")
    slots.take("a")
    with pytest.raises(TooMany):
        slots.take("a")
    slots.take("")
    slots.take("")
    with pytest.raises(Busy):
        slots.take("b")
    slots.give_back("a")
    slots.take("b")
    assert slots.taken() == 4
