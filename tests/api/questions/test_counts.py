import csv
import io
import json

import pytest
from shapely.geometry import shape

LENGTHS = {"kelurahan": 13, "kecamatan": 8, "kota": 5}
HOW_MANY = {"kelurahan": 267, "kecamatan": 44, "kota": 6}
every_level = pytest.mark.parametrize("level", LENGTHS)


def counted(client, query):
    response = client.get(f"/api/counts?{query}")
    assert response.status_code == 200, response.content
    return response.json()


@every_level
def test_every_area_has_its_reports_with_and_without_a_point(client, mixed, said, level):
    answer = counted(client, f"by={level}&geometry=false")
    truth = dict(said(f"SELECT {level}, count(*) FROM analyst.reports GROUP BY 1"))
    found = {feature["id"]: feature["properties"]["count"] for feature in answer["features"]}
    assert len(found) == HOW_MANY[level]
    assert {code: count for code, count in found.items() if count} == {
        code: count for code, count in truth.items() if code
    }
    assert answer["counted"] == sum(found.values())
    assert answer["elsewhere"] == truth[None]


def test_filters_and_days_are_those_of_the_citys_calendar(client, mixed, said):
    query = "by=kota&category=road,flood&status=waiting&from=2026-03-02&to=2026-04-10&f=json"
    truth = said(
        "SELECT kota, count(*) FROM analyst.reports"
        " WHERE category IN ('road', 'flood') AND status = 'waiting' AND kota IS NOT NULL"
        " AND (submitted_at AT TIME ZONE 'Asia/Jakarta')::date BETWEEN '2026-03-02' AND '2026-04-10'"
        " GROUP BY 1"
    )
    answer = counted(client, query)
    assert {row["code"]: row["count"] for row in answer["areas"] if row["count"]} == dict(truth)
    assert truth


@pytest.mark.parametrize(
    ("split", "column"),
    [
        ("category", "category"),
        ("status", "status"),
        ("month", "to_char(submitted_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM')"),
        ("week", "to_char(date_trunc('week', submitted_at AT TIME ZONE 'Asia/Jakarta'), 'YYYY-MM-DD')"),
        ("category,status", "category || '_' || status"),
        ("placed_by", "coalesce(placed_by, 'none')"),
    ],
)
def test_a_split_gives_each_area_a_column_for_each_word(client, mixed, said, split, column):
    rows = counted(client, f"by=kecamatan&f=json&split={split}")["areas"]
    truth = {
        (code, f"count_{word}"): count
        for code, word, count in said(
            f"SELECT kecamatan, {column}, count(*) FROM analyst.reports"
            " WHERE kecamatan IS NOT NULL GROUP BY 1, 2"
        )
    }
    found = {
        (row["code"], name): value
        for row in rows
        for name, value in row.items()
        if name.startswith("count_") and value
    }
    assert found == truth


def test_the_outlines_of_a_choropleth_are_valid_and_cover_the_province(client, city):
    features = counted(client, "by=kelurahan")["features"]
    shapes = [shape(feature["geometry"]) for feature in features]
    assert all(one.is_valid for one in shapes)
    for feature, one in zip(features, shapes, strict=True):
        km2 = one.area * 111.32**2
        # What is simplified for a zoom of 12 keeps its size nearly; islands of a few hectares do not.
        if feature["properties"]["area_km2"] > 0.3:
            assert km2 == pytest.approx(feature["properties"]["area_km2"], rel=0.1)


def test_the_full_outlines_are_those_of_the_edition(client, city):
    simple, full = (
        sum(len(json.dumps(feature["geometry"])) for feature in counted(client, f"by=kota{how}")["features"])
        for how in ("", "&geometry=full")
    )
    assert full > simple


def test_counts_by_the_square_kilometre_are_those_of_the_boundaries_area(client, mixed):
    for row in counted(client, "by=kota&f=json")["areas"]:
        assert row["per_km2"] == pytest.approx(row["count"] / row["area_km2"], abs=1e-3)


def test_a_csv_has_a_row_for_each_area_and_the_same_counts(client, mixed):
    response = client.get("/api/counts?by=kelurahan&split=status&f=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    expected = counted(client, "by=kelurahan&split=status&f=json")["areas"]
    assert [int(row["count"]) for row in rows] == [row["count"] for row in expected]
    assert list(rows[0]) == list(expected[0])


def test_a_change_is_counted_at_once_and_the_same_answer_is_304(client, mixed, receive_one):
    first = client.get("/api/counts?by=kota&geometry=false")
    again = client.get("/api/counts?by=kota&geometry=false", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    receive_one(external_id="new")
    after = client.get("/api/counts?by=kota&geometry=false")
    assert after.json()["counted"] == first.json()["counted"] + 1


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "parameter 'by' is missing: one of kelurahan, kecamatan, kota"),
        ("by=rt", "by 'rt': known are kelurahan, kecamatan, kota"),
        ("by=kota&split=author", "split 'author': known are"),
        ("by=kota&split=status,status", "one or two different names"),
        ("by=kota&split=status,category,channel", "one or two different names"),
        ("by=kota&from=2026-05-02&to=2026-05-01", "from 2026-05-02 lies behind to 2026-05-01"),
        ("by=kota&category=", "filter 'category' has an empty word"),
        ("by=kota&split=day&from=2001-01-01", "more than 500 columns"),
        ("by=kota&f=xml", "f 'xml': known are geojson, json, csv"),
        ("by=kota&colour=red", "unknown parameter 'colour'"),
    ],
)
def test_what_cannot_be_counted_is_said_with_its_value(client, mixed, query, detail):
    response = client.get(f"/api/counts?{query}")
    assert response.status_code == 400
    assert detail in response.json()["detail"]
