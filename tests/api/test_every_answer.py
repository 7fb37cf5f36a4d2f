"""No door can be forgotten: every route of the platform is asked, must answer, and its answer is searched."""

import json
import re
from dataclasses import replace
from random import Random
from typing import NamedTuple

import mapbox_vector_tile
import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import get_resolver

from layers.grid import KEY_ZOOM, Tile
from layers.record import LonLat
from reports import intake
from reports.models import Report
from tests.api.test_personal_data import (
    HERE,
    SUBMISSION,
    addresses,
    doors,
    found_in,
    routes,
    store_secrets,
    text_of,
)
from tests.grid import tile_of

# Asked for by name: where these alone are run, no other test would have the database made.
pytestmark = pytest.mark.django_db
SENSITIVE = "public_order"
# Beyond the third decimal nothing of these may be seen.
EXACT = LonLat(106.8276431, -6.1757912)
TOLD_BY = ("106.82764", "106.8276,", "6.175791")  # boundaries have fewer of these digits in common
BOX = "106.8,-6.2,106.9,-6.1"
# How a route is asked that answers nothing of use without it; a new door with such a one belongs here.
QUERIES = {
    "api/locate": (f"lon={HERE.lon}&lat={HERE.lat}",),
    "api/reports": (f"bbox={BOX}",),
    "api/changes": ("by=kelurahan&from=2026-05-01&to=2026-05-31",),
    "api/counts": ("by=kelurahan",),
    "api/heat": (f"grid=square&size=1000&bbox={BOX}", f"bbox={BOX}"),
    "api/nearest": (f"layer=reports&lon={HERE.lon}&lat={HERE.lat}",),
    "api/places": ("q=Cikini",),
    "api/oembed": ("url=http%3A%2F%2Ftestserver%2Fembed%2Fmap",),
    "api/series": ("step=day&from=2026-05-01&to=2026-05-31", "step=day"),
    "feeds/reports.atom": ("", f"bbox={BOX}", "category=road", "kelurahan=31.71.01.1001"),
}
# Routes that are not read by the public: what they take, and whose answers are for the sender alone.
NOT_READ = (
    "push/",
    "api/subscriptions",
    "api/exports/",
    "api/staff/",
    "staff/",
    "api/disputes",
    "api/receipts/",
    "api/follows",
    "report-a-problem/received/",
    "follow/",
    "notices/",
    "answers/",
)  # of the last: files of the night, made of exports


def kinds():
    """Return the routes, so that a test can be made for each."""
    return sorted({route for route, _ in routes(get_resolver().url_patterns)})


class Heard(NamedTuple):
    """An answer, read once: one that is streamed holds a place until it is."""

    status: int
    text: str


def heard(response) -> Heard:
    return Heard(response.status_code, text_of(response))


@pytest.fixture(scope="module")
def everything(django_db_setup, django_db_blocker):
    """Return every answer by route and address; among the rows is a sensitive report. Asked once."""
    hidden = replace(SUBMISSION, external_id="sensitive", category=SENSITIVE, point=EXACT, author="",
                     description="Pengamen di lampu merah")  # fmt: skip
    told = {
        "SECURITY_CONTACT": "mailto:keamanan@example.go.id",
        "EVENTS_URL": "http://127.0.0.1:8001/api/events",
    }
    with django_db_blocker.unblock(), override_settings(**told), transaction.atomic():
        store_secrets()
        intake.receive([hidden], simulated=False)
        found = answers_by_route(Client())
        transaction.set_rollback(True)
    return found


def answers_by_route(client):
    """Ask at every address, each with the questions that it wants."""
    found: dict[str, dict[str, Heard]] = {route: {} for route in kinds()}
    patterns = {route: _pattern(route) for route in found}
    for address in addresses():
        route = next(route for route, pattern in patterns.items() if pattern.fullmatch(address[1:]))
        for query in QUERIES.get(route, ("",)):
            asked = f"{address}?{query}" if query else address
            found[route][asked] = heard(client.get(asked))
    for address in doors():  # in the shapes of others, whose routes are regular expressions
        found.setdefault("doors", {})[address] = heard(client.get(address))
    return found


def _pattern(route: str):
    parts = re.split(r"<[^>]+>", route.lstrip("^").rstrip("$").replace("\\.", "."))
    return re.compile("[^/]+?".join(map(re.escape, parts)))


def test_every_route_is_asked_in_a_way_that_it_answers(everything):
    silent = [
        route
        for route, answers in everything.items()
        if not route.startswith(NOT_READ)
        and not any(answer.status in (200, 302, 303, 307) for answer in answers.values())
    ]
    assert silent == [], "say in QUERIES how these are asked, or in NOT_READ that nobody reads them"


def test_no_secret_is_in_any_answer_of_any_route(everything):
    leaks = {
        address: found
        for answers in everything.values()
        for address, answer in answers.items()
        if (found := found_in(answer.text))
    }
    assert leaks == {}


def test_no_answer_tells_where_exactly_a_sensitive_report_is(everything):
    leaks = {
        address: told
        for answers in everything.values()
        for address, answer in answers.items()
        if (told := [part for part in TOLD_BY if part in answer.text])
    }
    assert leaks == {}


def test_the_sensitive_report_is_shown_nevertheless(everything):
    shown = [
        address
        for answers in everything.values()
        for address, answer in answers.items()
        if "106.828" in answer.text
    ]
    assert any(address.startswith("/api/reports/") for address in shown)
    assert any(address.startswith("/api/reports?") for address in shown)
    assert any(address.startswith("/tiles/reports/") for address in shown)


@pytest.fixture
def scattered(city, submission):
    """Store 40 sensitive reports, seeded; returns where they are, to the last bit."""
    dice = Random(41)
    points = [LonLat(dice.uniform(106.7, 106.9), dice.uniform(-6.3, -6.1)) for _ in range(40)]
    intake.receive(
        [submission(str(n), category=SENSITIVE, point=point) for n, point in enumerate(points)],
        simulated=False,
    )
    return points


def rounded(points):
    return sorted((round(lon, 3), round(lat, 3)) for lon, lat in points)


def shown_in(features):
    return sorted(tuple(feature["geometry"]["coordinates"]) for feature in features)


def test_no_list_and_no_view_shows_more_decimals_than_are_allowed(client, scattered):
    box = "bbox=106.6,-6.4,107,-6"
    for address in (f"/api/reports?{box}&limit=500", f"/api/collections/reports/items?{box}&limit=500"):
        assert shown_in(client.get(address).json()["features"]) == rounded(scattered), address
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM analyst.reports")
        assert sorted(cursor.fetchall()) == rounded(scattered)


@pytest.mark.parametrize("z", [10, 14, 22])
def test_no_tile_shows_more_decimals_than_are_allowed(client, scattered, degrees, z):
    found = []
    for x, y in {tile_of(round(lon, 3), round(lat, 3), z)[1:] for lon, lat in scattered}:
        asked = f"/tiles/reports/{z}/{x}/{y}"
        of_tile = json.loads(client.get(f"{asked}.geojson").content)["features"]
        found += of_tile
        decoded = mapbox_vector_tile.decode(
            client.get(f"{asked}.mvt").content, default_options={"y_coord_down": True}
        )
        step = 360 / (1 << z) / 4096 + 360 / (1 << KEY_ZOOM)
        for feature in decoded["reports"]["features"]:
            lon, lat = degrees(Tile(z, x, y), feature["geometry"]["coordinates"])
            assert min(abs(lon - one[0]) + abs(lat - one[1]) for one in rounded(scattered)) <= 2 * step
    decimals = 3 if z > 10 else 4
    assert {tuple(round(c, decimals) for c in one) for one in shown_in(found)} <= {
        tuple(round(c, decimals) for c in one) for one in rounded(scattered)
    }
    assert len(found) == len(scattered) == Report.objects.count()
