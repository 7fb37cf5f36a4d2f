"""What PostgreSQL cannot compute, or not in time, is an error in words, at every door that takes a filter."""

import pytest

from api.selection import Selection

pytestmark = pytest.mark.django_db(transaction=True)
FORMS = ("csv", "geojsonseq", "parquet", "fgb", "gpkg")
DOORS = (
    "/api/collections/reports/items?limit=5",
    "/api/nearest?layer=reports&lon=106.8&lat=-6.2",
    *(f"/api/collections/reports/export.{form}?" for form in FORMS),
)


@pytest.mark.parametrize("door", DOORS)
def test_a_division_by_zero_is_the_callers_and_is_named(client, rows, door):
    response = client.get(f"{door}&filter=id/0=1")
    assert response.status_code == 400
    assert "division by zero" in response.json()["detail"]


@pytest.mark.parametrize("door", DOORS)
def test_what_takes_too_long_is_unavailable_and_says_how_long_it_may_take(client, rows, settings, door, slow):
    settings.QUERY_TIMEOUT_MS = settings.EXPORT_TIMEOUT_MS = 50
    response = client.get(f"{door}&filter={slow}")
    assert response.status_code == 503
    assert "longer than 0.05 s" in response.json()["detail"]


@pytest.fixture
def slow(monkeypatch) -> str:
    """Return a filter that takes seconds for the first row."""
    put = Selection.put

    def also_wait(self, terms):
        put(self, terms)
        terms.add("(SELECT pg_sleep(3))::text = ''")

    monkeypatch.setattr(Selection, "put", also_wait)
    return "id>0"


def test_a_csv_without_rows_has_its_header(client, rows):
    response = client.get("/api/collections/reports/export.csv?filter=id<0")
    assert b"".join(response.streaming_content).startswith(b"id,")
    response.close()
