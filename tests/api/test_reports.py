from datetime import UTC, datetime, timedelta

import pytest

from boundaries import officials
from boundaries.models import Boundary
from casework.steps import workflow
from casework.steps.workflow import Step
from layers.record import LonLat
from reports import intake
from reports.record import Update, Updates

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)


@pytest.fixture
def get(client):
    """Return one report as the public gets it."""

    def read(report):
        response = client.get(f"/api/reports/{report.id}")
        assert (response.status_code, response["Content-Type"]) == (200, "application/geo+json")
        return response.json()

    return read


@pytest.fixture
def trace(city):
    """Append steps to the trace of report 1: hours after noon, status, note."""

    def append(*steps):
        updates = tuple(
            Update(NOON + timedelta(hours=hours), status, "Kelurahan Gambir", note)
            for hours, status, note in steps
        )
        intake.receive([Updates("qlue", "1", updates)], simulated=False)

    return append


def test_the_answer_has_exactly_the_shape_that_was_agreed(receive_one, get, city):
    report = receive_one(updated_at=NOON + timedelta(hours=2))
    feature = get(report)
    place = feature["properties"].pop("place")
    neighbour, border_m = place.pop("neighbour"), place.pop("border_m")
    assert set(neighbour) == {"code", "name"}
    assert border_m == round(border_m, 1) > 25
    assert place == {
        "kelurahan": {"code": "31.71.01.1001", "name": "Gambir"},
        "kecamatan": {"code": "31.71.01", "name": "Gambir"},
        "kota": {"code": "31.71", "name": "Kota Administrasi Jakarta Pusat"},
        "placed_by": "inside",
        "near_border": False,
        "edition": {"id": city.id, "name": city.name, "schematic": True},
    }
    assert feature == {
        "type": "Feature",
        "id": report.id,
        "geometry": {"type": "Point", "coordinates": [106.8272, -6.1754]},
        "properties": {
            "channel": "qlue",
            "category": {"code": "road", "name": {"id": "Jalan rusak", "en": "Damaged road"}},
            "status": "waiting",
            "state": None,
            "text": "Jalan rusak di depan pasar",
            "submitted_at": "2026-05-14T05:00:00Z",
            "updated_at": "2026-05-14T07:00:00Z",
            "simulated": False,
            "office": {"code": "kelurahan-31.71.01.1001", "title": "Lurah Gambir"},
            "official": {"name": "Contoh Lurah Gambir", "acting": False},
            "updates": [],
        },
    }


def test_a_report_without_a_point_has_no_geometry_and_no_place(receive_one, get):
    feature = get(receive_one(point=None))
    assert feature["geometry"] is None
    assert feature["properties"]["place"] == {
        "kelurahan": None,
        "kecamatan": None,
        "kota": None,
        "placed_by": None,
        "border_m": None,
        "near_border": False,
        "neighbour": None,
        "edition": None,
    }
    assert (feature["properties"]["office"], feature["properties"]["official"]) == (None, None)


def test_a_report_outside_the_province_has_an_empty_place_of_an_edition(receive_one, get, city):
    place = get(receive_one(point=LonLat(107.6, -6.9)))["properties"]["place"]
    assert (place["kelurahan"], place["placed_by"], place["border_m"]) == (None, None, None)
    assert place["edition"]["id"] == city.id


def test_a_report_on_a_shared_edge_is_near_the_border_and_names_the_neighbour(receive_one, get, shared_edge):
    place = get(receive_one(point=shared_edge("31.71.01.1001", "31.71.01.1004")))["properties"]["place"]
    assert (place["kelurahan"]["code"], place["neighbour"]["code"]) == ("31.71.01.1001", "31.71.01.1004")
    assert (place["border_m"], place["near_border"]) == (0, True)


def test_a_problem_that_the_camat_answers_for_names_the_camat(receive_one, get):
    properties = get(receive_one(category="building"))["properties"]
    assert properties["office"] == {"code": "kecamatan-31.71.01", "title": "Camat Gambir"}
    assert properties["official"]["name"] == "Contoh Camat Gambir"


@pytest.mark.parametrize(
    ("day", "official"),
    [
        (13, {"name": "Contoh A", "acting": False}),
        (14, {"name": "Contoh A", "acting": True}),
        (16, None),
    ],
)
def test_the_official_is_who_held_the_office_on_the_reports_day(
    city, tmp_path, receive_one, get, day, official
):
    table = tmp_path / "officials.csv"
    table.write_text(
        "level,boundary_code,title,official,from,to,acting\n"
        "kelurahan,31.71.01.1001,Lurah Gambir,Contoh A,2020-01-01,2026-05-13,false\n"
        "kelurahan,31.71.01.1001,Lurah Gambir,Contoh A,2026-05-14,2026-05-15,true\n",
        encoding="utf-8",
    )
    officials.load(table)
    # Half past midnight in Jakarta is still the day before in UTC.
    at = datetime(2026, 5, day - 1, 17, 30, tzinfo=UTC)
    properties = get(receive_one(submitted_at=at))["properties"]
    assert properties["official"] == official
    assert properties["office"]["title"] == "Lurah Gambir"


def test_the_trace_is_told_oldest_first_whatever_the_order_it_came_in(receive_one, get, trace):
    report = receive_one()
    trace((5, "done", "Selesai"), (1, "waiting", "Diterima"))
    trace((3, "in_progress", "Dikerjakan"))
    properties = get(report)["properties"]
    assert properties["updates"] == [
        {"at": "2026-05-14T06:00:00Z", "status": "waiting", "by": "Kelurahan Gambir", "note": "Diterima"},
        {
            "at": "2026-05-14T08:00:00Z",
            "status": "in_progress",
            "by": "Kelurahan Gambir",
            "note": "Dikerjakan",
        },
        {"at": "2026-05-14T10:00:00Z", "status": "done", "by": "Kelurahan Gambir", "note": "Selesai"},
    ]
    assert properties["status"] == "done"


def test_a_trace_of_another_channel_or_report_is_not_told(receive_one, get, trace):
    trace((1, "done", "Selesai"))
    other, second = receive_one(channel="petabencana"), receive_one(external_id="2")
    assert [get(report)["properties"]["updates"] for report in (other, second)] == [[], []]


def test_the_place_is_named_as_its_own_edition_names_it(receive_one, get, city):
    report = receive_one()
    Boundary.objects.filter(edition=city, code="31.71.01.1001").update(name="Gambir Lama")
    assert get(report)["properties"]["place"]["kelurahan"]["name"] == "Gambir Lama"


@pytest.mark.parametrize("id", ["0", "999999999", str(1 << 63), str(10**60), "1" * 4000])
def test_an_unknown_report_is_404(city, client, id):
    response = client.get(f"/api/reports/{id}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("id", ["-1", "abc", "1.5", "", "1/", "%00"])
def test_an_id_that_is_no_number_is_404(city, client, id):
    assert client.get(f"/api/reports/{id}").status_code == 404


def test_a_report_takes_at_most_six_queries(receive_one, trace, client, django_assert_max_num_queries):
    report = receive_one()
    trace((1, "waiting", ""), (3, "in_progress", ""), (5, "done", ""))
    with django_assert_max_num_queries(6):
        client.get(f"/api/reports/{report.id}")


def test_a_head_has_no_body_and_another_method_is_405(receive_one, client):
    address = f"/api/reports/{receive_one().id}"
    assert (client.head(address).status_code, client.head(address).content) == (200, b"")
    assert client.post(address).status_code == 405


def test_how_far_the_city_is_stands_beside_what_the_channel_says(receive_one, client):
    report = receive_one()
    assert client.get(f"/api/reports/{report.id}").json()["properties"]["state"] is None
    workflow.collect(report.submitted_at)
    step = Step(report.id, "no_problem", "Bukan masalah")
    workflow.change_one(step, "user:1", {"triage"}, report.submitted_at)
    said = client.get(f"/api/reports/{report.id}").json()["properties"]
    assert said["status"] == "waiting"
    assert said["state"] == {
        "code": "no_problem", "name": {"id": "Ditutup: tidak ada masalah", "en": "Closed: not a problem"},
        "jakarta": "Selesai", "open311": "closed", "colour": "grey", "shape": "cross",
    }  # fmt: skip
    (listed,) = client.get("/api/reports?bbox=106.8,-6.2,106.9,-6.1").json()["features"]
    assert listed["properties"]["state"] == said["state"]
