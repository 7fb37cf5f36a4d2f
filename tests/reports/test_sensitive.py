"""Reports of sensitive categories: placed by their exact points, shown at rounded ones."""

import csv
import json

import pytest
from django.db import connection

from boundaries import lookup
from geoplatform.errors import InvalidRequest
from layers.record import LonLat
from layers.revisions import current
from reports import categories, intake
from reports.models import Category, Report

HERE = LonLat(106.827153, -6.175392)
SHOWN = (106.827, -6.175)
SENSITIVE = "public_order"


@pytest.fixture
def said(receive_one):
    return receive_one(category=SENSITIVE, point=HERE)


def flag(code: str, digits: int | None) -> None:
    Category.objects.filter(code=code).update(public_digits=digits)


def view() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM analyst.reports")
        return cursor.fetchall()


def features(client, z: int = 14) -> list[dict]:
    x, y = {14: (13053, 8473), 0: (0, 0)}[z]
    return json.loads(client.get(f"/tiles/reports/{z}/{x}/{y}.geojson").content)["features"]


def test_its_point_is_kept_exact_and_it_is_placed_by_it(said):
    assert (said.point.x, said.point.y) == HERE
    assert (said.public_point.x, said.public_point.y) == SHOWN
    place = lookup.at(HERE, lookup.city_day(said.submitted_at))
    assert said.kelurahan_code == place.kelurahan.code
    assert said.border_m == pytest.approx(place.border_m)


def test_another_report_has_no_second_point(receive_one):
    assert receive_one(category="road", point=HERE).public_point is None


def test_one_without_a_point_has_none_for_the_public_either(receive_one):
    assert receive_one(category=SENSITIVE, point=None).public_point is None


def test_the_view_the_tiles_and_the_api_show_the_rounded_point(client, said):
    assert view() == [SHOWN]
    one = client.get(f"/api/reports/{said.id}").json()
    listed = client.get("/api/reports?bbox=106.8,-6.2,106.9,-6.1").json()
    drawn = features(client)
    for feature in (one, *listed["features"], *drawn):
        assert tuple(feature["geometry"]["coordinates"]) == SHOWN
    assert len(drawn) == len(listed["features"]) == 1


def test_how_far_its_border_is_would_tell_where_it_lies_and_is_not_told(client, said):
    place = client.get(f"/api/reports/{said.id}").json()["properties"]["place"]
    assert place["kelurahan"]["code"] == said.kelurahan_code
    assert (place["border_m"], place["near_border"], place["neighbour"]) == (None, False, None)


def test_no_box_feels_its_way_to_the_point(client, said):
    around_it = "106.8271,-6.1754,106.8272,-6.1753"
    around_what_is_shown = "106.82699,-6.17501,106.82701,-6.17499"
    found = {
        box: len(client.get(f"/api/reports?bbox={box}").json()["features"])
        for box in (around_it, around_what_is_shown)
    }
    assert found == {around_it: 0, around_what_is_shown: 1}


def test_boxes_are_answered_by_the_index_of_what_is_shown(said):
    query = (
        "SELECT id FROM analyst.reports WHERE ST_Intersects(geom, ST_MakeEnvelope(106, -7, 107, -6, 4326))"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "report_public_point" in plan


def test_making_a_category_sensitive_moves_its_reports_and_touches_the_layer(client, receive_one):
    receive_one(category="road", point=HERE)
    before, revision = features(client), current("reports")
    tag = client.get("/tiles/reports/14/13053/8473.mvt")["ETag"]
    flag("road", 3)
    assert view() == [SHOWN]
    assert current("reports") > revision
    assert features(client) != before
    assert client.get("/tiles/reports/14/13053/8473.mvt")["ETag"] != tag


def test_making_it_sensitive_no_longer_shows_them_as_they_are(client, said):
    features(client)
    flag(SENSITIVE, None)
    assert view() == [HERE]
    assert Report.objects.get().public_point is None


def test_another_category_of_a_report_is_another_point(said, receive_one):
    moved = receive_one(category="road", point=HERE, updated_at=said.updated_at.replace(hour=9))
    assert moved.id == said.id and moved.public_point is None
    again = receive_one(category=SENSITIVE, point=HERE, updated_at=said.updated_at.replace(hour=10))
    assert (again.public_point.x, again.public_point.y) == SHOWN


def test_what_comes_after_a_category_was_flagged_is_rounded_in_the_same_transaction(receive_one):
    assert receive_one(category="road", point=HERE).public_point is None
    flag("road", 2)
    new = receive_one(external_id="2", category="road", point=HERE)
    assert (new.public_point.x, new.public_point.y) == (106.83, -6.18)


def test_a_flag_that_is_set_as_it_was_moves_nothing(said):
    revision = current("reports")
    flag(SENSITIVE, 3)
    categories.load()
    assert current("reports") == revision


def test_the_digits_are_a_setting(city, settings, receive_one):
    settings.SENSITIVE_DIGITS = 1
    categories.load()
    said = receive_one(category=SENSITIVE, point=HERE)
    assert (said.public_point.x, said.public_point.y) == (106.8, -6.2)
    settings.SENSITIVE_DIGITS = 3
    categories.load()
    assert view() == [SHOWN]


def table(path, **row: str):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    return path


ROW = {"code": "noise", "name_id": "Bising", "name_en": "Noise", "answered_by": "kelurahan", "source": "test"}


def test_a_table_without_the_column_has_nothing_sensitive(city, tmp_path):
    categories.load(table(tmp_path / "categories.csv", **ROW))
    assert Category.objects.get(code="noise").public_digits is None


def test_a_word_that_is_neither_yes_nor_no_is_said(city, tmp_path):
    with pytest.raises(InvalidRequest, match="noise: sensitive 'maybe'"):
        categories.load(table(tmp_path / "categories.csv", **ROW, sensitive="maybe"))


def test_a_category_that_is_made_sensitive_while_reports_come_leaves_none_exact(
    transactional_city, submission
):
    """The flag waits for the batch that holds the layer's revision, and then finds its rows."""
    from threading import Event, Thread

    from django.db import transaction

    stored, done = Event(), Event()

    def store() -> None:
        with transaction.atomic():
            intake.receive([submission("1", category="road", point=HERE)], simulated=False)
            stored.set()
            done.wait(1)
        connection.close()

    batch = Thread(target=store)
    batch.start()
    stored.wait(120)
    flagging = Thread(target=lambda: (flag("road", 3), connection.close()))
    flagging.start()
    done.set()
    batch.join()
    flagging.join()
    assert view() == [SHOWN]
