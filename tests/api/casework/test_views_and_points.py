"""What a desk with a map asks for: points of a list, rows by number, what is new, views under a name."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.casework import points
from casework.desk import savedviews
from casework.models import DuplicateCandidate, SavedView, Turn
from reports.models import Report
from tests.api.casework.conftest import HERE, THERE, inside, turn
from tests.conftest import NOON

CITY = "106.3,-6.5,107.1,-5.1"


def ids(client, query: str) -> list[int]:
    return [one["id"] for one in client.get(f"/api/staff/cases?{query}").json()["cases"]]


def test_the_points_of_a_list_are_those_of_its_cases_that_lie_in_the_box(case, login):
    here, there, _nowhere = case(HERE), case(THERE), case(None)
    client = login("triage")
    said = client.get(f"/api/staff/cases/points?bbox={CITY}&worklist=new").json()
    assert {one["id"] for one in said["features"]} == {here, there} and said["is_whole"]
    feature = next(one for one in said["features"] if one["id"] == here)
    place = Report.objects.get(pk=here).public_point or Report.objects.get(pk=here).point
    assert feature["geometry"]["coordinates"] == pytest.approx([place.x, place.y])
    due = turn(here).due_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    assert feature["properties"] == {"state": "collected", "due_at": due}
    there_only = client.get(f"/api/staff/cases/points?bbox={CITY}&kelurahan={THERE}").json()
    assert [one["id"] for one in there_only["features"]] == [there]
    assert client.get("/api/staff/cases/points?worklist=new").status_code == 400


def test_more_points_than_a_screen_holds_are_counted_by_state_in_squares(case, login, post, monkeypatch):
    """Squares hold the list's own alone, add up to all of it, and say how many answers are late."""
    one, _two, taken, _there = case(), case(), case(), case(THERE)
    _other_list = case(None), case()
    client = login("triage")
    post(client, f"/api/staff/cases/{taken}/steps", to="selected")
    Turn.objects.filter(case=one).update(due_at=NOON - timedelta(days=30))
    monkeypatch.setattr(points, "MOST", 1)
    said = client.get(f"/api/staff/cases/points?bbox={CITY}&kelurahan={HERE}&q=Hubungi").json()
    assert (said["is_whole"], said["tiles"]) == (False, None)
    assert [one["properties"] for one in said["features"]] == [
        {"state": "collected", "count": 3, "late": 3},
        {"state": "selected", "count": 1, "late": 1},
    ]
    place = inside(HERE)
    assert said["features"][0]["geometry"]["coordinates"] == pytest.approx([place.lon, place.lat])
    new = client.get(f"/api/staff/cases/points?bbox={CITY}&worklist=new").json()
    assert sum(one["properties"]["count"] for one in new["features"]) == 4


def test_what_is_all_reports_of_a_kind_is_counted_by_tiles_but_for_who_may_not_see_them_all(
    case, login, monkeypatch
):
    case(), case()
    monkeypatch.setattr(points, "MOST", 1)
    address = f"/api/staff/cases/points?bbox={CITY}&category=road"
    said = login("triage").get(address).json()
    assert said["tiles"] == "/tiles/reports/{z}/{x}/{y}.geojson?category=road"
    assert (said["features"], said["is_whole"]) == ([], False)
    mine = login("official", HERE).get(address).json()
    assert (mine["tiles"], mine["features"][0]["properties"]["count"]) == (None, 2)


def test_a_square_stands_where_all_may_see_a_sensitive_report(case, login, monkeypatch):
    id, _other = case(category="public_order"), case(category="public_order")
    monkeypatch.setattr(points, "MOST", 1)
    report = Report.objects.get(pk=id)
    assert report.public_point and report.public_point != report.point
    (square,) = login("triage").get(f"/api/staff/cases/points?bbox={CITY}&worklist=new").json()["features"]
    assert square["geometry"]["coordinates"] == pytest.approx([report.public_point.x, report.public_point.y])


def test_a_box_is_asked_for_in_ranges_of_keys(case, login):
    """What plan that has hangs on the statistics of a table of one row; ADR 0100 has it for a city's."""
    case()
    with CaptureQueriesContext(connection) as asked:
        login("triage").get("/api/staff/cases?bbox=106.82,-6.18,106.83,-6.17")
    assert any('"tile_key" BETWEEN' in one["sql"] for one in asked)


def test_an_official_sees_the_own_points_alone(case, login):
    mine, _other = case(HERE), case(THERE)
    said = login("official", HERE).get(f"/api/staff/cases/points?bbox={CITY}").json()
    assert [one["id"] for one in said["features"]] == [mine]


def test_rows_are_asked_for_by_number_and_only_those_come_that_are_still_in_the_list(case, login, post):
    one, two, other = case(), case(), case()
    client = login("triage")
    post(client, f"/api/staff/cases/{two}/steps", to="selected")
    assert ids(client, f"ids={one},{two}") == [two, one]
    assert ids(client, f"ids={one},{two}&worklist=new") == [one]
    assert ids(client, f"newer_than={one}") == [other, two]


def test_a_list_says_how_many_there_are_and_takes_another_order(case, login):
    old, urgent, new = case(category="noise"), case(category="flood"), case(category="noise")
    client = login("triage")
    assert ids(client, "worklist=new") == [urgent, old, new]
    assert ids(client, "worklist=new&order=newest") == [new, urgent, old]
    assert client.get("/api/staff/cases?worklist=new&limit=1").json()["matched"] == 3
    assert client.get("/api/staff/cases?limit=1&category=flood").json()["matched"] == 1
    assert client.get(f"/api/staff/cases?limit=1&after={new}").json()["matched"] is None
    assert ids(client, "channel=qlue") == [new, urgent, old] and ids(client, "channel=x") == []


def test_a_row_says_what_of_it_wants_a_look(case, login):
    one, two, third = case(), case(), case()
    for other in (two, third):
        DuplicateCandidate.objects.create(
            first_id=one, second_id=other, score=0.9, parts={}, rule="r", found_at=NOON
        )
    Report.objects.filter(pk=third).update(border_m=12.0)
    rows = {one["id"]: one for one in login("triage").get("/api/staff/cases").json()["cases"]}
    assert {id: row["candidates"] for id, row in rows.items()} == {one: 2, two: 1, third: 1}
    assert rows[third]["near_border"] and rows[one]["priority"]["points"] > 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ids=1,x", "ids '1,x': up to 200 numbers"),
        ("ids=99999999999999999999", "ids '99999999999999999999'"),
        ("newer_than=-1", "newer_than '-1': the number of a case is wanted"),
        ("order=urgent", "order 'urgent': only a work list is ordered by priority"),
        ("order=due", "order 'due': known are urgent, newest"),
        (f"channel={'x' * 61}", "channel 'xxx"),
    ],
)
def test_what_a_desk_cannot_ask_is_named(login, query, words):
    answer = login("triage").get(f"/api/staff/cases?{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(words)


def test_a_view_is_kept_under_a_name_replaced_and_forgotten_by_its_account_alone(login, post):
    mine, theirs = login("triage"), login("supervisor")
    made = post(mine, "/api/staff/views", name=" Banjir Koja ", query={"worklist": "new", "bbox": CITY})
    assert (made.status_code, made.json()["name"]) == (201, "Banjir Koja")
    again = post(mine, "/api/staff/views", name="Banjir Koja", query={"category": "flood"})
    assert again.json() == {"id": made.json()["id"], "name": "Banjir Koja", "query": {"category": "flood"}}
    assert mine.get("/api/staff/views").json()["own"] == [again.json()]
    assert theirs.get("/api/staff/views").json()["own"] == []
    address = f"/api/staff/views/{made.json()['id']}"
    assert theirs.delete(address).status_code == 404
    assert mine.delete(address).status_code == 200
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"name": "", "query": {}},
        {"name": "x" * 61, "query": {}},
        {"name": "x", "query": {"limit": "5"}},
        {"name": "x", "query": {"q": 5}},
        {"name": "x", "query": {"q": ""}},
        {"name": "x", "query": []},
        {"name": "x", "query": {}, "colour": "red"},
    ],
)
def test_a_view_that_no_list_could_show_is_refused(login, post, said):
    assert post(login("triage"), "/api/staff/views", **said).status_code == 400


def test_an_account_keeps_so_many_views_and_no_more(login, post, monkeypatch):
    monkeypatch.setattr(savedviews, "MOST", 1)
    client = login("triage")
    assert post(client, "/api/staff/views", name="a", query={}).status_code == 201
    assert post(client, "/api/staff/views", name="a", query={"q": "banjir"}).status_code == 201
    assert post(client, "/api/staff/views", name="b", query={}).status_code == 409


def test_every_view_that_is_shipped_can_be_asked_for(city, login):
    client = login("triage")
    shipped = client.get("/api/staff/views").json()["shipped"]
    assert shipped
    for one in shipped:
        assert client.get("/api/staff/cases", one["query"]).status_code == 200, one["code"]


def test_what_is_overdue_is_told_by_the_instant_of_its_deadline(case, login):
    id = case()
    said = login("triage").get(f"/api/staff/cases?ids={id}").json()["cases"][0]["turn"]
    assert said["due_at"].startswith((NOON + timedelta(hours=24)).isoformat()[:16]) and said["is_overdue"]
