"""Days at the ends of the calendar, where there is none before or behind: refused by name, at every door."""

import pytest

V2 = "/open311/v2"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/api/series?from=9999-12-01&to=9999-12-31", "from '9999-12-01'"),
        ("/api/series?step=day&to=0001-01-02", "to '0001-01-02'"),
        ("/api/series?step=year&to=0001-01-02", "to '0001-01-02'"),
        ("/api/series?step=year&to=1899-12-31", "to '1899-12-31'"),
        ("/api/counts?by=kota&split=day&from=9999-12-31&to=9999-12-31", "from '9999-12-31'"),
        (f"{V2}/requests.json?start_date=9999-12-30T00:00:00Z", "start_date '9999-12-30T00:00:00Z'"),
        (f"{V2}/requests.json?end_date=0001-01-02T00:00:00Z", "end_date '0001-01-02T00:00:00Z'"),
        (f"{V2}/servicerequestupdates.json?start_date=9999-12-30T00:00:00Z", "start_date '9999-12-30"),
        (f"{V2}/servicerequestupdates.json?end_date=0001-01-02T00:00:00Z", "end_date '0001-01-02"),
        ("/api/collections/reports/items?datetime=9999-12-31", "datetime '9999-12-31'"),
        ("/api/collections/reports/items?datetime=../2201-01-01T00:00:00Z", "datetime '2201-01-01T"),
        ("/tiles/reports/11/1631/1058.mvt?from=0001-01-01", "from '0001-01-01'"),
    ],
)
def test_a_day_that_nobody_reckons_with_is_refused_by_its_name(city, client, address, said):
    answer = client.get(address)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert f"{said}" in text and "the years from 1900 to 2200 are taken" in text


@pytest.mark.parametrize(
    "address",
    [
        "/api/series?step=year&from=1900-01-01&to=2200-12-31",
        *(f"/api/series?step={step}&to=1900-01-01" for step in ("hour", "day", "week", "month", "year")),
        "/api/counts?by=kota&split=day&from=2200-12-31&to=2200-12-31",
        "/api/changes?by=kota&from=1900-01-01&to=2200-12-31",
        "/api/counts?by=kota&split=year&from=1900-01-01&to=2200-12-31",
        f"{V2}/requests.json?start_date=2200-12-31T23:59:59Z",
        f"{V2}/requests.json?end_date=1900-01-01T00:00:00Z",
        f"{V2}/servicerequestupdates.json?start_date=2200-12-31T23:59:59Z",
        "/api/collections/reports/items?datetime=1900-01-01/2200-12-31",
    ],
)
def test_the_first_day_and_the_last_that_are_taken_are_answered(city, client, address):
    assert client.get(address).status_code == 200
