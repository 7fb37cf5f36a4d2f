import math
import random

import pytest
from django.db import connection

from geoplatform.errors import InvalidRequest
from layers.grid import KEY_ZOOM, MAX_ZOOM, Tile, bbox, key_range, spread, tile
from tests.grid import tile_of

EDGE = 85.0511287798066  # where the square of Web Mercator ends
MONAS = (106.8272, -6.1754)
HARD = [
    (0.0, 0.0),
    (0.0, 90.0),
    (0.0, -90.0),
    (180.0, 0.0),
    (-180.0, 0.0),
    (180.0, 90.0),
    (-180.0, -90.0),
    (12.5, EDGE),
    (12.5, -EDGE),
    (12.5, 85.06),
    (12.5, -85.06),
    (math.nextafter(180.0, 0), 1e-300),
    (math.nextafter(-180.0, 0), -1e-300),
    (90.0, 66.51326044311186),
    MONAS,
]


def key(lon: float, lat: float) -> int:
    """Return the key of a position: that of its tile at the zoom of keys."""
    first, last = key_range(tile_of(lon, lat, KEY_ZOOM))
    assert first == last
    return first


def seeded_points() -> list[tuple[float, float]]:
    dice = random.Random(20260514)
    world = [(dice.uniform(-180, 180), dice.uniform(-90, 90)) for _ in range(1500)]
    city = [(dice.uniform(106.3, 107.0), dice.uniform(-6.4, -5.1)) for _ in range(1500)]
    edges = [
        (x / 1024 * 360 - 180, bbox(Tile(10, 0, y)).north)
        for x, y in zip(range(1024), range(1024), strict=True)
    ]
    return HARD + world + city + edges


@pytest.mark.parametrize(
    ("at", "lon", "lat"),
    [
        ((0, 0, 0), *MONAS),
        ((1, 1, 1), *MONAS),
        ((12, 3263, 2118), *MONAS),
        ((2, 3, 1), 180.0, 0.1),
        ((2, 0, 2), -180.0, -0.1),
        ((2, 2, 2), 0.0, 0.0),
        ((2, 2, 0), 0.0, 90.0),
        ((2, 2, 3), 0.0, -90.0),
    ],
)
def test_a_position_lies_in_the_tile_that_every_web_map_says(at, lon, lat):
    assert tile_of(lon, lat, at[0]) == at


def test_the_world_is_one_tile():
    west, south, east, north = bbox(Tile(0, 0, 0))
    assert (west, east) == (-180, 180)
    assert (south, north) == pytest.approx((-EDGE, EDGE), abs=1e-12)


@pytest.mark.parametrize("z", [1, 8, 14, MAX_ZOOM])
def test_neighbouring_tiles_share_their_edge_to_the_last_bit(z):
    at = tile_of(*MONAS, z)
    assert bbox(at).east == bbox(Tile(z, at.x + 1, at.y)).west if at.x + 1 < 1 << z else bbox(at).east == 180
    assert bbox(at).north == bbox(Tile(z, at.x, at.y - 1)).south


def test_the_corners_of_a_tile_are_those_of_postgis(db):
    at = tile_of(*MONAS, 14)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)"
            " FROM ST_Transform(ST_TileEnvelope(%s, %s, %s), 4326) AS box",
            list(at),
        )
        assert bbox(at) == pytest.approx(cursor.fetchone(), abs=1e-9)


@pytest.mark.parametrize("at", [(0, 0, 0), (22, (1 << 22) - 1, 0), (22, 0, (1 << 22) - 1)])
def test_a_tile_that_exists_is_returned(at):
    assert tile(*at) == at


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ((23, 0, 0), "zoom 23"),
        ((-1, 0, 0), "zoom -1"),
        ((10**30, 0, 0), f"zoom {10**30}"),
        ((0, 1, 0), "x 1: at zoom 0"),
        ((0, 0, 1), "y 1: at zoom 0"),
        ((5, 32, 0), "x 32: at zoom 5 it must lie between 0 and 31"),
        ((5, 0, -1), "y -1"),
    ],
)
def test_a_tile_that_does_not_exist_is_refused_by_name_and_value(at, words):
    with pytest.raises(InvalidRequest, match=words):
        tile(*at)


def test_spreading_puts_a_zero_between_each_two_bits():
    for value in (0, 1, 0b1011, (1 << 30) - 1, (1 << 32) - 1, 0x5A5A5A5A):
        assert spread(value) == int("0".join(format(value, "b")), 2)


def test_the_keys_of_a_tile_are_those_of_its_four_quarters_one_after_another():
    at = tile_of(*MONAS, 11)
    quarters = [Tile(12, 2 * at.x + dx, 2 * at.y + dy) for dy in (0, 1) for dx in (0, 1)]
    ranges = [key_range(quarter) for quarter in quarters]
    assert [first for first, _ in ranges][1:] == [last + 1 for _, last in ranges][:-1]
    assert (ranges[0][0], ranges[-1][1]) == key_range(at)


def test_the_keys_of_the_world_fit_a_bigint():
    assert key_range(Tile(0, 0, 0)) == (0, (1 << 60) - 1)


@pytest.mark.parametrize("z", range(MAX_ZOOM + 1))
def test_a_key_lies_in_the_range_of_exactly_the_tile_that_its_point_lies_in(z):
    for lon, lat in seeded_points()[:: 1 if z == MAX_ZOOM else 20]:
        at = tile_of(lon, lat, z)
        first, last = key_range(at)
        assert first <= key(lon, lat) <= last
        # Ranges of one zoom do not meet, so no other tile can hold it: the key's own prefix is the tile.
        assert key(lon, lat) >> 2 * (KEY_ZOOM - z) == spread(at.x) | spread(at.y) << 1


def test_a_point_of_the_city_lies_within_the_corners_of_its_tile():
    for lon, lat in seeded_points()[len(HARD) + 1500 : len(HARD) + 3000]:
        west, south, east, north = bbox(tile_of(lon, lat, 16))
        assert west <= lon <= east
        assert south <= lat <= north


def test_the_keys_are_those_of_the_database(db):
    points = seeded_points()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT layers_tile_key(ST_SetSRID(ST_MakePoint(point.lon, point.lat), 4326))"
            " FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS point (lon, lat, place)"
            " ORDER BY point.place",
            [[lon for lon, _ in points], [lat for _, lat in points]],
        )
        theirs = [row[0] for row in cursor.fetchall()]
    assert len(points) > 4000
    differing = [point for point, other in zip(points, theirs, strict=True) if key(*point) != other]
    assert differing == []


def test_no_point_has_no_key(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT layers_tile_key(NULL)")
        assert cursor.fetchone() == (None,)
