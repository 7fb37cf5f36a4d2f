"""Records of a feed that says all there is, of which only the parts that matter are said."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from layers.record import Alert, Irregularity, Jam, LonLat, Poi

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
LINE = (LonLat(106.82, -6.17), LonLat(106.83, -6.18), LonLat(106.84, -6.18))


@pytest.fixture
def alert() -> Callable[..., Alert]:
    def make(external_id: str = "alert-1", **parts: object) -> Alert:
        said = {
            "type": "HAZARD",
            "subtype": "HAZARD_ON_ROAD_POT_HOLE",
            "street": "Jl. Medan Merdeka Barat",
            "description": "",
            "reliability": 7,
            "reported_at": NOON,
            "point": LonLat(106.8229, -6.1754),
            "attributes": {},
        }
        return Alert(external_id=external_id, **(said | parts))

    return make


@pytest.fixture
def jam() -> Callable[..., Jam]:
    def make(external_id: str = "jam-1", **parts: object) -> Jam:
        said = {
            "level": 3,
            "speed_kmh": 8.5,
            "delay_s": 120,
            "length_m": 900,
            "street": "Jl. M.H. Thamrin",
            "reported_at": NOON,
            "line": LINE,
            "attributes": {},
        }
        return Jam(external_id=external_id, **(said | parts))

    return make


@pytest.fixture
def irregularity() -> Callable[..., Irregularity]:
    def make(external_id: str = "irregularity-1", **parts: object) -> Irregularity:
        said = {
            "type": "LARGE",
            "speed_kmh": 5.0,
            "regular_speed_kmh": 25.0,
            "delay_s": 300,
            "length_m": 1500,
            "street": "Jl. Jenderal Sudirman",
            "reported_at": NOON,
            "line": LINE,
            "attributes": {},
        }
        return Irregularity(external_id=external_id, **(said | parts))

    return make


@pytest.fixture
def poi() -> Callable[..., Poi]:
    def make(external_id: str = "node/1", **parts: object) -> Poi:
        said = {
            "kind": "fuel",
            "name": "SPBU Contoh",
            "brand": "",
            "point": LonLat(106.8272, -6.1754),
            "attributes": {},
        }
        return Poi(external_id=external_id, **(said | parts))

    return make
