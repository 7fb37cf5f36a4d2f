"""Lines on tiles: as fine as the zoom can show, and no finer."""

import json
from datetime import timedelta

import pytest

from layers import intake, tiles
from layers.layer import find
from layers.record import LonLat, Snapshot
from tests.conftest import MONAS, NOON
from tests.grid import tile_of

STEP = 0.0002  # degrees, some 22 m
LINE = tuple(LonLat(MONAS.lon + n * STEP, MONAS.lat + (n % 2) * STEP / 4) for n in range(12))


@pytest.fixture
def zigzag(city, jam) -> None:
    intake.receive([Snapshot("waze", NOON, jams=(jam(line=LINE),))], simulated=False)


def drawn(zoom: int) -> list[list[float]]:
    made = tiles.served(find("jams"), tile_of(*MONAS, zoom), "geojson", NOON + timedelta(minutes=1))
    ((feature),) = json.loads(tiles.plain(made))["features"]
    return feature["geometry"]["coordinates"]


def test_a_jam_from_afar_is_a_line_between_its_ends(zigzag):
    assert drawn(10) == [pytest.approx(LINE[0], abs=1e-4), pytest.approx(LINE[-1], abs=1e-4)]


def test_a_jam_from_near_has_each_of_its_bends(zigzag):
    assert len(drawn(17)) > 4
