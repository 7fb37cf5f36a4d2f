import csv
import gzip
import io
import json
import tracemalloc
from random import Random

import pytest

from api.questions import points_sent
from boundaries import bulk
from boundaries.models import Boundary
from geoplatform.errors import TooLarge

DICE = Random(3)
POINTS = [[DICE.uniform(106.6, 107.05), DICE.uniform(-6.4, -6.05)] for _ in range(3_000)]


def sent(client, body, kind="application/json", query="", **headers):
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    return client.post(f"/api/locate{query}", body, content_type=kind, headers=headers)


@pytest.fixture
def codes(city):
    lon, lat = zip(*POINTS, strict=True)
    return bulk.locate(lon, lat).tolist()


@pytest.mark.parametrize("body", [POINTS, {"points": POINTS}])
def test_points_come_back_as_a_column_of_codes_in_their_order(client, codes, body):
    answer = sent(client, body).json()
    assert answer["kelurahan"] == codes
    assert (answer["points"], answer["inside"]) == (3_000, sum(code is not None for code in codes))
    named = {code[:length] for code in codes if code for length in (5, 8, 13)}
    assert set(answer["names"]) == named
    assert answer["names"]["31.71"] == Boundary.objects.get(code="31.71").name


def test_features_come_back_with_three_codes_more(client, codes):
    features = [
        {"type": "Feature", "id": n, "properties": {"n": n}, "geometry": {"type": "Point", "coordinates": at}}
        for n, at in enumerate(POINTS[:50])
    ]
    features[7] = {"type": "Feature", "properties": None, "geometry": None}
    body = {"type": "FeatureCollection", "features": features}
    response = sent(client, body, "application/geo+json")
    assert response["Content-Type"] == "application/geo+json"
    found = response.json()["features"]
    for n, feature in enumerate(found):
        code = None if n == 7 else codes[n]
        assert feature["properties"]["kelurahan"] == code
        assert feature["properties"]["kecamatan"] == (code and code[:8])
        assert feature["properties"]["kota"] == (code and code[:5])
    assert found[3]["properties"]["n"] == 3
    assert found[3]["geometry"] == features[3]["geometry"]


def test_a_csv_comes_back_with_three_columns_more_and_its_own_as_they_were(client, codes):
    lines = ['"x","y",note', *(f'{lon},{lat},"a ""b"", c"' for lon, lat in POINTS[:20]), ",,no point"]
    response = sent(client, "\r\n".join(lines), "text/csv; charset=utf-8", "?lon=x&lat=y")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [row["kelurahan"] or None for row in rows] == [*codes[:20], None]
    assert rows[0]["note"] == 'a "b", c'
    assert [row["x"] for row in rows[:20]] == [str(lon) for lon, _ in POINTS[:20]]


def test_a_point_on_a_shared_edge_has_the_lower_code_as_everywhere(client, shared_edge):
    edge = shared_edge("31.71.01.1001", "31.71.01.1004")
    assert sent(client, [list(edge)]).json()["kelurahan"] == ["31.71.01.1001"]


def test_a_hundred_thousand_points_are_answered_and_one_more_is_refused(client, city):
    many = [POINTS[n % 3_000] for n in range(100_000)]
    response = sent(client, many, **{"Accept-Encoding": "gzip"})
    assert len(json.loads(gzip.decompress(response.content))["kelurahan"]) == 100_000
    refused = sent(client, [*many, POINTS[0]])
    assert refused.status_code == 413
    assert refused.json()["detail"] == "body holds 100001 points: at most 100000 are taken at once"


@pytest.mark.parametrize(
    ("rows", "detail"),
    [
        ("1\n" * 15_000_000, "more than 100000 rows"),
        ("\n" * 31_000_000, "more than 100000 rows"),
        ("," * 31_000_000, "more than 2000000 commas"),
    ],
    ids=["rows", "empty rows", "fields"],
)
def test_a_csv_is_read_no_further_than_may_be_sent(rows, detail):
    body = f"lon,lat\n{rows}".encode()[:32_000_000]
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=detail):
            points_sent.from_csv(body, "lon", "lat")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * len(body)


def test_a_hundred_thousand_rows_are_taken_and_one_more_is_refused():
    rows = "lon,lat\n" + "106.8,-6.2\n" * 100_000
    assert len(points_sent.from_csv(rows.encode(), "lon", "lat").lon) == 100_000
    with pytest.raises(TooLarge):
        points_sent.from_csv(f"{rows}106.8,-6.2\n".encode(), "lon", "lat")


def test_json_has_a_bound_of_bytes_before_it_is_parsed(client, city):
    refused = sent(client, "[" + " " * 10_000_000 + "]")
    assert refused.status_code == 413
    assert refused.json()["detail"] == "more than 10000000 bytes are not taken at once"


def test_no_points_are_answered_with_none(client, city):
    assert sent(client, []).json()["kelurahan"] == []


@pytest.mark.parametrize(
    ("body", "kind", "status", "detail"),
    [
        ("{", "application/json", 400, "the body is no JSON"),
        ('{"a": 1}', "application/json", 400, "points is no list of points"),
        ("[[1, 2], [3]]", "application/json", 400, "body[1] is '[3]', not [lon, lat]"),
        ("[[1, 2], [null, 3]]", "application/json", 400, "body[1] is '[None, 3]', not [lon, lat]"),
        ('[["1", "2"]]', "application/json", 400, "body[0] is"),
        ("[[true, false]]", "application/json", 400, "body[0] is '[True, False]', not [lon, lat]"),
        ("[[-6.2, 106.8]]", "application/json", 400, "lat[0] is 106.8, not degrees from -90 to 90"),
        ("[[1e999, 0]]", "application/json", 400, "body"),
        ("a,b\n1,2", "text/csv", 400, "the header has 0 columns 'lon': a, b"),
        ("lon,lat\n1,x", "text/csv", 400, "row 1: lat 'x' is no number"),
        ("lon,lat\n1", "text/csv", 400, "row 1 has 1 fields, the header has 2"),
        ("lon,lat,kota\n1,2,3", "text/csv", 400, "there is a column 'kota' already: rename it first"),
        (b"lon,lat\n\xff", "text/csv", 400, "the body is no CSV in UTF-8"),
        ("\n", "text/csv", 400, "the body is empty"),
        ("<a/>", "application/xml", 415, "Content-Type 'application/xml': known are application/json"),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {},'
            ' "geometry": {"type": "LineString", "coordinates": []}}]}',
            "application/geo+json",
            400,
            "features[0] is a 'LineString': points are wanted",
        ),
    ],
)
def test_what_cannot_be_located_is_said_with_its_place_and_value(client, city, body, kind, status, detail):
    response = sent(client, body, kind)
    assert response.status_code == status
    assert detail in response.json()["detail"]


def test_a_day_before_every_edition_is_not_found(client, transactional_city):
    from boundaries.models import Edition

    Edition.objects.update(validity=("2020-01-01", None))
    assert sent(client, [[106.8, -6.2]], query="?on=2019-12-31").status_code == 404


def test_the_door_says_that_it_takes_post(client, city):
    assert "POST" in client.options("/api/locate")["Access-Control-Allow-Methods"]
    assert "POST" in client.put("/api/locate")["Allow"]
    assert client.get("/api/locate?lon=106.8272&lat=-6.1754").json()["kelurahan"]["name"] == "Gambir"
