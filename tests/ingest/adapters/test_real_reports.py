"""1,204 real flood reports of February 2017 over the real boundaries, through the adapter."""

import json

import pytest

from boundaries import editions, load, source
from ingest import pipeline
from reports import activation
from reports.models import Report
from tests.conftest import SHARED, sent

POINTS = SHARED / "reports" / "flood_report_points_2017-02.geojson"
CLEAN = SHARED / "boundaries" / "jakarta_kelurahan_267_clean.geojson"
PUBLISHED = SHARED / "boundaries" / "kelurahan_267_as_published.geojson"

pytestmark = pytest.mark.skipif(not POINTS.exists(), reason=f"the real data are not at {SHARED}")


@pytest.fixture(scope="module")
def points() -> list[dict]:
    return json.loads(POINTS.read_text(encoding="utf-8"))["features"]


def document(points: list[dict]) -> dict:
    """The points in the form of petajakarta.org v2: local times, numbers as keys."""
    features = [
        {
            "type": "Feature",
            "geometry": point["geometry"],
            "properties": {
                "pkey": point["properties"]["n"],
                "created_at": point["properties"]["created_at_local"],
                "source": point["properties"]["source"],
                "status": "confirmed",
                "url": None,
                "image_url": None,
                "title": None,
                "text": "",
            },
        }
        for point in points
    ]
    return {"type": "FeatureCollection", "features": features}


@pytest.mark.parametrize("polygons", [CLEAN, PUBLISHED], ids=["clean", "as published"])
def test_every_real_report_finds_the_kelurahan_that_is_expected(city, points, polygons):
    edition, _ = load.load(source.find(polygons), [polygons])
    activation.activate(edition.id, None)
    run = pipeline.run("petabencana", document=sent(document(points)))
    assert (run.new, run.rejected, run.unread) == (1204, 0, [])
    found = dict(Report.objects.values_list("external_id", "kelurahan_code"))
    expected = {str(p["properties"]["n"]): p["properties"]["kelurahan_expected"] for p in points}
    assert {n: (found[n], code) for n, code in expected.items() if found[n] != code} == {}
    outside = Report.objects.filter(kelurahan_code=None)
    assert outside.count() == 101
    assert not outside.exclude(placed_by=None, office=None, official=None, border_m=None).exists()
    assert Report.objects.filter(placed_by="inside").count() == 1103


def test_the_file_as_published_becomes_a_true_coverage(city):
    edition, built = load.load(source.find(PUBLISHED), [PUBLISHED])
    found = {check.name: check.value for check in built.checks}
    assert (found["kelurahan"], found["kecamatan"], found["kota"]) == (267, 44, 6)
    assert (found["overlapping pairs"], found["gaps"]) == (0, 0)
    assert found["area, km2 (EPSG:32748)"] == pytest.approx(660.99, abs=0.5)
    assert edition.boundary_set.count() == 317
    assert editions.in_force(activation.date(2017, 2, 20)).id != edition.id
