from datetime import UTC, datetime

import pytest
from django.conf import settings

from boundaries.models import Edition
from ingest.runs import health
from layers import intake as layers_intake
from layers.models import FeedState
from layers.record import Alert, Irregularity, Jam, LonLat, Poi, Snapshot
from reports import intake
from reports.models import Category

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
HERE = LonLat(106.8272, -6.1754)
LINE = (HERE, LonLat(106.83, -6.18))
SEEN = {
    "alerts": Alert("1", "HAZARD", "", "", "", None, NOON, HERE, {}),
    "jams": Jam("1", 3, 8.5, 120, 900, "", NOON, LINE, {}),
    "irregularities": Irregularity("1", "LARGE", 5.0, 25.0, 300, 1500, "", NOON, LINE, {}),
    "pois": Poi("node/1", "fuel", "", "", HERE, {}),
}


def about(client):
    response = client.get("/api/map")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()


def test_it_says_what_a_map_must_say_beside_its_layers(city, client):
    answer = about(client)
    assert set(answer) == {
        "edition", "simulated", "silent", "not_connected", "categories", "channels", "base_map", "bounds",
    }  # fmt: skip
    assert answer["edition"] == {
        "id": city.id,
        "name": city.name,
        "schematic": True,
        "attribution": city.attribution,
    }
    assert answer["bounds"] == settings.CITY_BOUNDS


def test_the_bounds_hold_the_province_with_its_islands(city, client):
    west, south, east, north = about(client)["bounds"]
    for boundary in city.boundary_set.filter(level="kota"):
        w, s, e, n = boundary.geom.extent
        assert west <= w < e <= east
        assert south <= s < n <= north


def test_every_category_has_its_name_in_both_languages(city, client):
    categories = about(client)["categories"]
    assert len(categories) == Category.objects.count() == 18
    assert [one["code"] for one in categories] == sorted(one["code"] for one in categories)
    assert {"code": "road", "name": {"id": "Jalan rusak", "en": "Damaged road"}} in categories
    assert all(set(one["name"]) == {"id", "en"} and all(one["name"].values()) for one in categories)


def test_every_channel_has_the_title_of_its_feed(city, client):
    health.refresh(NOON)
    channels = about(client)["channels"]
    assert list(channels) == sorted(settings.ADAPTERS)
    assert channels["lapor"] == "LAPOR! 1708"
    assert all(title and title != name for name, title in channels.items())


def test_layers_that_no_feed_fills_are_not_connected_and_boundaries_need_none(city, client):
    fed = ["irregularities", "jams", "alerts", "petrol_stations", "hospitals", "restaurants", "reports"]
    assert about(client)["not_connected"] == fed
    FeedState.objects.create(feed="waze", title="Waze", enabled=True, simulated=False, cadence_s=120)
    layers_intake.receive([Snapshot("waze", NOON, jams=(SEEN["jams"],))], simulated=False)
    # Jams and alerts come in one document: that there are no alerts says something of the city.
    assert about(client)["not_connected"] == ["petrol_stations", "hospitals", "restaurants", "reports"]
    FeedState.objects.update(enabled=False)
    assert about(client)["not_connected"] == fed


def test_without_an_edition_in_force_the_edition_is_null(city, client):
    Edition.objects.update(validity=None)
    assert about(client)["edition"] is None


def test_without_a_base_map_it_is_null(city, client, settings):
    settings.BASE_MAP_URL = ""
    assert about(client)["base_map"] is None


def test_a_base_map_is_a_setting(city, client, settings):
    settings.BASE_MAP_URL = "https://tiles.example/{z}/{x}/{y}.png"
    settings.BASE_MAP_ATTRIBUTION = "&copy; Contoh"
    assert about(client)["base_map"] == {
        "url": "https://tiles.example/{z}/{x}/{y}.png",
        "attribution": "&copy; Contoh",
    }


def test_a_city_without_rows_is_not_simulated(city, client):
    assert about(client)["simulated"] is False


@pytest.mark.parametrize("simulated", [True, False])
@pytest.mark.parametrize("kind", SEEN)
def test_one_simulated_row_of_any_layer_makes_the_map_say_so(city, client, kind, simulated):
    snapshot = Snapshot("waze", NOON, **{kind: (SEEN[kind],)})
    layers_intake.receive([snapshot], simulated=simulated)
    assert about(client)["simulated"] is simulated


@pytest.mark.parametrize("simulated", [True, False])
def test_one_simulated_report_makes_the_map_say_so(city, client, submission, simulated):
    intake.receive([submission()], simulated=simulated)
    assert about(client)["simulated"] is simulated
