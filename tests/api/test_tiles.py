import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import shapely
from django.conf import settings
from shapely.geometry import shape

from api.public import EXPOSED
from boundaries import editions
from boundaries.models import Boundary, Edition
from layers import intake as layers_intake
from layers import revisions
from layers.grid import Tile, bbox
from layers.record import Alert, LonLat, Snapshot
from reports import intake
from reports.models import Report
from tests.conftest import MONAS
from tests.grid import tile_of

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
CITY = Tile(9, 407, 264)
REPORTS = "/tiles/reports/9/407/264"
LAYERS = [
    "kota",
    "kecamatan",
    "kelurahan",
    "irregularities",
    "jams",
    "alerts",
    "petrol_stations",
    "hospitals",
    "restaurants",
    "reports",
]
every_layer = pytest.mark.parametrize("layer", LAYERS)
every_form = pytest.mark.parametrize("form", ["geojson", "mvt"])
MEDIA_TYPES = {"geojson": "application/geo+json", "mvt": "application/vnd.mapbox-vector-tile"}


@pytest.fixture
def features(request, geojson, mvt):
    """Return the features of a tile in one form or the other."""

    def read(form, layer, at):
        return {"geojson": geojson, "mvt": mvt}[form](layer, at)

    return read


@pytest.fixture
def clock(monkeypatch):
    """Set the clock of the tiles."""

    def set_to(instant):
        monkeypatch.setattr("api.tiles.timezone.now", lambda: instant)

    set_to(NOON)
    return set_to


def tiles_of(points, z):
    return Counter(tile_of(*point, z) for point in points)


# --- what is on a tile


@every_form
@pytest.mark.parametrize("z", [9, 12, 16])
def test_each_tile_holds_exactly_the_reports_whose_points_lie_in_it(scatter, features, z, form):
    points = [one.point for one in scatter(120, traced=False)]
    found = {at: len(features(form, "reports", at)) for at in tiles_of(points, z)}
    assert found == tiles_of(points, z)


def test_a_report_is_where_it_was_said_to_be_in_both_forms(scatter, geojson, mvt, degrees):
    point = scatter(1)[0].point
    for z in (9, 14, 22):
        at = tile_of(*point, z)
        (feature,), (drawn,) = geojson("reports", at), mvt("reports", at)
        pixel = 360 / 2**z / 256
        # The index knows a point by its key, whose cell is 4 cm wide: half of that is 1.7e-7 degrees.
        assert feature["geometry"]["coordinates"] == pytest.approx(list(point), abs=max(pixel / 2, 7e-7))
        assert degrees(at, drawn["geometry"]["coordinates"]) == pytest.approx(
            point, abs=max(pixel / 16, 1.8e-7)
        )


def test_a_report_says_what_the_public_may_see_and_no_more(receive_one, geojson, mvt, clock):
    report = receive_one(author="Budi Contoh", image_url="https://photos.example/1.jpg")
    clock(NOON + timedelta(days=3))
    at = tile_of(*report.point.coords, 14)
    expected = {
        "category": "road",
        "status": "waiting",
        "channel": "qlue",
        "age_days": 3,
        "kelurahan": "31.71.01.1001",
        "placed_by": "inside",
        "simulated": False,
    }
    for (feature,) in (geojson("reports", at), mvt("reports", at)):
        assert feature["id"] == report.id
        assert feature["properties"] == expected


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2026, 5, 14, 16, 59, tzinfo=UTC), 0),
        (datetime(2026, 5, 14, 17, 0, tzinfo=UTC), 1),
        (datetime(2026, 5, 15, 16, 59, tzinfo=UTC), 1),
    ],
)
def test_the_age_of_a_report_is_counted_in_days_of_the_citys_calendar(receive_one, geojson, clock, now, days):
    receive_one()
    clock(now)
    assert [feature["properties"]["age_days"] for feature in geojson("reports", CITY)] == [days]


def test_a_report_outside_the_province_is_on_the_tile_without_a_kelurahan(receive_one, geojson):
    receive_one(point=LonLat(107.6, -6.9))
    (feature,) = geojson("reports", tile_of(107.6, -6.9, 12))
    assert not {"kelurahan", "placed_by"} & set(feature["properties"])


def test_a_report_without_a_point_is_on_no_tile(receive_one, geojson):
    receive_one(point=None)
    assert geojson("reports", Tile(0, 0, 0)) == []


@every_form
@pytest.mark.parametrize("z", [1, 9, 12, 15, 22])
def test_a_point_exactly_on_the_corner_of_four_tiles_is_in_exactly_one(receive_one, features, z, form):
    west, _, _, north = bbox(tile_of(106.8272, -6.1754, z))
    receive_one(point=LonLat(west, north))
    mid = tile_of(west, north, z)
    around = [Tile(z, mid.x + dx, mid.y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    inside = [at for at in around if 0 <= at.x < 1 << z and 0 <= at.y < 1 << z]
    holding = [at for at in inside if features(form, "reports", at)]
    assert holding == [mid]


# --- many points


@every_form
def test_a_screenful_is_shown_point_by_point(scatter, features, form):
    scatter(2000, traced=False)
    found = features(form, "reports", CITY)
    assert len({feature["id"] for feature in found}) == 2000
    assert not any("count" in feature["properties"] for feature in found)


@every_form
def test_one_more_than_a_screenful_is_shown_as_cells(scatter, features, form):
    scatter(2001, traced=False)
    found = features(form, "reports", CITY)
    assert all("count" in feature["properties"] for feature in found)
    assert sum(feature["properties"]["count"] for feature in found) == 2001


@pytest.mark.parametrize(("form", "finer"), [("geojson", 5), ("mvt", 5)])
def test_cells_count_every_report_by_status_at_the_mean_of_its_points(
    scatter, features, degrees, form, finer
):
    sent = scatter(3000)
    found = features(form, "reports", CITY)
    total = Counter()
    for feature in found:
        assert not feature.get("id")
        assert feature["properties"].pop("opens_at") > CITY.z
        total.update(feature["properties"])
    by_status = Counter(Report.objects.values_list("status", flat=True))
    assert total == {"count": 3000} | by_status
    assert len(by_status) == 3

    cells = {}
    for one in sent:
        cells.setdefault(tile_of(*one.point, CITY.z + finer), []).append(one.point)
    means = [
        tuple(sum(values) / len(points) for values in zip(*points, strict=True)) for points in cells.values()
    ]
    places = [feature["geometry"]["coordinates"] for feature in found]
    places = [degrees(CITY, place) if form == "mvt" else place for place in places]
    (_, nearest), distances = shapely.STRtree(shapely.points(means)).query_nearest(
        shapely.points(places), return_distance=True
    )
    assert distances.max() < 2e-4
    assert sorted(nearest) == list(range(len(cells)))
    sizes = [len(points) for points in cells.values()]
    assert [feature["properties"]["count"] for feature in found] == [sizes[cell] for cell in nearest]


@every_form
def test_zooming_in_leads_from_cells_to_each_single_report(scatter, features, form):
    sent = scatter(3000, traced=False)
    counted = Counter()
    ids = set()
    for at in tiles_of([one.point for one in sent], 12):
        for feature in features(form, "reports", at):
            counted[at] += feature["properties"].get("count", 1)
            ids.add(feature.get("id"))
    assert counted == tiles_of([one.point for one in sent], 12)
    assert ids == set(Report.objects.values_list("id", flat=True))


@every_form
def test_many_reports_in_one_place_are_one_cell_at_every_zoom(city, submission, features, form):
    intake.receive([submission(str(n)) for n in range(2001)], simulated=False)
    for z in (0, 9, 22):
        (feature,) = features(form, "reports", tile_of(106.8272, -6.1754, z))
        counts = {"count": 2001, "waiting": 2001, "in_progress": 0, "done": 0}
        assert feature["properties"] == counts | {"opens_at": z + 5}


# --- polygons


def polygons(found):
    return {feature["properties"]["code"]: shape(feature["geometry"]) for feature in found}


@every_form
def test_a_tile_of_the_mainland_names_the_kelurahan_in_it(city, features, form):
    at = tile_of(106.8272, -6.1754, 15)
    by_code = {feature["properties"]["code"]: feature for feature in features(form, "kelurahan", at)}
    gambir = city.boundary_set.get(code="31.71.01.1001")
    properties = by_code["31.71.01.1001"]["properties"]
    assert properties["name"] == "Gambir"
    assert (properties["parent"], properties["schematic"]) == ("31.71.01", True)
    assert (properties["label_lon"], properties["label_lat"]) == pytest.approx(gambir.label.coords, abs=1e-5)
    assert by_code["31.71.01.1001"]["id"] == gambir.id


@pytest.mark.parametrize("layer", ["kelurahan", "kecamatan", "kota"])
@pytest.mark.parametrize("z", [10, 12, 13, 15, 17])
def test_neighbours_meet_without_gap_or_overlap_in_geojson(city, geojson, layer, z):
    at = tile_of(106.84, -6.23, z)
    found = polygons(geojson(layer, at))
    box = bbox(at)
    margin = (box.east - box.west) / 16
    wide = shapely.box(box.west - margin, box.south - margin, box.east + margin, box.north + margin)
    assert all(polygon.is_valid for polygon in found.values())
    union = shapely.union_all(list(found.values()))
    assert sum(polygon.area for polygon in found.values()) == pytest.approx(union.area, rel=1e-6)
    gaps = sum(
        shapely.Polygon(ring).area for part in getattr(union, "geoms", [union]) for ring in part.interiors
    )
    assert gaps <= 1e-6 * wide.area
    if z >= 13:
        assert union.area == pytest.approx(wide.area, rel=2e-3)


@pytest.mark.parametrize("layer", ["kelurahan", "kecamatan", "kota"])
@pytest.mark.parametrize("z", [13, 15, 17])
def test_neighbours_meet_without_gap_or_overlap_in_mvt(city, mvt, layer, z):
    found = polygons(mvt(layer, tile_of(106.84, -6.23, z)))
    union = shapely.union_all([polygon.buffer(0) for polygon in found.values()])
    side = 4096 * (1 + 2 / 16)
    assert sum(polygon.area for polygon in found.values()) == pytest.approx(side**2, rel=1e-3)
    assert union.area == pytest.approx(side**2, rel=1e-3)


@pytest.mark.parametrize("z", [11, 13, 15])
def test_the_polygons_of_two_tiles_meet_at_their_common_edge(city, geojson, z):
    left = tile_of(106.84, -6.23, z)
    right = Tile(z, left.x + 1, left.y)
    box = bbox(left)
    edge = shapely.LineString([(box.east, box.south), (box.east, box.north)])
    on_left, on_right = (
        {
            code: polygon.intersection(edge).length
            for code, polygon in polygons(geojson("kelurahan", at)).items()
        }
        for at in (left, right)
    )
    shown = {code for code in on_left | on_right if max(on_left.get(code, 0), on_right.get(code, 0)) > 1e-5}
    assert shown
    for code in shown:
        assert on_left[code] == pytest.approx(on_right[code], abs=1e-6 + edge.length / 1000)


@pytest.mark.parametrize(("layer", "count"), [("kelurahan", 267), ("kecamatan", 44), ("kota", 6)])
@every_form
def test_the_whole_province_is_on_one_tile_of_a_low_zoom(city, features, layer, count, form):
    assert len(features(form, layer, tile_of(106.8272, -6.1754, 6))) == count


def test_an_edition_that_is_not_in_force_is_not_shown(city, geojson):
    type(city).objects.update(validity=None)
    assert geojson("kelurahan", CITY) == []


# --- empty tiles, forms, refusals


@every_layer
@pytest.mark.parametrize("accepts", ["gzip", ""])
def test_an_empty_tile_is_200_with_an_empty_document(city, client, layer, accepts):
    headers = {"Accept-Encoding": accepts}
    assert client.get(f"/tiles/{layer}/3/0/0.mvt", headers=headers).content == b""
    document = client.get(f"/tiles/{layer}/3/0/0.geojson", headers=headers)
    assert document.status_code == 200
    assert json.loads(document.content) == {"type": "FeatureCollection", "features": []}


@every_form
@every_layer
def test_a_tile_has_the_media_type_of_its_form(city, client, layer, form):
    response = client.get(f"/tiles/{layer}/9/407/264.{form}")
    assert (response.status_code, response["Content-Type"]) == (200, MEDIA_TYPES[form])


@every_form
@pytest.mark.parametrize("path", ["nowhere/9/407/264", "Reports/9/407/264", "nowhere/99/0/0"])
def test_an_unknown_layer_is_404_by_its_name(db, client, path, form):
    response = client.get(f"/tiles/{path}.{form}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert path.split("/", maxsplit=1)[0] in response.json()["detail"]


@every_form
@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("23/0/0", "zoom 23"),
        ("0/1/0", "x 1"),
        ("0/0/1", "y 1"),
        ("9/512/264", "x 512"),
        ("9/407/512", "y 512"),
        (f"9/{10**40}/0", f"x {10**40}"),
        (f"{10**40}/0/0", f"zoom {10**40}"),
        (f"22/0/{1 << 63}", f"y {1 << 63}"),
        ("9/-1/264", "x -1"),
        ("9/407/-264", "y -264"),
        ("-9/407/264", "zoom -9"),
        ("a/407/264", "zoom 'a'"),
        ("9/4.5/264", "x '4.5'"),
        ("9/407/264.5", "y '264.5'"),
        ("9/1_0/264", "x '1_0'"),
        ("9/%D9%A3/264", "x '\u0663'"),
        ("9/407/264 ", "y '264 '"),
        (f"9/{'1' * 5000}/264", f"x '{'1' * 5000}'"),
    ],
)
def test_an_impossible_tile_is_400_by_name_and_value(db, client, at, words, form):
    response = client.get(f"/tiles/reports/{at}.{form}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert words in response.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/reports/9/407/264.png",
        "/tiles/reports/9/407/264",
        "/tiles/reports/9/407.mvt",
        "/tiles/nowhere/9/-1/264.mvt",
        "/tiles/nowhere.json",
        "/tiles/",
        "/tiles/reports",
    ],
)
def test_an_address_that_leads_nowhere_is_404(db, client, path):
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


# --- what a cache needs


@every_form
def test_gzip_is_used_where_it_is_accepted(scatter, client, form):
    scatter(50)
    plain = client.get(f"{REPORTS}.{form}")
    packed = client.get(f"{REPORTS}.{form}", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content)
    assert packed["Content-Type"] == plain["Content-Type"]


@pytest.mark.parametrize(
    "accepts", ["", "identity", "br", "deflate, br", "gzip;q=0", "gzip; q=0.000, identity", "GZIP2", "xgzip"]
)
def test_gzip_is_not_used_where_it_is_not_accepted(scatter, client, accepts):
    scatter(50)
    response = client.get(f"{REPORTS}.geojson", headers={"Accept-Encoding": accepts})
    assert not response.has_header("Content-Encoding")
    assert json.loads(response.content)


@pytest.mark.parametrize("accepts", ["gzip", "GZIP", "gzip;q=1.0", "br;q=1, gzip ;q=0.5", "deflate,gzip"])
def test_gzip_may_be_asked_for_in_many_ways(scatter, client, accepts):
    scatter(50)
    response = client.get(f"{REPORTS}.geojson", headers={"Accept-Encoding": accepts})
    assert response["Content-Encoding"] == "gzip"


def test_a_tile_may_be_kept_by_any_cache_that_asks_each_time(scatter, client):
    scatter(1)
    response = client.get(f"{REPORTS}.mvt")
    assert response["Cache-Control"] == "public, max-age=0, stale-while-revalidate=30"
    assert response["Vary"] == "Accept-Encoding"
    assert response["ETag"].startswith('"')


def test_the_two_encodings_have_different_tags(scatter, client):
    scatter(50)
    plain, packed = (
        client.get(f"{REPORTS}.mvt"),
        client.get(f"{REPORTS}.mvt", headers={"Accept-Encoding": "gzip"}),
    )
    assert plain["ETag"] != packed["ETag"]


@every_form
def test_tiles_that_differ_have_different_tags(scatter, client, form):
    points = [one.point for one in scatter(300, traced=False)]
    tiles = {client.get(f"/tiles/reports/{at.z}/{at.x}/{at.y}.{form}") for at in tiles_of(points, 12)}
    assert len({response["ETag"] for response in tiles}) == len({response.content for response in tiles}) > 5


@pytest.mark.parametrize("wrap", ["{}", "W/{}", '"other", {}', 'W/"other", W/{} , "more"', "*"])
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_what_the_caller_has_already_is_304_without_a_body(scatter, client, wrap, encoding):
    scatter(50)
    headers = {"Accept-Encoding": encoding}
    first = client.get(f"{REPORTS}.mvt", headers=headers)
    again = client.get(f"{REPORTS}.mvt", headers=headers | {"If-None-Match": wrap.format(first["ETag"])})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control"):
        assert again[name] == first[name]


@pytest.mark.parametrize("known", ['"other"', "", "nonsense", 'W/"reports"'])
def test_what_the_caller_does_not_have_is_sent_whole(scatter, client, known):
    scatter(1)
    assert client.get(f"{REPORTS}.mvt", headers={"If-None-Match": known}).status_code == 200


def test_a_304_makes_no_tile(scatter, client, django_assert_num_queries):
    scatter(1)
    tag = client.get(f"{REPORTS}.mvt")["ETag"]
    with django_assert_num_queries(1):
        client.get(f"{REPORTS}.mvt", headers={"If-None-Match": tag})


@pytest.fixture
def tag(client, clock):
    """Return the tag of the tile of the city of a layer."""

    def read(layer):
        return client.get(f"/tiles/{layer}/9/407/264.mvt")["ETag"]

    return read


def test_the_tag_of_reports_changes_when_one_comes(receive_one, tag):
    before = tag("reports")
    receive_one()
    assert tag("reports") != before


def test_the_tag_of_reports_does_not_change_when_the_same_comes_again(receive_one, tag):
    receive_one()
    before = tag("reports")
    receive_one()
    assert tag("reports") == before


def test_the_tag_of_other_layers_does_not_change_when_a_report_comes(receive_one, tag):
    before = [tag(layer) for layer in LAYERS if layer != "reports"]
    receive_one()
    assert [tag(layer) for layer in LAYERS if layer != "reports"] == before


def test_the_tag_of_alerts_changes_with_a_snapshot_that_has_news_and_only_then(db, tag):
    alert = Alert("1", "HAZARD", "", "", "", None, NOON, LonLat(106.8, -6.2), {})
    seen = [tag("alerts")]
    for minutes, alerts in ((0, (alert,)), (2, (alert,)), (4, ())):
        snapshot = Snapshot("waze", NOON + timedelta(minutes=minutes), alerts=alerts)
        layers_intake.receive([snapshot], simulated=False)
        seen.append(tag("alerts"))
    assert seen[0] != seen[1] == seen[2]
    assert seen[3] == seen[0]  # none again: the same tile as before there was one


def test_the_tag_of_boundaries_changes_with_the_edition_in_force_and_comes_back_with_it(city, tag):
    names = ("kelurahan", "kecamatan", "kota")
    before = [tag(layer) for layer in names]
    editions.put_in_force(city.id, None)
    assert [tag(layer) for layer in names] == before
    Edition.objects.update(validity=None)
    revisions.touch(*names)
    assert all(new != old for new, old in zip([tag(layer) for layer in names], before, strict=True))
    editions.put_in_force(city.id, None)
    assert [tag(layer) for layer in names] == before


@every_layer
def test_the_tag_changes_the_next_day_only_where_the_tile_does(receive_one, tag, clock, layer):
    receive_one()
    clock(datetime(2026, 5, 14, 16, 59, tzinfo=UTC))
    before = tag(layer)
    clock(datetime(2026, 5, 14, 17, 0, tzinfo=UTC))
    assert (tag(layer) != before) == (layer == "reports")


# --- other sites, other methods


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{REPORTS}.mvt", 200),
        ("/tiles", 200),
        ("/tiles/reports.json", 200),
        ("/api/map", 200),
        ("/api/locate?lon=106.8272&lat=-6.1754", 200),
        ("/health", 200),
        ("/ready", 200),
        ("/api/locate", 400),
        ("/tiles/reports/99/0/0.mvt", 400),
        ("/tiles/nowhere.json", 404),
        ("/api/reports/1", 404),
        ("/api/nowhere", 404),
    ],
)
def test_pages_of_other_sites_may_read_every_answer_errors_included(city, client, path, status):
    response = client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Expose-Headers"] == EXPOSED
    assert not response.has_header("Access-Control-Allow-Credentials")


@pytest.mark.parametrize(
    "path", [f"{REPORTS}.mvt", "/tiles", "/tiles/reports.json", "/api/map", "/api/locate"]
)
def test_a_preflight_is_answered_without_a_body(db, client, path):
    response = client.options(
        path,
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"].startswith("GET, HEAD, OPTIONS")
    assert response["Access-Control-Allow-Headers"] == "if-none-match"
    assert int(response["Access-Control-Max-Age"]) > 0


@every_form
def test_a_head_has_the_headers_of_a_get_and_no_body(scatter, client, form):
    scatter(50)
    got, head = client.get(f"{REPORTS}.{form}"), client.head(f"{REPORTS}.{form}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Type", "Vary", "Cache-Control", "Content-Length"):
        assert head[name] == got[name]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", [f"{REPORTS}.mvt", "/tiles", "/tiles/reports.json"])
def test_another_method_is_405_and_says_which_are_allowed(db, client, path, method):
    response = getattr(client, method)(path)
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json()["title"] == "Method not allowed"


# --- catalogue and TileJSON


def test_the_catalogue_lists_every_layer_lowest_on_the_map_first(db, client):
    response = client.get("/tiles")
    assert response["Content-Type"] == "application/json"
    assert [layer["name"] for layer in response.json()["layers"]] == LAYERS
    assert len(settings.LAYERS) == len(LAYERS)


@pytest.mark.parametrize("position", range(len(LAYERS)), ids=LAYERS)
def test_an_entry_of_the_catalogue_says_all_that_a_map_needs(city, client, position):
    entry = client.get("/tiles").json()["layers"][position]
    name = entry["name"]
    assert set(entry) == {
        "name", "title", "geometry", "minzoom", "maxzoom", "attribution", "revision", "fields",
        "tilejson", "mvt", "geojson", "stale_since",
    }  # fmt: skip
    assert entry["stale_since"] is None
    assert set(entry["title"]) == {"id", "en"}
    assert entry["geometry"] in ("point", "line", "polygon")
    assert 0 <= entry["minzoom"] < entry["maxzoom"] <= 22
    assert entry["attribution"]
    assert entry["tilejson"] == f"http://testserver/tiles/{name}.json"
    assert entry["mvt"] == f"http://testserver/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt"
    assert entry["geojson"] == f"http://testserver/tiles/{name}/{{z}}/{{x}}/{{y}}.geojson"


@every_layer
def test_every_address_of_the_catalogue_answers(city, client, layer):
    (entry,) = (one for one in client.get("/tiles").json()["layers"] if one["name"] == layer)
    assert client.get(urlsplit(entry["tilejson"]).path).status_code == 200
    for form in ("mvt", "geojson"):
        path = urlsplit(entry[form]).path.format(z=9, x=407, y=264)
        assert client.get(path).status_code == 200


def test_the_layers_of_waze_bear_the_attribution_that_its_terms_ask_for(db, client):
    layers = {layer["name"]: layer for layer in client.get("/tiles").json()["layers"]}
    for name in ("jams", "alerts", "irregularities"):
        assert "Data provided by Waze App" in layers[name]["attribution"]
        assert 'href="https://www.waze.com"' in layers[name]["attribution"]


@every_layer
def test_the_tilejson_has_what_version_3_requires(db, client, layer):
    response = client.get(f"/tiles/{layer}.json")
    assert response["Content-Type"] == "application/json"
    document = response.json()
    assert document["tilejson"] == "3.0.0"
    assert document["tiles"] == [f"http://testserver/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"]
    (vector,) = document["vector_layers"]
    assert vector["id"] == layer
    assert vector["fields"]
    assert all(isinstance(text, str) for text in vector["fields"].values())


@every_layer
def test_the_optional_parts_of_a_tilejson_are_within_the_specification(db, client, layer):
    document = client.get(f"/tiles/{layer}.json").json()
    assert document["scheme"] == "xyz"
    assert 0 <= document["minzoom"] <= document["maxzoom"] <= 30
    lon, lat, zoom = document["center"]
    west, south, east, north = settings.CITY_BOUNDS
    assert west < lon < east
    assert south < lat < north
    assert document["minzoom"] <= zoom <= document["maxzoom"]
    major, minor, patch = document["version"].split(".")
    assert all(part.isdecimal() for part in (major, minor, patch))


@every_layer
def test_a_tilejson_keeps_no_client_from_tiles_that_hold_something(receive_one, client, layer):
    bandung = LonLat(107.61, -6.91)
    receive_one(point=bandung)
    document = client.get(f"/tiles/{layer}.json").json()
    west, south, east, north = document.get("bounds", [-180, -90, 180, 90])  # what none means
    assert west < bandung.lon < east
    assert south < bandung.lat < north


def test_the_version_of_a_tilejson_goes_up_when_the_layer_changes(receive_one, client):
    before = client.get("/tiles/reports.json").json()["version"]
    receive_one()
    after = client.get("/tiles/reports.json").json()["version"]
    assert [int(part) for part in after.split(".")] > [int(part) for part in before.split(".")]


WHERE = f"/tiles/reports/{tile_of(*MONAS, 14).z}/{tile_of(*MONAS, 14).x}/{tile_of(*MONAS, 14).y}.geojson"


@pytest.mark.parametrize(("word", "number"), [("false", 1), ("true", 0), ("true,false", 1)])
def test_simulated_reports_can_be_asked_for_and_left_out(receive_one, client, word, number):
    receive_one()
    assert len(client.get(f"{WHERE}?simulated={word}").json()["features"]) == number


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("simulated=maybe", "filter 'simulated': 'maybe' is neither true nor false"),
        ("&".join(f"a{number}=1" for number in range(21)), "more than 20 parameters"),
        ("category=" + "a" * 6000, "the filters have 6009 characters: at most 6000"),
        ("category=" + ",".join("a" for _ in range(301)), "filter 'category' has 301 words: at most 300"),
    ],
    ids=["word", "parameters", "length", "words"],
)
def test_a_filter_that_is_none_or_too_long_is_400_and_says_why(city, client, query, detail):
    answer = client.get(f"{WHERE}?{query}")
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)


def test_every_kelurahan_may_be_asked_for_at_once(city, client):
    codes = Boundary.objects.filter(level="kelurahan").values_list("code", flat=True)
    assert client.get(f"{WHERE}?kelurahan={','.join(codes)}&status=waiting,done").status_code == 200


@pytest.mark.parametrize(
    ("z", "keys"),
    [
        (9, "reports"),
        (13, "reports " + " ".join(f"reports-14-{x}-{y}" for y in (8474, 8475) for x in (13052, 13053))),
        (14, "reports reports-14-13053-8474"),
        (18, "reports reports-14-13053-8474"),
    ],
)  # fmt: skip
def test_a_tile_says_by_which_keys_a_cache_is_told_of_a_change(city, client, z, keys):
    at = Tile(z, *((13053 << 4) >> (18 - z), (8474 << 4) >> (18 - z)))
    assert client.get(f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt")["Surrogate-Key"] == keys
