"""Tiles as the layers make them, without HTTP: what is on them, and when they are others."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import mapbox_vector_tile
import pytest
import shapely

from geoplatform.errors import NotFound, Unavailable
from layers import intake, tiles
from layers.grid import Tile, bbox
from layers.layer import catalogue, find
from layers.record import LonLat, Snapshot
from tests.grid import tile_of

NOW = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
CITY = Tile(9, 407, 264)  # holds most of the mainland of Jakarta


def features(layer, at, now=NOW):
    """Return the features of a tile as GeoJSON has them."""
    return json.loads(tiles.tile(find(layer), Tile(*at), "geojson", now))["features"]


def decoded(layer, at, now=NOW):
    """Return the features of a tile as MVT has them, in degrees of the tile: 0 to 4096, y southward."""
    body = tiles.tile(find(layer), Tile(*at), "mvt", now)
    if not body:
        return []
    options = {"y_coord_down": True}
    return mapbox_vector_tile.decode(body, default_options=options)[layer]["features"]


@pytest.fixture
def stored(db):
    """Store what one snapshot holds."""

    def store(simulated=False, **things):
        intake.receive([Snapshot("waze", NOW, **things)], simulated=simulated)

    return store


def test_the_tile_of_the_city_is_the_one_that_the_tests_mean():
    assert tile_of(106.8272, -6.1754, 9) == CITY


def test_every_layer_says_the_same_of_its_fields_as_its_tiles_do(stored, city, alert, jam, irregularity, poi):
    stored(
        alerts=(alert(),),
        jams=(jam(),),
        irregularities=(irregularity(),),
        pois=(poi(), poi("2", kind="cafe"), poi("3", kind="hospital")),
    )
    for name, layer in catalogue().items():
        for found in (features(name, CITY), decoded(name, CITY)):
            keys = {key for feature in found for key in feature["properties"]}
            assert keys <= set(layer.fields), name
            assert found or name == "reports"


@pytest.mark.parametrize(
    "layer", ["alerts", "jams", "irregularities", "petrol_stations", "hospitals", "restaurants", "reports"]
)
def test_a_tile_without_features_is_an_empty_one(db, layer):
    assert features(layer, CITY) == []
    assert tiles.tile(find(layer), CITY, "mvt", NOW) == b""


def test_an_unknown_layer_is_refused_by_its_name():
    with pytest.raises(NotFound, match="'nowhere'"):
        find("nowhere")


def test_a_jam_has_its_line_and_its_properties(stored, jam):
    stored(simulated=True, jams=(jam(),))
    (feature,) = features("jams", CITY)
    line = [[round(lon, 6), round(lat, 6)] for lon, lat in jam().line]
    assert feature["geometry"] == {"type": "LineString", "coordinates": line}
    assert feature["properties"] == {
        "level": 3,
        "speed_kmh": 8.5,
        "delay_s": 120,
        "length_m": 900,
        "street": "Jl. M.H. Thamrin",
        "reported_at": "2026-05-14T05:00:00Z",
        "simulated": True,
    }


def test_a_blocked_road_has_a_delay_of_minus_one(stored, jam):
    stored(jams=(jam(level=5, speed_kmh=0.0, delay_s=None),))
    assert [f["properties"]["delay_s"] for f in features("jams", CITY)] == [-1]
    assert [f["properties"]["delay_s"] for f in decoded("jams", CITY)] == [-1]


def test_what_is_closed_is_not_shown(stored, alert, jam, irregularity, poi):
    stored(
        alerts=(alert(),),
        jams=(jam(),),
        irregularities=(irregularity(),),
        pois=(poi(), poi("2", kind="cafe"), poi("3", kind="hospital")),
    )
    intake.receive([Snapshot("waze", NOW + timedelta(minutes=2))], simulated=False)
    for layer in ("alerts", "jams", "irregularities", "petrol_stations", "hospitals", "restaurants"):
        assert (features(layer, CITY), decoded(layer, CITY)) == ([], [])


def test_of_a_jam_that_changed_only_the_newest_version_is_shown(stored, jam):
    stored(jams=(jam(level=2),))
    intake.receive([Snapshot("waze", NOW + timedelta(minutes=2), jams=(jam(level=4),))], simulated=False)
    assert [feature["properties"]["level"] for feature in features("jams", CITY)] == [4]


@pytest.mark.parametrize(
    ("layer", "kinds"),
    [
        ("petrol_stations", {"fuel"}),
        ("hospitals", {"hospital"}),
        ("restaurants", {"restaurant", "fast_food", "cafe"}),
    ],
)
def test_a_layer_of_places_shows_its_own_kinds(stored, poi, layer, kinds):
    all_kinds = ("fuel", "hospital", "restaurant", "fast_food", "cafe", "bar")
    stored(pois=tuple(poi(kind, kind=kind) for kind in all_kinds))
    assert {feature["properties"]["kind"] for feature in features(layer, CITY)} == kinds
    assert {feature["properties"]["kind"] for feature in decoded(layer, CITY)} == kinds


def test_a_long_line_is_in_every_tile_that_it_crosses_and_its_parts_meet(stored, jam):
    west, east = LonLat(106.70, -6.20), LonLat(106.95, -6.20)
    stored(jams=(jam(line=(west, east)),))
    z = 13
    row = [Tile(z, x, tile_of(*west, z).y) for x in range(tile_of(*west, z).x, tile_of(*east, z).x + 1)]
    parts = []
    for at in row:
        (feature,) = features("jams", at)
        parts.append(shapely.geometry.shape(feature["geometry"]))
    assert len(parts) > 4
    assert all(left.intersects(right.buffer(1e-5)) for left, right in pairwise(parts))
    assert shapely.union_all(parts).bounds == pytest.approx((106.70, -6.20, 106.95, -6.20), abs=1e-5)


@pytest.mark.parametrize("form", ["geojson", "mvt"])
def test_a_line_reaches_no_farther_over_the_edge_than_a_sixteenth_of_the_side(stored, jam, form):
    stored(jams=(jam(line=(LonLat(106.70, -6.20), LonLat(106.95, -6.20))),))
    at = tile_of(106.82, -6.20, 13)
    if form == "mvt":
        (feature,) = decoded("jams", at)
        xs = [x for x, _ in feature["geometry"]["coordinates"]]
        assert (min(xs), max(xs)) == (-256, 4096 + 256)
    else:
        (feature,) = features("jams", at)
        box = bbox(at)
        margin = (box.east - box.west) / 16
        xs = [x for x, _ in feature["geometry"]["coordinates"]]
        assert (min(xs), max(xs)) == pytest.approx((box.west - margin, box.east + margin), abs=1e-5)


def test_a_line_beside_the_tile_is_not_in_it(stored, jam):
    stored(jams=(jam(),))
    at = tile_of(*jam().line[0], 16)
    assert features("jams", (16, at.x - 3, at.y)) == []
    assert decoded("jams", (16, at.x - 3, at.y)) == []


@pytest.mark.parametrize("form", ["geojson", "mvt"])
def test_a_line_whose_points_are_all_the_same_breaks_no_tile(stored, jam, form):
    here = LonLat(106.82, -6.17)
    stored(jams=(jam(line=(here, here)), jam("other")))
    found = features("jams", CITY) if form == "geojson" else decoded("jams", CITY)
    assert [feature["properties"]["street"] for feature in found][-1:] == ["Jl. M.H. Thamrin"]


@pytest.mark.parametrize("point", [LonLat(0, 90), LonLat(180, -90), LonLat(-180, 0)], ids=str)
@pytest.mark.parametrize("z", [0, 22])
def test_a_point_at_a_pole_or_the_antimeridian_breaks_no_tile(stored, alert, point, z):
    stored(alerts=(alert(point=point),))
    at = tile_of(*point, z)
    assert len(features("alerts", at)) == 1
    assert len(decoded("alerts", at)) == 1


def test_a_text_with_quotes_and_another_script_stays_what_it_is(stored, alert):
    street = 'Jl. "Kebon" Sirih\'s \\ jalan 雅加达 🚧'
    stored(alerts=(alert(street=street),))
    assert [feature["properties"]["street"] for feature in features("alerts", CITY)] == [street]
    assert [feature["properties"]["street"] for feature in decoded("alerts", CITY)] == [street]


def test_more_alerts_than_a_screenful_become_cells_whose_counts_add_up(stored, alert):
    stored(
        alerts=tuple(
            alert(str(n), point=LonLat(106.7 + n % 50 / 400, -6.3 + n // 50 / 200)) for n in range(2001)
        )
    )
    for found in (features("alerts", CITY), decoded("alerts", CITY)):
        assert 1 < len(found) < 2001
        assert sum(feature["properties"]["count"] for feature in found) == 2001
        assert {key for feature in found for key in feature["properties"]} == {"count"}
        assert not any(feature.get("id") for feature in found)


def test_places_of_another_layer_do_not_fill_the_screen(stored, poi):
    stored(
        pois=(
            poi("fuel"),
            *(poi(str(n), kind="cafe", point=LonLat(106.7 + n / 1e5, -6.2)) for n in range(2001)),
        )
    )
    (feature,) = features("petrol_stations", CITY)
    assert feature["properties"]["name"] == "SPBU Contoh"
    assert sum(feature["properties"]["count"] for feature in features("restaurants", CITY)) == 2001


@pytest.mark.parametrize(("z", "digits"), [(0, 1), (9, 4), (12, 5), (14, 5), (15, 5), (16, 6), (22, 6)])
def test_coordinates_have_the_decimals_that_the_zoom_can_show(z, digits):
    quarter_pixel = 360 / 2**z / 1024
    assert tiles._digits(z) == digits
    assert digits == 6 or 10**-digits <= quarter_pixel


def test_a_tile_that_takes_too_long_is_given_up_with_its_name(stored, alert, settings):
    stored(alerts=tuple(alert(str(n), point=LonLat(106.7 + n / 1e5, -6.2)) for n in range(2000)))
    settings.TILE_TIMEOUT_MS = 1
    with pytest.raises(Unavailable, match="tile 9/407/264 of alerts"):
        tiles.tile(find("alerts"), CITY, "geojson", NOW)
