"""Maps Engine v1: answers that a client generated from the discovery document reads, and what it may ask."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from shapely.geometry import shape

from layers import intake as snapshots
from layers.record import Jam, LonLat, Snapshot
from reports import intake
from reports.models import Report
from reports.record import WITHDRAWN, Update, Updates
from tests.api.discovery import read
from tests.conftest import MONAS, NOON

V1 = "/mapsengine/v1"
INJECTIONS = [
    "' OR 1=1 --",
    "status='x'; DROP TABLE reports_report",
    "1; SELECT pg_sleep(9)",
    '" OR ""="',
    "%s",
    "status = 'waiting' UNION SELECT author_hash FROM reports_report",
    "author_hash = 'x'",
    "%(v0)s",
    "(SELECT 1) = 1",
    "ST_DISTANCE(geometry, ST_POINT(0,0)) < (SELECT 1)",
    "pg_sleep(9) = 1",
    "status::text = '1'",
    "{v0}",
    "$1",
    "<script>",
    "\u0000",
    "status = E'\\x00'",
    "WyJ4Il0",
    "W10",
    "9" * 400,
    "NaN",
]


@pytest.fixture
def ask(client):
    """Ask for a resource, and read the answer as strictly as its schema in the discovery document says."""

    def get(path, schema, **params):
        answer = client.get(f"{V1}/{path}", params)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "application/json; charset=UTF-8"
        assert answer["Access-Control-Allow-Origin"] == "*"
        document = answer.json()
        read(schema, document)
        return document

    return get


@pytest.fixture
def features(ask):
    """Return the features that a query finds, all pages of them."""

    def find(table="reports", **params):
        found, token = [], None
        while True:
            page = ask(
                f"tables/{table}/features",
                "FeaturesListResponse",
                **params,
                **({"pageToken": token} if token else {}),
            )
            found += page["features"]
            token = page.get("nextPageToken")
            if token is None:
                return found

    return find


@pytest.fixture
def refused(client):
    """Return the one fault of a request that is refused, its envelope read strictly."""

    def get(path, status=400, **params):
        answer = client.get(f"{V1}/{path}", params)
        assert answer.status_code == status, answer.content
        read("ErrorResponse", answer.json())
        error = answer.json()["error"]
        (fault,) = error["errors"]
        assert (error["code"], error["message"]) == (status, fault["message"])
        return fault

    return get


@pytest.fixture
def four(city, submission) -> list[Report]:
    """Four reports: one at Monas, one 1 km, one 5 km north of it, and one without a point."""
    at = [MONAS, LonLat(MONAS.lon, MONAS.lat + 0.009), LonLat(MONAS.lon, MONAS.lat + 0.045), None]
    sent = [
        submission(str(i), point=point, category=category, description=text, submitted_at=NOON + timedelta(i))
        for i, (point, category, text) in enumerate(
            zip(at, ("road", "flood", "road", "tree"), ("lubang", "air", "pasar lubang", "x"), strict=True)
        )
    ]
    done = Updates("qlue", "2", (Update(NOON + timedelta(3), "done", "", ""),))
    intake.receive([*sent, done], simulated=False)
    return list(Report.objects.order_by("id"))


def texts(found):
    return [feature["properties"]["text"] for feature in found]


def test_every_collection_is_a_table_and_a_layer(city, ask):
    tables = ask("tables", "TablesListResponse")["tables"]
    layers = ask("layers", "LayersListResponse")["layers"]
    names = [one["id"] for one in tables]
    assert {"reports", "kelurahan", "jams", "petrol_stations"} <= set(names)
    assert [one["id"] for one in layers] == names
    for name in names:
        table = ask(f"tables/{name}", "Table", version="published")
        layer = ask(f"layers/{name}", "Layer")
        assert layer["datasources"] == [{"id": table["id"]}]
        assert ask(f"layers/{name}/published", "PublishedLayer")["name"] == layer["name"]
        (rule,) = layer["style"]["displayRules"]
        kind = table["schema"]["columns"][0]["type"]
        assert {"points": "pointOptions", "lineStrings": "lineOptions", "polygons": "polygonOptions"}[
            kind
        ] in rule
    assert len(ask("layers/published", "PublishedLayersListResponse")["layers"]) == len(names)


def test_the_first_column_is_the_geometry_and_the_key_is_a_string(city, ask):
    schema = ask("tables/reports", "Table")["schema"]
    assert schema["columns"][:2] == [
        {"name": "geometry", "type": "points"},
        {"name": "gx_id", "type": "string"},
    ]
    assert (schema["primaryGeometry"], schema["primaryKey"]) == ("geometry", "gx_id")
    assert {"name": "submitted_at", "type": "datetime"} in schema["columns"]


def test_the_one_map_shows_every_layer_over_one_another(city, ask):
    (listed,) = ask("maps", "MapsListResponse")["maps"]
    assert ask("maps/city", "Map") == listed
    published = ask("maps/city/published", "PublishedMap")
    assert ask("maps/published", "PublishedMapsListResponse")["maps"] == [published]
    assert [item["key"] for item in published["contents"]] == [
        one["id"] for one in ask("layers", "LayersListResponse")["layers"]
    ]


def test_a_list_goes_page_by_page(city, ask):
    found, token = [], None
    while token is not None or not found:
        more = {"pageToken": token} if token else {}
        page = ask("tables", "TablesListResponse", maxResults="2", **more)
        assert len(page["tables"]) <= 2
        found += [one["id"] for one in page["tables"]]
        token = page.get("nextPageToken")
    assert found == [one["id"] for one in ask("tables", "TablesListResponse")["tables"]]


def test_lists_are_narrowed_by_project_place_and_time(city, ask, receive_one):
    receive_one()
    assert ask("tables", "TablesListResponse", projectId="other")["tables"] == []
    assert ask("tables", "TablesListResponse", bbox="0,0,1,1")["tables"] == []
    here = ask("tables", "TablesListResponse", bbox="106.8,-6.2,106.9,-6.1", projectId="geoplatform")[
        "tables"
    ]
    assert len(here) == len(ask("tables", "TablesListResponse")["tables"])
    since = ask("tables", "TablesListResponse", modifiedAfter="2020-01-01T00:00:00Z")["tables"]
    assert "reports" in {one["id"] for one in since}
    assert ask("tables", "TablesListResponse", modifiedAfter="2100-01-01T00:00:00Z")["tables"] == []


def test_a_feature_has_its_geometry_and_all_its_properties_but_empty_ones(four, ask):
    first = ask(f"tables/reports/features/{four[0].pk}", "Feature")
    assert first["geometry"] == {"type": "Point", "coordinates": [106.8272, -6.1754]}
    assert first["properties"] == {
        "gx_id": str(four[0].pk),
        "category": "road",
        "status": "waiting",
        "channel": "qlue",
        "text": "lubang",
        "submitted_at": "2026-05-14T05:00:00.000Z",
        "updated_at": "2026-05-14T05:00:00.000Z",
        "kelurahan": "31.71.01.1001",
        "kecamatan": "31.71.01",
        "kota": "31.71",
        "placed_by": "inside",
        "office": "kelurahan-31.71.01.1001",
        "simulated": False,
    }
    unplaced = ask(f"tables/reports/features/{four[3].pk}", "Feature")
    assert unplaced["geometry"] is None
    assert "kelurahan" not in unplaced["properties"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("category='road'", ["lubang", "pasar lubang"]),
        ("category='road' AND status='waiting'", ["lubang"]),
        ("category='flood' OR status='done'", ["air", "pasar lubang"]),
        ("NOT category='road'", ["air", "x"]),
        ("category<>'road' AND text >= 'b'", ["x"]),
        ("text CONTAINS 'lubang'", ["lubang", "pasar lubang"]),
        ("text CONTAINS '%'", []),
        ("simulated = TRUE", []),
        ("simulated <> true", ["lubang", "air", "pasar lubang", "x"]),
        ("submitted_at > '2026-05-15T05:00:00Z'", ["pasar lubang", "x"]),
        ("submitted_at >= '2026-05-16' AND submitted_at < '2026-05-17'", ["pasar lubang"]),
        ("updated_at = submitted_at", ["lubang"]),
        ("ST_DISTANCE(geometry, ST_POINT(106.8272, -6.1754)) < 2000", ["lubang", "air"]),
        ("2000 >= ST_DISTANCE(geometry, ST_POINT(106.8272, -6.1754))", ["lubang", "air"]),
        ("ST_DISTANCE(geometry, ST_POINT(106.8272, -6.1754)) > 2000", ["pasar lubang"]),
        ("NOT ST_DISTANCE(geometry, ST_POINT(106.8272, -6.1754)) <= 2000", ["pasar lubang"]),
        (
            "ST_INTERSECTS(geometry, ST_GEOMFROMTEXT("
            "'POLYGON((106.8 -6.17, 106.9 -6.17, 106.9 -6.16, 106.8 -6.16, 106.8 -6.17))'))",
            ["air"],
        ),
        ("gx_id = '-1'", []),
        ("gx_id <> 'none'", ["lubang", "air", "pasar lubang", "x"]),
    ],
)
def test_a_predicate_chooses_features(four, features, where, expected):
    assert texts(features(where=where)) == expected


def test_a_feature_may_be_asked_for_by_its_key(four, features):
    assert texts(features(where=f"gx_id = '{four[1].pk}'")) == ["air"]


@pytest.mark.parametrize(
    ("intersects", "expected"),
    [
        ("CIRCLE(106.8272 -6.1754, 2000)", ["lubang", "air"]),
        ("POLYGON((106.8 -6.2, 106.9 -6.2, 106.9 -6.17, 106.8 -6.17, 106.8 -6.2))", ["lubang"]),
        ("POINT(106.8272 -6.1754)", ["lubang"]),
        ("LINESTRING(106.8272 -6.3, 106.8272 -6.1)", ["lubang", "air", "pasar lubang"]),
        # Its edges cross: that it is mended is better than that it is an error.
        ("POLYGON((106.8 -6.2, 106.9 -6.1, 106.9 -6.2, 106.8 -6.1, 106.8 -6.2))", ["air", "pasar lubang"]),
    ],
)
def test_a_geometry_chooses_features(four, features, intersects, expected):
    assert texts(features(intersects=intersects)) == expected


def test_what_the_old_school_finder_asked_is_answered(four, ask):
    """The nearest of all within 10 km, as pages of 2014 asked for it."""
    page = ask(
        "tables/reports/features",
        "FeaturesListResponse",
        limit="1",
        orderBy="distance",
        select="gx_id,text,geometry,ST_DISTANCE(geometry,ST_POINT(106.8272, -6.13)) as distance",
        version="published",
        where="ST_DISTANCE(geometry,ST_POINT(106.8272, -6.13)) <= 10000",
        key="AIzaNotAKey",
    )
    (nearest,) = page["features"]
    assert nearest["properties"] == {
        "gx_id": str(four[2].pk),
        "text": "pasar lubang",
        "distance": pytest.approx(44.2, abs=0.1),
    }
    assert "nextPageToken" not in page


def test_features_are_sorted_up_and_down_and_those_without_a_value_are_last(four, features):
    by = {"orderBy": "text", "limit": "10"}
    assert texts(features(**by)) == ["air", "lubang", "pasar lubang", "x"]
    assert texts(features(orderBy="submitted_at DESC", limit="2")) == ["x", "pasar lubang"]
    far = features(
        orderBy="far", limit="9", select="text, ST_DISTANCE(geometry,ST_POINT(106.8272,-6.1754)) AS far"
    )
    assert texts(far) == ["lubang", "air", "pasar lubang", "x"]
    assert texts(features(**by, maxResults="3")) == ["air", "lubang", "pasar lubang", "x"]


def test_the_nearest_are_the_nearest_in_metres_though_the_index_counts_in_degrees(city, submission, features):
    # At 60 degrees north a degree of longitude is half as long as one of latitude.
    places = {"east": LonLat(1.5, 60.0), "north": LonLat(0.0, 61.0), "far": LonLat(0.0, 62.5)}
    intake.receive(
        [submission(name, description=name, point=point) for name, point in places.items()], simulated=False
    )
    select = "text, ST_DISTANCE(geometry, ST_POINT(0, 60)) AS d"
    for limit in ("1", "2", "3", "9"):
        found = texts(features(select=select, orderBy="d", limit=limit))
        assert found == ["east", "north", "far"][: int(limit)]
    assert texts(features(select=select, orderBy="d DESC", limit="1")) == ["far"]
    assert texts(features(select=select, orderBy="d", limit="1", where="text <> 'east'")) == ["north"]


def test_only_what_is_selected_is_answered_and_the_schema_tells_its_types(four, ask):
    select = "text, ST_DISTANCE(geometry,ST_POINT(106.8272,-6.1754)) AS 'how far', updated_at"
    page = ask("tables/reports/features", "FeaturesListResponse", select=select, include="schema")
    assert all("geometry" not in feature for feature in page["features"])
    assert page["schema"]["columns"] == [
        {"name": "text", "type": "string"},
        {"name": "how far", "type": "double"},
        {"name": "updated_at", "type": "datetime"},
    ]
    assert set(page["features"][0]["properties"]) == {"text", "how far", "updated_at"}


def test_pages_neither_leave_out_nor_repeat_and_the_limit_counts_over_all(scatter, features, ask):
    scatter(25, traced=False)
    keys = [feature["properties"]["gx_id"] for feature in features(maxResults="7", select="gx_id")]
    assert keys == [str(id) for id in Report.objects.order_by("id").values_list("id", flat=True)]
    assert len(features(maxResults="7", limit="10")) == 10
    assert len(features(maxResults="7", limit="14")) == 14
    page = ask("tables/reports/features", "FeaturesListResponse", maxResults="25")
    assert "nextPageToken" not in page


def test_a_later_page_costs_what_the_first_does(scatter, ask):
    scatter(30, traced=False)
    token = ask("tables/reports/features", "FeaturesListResponse", maxResults="20")["nextPageToken"]
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    assert len(ask("tables/reports/features", "FeaturesListResponse", pageToken=token)["features"]) == 10


def test_withdrawn_reports_are_no_features(four, features, client):
    gone = Updates("qlue", "0", (Update(NOON + timedelta(9), WITHDRAWN, "", ""),))
    intake.receive([gone], simulated=False)
    assert texts(features()) == ["air", "pasar lubang", "x"]
    assert client.get(f"{V1}/tables/reports/features/{four[0].pk}").status_code == 404


def test_lines_and_polygons_are_features_too(city, features, client):
    line = ((106.82, -6.17), (106.83, -6.18))
    jam = Jam(
        external_id="1", level=3, speed_kmh=5.5, delay_s=60, length_m=900, street="Jalan Contoh",
        reported_at=NOON, line=tuple(LonLat(*one) for one in line), digest="", attributes={},
    )  # fmt: skip
    snapshots.receive([Snapshot("waze", NOON, jams=(jam,))], simulated=False)
    (found,) = features("jams", intersects="CIRCLE(106.82 -6.17, 50)")
    assert found["geometry"] == {"type": "LineString", "coordinates": [list(one) for one in line]}
    assert (found["properties"]["speed_kmh"], found["properties"]["level"]) == (5.5, 3)
    (gambir,) = features("kelurahan", where="code = '31.71.01.1001'")
    assert shape(gambir["geometry"]).covers(shape({"type": "Point", "coordinates": list(MONAS)}))
    assert len(features("kecamatan", where="area_km2 > 1", maxResults="10")) == 44


def test_a_slash_may_stand_behind_an_address_as_in_old_scripts(four, client):
    answer = client.get(f"{V1}/tables/reports/features/?key=x&version=published&maxResults=1000&select=text")
    assert len(answer.json()["features"]) == 4


@pytest.mark.parametrize(
    ("path", "params", "fault"),
    [
        (
            "tables/reports/features",
            {"where": "nothing = 1"},
            (
                "where",
                "where names a column 'nothing': table reports has geometry, gx_id, category, status, "
                "channel, text, submitted_at, updated_at, kelurahan, kecamatan, kota, placed_by, office, "
                "simulated",
            ),
        ),
        (
            "tables/reports/features",
            {"where": "status = 1"},
            ("where", "where compares status, which is a string, with 1"),
        ),
        (
            "tables/reports/features",
            {"where": "1 = 1"},
            ("where", "where: a comparison names a column, or ST_DISTANCE"),
        ),
        (
            "tables/reports/features",
            {"where": "status = simulated"},
            ("where", "where compares status with simulated, which is of another type"),
        ),
        (
            "tables/reports/features",
            {"where": "submitted_at > 'x'"},
            ("where", "where: submitted_at 'x' is no instant (YYYY-MM-DDTHH:MM:SSZ)"),
        ),
        (
            "tables/reports/features",
            {"where": "simulated CONTAINS 'x'"},
            ("where", "where: CONTAINS is asked of simulated, which is no string"),
        ),
        (
            "tables/reports/features",
            {"where": "gx_id > '1'"},
            ("where", "where: gx_id is compared by = and <> with a string alone"),
        ),
        ("tables/reports/features", {"select": "author_hash"}, ("select", None)),
        (
            "tables/reports/features",
            {"select": "geometry AS shape"},
            ("select", "select calls geometry 'shape'"),
        ),
        (
            "tables/reports/features",
            {"orderBy": "text"},
            ("orderBy", "orderBy wants a limit, of at most 1000 features"),
        ),
        (
            "tables/reports/features",
            {"orderBy": "geometry", "limit": "1"},
            ("orderBy", "orderBy names the geometry, which has no order"),
        ),
        (
            "tables/reports/features",
            {"maxResults": "0"},
            ("maxResults", "maxResults 0: it must lie between 1 and 1000"),
        ),
        (
            "tables/reports/features",
            {"pageToken": "x"},
            ("pageToken", "pageToken 'x' is none that was given out here"),
        ),
        (
            "tables/reports/features",
            {"version": "draft"},
            ("version", "version 'draft': published is all that there is"),
        ),
        (
            "tables/reports/features",
            {"include": "all"},
            ("include", "include 'all': schema is all that there is"),
        ),
        ("tables/reports/features", {"wehre": "1"}, ("wehre", None)),
        ("tables/reports/features", {"alt": "atom"}, ("alt", "alt 'atom': json is all that there is")),
        (
            "tables",
            {"creatorEmail": "a@b"},
            ("creatorEmail", "creatorEmail 'a@b': who made what when is not recorded here"),
        ),
        ("layers/reports", {"where": "status='x'"}, ("where", None)),
    ],
)
def test_what_cannot_be_asked_is_refused_in_googles_envelope(city, refused, path, params, fault):
    found = refused(path, **params)
    location, message = fault
    assert (found["domain"], found["reason"]) == ("global", "invalidParameter")
    assert found.get("location") == location
    assert message in (None, found["message"])


@pytest.mark.parametrize(
    "path",
    [
        "tables/none",
        "tables/none/features",
        "tables/reports/features/0",
        "tables/reports/features/x",
        "tables/reports/features/99999999999999999999",
        "layers/none",
        "layers/none/published",
        "maps/none",
        "maps/none/published",
        "rasters",
    ],
)
def test_what_there_is_not_is_not_found_in_googles_envelope(city, refused, path):
    assert refused(path, 404)["reason"] == "notFound"


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "path",
    [
        "tables/{}",
        "tables/{}/features",
        "tables/reports/features/{}",
        "layers/{}",
        "maps/{}",
        *(
            f"tables/reports/features?{name}={{}}"
            for name in (
                "where",
                "select",
                "orderBy",
                "intersects",
                "limit",
                "maxResults",
                "pageToken",
                "include",
                "version",
                "key",
                "fields",
                "alt",
            )
        ),
        "tables/reports/features?limit=5&orderBy={}",
        "tables/reports/features?{}=1",
        *(
            f"tables?{name}={{}}"
            for name in ("bbox", "projectId", "modifiedAfter", "maxResults", "pageToken")
        ),
    ],
)
def test_nothing_that_is_injected_is_more_than_text(four, client, path, text):
    answer = client.get(f"{V1}/{path.format(quote(text, safe=''))}")
    assert answer.status_code in (200, 400, 404), answer.content
    if answer.status_code != 200:
        read("ErrorResponse", answer.json())
    assert Report.objects.count() == 4
    for inside in (b"psycopg", b"Traceback", b"syntax error", b'SELECT "id"'):
        assert inside not in answer.content


def test_no_personal_data_leave_by_this_door(city, submission, features, client):
    secrets = {"author": "Rahasia Sekali", "description": "dari Rahasia Sekali, 0812 3456 7890, a@rahasia.id"}
    intake.receive(
        [submission("1", **secrets, image_url="https://photos.example/rahasia.jpg")], simulated=False
    )
    told = json.dumps(features())
    for secret in ("Rahasia", "0812", "rahasia.id", "photos.example", "author"):
        assert secret not in told


def test_a_query_that_takes_too_long_is_ended_and_says_what_to_do(four, refused, monkeypatch, settings):
    settings.QUERY_TIMEOUT_MS = 50
    slow = "CREATE VIEW pg_temp.reports AS SELECT report.* FROM analyst.reports AS report, pg_sleep(2)"
    with connection.cursor() as cursor:
        cursor.execute(slow)
    monkeypatch.setattr("api.collections.SCHEMA", "pg_temp")
    fault = refused("tables/reports/features", 503)
    assert (fault["reason"], fault["message"]) == (
        "backendError",
        "the database gave no answer in time: let intersects or where leave out more",
    )


def test_head_and_options_are_answered_and_an_answer_that_is_known_is_304(four, client):
    path = f"{V1}/tables/reports/features"
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.head(path).content == b""
    assert client.options(path).status_code == 204
    refused = client.post(path)
    assert refused.status_code == 401
    read("ErrorResponse", refused.json())
