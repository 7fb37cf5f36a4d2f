"""The cell cover against PostGIS: squares round Monas, polygons that hypothesis draws, the real kelurahan."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from boundaries import cover, read, source
from boundaries.kernels import NOBODY, NOWHERE

SHARED = Path(__file__).parents[2] / "../shared/data/boundaries"
real = pytest.mark.skipif(not SHARED.is_dir(), reason="the real boundaries are not on this machine")
drawn = settings(max_examples=150)

WEST, SOUTH, SIZE = 106.82, -6.18, 0.01


def square(column, row, width=1, height=1):
    west, south = WEST + SIZE * column, SOUTH + SIZE * row
    return shapely.box(west, south, west + SIZE * width, south + SIZE * height)


def covered(polygons, cells=cover.CELLS):
    """The cover of polygons under the codes a, b, c..."""
    return cover.build(np.array(polygons, dtype=object), [chr(97 + n) for n in range(len(polygons))], cells)


def codes(found, points):
    lon, lat = np.array(points, dtype=float).reshape(-1, 2).T
    return [found.codes[place] if place >= 0 else None for place in found.positions(lon, lat)]


def truth(polygons, points):
    """What ST_Covers and the lowest number say: the place of each point's polygon, or NOBODY."""
    lon, lat = np.asarray(points, dtype=float).reshape(-1, 2).T
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH polygon AS MATERIALIZED (
                SELECT number, ST_GeomFromWKB(wkb, 4326) AS geom
                FROM unnest(%s::bytea[]) WITH ORDINALITY AS given (wkb, number)
            )
            SELECT coalesce((
                SELECT min(polygon.number) - 1 FROM polygon
                WHERE ST_Covers(polygon.geom, ST_SetSRID(ST_MakePoint(point.lon, point.lat), 4326))
            ), -1)
            FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS point (lon, lat, number)
            ORDER BY point.number
            """,
            [[polygon.wkb for polygon in polygons], lon.tolist(), lat.tolist()],
        )
        return np.array([place for (place,) in cursor.fetchall()], dtype=int)


def on_edges(polygons, dice, count, ulps=0):
    """Points on edges, as nearly as floats can say it, or so many roundings beside them."""
    ends = []
    for part in shapely.get_parts(polygons):
        for ring in shapely.get_rings(part):
            vertices = shapely.get_coordinates(ring)
            ends.append(np.hstack([vertices[:-1], vertices[1:]]))
    ends = np.vstack(ends)
    ends = ends[dice.integers(0, len(ends), count)]
    points = ends[:, :2] + dice.random((count, 1)) * (ends[:, 2:] - ends[:, :2])
    return points + dice.integers(-ulps, ulps + 1, points.shape) * np.spacing(points)


def test_a_point_on_a_shared_edge_has_the_lower_code():
    found = covered([square(0, 0), square(1, 0)])
    edge = WEST + SIZE
    assert codes(found, [(edge, SOUTH + SIZE / 2), (edge, SOUTH), (edge, SOUTH + SIZE)]) == ["a", "a", "a"]
    assert codes(found, [(np.nextafter(edge, 200), SOUTH + SIZE / 2)]) == ["b"]


def test_a_point_where_several_meet_has_the_lowest_code_of_them():
    found = covered([square(1, 1), square(0, 1), square(1, 0), square(0, 0)])
    corner = shapely.get_coordinates(square(0, 0)).max(axis=0)
    assert codes(found, [corner]) == ["a"]
    three = covered([square(0, 1, width=2), square(0, 0), square(1, 0)])
    assert codes(three, [corner]) == ["a"]


def test_the_order_in_which_polygons_are_given_changes_nothing():
    polygons = np.array([square(0, 0), square(1, 0)])
    edge = [(WEST + SIZE, SOUTH)]
    assert codes(cover.build(polygons, ["a", "b"]), edge) == codes(cover.build(polygons, ["b", "a"]), edge)
    assert codes(cover.build(polygons, ["b", "a"]), [(WEST + SIZE / 2, SOUTH + SIZE / 2)]) == ["b"]


def test_a_hole_is_outside_its_edge_is_not_and_an_island_in_it_is_its_own():
    ring = square(0, 0, 5, 5) - square(1, 1, 3, 3)
    island = square(2, 2)
    found = covered([ring, island])

    def middle(column, row):
        return WEST + SIZE * (column + 0.5), SOUTH + SIZE * (row + 0.5)

    assert codes(found, [middle(0, 0), middle(1, 1), middle(2, 2)]) == ["a", None, "b"]
    assert codes(found, [shapely.get_coordinates(square(1, 1))[0]]) == ["a"]


def test_all_parts_of_a_polygon_are_it():
    islands = shapely.union_all([square(0, 0), square(3, 3), square(0, 8)])
    found = covered([islands])
    assert codes(found, [shapely.get_coordinates(part.centroid)[0] for part in islands.geoms]) == ["a"] * 3
    assert codes(found, [(WEST + 2 * SIZE, SOUTH + 2 * SIZE)]) == [None]


def test_of_polygons_that_overlap_the_lowest_code_counts():
    found = covered([square(1, 0, 2), square(0, 0, 4), square(2, 0, 3)])
    middles = [(WEST + SIZE * (column + 0.5), SOUTH + SIZE / 2) for column in range(6)]
    assert codes(found, middles) == ["b", "a", "a", "b", "c", None]


@pytest.mark.parametrize(
    "point", [(0, 0), (-6.18, 106.82), (180, 90), (WEST - 1e-9, SOUTH), (5e-324, -5e-324)]
)
def test_a_point_far_from_all_is_nobodys(point):
    assert covered([square(0, 0)]).positions([point[0]], [0 if abs(point[1]) > 90 else point[1]]) == [NOBODY]


@pytest.mark.parametrize(
    "point", [(np.nan, 0), (0, np.nan), (np.inf, 0), (106.8, -np.inf), (-6.18, 106.82), (180.001, 0)]
)
def test_what_is_no_position_in_degrees_is_nowhere(point):
    assert covered([square(0, 0)]).positions([point[0]], [point[1]]) == [NOWHERE]


def test_round_zero_the_smallest_numbers_fall_on_the_right_side(db):
    polygons = [shapely.box(-1, -1, 0, 1), shapely.box(0, -1, 1, 1)]
    points = [(5e-324, 0.5), (-5e-324, 0.5), (0, 0), (5e-324, 5e-324), (-1, 5e-324), (1e-200, -1e-200)]
    assert covered(polygons).positions(*np.array(points).T).tolist() == truth(polygons, points).tolist()


@pytest.mark.parametrize("cells", [16, 400])
def test_where_more_polygons_meet_than_a_cell_can_hold_the_answer_is_right(db, cells):
    angles = np.linspace(0, 2 * np.pi, 25)
    rim = np.c_[np.cos(angles), np.sin(angles)] / 100 + (106.8, -6.2)
    rim[-1] = rim[0]
    fan = [shapely.Polygon([(106.8, -6.2), rim[n], rim[n + 1]]) for n in range(24)]
    dice = np.random.default_rng(5)
    points = np.vstack([dice.normal((106.8, -6.2), 0.004, (4000, 2)), rim, on_edges(fan, dice, 500)])
    found = covered(fan, cells)
    assert (found.border.cells["inside"] < 0).any()
    assert np.array_equal(found.positions(*points.T), truth(fan, points))


def test_polygons_smaller_than_a_million_roundings_are_found(db):
    step = np.spacing(106.8)
    # Edges shorter than 1e-12 degrees are none to PostGIS 3.3.
    tiny = [shapely.box(106.8, -6.2, 106.8 + 640 * step, -6.2 + 640 * step)]
    points = [(106.8 + n * step, -6.2 + m * step) for n in range(-2, 645, 14) for m in range(-2, 645, 14)]
    assert np.array_equal(covered(tiny).positions(*np.array(points).T), truth(tiny, points))


def test_threads_and_kinds_of_numbers_change_nothing(monkeypatch):
    monkeypatch.setattr(cover, "CHUNK", 1000)
    found = covered([square(0, 0), square(1, 0), square(0, 1), square(1, 1)])
    lon, lat = np.random.default_rng(1).uniform((WEST, SOUTH), (WEST + 0.03, SOUTH + 0.03), (9_999, 2)).T
    one = found.positions(lon, lat)
    assert np.array_equal(found.positions(lon, lat, threads=2), one)
    assert np.array_equal(found.positions(lon.tolist(), lat.tolist()), one)
    coarse = lon.astype(np.float32), lat.astype(np.float32)
    assert np.array_equal(found.positions(*coarse), found.positions(*(axis.astype(float) for axis in coarse)))
    assert found.positions([], []).tolist() == []


def test_no_polygons_have_no_cover():
    with pytest.raises(ValueError, match="0 polygons"):
        cover.build(np.array([], dtype=object), [])


@st.composite
def coverages(draw):
    """Draw quadrangles with common corners, some united, some left out, near Jakarta or near zero."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    shift = st.integers(-30, 30)
    at = draw(st.sampled_from([(106.82, -6.18), (0.0, 0.0), (-0.02, 0.01)]))
    scale = draw(st.sampled_from([1e-2, 1.0 / 3, 1e-7]))
    corner = {
        (column, row): (
            at[0] + scale * (column + draw(shift) / 100),
            at[1] + scale * (row + draw(shift) / 100),
        )
        for column in range(columns + 1)
        for row in range(rows + 1)
    }
    groups = {}
    for column in range(columns):
        for row in range(rows):
            around = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))
            group = draw(st.integers(0, columns * rows))
            groups.setdefault(group, []).append(shapely.Polygon([corner[place] for place in around]))
    groups.pop(0, None)
    return [shapely.coverage_union_all(group) for _, group in sorted(groups.items())] or [
        shapely.box(0, 0, 1, 1)
    ]


@drawn
@given(coverages(), st.sampled_from([16, 100, 5000]), st.integers(0, 2**32 - 1))
@example([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], 16, 0)
def test_any_coverage_is_read_as_postgis_reads_it(db, polygons, cells, seed):
    dice = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(polygons)
    points = np.vstack(
        [
            shapely.get_coordinates(polygons),
            on_edges(polygons, dice, 60),
            on_edges(polygons, dice, 60, ulps=3),
            dice.uniform((west - 0.001, south), (east, north + 0.001), (60, 2)),
            # Level with a vertex, above and below it: where crossings are counted twice, or not at all.
            np.c_[dice.uniform(west, east, 30), dice.choice(shapely.get_coordinates(polygons)[:, 1], 30)],
            np.c_[dice.choice(shapely.get_coordinates(polygons)[:, 0], 30), dice.uniform(south, north, 30)],
        ]
    )
    assert np.array_equal(covered(polygons, cells).positions(*points.T), truth(polygons, points))


@real
def test_the_real_kelurahan_are_read_as_postgis_reads_them_on_every_vertex_and_beside_every_edge(db):
    path = SHARED / "jakarta_kelurahan_267_clean.geojson"
    rows = read.polygons(source.find(str(path)), [path])
    polygons = rows.geometry.to_numpy()
    dice = np.random.default_rng(267)
    points = np.vstack(
        [
            shapely.get_coordinates(polygons),
            on_edges(polygons, dice, 20_000),
            on_edges(polygons, dice, 20_000, ulps=3),
            dice.uniform((106.6, -6.4), (107, -6), (20_000, 2)),
        ]
    )
    found = cover.build(polygons, rows["code"].tolist())
    assert np.array_equal(found.positions(*points.T), truth(polygons, points))
