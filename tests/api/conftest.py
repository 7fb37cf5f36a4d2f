"""Reports all over the city, and answers read with decoders that are not ours."""

import json
import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

import mapbox_vector_tile
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from layers.grid import Tile
from layers.record import LonLat
from reports import intake
from reports.record import DONE, IN_PROGRESS, WAITING, Submission, Update, Updates

# A tile of zoom 9 that holds most of the mainland: these corners lie within it.
CITY = Tile(9, 407, 264)
WEST, SOUTH, EAST, NORTH = 106.70, -6.30, 106.86, -6.10


@pytest.fixture(autouse=True)
def no_static_files(settings) -> None:
    """Let no client walk through every static file first: that takes longer than a test."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def held() -> Iterator[None]:
    """Leave the test its connection, as Django's own test client does."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture
def scatter(city, submission) -> Callable[..., list[Submission]]:
    """Store n reports, their points and statuses seeded, and return what was submitted."""

    def store(n: int, *, traced: bool = True, seed: int = 7) -> list[Submission]:
        dice = Random(seed)
        sent = [
            submission(str(i), point=LonLat(dice.uniform(WEST, EAST), dice.uniform(SOUTH, NORTH)))
            for i in range(n)
        ]
        traces = [
            Updates("qlue", one.external_id, (Update(one.submitted_at + timedelta(hours=1), status, "", ""),))
            for one, status in zip(
                sent, (dice.choice((WAITING, IN_PROGRESS, DONE)) for _ in sent), strict=True
            )
            if traced
        ]
        intake.receive([*sent, *traces], simulated=False)
        return sent

    return store


@pytest.fixture
def geojson(client) -> Callable[[str, Tile], list[dict]]:
    """Return the features of a GeoJSON tile."""

    def read(layer: str, at: Tile) -> list[dict]:
        response = client.get(f"/tiles/{layer}/{at.z}/{at.x}/{at.y}.geojson")
        assert response.status_code == 200
        document = json.loads(response.content)
        assert document["type"] == "FeatureCollection"
        return document["features"]

    return read


@pytest.fixture
def mvt(client) -> Callable[[str, Tile], list[dict]]:
    """Return the features of an MVT tile as mapbox_vector_tile decodes them: 0 to 4096, y southward."""

    def read(layer: str, at: Tile) -> list[dict]:
        response = client.get(f"/tiles/{layer}/{at.z}/{at.x}/{at.y}.mvt")
        assert response.status_code == 200
        if not response.content:
            return []
        decoded = mapbox_vector_tile.decode(response.content, default_options={"y_coord_down": True})
        assert set(decoded) == {layer}
        assert decoded[layer]["extent"] == 4096
        return decoded[layer]["features"]

    return read


@pytest.fixture
def degrees() -> Callable[[Tile, tuple[float, float]], tuple[float, float]]:
    """Return the longitude and latitude of a position within an MVT tile."""

    def convert(at: Tile, xy: tuple[float, float]) -> tuple[float, float]:
        side = 1 << at.z
        x, y = (at.x + xy[0] / 4096) / side, (at.y + xy[1] / 4096) / side
        return x * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))

    return convert
