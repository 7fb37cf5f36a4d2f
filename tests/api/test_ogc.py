"""OGC API - Features and - Tiles as a client sees them: documents, pages, systems, forms, errors."""

import gzip
import json
from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import mapbox_vector_tile
import pytest
from django.db import connection
from pyproj import Transformer

from api.features.answers import MOST
from api.ogc.conformance import CLASSES
from layers import intake as layers_intake
from layers import live
from layers.layer import catalogue
from layers.record import Jam, LonLat, Snapshot
from layers.traits import wanted
from reports import intake
from reports.models import Report
from reports.record import WITHDRAWN, Update, Updates
from tests.conftest import MONAS, NOON
from tests.grid import tile_of

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ITEMS = "/api/collections/reports/items"
LINE = (LonLat(106.82, -6.17), LonLat(106.83, -6.18))


@pytest.fixture
def get(client):
    """Ask for an address and return the document, 200 expected."""

    def ask(address: str, **headers: str) -> dict:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.content
        body = answer.content
        if answer.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return json.loads(body)

    return ask


@pytest.fixture
def walk(get):
    """Follow the next links of a list to its end, and return all its features and the pages' sizes."""

    def follow(address: str) -> tuple[list[dict], list[int]]:
        features, sizes = [], []
        while address:
            page = get(address)
            assert page["numberReturned"] == len(page["features"])
            features += page["features"]
            sizes.append(len(page["features"]))
            following = [link["href"] for link in page["links"] if link["rel"] == "next"]
            parts = urlsplit(following[0]) if following else None
            address = f"{parts.path}?{parts.query}" if parts else ""
        return features, sizes

    return follow


@pytest.fixture
def jam(city):
    layers_intake.receive(
        [Snapshot("waze", NOON, (), (Jam("1", 3, 8.5, 120, 900, "Sudirman", NOON, LINE, {}),), (), ())],
        simulated=False,
    )


def hrefs(document: dict, rel: str) -> list[str]:
    return [link["href"] for link in document["links"] if link["rel"] == rel]


def test_the_landing_page_leads_to_all_else(city, get, client):
    page = get("/api")
    for rel in ("service-desc", "service-doc", "conformance", "data"):
        (address,) = hrefs(page, rel)
        assert client.get(urlsplit(address).path).status_code == 200


def test_the_classes_that_are_declared_are_said(get):
    assert get("/api/conformance")["conformsTo"] == CLASSES
    assert f"{CLASSES[0].split('ogcapi')[0]}ogcapi-features-1/1.0/conf/core" in CLASSES


def test_every_layer_is_a_collection_that_leads_to_its_features(city, get):
    listed = get("/api/collections")["collections"]
    assert [one["id"] for one in listed] == list(catalogue())
    for one in listed:
        assert get(f"/api/collections/{one['id']}") == one
        assert one["crs"][0] == CRS84 and one["storageCrs"] in one["crs"]
        assert get(urlsplit(hrefs(one, "items")[0]).path)["type"] == "FeatureCollection"


def test_a_feature_has_what_the_public_may_see(receive_one, get):
    report = receive_one(category="flood")
    (feature,) = get(ITEMS)["features"]
    assert feature == {
        "type": "Feature",
        "id": report.id,
        "geometry": {"type": "Point", "coordinates": [106.8272, -6.1754]},
        "properties": {
            "category": "flood", "status": "waiting", "channel": "qlue", "text": report.public_text,
            "submitted_at": "2026-05-14T05:00:00Z", "updated_at": "2026-05-14T05:00:00Z",
            "kelurahan": report.kelurahan_code, "kecamatan": report.kelurahan_code[:8],
            "kota": report.kelurahan_code[:5], "placed_by": "inside", "office": report.office_id,
            "simulated": False,
        },
    }  # fmt: skip
    one = get(f"{ITEMS}/{report.id}")
    assert {key: one[key] for key in feature} == feature
    assert hrefs(one, "collection") == ["http://testserver/api/collections/reports"]


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_hold_every_feature_once(scatter, walk, get, limit):
    scatter(60)
    features, sizes = walk(f"{ITEMS}?limit={limit}")
    ids = [feature["id"] for feature in features]
    assert sorted(ids) == sorted(Report.objects.values_list("id", flat=True))
    assert set(sizes[:-1]) <= {limit}
    assert get(f"{ITEMS}?limit={limit}")["numberMatched"] == 60


def test_reports_without_a_point_come_behind_the_others_with_a_null_geometry(receive_one, walk, get):
    placed = [receive_one(external_id=str(n)).id for n in range(3)]
    unplaced = [receive_one(external_id=str(n), point=None).id for n in range(3, 6)]
    features, _ = walk(f"{ITEMS}?limit=2")
    assert sorted(feature["id"] for feature in features[:3]) == placed
    assert [(feature["id"], feature["geometry"]) for feature in features[3:]] == [
        (id, None) for id in unplaced
    ]
    assert get(f"{ITEMS}?limit=2")["numberMatched"] == 6
    assert get(f"{ITEMS}?bbox=-180,-90,180,90")["numberMatched"] == 3


BOX = "106.75,-6.25,106.8,-6.15"


@pytest.mark.parametrize(
    "asked",
    [
        f"bbox={BOX}",
        "status=done",
        f"status=done,waiting&bbox={BOX}",
        "kota=31.71,31.74",
        "datetime=2026-05-14",
        "datetime=2026-05-14T05:00:00Z/..",
        f"bbox={BOX}&filter=category='road' AND id %25 2 = 0",
        "filter=S_INTERSECTS(geom,POLYGON((106.7 -6.3,106.8 -6.3,106.75 -6.1,106.7 -6.3)))",
        f"datetime=2026-05-14T05:00:00Z/..&bbox={BOX}",
        f"text=Jalan rusak di depan pasar&bbox={BOX}&status=done",
        "text=Jalan rusak di depan pasar",
        "sortby=-status,submitted_at",
        f"sortby=status&bbox={BOX}&properties=status",
        f"bbox=699000,9309000,702000,9320000&bbox-crs={EPSG}32748",
    ],
)
def test_pages_of_a_question_hold_what_postgresql_selects_and_say_how_many(scatter, walk, get, asked):
    from api import collections, selection
    from api.features.answers import pairs

    scatter(150)
    found = collections.find("reports")
    where, values = selection.parse(found, pairs(asked)).where()
    with connection.cursor() as cursor:
        from psycopg import sql as compose

        query = compose.SQL("SELECT id FROM {} WHERE {}").format(found.table, where)
        cursor.execute(query, values)
        expected = {id for (id,) in cursor.fetchall()}
    assert expected
    features, _ = walk(f"{ITEMS}?limit=13&{asked}")
    ids = [feature["id"] for feature in features]
    assert len(ids) == len(set(ids)) and set(ids) == expected
    assert get(f"{ITEMS}?limit=13&{asked}")["numberMatched"] == len(expected)


def test_a_point_on_the_edge_of_a_box_is_in_it_and_one_a_hair_beside_it_is_not(receive_one, get):
    # A hair: less than the 4 cm that the index tells apart.
    edge = receive_one(point=LonLat(106.8, -6.2)).id
    receive_one(external_id="2", point=LonLat(106.8 - 1e-9, -6.2))
    page = get(f"{ITEMS}?bbox=106.8,-6.2,106.9,-6.1")
    assert ([feature["id"] for feature in page["features"]], page["numberMatched"]) == ([edge], 1)


def test_features_are_sorted_as_is_asked_nulls_last(receive_one, walk):
    for n, (category, point) in enumerate([("road", MONAS), ("flood", None), ("tree", MONAS)]):
        receive_one(external_id=str(n), category=category, point=point)
    features, _ = walk(f"{ITEMS}?limit=1&sortby=-kelurahan,%2Bcategory")
    assert [feature["properties"]["category"] for feature in features] == ["road", "tree", "flood"]


def test_features_are_found_by_their_keys_as_the_queryables_say(receive_one, get):
    first, second, third = (receive_one(external_id=str(n), category="road").id for n in range(3))
    assert [feature["id"] for feature in get(f"{ITEMS}?id={second}")["features"]] == [second]
    page = get(f"{ITEMS}?id={first},{third},999999&category=road&bbox=106,-7,108,-5")
    assert {feature["id"] for feature in page["features"]} == {first, third}
    assert page["numberMatched"] == 2
    areas = get("/api/collections/kota/items")["features"]
    found = get(f"/api/collections/kota/items?id={areas[1]['id']}")["features"]
    assert [feature["id"] for feature in found] == [areas[1]["id"]]


def test_only_the_properties_that_are_asked_for_are_sent(receive_one, get):
    receive_one()
    (feature,) = get(f"{ITEMS}?properties=status,channel")["features"]
    assert feature["properties"] == {"status": "waiting", "channel": "qlue"}
    assert get(f"{ITEMS}?properties=")["features"][0]["properties"] == {}


@pytest.mark.parametrize("srid", [4326, 3857, 32748])
def test_positions_are_given_in_other_systems_with_their_own_order_of_axes(receive_one, client, srid):
    receive_one()
    answer = client.get(f"{ITEMS}?crs={EPSG}{srid}")
    assert answer["Content-Crs"] == f"<{EPSG}{srid}>"
    x, y = answer.json()["features"][0]["geometry"]["coordinates"]
    # pyproj keeps the order that EPSG gives.
    expected = Transformer.from_crs("OGC:CRS84", f"EPSG:{srid}").transform(*MONAS)
    assert (x, y) == pytest.approx(expected, abs=0.01)
    if srid == 4326:
        assert (x, y) == (MONAS.lat, MONAS.lon)


def test_without_being_asked_positions_are_longitude_and_latitude(receive_one, client):
    receive_one()
    assert client.get(ITEMS)["Content-Crs"] == f"<{CRS84}>"


def test_what_has_changed_is_seen_by_the_next_who_asks(city, submission, get):
    box = f"{ITEMS}?bbox=106,-7,107,-6"
    intake.receive([submission("1")], simulated=False)
    (first,) = get(box)["features"]
    later = NOON + timedelta(hours=1)
    intake.receive([submission("1", description="Ditulis ulang", updated_at=later)], simulated=False)
    (second,) = get(box)["features"]
    assert (second["id"], second["properties"]["text"]) == (first["id"], "Ditulis ulang")
    intake.receive([Updates("qlue", "1", (Update(later, WITHDRAWN, "", ""),))], simulated=False)
    assert get(box)["numberMatched"] == 0


def test_a_text_that_is_changed_by_hand_is_seen(transactional_city, submission, get):
    intake.receive([submission("1")], simulated=False)
    (first,) = get(ITEMS)["features"]
    Report.objects.update(public_text="")
    assert first["properties"]["text"]
    assert get(ITEMS)["features"][0]["properties"]["text"] == ""


def test_a_layer_without_an_index_shows_its_newest_rows(jam, get):
    assert [one["properties"]["level"] for one in get("/api/collections/jams/items")["features"]] == [3]
    later = (Jam("1", 4, 3.0, 300, 900, "Sudirman", NOON, LINE, {}),)
    layers_intake.receive([Snapshot("waze", NOON + timedelta(hours=1), (), later, (), ())], simulated=False)
    page = get("/api/collections/jams/items")
    assert [one["properties"]["level"] for one in page["features"]] == [4]
    assert page["numberMatched"] == 1
    assert page["features"][0]["geometry"]["type"] == "LineString"


def test_boundaries_are_polygons_whose_outer_rings_go_round_against_the_clock(city, get):
    page = get("/api/collections/kota/items?limit=100")
    assert page["numberMatched"] == len(page["features"]) == 6
    for feature in page["features"]:
        ring = feature["geometry"]["coordinates"][0][0]
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
        assert area > 0


def test_a_limit_that_is_too_large_is_the_largest(scatter, get):
    scatter(3)
    assert get(f"{ITEMS}?limit={MOST * 100}")["numberReturned"] == 3


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        (f"{ITEMS}?limit=0", 400, "limit 0: it must lie between 1"),
        (f"{ITEMS}?limit=x", 400, "limit 'x' is no whole number"),
        (f"{ITEMS}?limit=1&limit=2", 400, "parameter 'limit' is given twice"),
        (f"{ITEMS}?colour=red", 400, "unknown parameter 'colour'"),
        (f"{ITEMS}?after=z1", 400, "after 'z1' is from no link of ours"),
        (f"{ITEMS}?after=sAAAA", 400, "is from no link of ours"),
        (f"{ITEMS}?after=z1.1&sortby=status", 400, "from a link of another question"),
        (f"{ITEMS}?after=sWzEsIDVd&sortby=simulated", 400, "is from no link of ours"),  # [1, 5]
        (f"{ITEMS}?after=sWzEsICJ4Il0&sortby=simulated", 400, "cannot be computed"),  # [1, "x"]
        (f"{ITEMS}?crs=EPSG:4326", 400, "crs 'EPSG:4326' is not one of"),
        (f"{ITEMS}?f=xml", 400, "f 'xml' is neither json nor html"),
        (f"{ITEMS}?sortby=author", 400, "sortby 'author' is no property"),
        (f"{ITEMS}?sortby=status,-status", 400, "each property once"),
        (f"{ITEMS}?properties=author_hash", 400, "no property 'author_hash'"),
        (f"{ITEMS}?id=x", 400, "id 'x' is no whole number"),
        (f"{ITEMS}?filter=id/0=1", 400, "cannot be computed for every feature"),
        (f"{ITEMS}/0", 404, "no feature '0' in collection reports"),
        (f"{ITEMS}/x", 404, "no feature 'x' in collection reports"),
        (f"{ITEMS}/1?limit=1", 400, "unknown parameter 'limit'"),
        ("/api/collections/people/items", 404, "no collection 'people'"),
        ("/api/collections/people", 404, "no collection 'people'"),
        ("/api/collections/reports/tiles/WorldCRS84Quad", 404, "no tile matrix set 'WorldCRS84Quad'"),
        ("/api/collections/reports/tiles/WebMercatorQuad/1/2/0", 404, "no tile 1/2/0 in WebMercatorQuad"),
        ("/api/collections/reports/tiles/WebMercatorQuad/1/0/0?f=png", 400, "f 'png' is none of"),
        ("/api?f=xml", 400, "f 'xml' is neither json nor html"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_names_parameter_and_value(
    receive_one, client, address, status, said
):
    receive_one()
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


INJECTIONS = ["' OR '1'='1", "1; DROP TABLE reports_report--", "%s", "%(v0)s", "{}", "\x00", "\\", "$$", "é☃"]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "name",
    ["bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "properties", "limit",
     "after", "crs", "f", "category", "text", "simulated", "submitted_at", "x y"],
)  # fmt: skip
def test_no_parameter_takes_statements(receive_one, client, name, text):
    receive_one()
    answer = client.get(ITEMS, {name: text})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["features"] == []
    assert Report.objects.count() == 1


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_part_of_a_filter_takes_statements(receive_one, client, text):
    receive_one()
    quoted = text.replace("'", "''")
    answer = client.get(ITEMS, {"filter": f"text = '{quoted}' OR \"{text}\" = 1 OR text LIKE '{quoted}'"})
    assert answer.status_code == 400
    answer = client.get(ITEMS, {"filter": f"text = '{quoted}' AND id > 0"})
    assert answer.status_code == 400 if "\x00" in text else answer.json()["features"] == []


def test_an_answer_is_tagged_compressed_and_asked_for_again(scatter, client):
    scatter(30)
    plain = client.get(f"{ITEMS}?bbox={BOX}")
    zipped = client.get(f"{ITEMS}?bbox={BOX}", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped["ETag"] != plain["ETag"]
    again = client.get(
        f"{ITEMS}?bbox={BOX}", headers={"Accept-Encoding": "gzip", "If-None-Match": zipped["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert plain["Vary"] == "Accept, Accept-Encoding"
    assert plain["Cache-Control"] == "public, max-age=0, stale-while-revalidate=30"
    assert plain["Access-Control-Allow-Origin"] == "*"


def test_an_answer_says_by_which_keys_a_cache_is_told_of_a_change(scatter, client):
    scatter(3)
    assert client.get(ITEMS)["Surrogate-Key"] == "reports"
    at = tile_of(*MONAS, 14)
    box = f"{MONAS.lon},{MONAS.lat},{MONAS.lon},{MONAS.lat}"
    assert client.get(f"{ITEMS}?bbox={box}")["Surrogate-Key"] == f"reports reports-14-{at.x}-{at.y}"


def test_documents_may_be_given_out_while_they_are_asked_for_again(city, client):
    assert (
        client.get("/api/collections")["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    )


@pytest.mark.parametrize(
    "address", ["/api", "/api/conformance", "/api/collections", "/api/collections/reports", ITEMS]
)
@pytest.mark.parametrize("method", ["head", "options"])
def test_head_and_options_are_answered_and_open_to_other_sites(city, client, address, method):
    answer = getattr(client, method)(address)
    assert answer.status_code == (200 if method == "head" else 204)
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "address",
    ["/api", "/api/conformance", "/api/collections", "/api/collections/reports", ITEMS,
     "/api/collections/reports/queryables", "/api/collections/kota/items"],
)  # fmt: skip
def test_each_document_is_a_page_too(receive_one, client, address):
    receive_one(description="<script>alert(1)</script>")
    for answer in (client.get(f"{address}?f=html"), client.get(address, headers={"Accept": "text/html"})):
        assert answer["Content-Type"] == "text/html; charset=utf-8"
        assert b"<script>" not in answer.content and b"</html>" in answer.content
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert client.get(f"{address}?f=json", headers={"Accept": "text/html"}).json()


def test_a_feature_is_a_page_too_and_a_list_leads_on(scatter, client):
    scatter(12)
    page = client.get(f"{ITEMS}?f=html&limit=5").content.decode()
    id = Report.objects.order_by("id").values_list("id", flat=True)[0]
    assert 'rel="next"' in page and "5 shown of 12" in page
    assert str(id) in client.get(f"{ITEMS}/{id}?f=html").content.decode()


def test_what_may_be_asked_is_said_as_json_schema(city, get):
    schema = get("/api/collections/reports/queryables")
    assert schema["properties"]["status"]["enum"] == ["waiting", "in_progress", "done"]
    assert schema["properties"]["submitted_at"]["format"] == "date-time"
    assert schema["properties"]["geom"]["format"] == "geometry-point"


def test_the_tiles_of_a_collection_are_those_of_the_map(scatter, client, get):
    scatter(20)
    at = tile_of(*MONAS, 9)
    tileset = get("/api/collections/reports/tiles/WebMercatorQuad")
    (template,) = [one["href"] for one in tileset["links"] if "mapbox" in one["type"]]
    address = template.format(tileMatrix=at.z, tileRow=at.y, tileCol=at.x)
    parts = urlsplit(address)
    mvt = client.get(f"{parts.path}?{parts.query}")
    assert mvt.content == client.get(f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt").content
    assert set(mapbox_vector_tile.decode(mvt.content)) == {"reports"}
    there = f"{parts.path}?f=json&status=done"
    assert (
        client.get(there).json()
        == client.get(f"/tiles/reports/{at.z}/{at.x}/{at.y}.geojson?status=done").json()
    )


def test_a_tile_matrix_halves_the_one_before(get):
    (listed,) = get("/api/tileMatrixSets")["tileMatrixSets"]
    matrices = get(urlsplit(hrefs(listed, "self")[0]).path)["tileMatrices"]
    assert [one["id"] for one in matrices] == [str(zoom) for zoom in range(23)]
    # OGC 17-083r4, annex D.1.
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717)
    assert all(a["cellSize"] == 2 * b["cellSize"] for a, b in pairwise(matrices))


def test_intake_is_seen_by_a_page_that_was_kept(city, submission, get):
    intake.receive([submission("1")], simulated=False)
    assert get(ITEMS)["numberMatched"] == 1
    intake.receive([submission("2", category="tree")], simulated=False)
    assert get(ITEMS)["numberMatched"] == 2
    assert get(f"{ITEMS}?category=tree")["numberMatched"] == 1


def test_a_filter_never_seen_is_asked_of_the_points_in_a_small_box_alone(scatter, get):
    scatter(150)
    base = live.state(catalogue()["reports"]).snapshot.base
    small = get(f"{ITEMS}?limit=1000&bbox={BOX}&status=done")
    done = wanted(base.wordlist.traits, {"status": ["done"]})
    assert not base.has_view(done)
    everywhere = get(f"{ITEMS}?limit=1000&status=done")
    assert base.has_view(done)
    again = get(f"{ITEMS}?limit=1000&bbox={BOX}&status=done")
    assert small == again and 0 < small["numberMatched"] < everywhere["numberMatched"]


@pytest.mark.parametrize("more", ["", "&bbox=106,-7,107,-6"])
def test_pages_of_a_filter_are_full_however_little_passes(scatter, walk, get, monkeypatch, more):
    scatter(60)
    monkeypatch.setattr("api.features.queried.STRETCH", 7)
    monkeypatch.setattr("api.features.indexed.FIRST_LOOK", 3)
    asked = f"{ITEMS}?limit=10&filter=id %25 2 = 0{more}"
    assert get(asked)["numberMatched"] == 30
    features, sizes = walk(asked)
    ids = [feature["id"] for feature in features]
    assert sorted(ids) == sorted(id for id in Report.objects.values_list("id", flat=True) if id % 2 == 0)
    assert sizes == [10, 10, 10]


@pytest.mark.parametrize("more", ["", "&bbox=106,-7,107,-6"])
def test_a_filter_that_cannot_fill_a_page_in_time_says_so(scatter, get, client, monkeypatch, more):
    scatter(60)
    monkeypatch.setattr("api.features.queried.time_is_up", lambda: 0)
    monkeypatch.setattr("api.features.queried.STRETCH", 7)
    monkeypatch.setattr("api.features.indexed.FIRST_LOOK", 3)
    # Ten of the sixty pass, whichever ids they have: they fill no page, and only the last look could tell.
    answer = client.get(f"{ITEMS}?limit=10&filter=id %25 6 = 0{more}")
    assert answer.status_code == 503 and "narrow the question" in answer.json()["detail"]


@pytest.mark.parametrize("placed", [0, 3, 4, 5])
@pytest.mark.parametrize("asked", ["", "&category=road", "&filter=id > 0"])
def test_a_page_that_reports_with_a_point_do_not_fill_goes_on_with_those_without(
    receive_one, walk, placed, asked
):
    """And leads on where more follow only."""
    for n in range(8):
        receive_one(external_id=str(n), **({} if n < placed else {"point": None}))
    for limit, sizes in ((2, [2, 2, 2, 2]), (3, [3, 3, 2]), (8, [8]), (100, [8])):
        features, found = walk(f"{ITEMS}?limit={limit}{asked}")
        assert found == sizes
        assert len({feature["id"] for feature in features}) == 8


def test_no_page_leads_to_one_without_features(receive_one, walk, get, monkeypatch):
    """As where nobody could count in time what has no point."""
    receive_one()
    monkeypatch.setattr("api.features.queried.count", lambda *args, **more: None)
    assert walk(f"{ITEMS}?limit=5") == ([get(ITEMS)["features"][0]], [1])
