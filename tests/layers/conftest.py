"""Records of a feed that says all there is, of which only the parts that matter are said."""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from layers import copying, follow
from layers.follow import Followed
from layers.record import Alert, Irregularity, Jam, LonLat, Poi
from reports import intake
from reports.layers import REPORTS

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


@pytest.fixture
def cursor(db):
    with connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def followed(cursor) -> Followed:
    one = Followed(REPORTS, None)
    one.refresh(cursor)
    return one


@pytest.fixture
def many(city, submission):
    """Receive so many reports that they are worth a base on the disk."""
    follow_least, follow.LEAST_DELTA = follow.LEAST_DELTA, 20
    intake.receive([submission(str(n)) for n in range(50)], simulated=False)
    yield
    follow.LEAST_DELTA = follow_least


@pytest.fixture
def losing(monkeypatch):
    """Let the connection break the next time that rows are read; returns what takes that back."""
    real = copying.copied

    def mend() -> None:
        monkeypatch.setattr(copying, "copied", real)

    def lose():
        def lost(*args: object, **more: object) -> None:
            mend()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(copying, "copied", lost)
        return mend

    return lose
