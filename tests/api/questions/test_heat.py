from collections import Counter

import h3
import pytest
from pyproj import Transformer
from shapely.geometry import Point, shape

TO_METRES = Transformer.from_crs(4326, 32748, always_xy=True)


@pytest.fixture
def points(mixed, said):
    return said("SELECT ST_X(geom), ST_Y(geom) FROM analyst.reports WHERE geom IS NOT NULL")


def heat(client, query):
    response = client.get(f"/api/heat?{query}")
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize("resolution", [4, 7, 10])
def test_hexagons_hold_the_reports_that_h3_says(client, points, resolution):
    truth = Counter(h3.latlng_to_cell(lat, lon, resolution) for lon, lat in points)
    answer = heat(client, f"grid=h3&resolution={resolution}")
    assert {feature["id"]: feature["properties"]["count"] for feature in answer["features"]} == truth
    assert answer["counted"] == len(points)


@pytest.mark.parametrize("size", [100, 500, 7_000])
def test_squares_hold_the_reports_of_the_citys_utm_grid(client, points, size):
    truth = Counter()
    for lon, lat in points:
        east, north = TO_METRES.transform(lon, lat)
        truth[f"E{int(east // size) * size}N{int(north // size) * size}S{size}"] += 1
    answer = heat(client, f"grid=square&size={size}")
    assert {feature["id"]: feature["properties"]["count"] for feature in answer["features"]} == truth


@pytest.mark.parametrize("query", ["grid=h3&resolution=7", "grid=square&size=2000"])
def test_each_cell_is_a_valid_polygon_that_covers_its_reports(client, points, query):
    features = heat(client, query)["features"]
    shapes = [shape(feature["geometry"]) for feature in features]
    assert all(one.is_valid and one.exterior.is_ccw for one in shapes)
    for one, feature in zip(shapes, features, strict=True):
        # Corners are given to six decimals.
        inside = sum(one.buffer(2e-6).covers(Point(point)) for point in points)
        assert inside == feature["properties"]["count"]


def test_a_box_and_filters_choose_the_reports(client, mixed, said):
    answer = heat(client, "f=json&bbox=106.75,-6.3,106.9,-6.15&status=done&from=2026-03-10")
    ((count,),) = said(
        "SELECT count(*) FROM analyst.reports WHERE status = 'done'"
        " AND ST_Intersects(geom, ST_MakeEnvelope(106.75, -6.3, 106.9, -6.15, 4326))"
        " AND (submitted_at AT TIME ZONE 'Asia/Jakarta')::date >= '2026-03-10'"
    )
    assert sum(cell["count"] for cell in answer["cells"]) == answer["counted"] == count > 0


def test_a_csv_has_a_row_for_each_cell(client, points):
    lines = client.get("/api/heat?f=csv").content.decode().splitlines()
    assert lines[0] == "cell,count,area_km2"
    assert len(lines) - 1 == len(heat(client, "")["features"])


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("grid=hex", "grid 'hex': known are h3, square"),
        ("grid=h3&resolution=11", "resolution 11: it must lie between 4 and 10"),
        ("grid=h3&size=100", "parameter 'size' is none of grid 'h3'"),
        ("grid=square&size=99", "size 99: it must lie between 100 and 50000"),
        ("bbox=106.9,-6.3,106.8,-6.1", "west must be less than east"),
    ],
)
def test_what_cannot_be_shown_is_said_with_its_value(client, city, query, detail):
    response = client.get(f"/api/heat?{query}")
    assert response.status_code == 400
    assert detail in response.json()["detail"]


def test_more_cells_than_an_answer_holds_are_refused_with_a_way_out(client, points, monkeypatch):
    monkeypatch.setattr("api.questions.heat.MOST_CELLS", 10)
    response = client.get("/api/heat?resolution=10")
    assert response.status_code == 400
    assert "ask for larger ones, or a smaller bbox" in response.json()["detail"]
