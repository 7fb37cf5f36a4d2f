"""Real clients of OGC API - Features, without a word of ours: GDAL's OAPIF driver, and OWSLib."""

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from owslib.ogcapi.features import Features

from layers.layer import catalogue
from layers.record import LonLat
from reports import intake
from reports.models import Report

COUNT = 45
BOX = (106.75, -6.25, 106.8, -6.15)


@pytest.fixture
def api(transactional_city, submission, live_server):
    """The address of the API, with reports in a row from west to east, every third done."""
    places = [LonLat(106.7 + n * 0.003, -6.2) for n in range(COUNT)]
    sent = [
        submission(str(n), point=point, category="flood" if n % 3 else "road")
        for n, point in enumerate(places)
    ]
    intake.receive(sent, simulated=False)
    return f"{live_server.url}/api"


def within(box: tuple[float, ...]) -> set[int]:
    points = Report.objects.values_list("id", "point")
    return {id for id, point in points if box[0] <= point.x <= box[2] and box[1] <= point.y <= box[3]}


def gdal(api: str, read: str) -> Any:
    """Run an expression of pyogrio's in a process of its own: it holds the lock that our server needs."""
    code = f"import json, sys, pyogrio; source = 'OAPIF:' + sys.argv[1]; print(json.dumps({read}))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, api],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_gdal_lists_the_collections(api):
    assert set(gdal(api, "[str(name) for name, _ in pyogrio.list_layers(source)]")) == set(catalogue())


def test_gdal_reads_all_features_page_by_page(api):
    read = "pyogrio.read_dataframe(source, layer='reports', PAGE_SIZE='10')"
    assert Counter(gdal(api, f"list({read}['category'])")) == Counter(flood=30, road=15)
    assert gdal(api, f"list(set({read}.geometry.geom_type))") == ["Point"]


def test_gdal_asks_for_a_box(api):
    assert gdal(api, f"len(pyogrio.read_dataframe(source, layer='reports', bbox={BOX}))") == len(within(BOX))


def test_gdal_asks_for_the_value_of_a_property(api):
    where = "category = 'road'"
    assert gdal(api, f'len(pyogrio.read_dataframe(source, layer="reports", where="{where}"))') == 15


def test_gdal_takes_positions_in_another_system(api):
    read = "pyogrio.read_dataframe(source, layer='reports', CRS='EPSG:32748', bbox=None)"
    got = gdal(api, f"(lambda f: [f.crs.to_epsg(), *f.to_crs(4326).total_bounds])({read})")
    points = Report.objects.values_list("point", flat=True)
    assert got[0] == 32748
    assert got[1] == pytest.approx(min(point.x for point in points), abs=1e-6)
    assert got[3] == pytest.approx(max(point.x for point in points), abs=1e-6)


def test_gdal_reads_the_boundaries(api):
    read = "pyogrio.read_dataframe(source, layer='kota').geometry.geom_type"
    assert gdal(api, f"list({read})") == ["MultiPolygon"] * 6


def test_owslib_finds_its_way(api):
    client = Features(f"{api}/")
    assert set(client.feature_collections()) == set(catalogue())
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
    assert client.api()["openapi"].startswith("3.0")
    assert "status" in client.collection_queryables("reports")["properties"]


def test_owslib_reads_features_with_box_filter_and_page(api):
    client = Features(f"{api}/")
    page = client.collection_items("reports", bbox=list(BOX), limit=4)
    assert page["numberMatched"] == len(within(BOX)) and len(page["features"]) == 4
    flood = client.collection_items("reports", limit=100, filter="category = 'flood'")
    assert len(flood["features"]) == 30
    one = client.collection_item("reports", str(page["features"][0]["id"]))
    assert one["properties"] == page["features"][0]["properties"]
