from datetime import UTC, datetime
from random import Random

import pytest
from pyproj import Geod

from layers import intake as layers_intake
from layers.record import LonLat, Poi, Snapshot

SPHEROID = Geod(ellps="WGS84")
NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
DICE = Random(5)
STATIONS = [LonLat(DICE.uniform(106.7, 106.95), DICE.uniform(-6.35, -6.1)) for _ in range(60)]


@pytest.fixture
def stations(city):
    pois = tuple(
        Poi(
            external_id=f"node/{n}",
            kind="fuel",
            name=f"SPBU {n}",
            brand="=Pertamina",
            point=point,
            attributes={},
        )
        for n, point in enumerate(STATIONS)
    )
    layers_intake.receive([Snapshot("overpass", NOON, pois=pois)], simulated=False)
    return STATIONS


def nearest(client, query):
    response = client.get(f"/api/nearest?{query}")
    assert response.status_code == 200, response.content
    return response.json()["features"]


def metres(here, there):
    return SPHEROID.inv(*here, *there)[2]


# In the city, in the sea beside it, far off where a degree of longitude is half as wide, and round the Earth.
@pytest.mark.parametrize("here", [(106.82, -6.2), (106.5, -5.9), (110.0, 60.0), (-73.2, 6.2)])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_the_nearest_come_first_with_their_metres_on_the_spheroid(client, stations, here, limit):
    found = nearest(client, f"layer=petrol_stations&lon={here[0]}&lat={here[1]}&limit={limit}")
    truth = sorted(metres(here, there) for there in stations)[:limit]
    assert [feature["properties"]["distance_m"] for feature in found] == pytest.approx(truth, abs=0.11)


def test_none_beyond_the_reach_is_answered(client, stations):
    here = (106.82, -6.2)
    found = nearest(client, "layer=petrol_stations&lon=106.82&lat=-6.2&limit=100&within_m=5000")
    assert len(found) == sum(metres(here, there) <= 5_000 for there in stations) > 0


def test_reports_are_chosen_by_their_properties(client, mixed, said):
    query = "layer=reports&lon=106.82&lat=-6.2&limit=5&category=flood,tree&status=waiting"
    found = nearest(client, query)
    truth = said(
        "SELECT id FROM analyst.reports WHERE category IN ('flood', 'tree') AND status = 'waiting'"
        " AND geom IS NOT NULL"
        " ORDER BY ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(106.82, -6.2), 4326)::geography)"
        " LIMIT 5"
    )
    assert [feature["id"] for feature in found] == [id for (id,) in truth]
    assert {feature["properties"]["status"] for feature in found} == {"waiting"}
    assert all(feature["properties"]["submitted_at"].endswith("Z") for feature in found)


def test_an_empty_layer_has_none_nearest(client, city):
    assert nearest(client, "layer=alerts&lon=106.82&lat=-6.2") == []


def test_a_csv_has_no_field_that_a_spreadsheet_would_run(client, stations):
    response = client.get("/api/nearest?layer=petrol_stations&lon=106.82&lat=-6.2&limit=1&f=csv")
    header, row = response.content.decode().splitlines()
    assert header.startswith("id,distance_m,lon,lat,name,brand")
    assert ",'=Pertamina," in row


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("layer=jams&lon=1&lat=1", "layer 'jams': known are"),
        ("lon=1&lat=1", "parameter 'layer' is missing"),
        ("layer=alerts&lon=1", "parameter 'lat' is missing"),
        ("layer=alerts&lon=1&lat=1&limit=1001", "limit 1001: it must lie between 1 and 1000"),
        ("layer=alerts&lon=1&lat=1&within_m=-1", "within_m '-1'"),
        ("layer=alerts&lon=1&lat=1&status=waiting", "unknown parameter 'status'"),
    ],
)
def test_what_cannot_be_found_is_said_with_its_value(client, city, query, detail):
    response = client.get(f"/api/nearest?{query}")
    assert response.status_code == 400
    assert detail in response.json()["detail"]


# A spatial condition names the geometry as every other statement does; here several tables have one.
@pytest.mark.parametrize(
    "chosen",
    ["bbox=106.75,-6.3,106.85,-6.15", "filter=S_INTERSECTS(geom,BBOX(106.75,-6.3,106.85,-6.15))",
     "filter=S_WITHIN(geom,POLYGON((106.75 -6.3,106.85 -6.3,106.85 -6.15,106.75 -6.15,106.75 -6.3)))"],
)  # fmt: skip
def test_the_nearest_in_an_area_are_found(client, stations, chosen):
    found = nearest(client, f"layer=petrol_stations&lon=106.9&lat=-6.2&limit=100&{chosen}")
    inside = [at for at in stations if 106.75 <= at.lon <= 106.85 and -6.3 <= at.lat <= -6.15]
    truth = sorted(metres((106.9, -6.2), there) for there in inside)
    assert [feature["properties"]["distance_m"] for feature in found] == pytest.approx(truth, abs=0.11)
    assert found
