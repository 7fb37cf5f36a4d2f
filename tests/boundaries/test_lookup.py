"""Where a point is; distances are checked in EPSG:32748, which the look-up itself does not use."""

from datetime import UTC, date, datetime

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shapely import from_wkb

from boundaries import lookup, topology
from boundaries.models import Border, Boundary
from geoplatform.errors import Unavailable
from layers.record import LonLat

DAY = date(2026, 5, 14)
PANGGANG = "31.01.01.1001"  # an island: a hexagon whose whole border is coast
MONAS = LonLat(106.8272, -6.1754)


def metric(geometry):
    return topology.project([geometry], "EPSG:4326", topology.METRIC)[0]


def degrees(point):
    there = topology.project([point], topology.METRIC, "EPSG:4326")[0]
    return LonLat(there.x, there.y)


@pytest.fixture
def polygon(city):
    def read(code):
        return from_wkb(bytes(Boundary.objects.get(edition=city, code=code).geom.wkb))

    return read


@pytest.fixture
def at_sea(polygon):
    """Return the point so many metres off the middle of an island's first edge (negative: inland)."""

    def point(distance_m):
        ring = metric(polygon(PANGGANG)).geoms[0].exterior
        (x1, y1), (x2, y2) = ring.coords[:2]
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        side = -1 if ring.is_ccw else 1
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
        away = (-(y2 - y1) / length * side, (x2 - x1) / length * side)
        return degrees(shapely.Point(*(m + a * distance_m for m, a in zip(middle, away, strict=True))))

    return point


@pytest.fixture
def everyone(city):
    """Return a tree of all polygons of kelurahan, and the code of each."""
    found = list(Boundary.objects.filter(edition=city, level="kelurahan").order_by("code"))
    return shapely.STRtree([from_wkb(bytes(one.geom.wkb)) for one in found]), [one.code for one in found]


def test_monas_is_in_gambir(city):
    place = lookup.at(MONAS, DAY)
    assert place.kelurahan == lookup.Area("31.71.01.1001", "Gambir")
    assert place.kecamatan == lookup.Area("31.71.01", "Gambir")
    assert place.kota == lookup.Area("31.71", "Kota Administrasi Jakarta Pusat")
    assert place.placed_by == "inside"
    assert place.edition == lookup.EditionName(city.id, city.name, None, True)


def test_every_label_lies_in_its_own_kelurahan(city):
    wrong = []
    for boundary in Boundary.objects.filter(edition=city, level="kelurahan"):
        place = lookup.at(LonLat(*boundary.label.coords), DAY)
        if (place.kelurahan.code, place.kelurahan.name, place.kecamatan.code) != (
            boundary.code,
            boundary.name,
            boundary.parent_code,
        ):
            wrong.append(boundary.code)
    assert wrong == []


def test_offices_come_from_the_smallest_tier_to_the_largest(city):
    codes = [office.code for office in lookup.at(MONAS, DAY).offices]
    assert codes == ["kelurahan-31.71.01.1001", "kecamatan-31.71.01", "kota-31.71"]


def test_the_distance_to_the_border_is_that_of_the_plane_to_a_thousandth(polygon):
    place = lookup.at(MONAS, DAY)
    there = metric(shapely.Point(MONAS))
    assert place.border_m == pytest.approx(
        metric(polygon("31.71.01.1001")).boundary.distance(there), rel=1e-3
    )


def test_the_neighbour_lies_across_the_nearest_border(polygon):
    place = lookup.at(MONAS, DAY)
    there = metric(shapely.Point(MONAS))
    distance = metric(polygon(place.neighbour.code)).distance(there)
    assert distance == pytest.approx(place.border_m, rel=1e-3)


def test_a_point_on_a_shared_edge_goes_to_the_lower_code_always(shared_edge, everyone):
    tree, codes = everyone
    borders = Border.objects.filter(right_code__isnull=False).order_by("left_code", "right_code")
    for border in borders[::10]:
        point = shared_edge(border.left_code, border.right_code)
        meeting = sorted(codes[i] for i in tree.query(shapely.Point(point), predicate="intersects"))
        assert len(meeting) >= 2
        place = lookup.at(point, DAY)
        assert (place.kelurahan.code, place.placed_by, place.border_m) == (meeting[0], "inside", 0)
        assert place.neighbour.code in meeting[1:]


def test_no_point_falls_between_two_kelurahan(city):
    borders = Border.objects.filter(right_code__isnull=False).order_by("left_code", "right_code")
    for border in borders[::10]:
        (x1, y1), (x2, y2) = border.geom[0][0], border.geom[0][1]
        place = lookup.at(LonLat((x1 + x2) / 2, (y1 + y2) / 2), DAY)
        assert (place.placed_by, {place.kelurahan.code, place.neighbour.code}) == (
            "inside",
            {border.left_code, border.right_code},
        )


def test_a_point_on_a_corner_goes_to_the_lowest_code(corner):
    point, codes = corner
    places = [lookup.at(point, DAY) for _ in range(3)]
    assert {place.kelurahan.code for place in places} == {codes[0]}
    assert {place.neighbour.code for place in places} <= set(codes[1:])
    assert len({place.neighbour.code for place in places}) == 1
    assert {(place.placed_by, place.border_m) for place in places} == {("inside", 0)}


@pytest.mark.parametrize("distance_m", [1, 30, 49.9])
def test_a_point_off_the_coast_within_reach_takes_the_nearest(at_sea, distance_m):
    place = lookup.at(at_sea(distance_m), DAY)
    assert (place.kelurahan.code, place.placed_by) == (PANGGANG, "nearest")
    assert place.border_m == pytest.approx(distance_m, rel=1e-3)
    assert place.neighbour is None
    assert len(place.offices) == 3


@pytest.mark.parametrize("distance_m", [50.1, 51, 500])
def test_a_point_off_the_coast_out_of_reach_has_an_empty_place(at_sea, distance_m, city):
    assert lookup.at(at_sea(distance_m), DAY) == lookup.Place(
        None, None, None, None, None, None, lookup.EditionName(city.id, city.name, None, True), ()
    )


@pytest.mark.parametrize("distance_m", [1, 30])
def test_a_point_across_a_land_border_has_an_empty_place_however_near(everyone, distance_m):
    tree, _ = everyone
    southernmost = min(map(tuple, shapely.get_coordinates(tree.geometries)), key=lambda xy: xy[1])
    there = metric(shapely.Point(southernmost))
    place = lookup.at(degrees(shapely.Point(there.x, there.y - distance_m)), DAY)
    assert (place.kelurahan, place.placed_by, place.offices) == (None, None, ())
    # The tip itself is the province's.
    assert lookup.at(LonLat(*map(float, southernmost)), DAY).placed_by == "inside"


def test_the_reach_may_be_another(at_sea):
    assert lookup.at(at_sea(70), DAY, reach_m=100).placed_by == "nearest"
    assert lookup.at(at_sea(30), DAY, reach_m=10).placed_by is None


def test_a_point_just_inland_is_inside(at_sea):
    place = lookup.at(at_sea(-0.5), DAY)
    assert (place.kelurahan.code, place.placed_by) == (PANGGANG, "inside")
    assert place.border_m == pytest.approx(0.5, rel=1e-2)
    assert place.neighbour is None


@pytest.mark.parametrize(
    "point",
    [
        LonLat(0, 0),
        LonLat(-6.1754, 89.0),
        LonLat(107.6, -6.9),
        LonLat(106.83, -5.9),
        LonLat(180, 90),
        LonLat(-180, -90),
        LonLat(106.8, -6.6),
    ],
    ids=["null island", "swapped", "Bandung", "Java Sea", "north pole", "south pole", "Bogor"],
)
def test_a_point_outside_the_province_has_an_empty_place(city, point):
    place = lookup.at(point, DAY)
    assert (place.kelurahan, place.kecamatan, place.kota, place.placed_by) == (None, None, None, None)
    assert (place.border_m, place.neighbour, place.offices) == (None, None, ())
    assert place.edition.id == city.id


def test_without_any_edition_in_force_it_says_what_to_do(db, city):
    type(city).objects.update(validity=None)
    with pytest.raises(Unavailable, match="load_boundaries loads one"):
        lookup.at(MONAS, DAY)


def test_a_look_up_is_two_queries(city):
    with CaptureQueriesContext(connection) as queries:
        lookup.at(MONAS, DAY)
    assert len(queries) == 2


def test_the_day_of_an_instant_is_that_of_the_city():
    instants = [datetime(2026, 5, 13, 16, 59, 59, tzinfo=UTC), datetime(2026, 5, 13, 17, 0, tzinfo=UTC)]
    assert [lookup.city_day(at) for at in instants] == [date(2026, 5, 13), date(2026, 5, 14)]


def test_tiers_are_a_kelurahan_and_what_is_above_it(city):
    tiers = lookup.tiers(city.id, "31.71.01.1001")
    assert {level: area.code for level, area in tiers.items()} == {
        "kelurahan": "31.71.01.1001",
        "kecamatan": "31.71.01",
        "kota": "31.71",
    }


def test_names_leave_out_codes_that_the_edition_does_not_know(city):
    assert set(lookup.names(city.id, ["31.71", "99.99"])) == {"31.71"}
