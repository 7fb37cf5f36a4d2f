from datetime import date, timedelta

import pytest
import shapely
from shapely import from_wkb

from boundaries import editions, officials, source, topology
from boundaries.models import Boundary, Edition
from layers.record import LonLat

MONAS = {"lon": "106.8272", "lat": "-6.1754"}
PANGGANG = "31.01.01.1001"  # an island: its whole border is coast
HEADER = "level,boundary_code,title,official,from,to,acting"
NOBODY = {
    "kelurahan": None,
    "kecamatan": None,
    "kota": None,
    "placed_by": None,
    "border_m": None,
    "neighbour": None,
}


@pytest.fixture
def locate(client):
    def ask(point=None, **params):
        where = {"lon": repr(point.lon), "lat": repr(point.lat)} if point else MONAS
        return client.get("/api/locate", where | params)

    return ask


@pytest.fixture
def officials_of_gambir(city, tmp_path):
    """Make these rows the terms of the lurah of Gambir."""

    def load(*rows):
        path = tmp_path / "officials.csv"
        lines = [HEADER, *(f"kelurahan,31.71.01.1001,Lurah Gambir,{row}" for row in rows)]
        path.write_text("\n".join(lines), encoding="utf-8")
        officials.load(path)

    return load


def off_the_coast(code, distance_m):
    """Return the point so many metres off the middle of a boundary's first edge."""
    polygon = from_wkb(bytes(Boundary.objects.get(code=code).geom.wkb))
    (metric,) = topology.project([polygon], "EPSG:4326", topology.METRIC)
    ring = metric.geoms[0].exterior
    edge = shapely.LineString(ring.coords[:2])
    aside = edge.offset_curve(-distance_m if ring.is_ccw else distance_m)
    (there,) = topology.project([aside.interpolate(0.5, normalized=True)], topology.METRIC, "EPSG:4326")
    return LonLat(there.x, there.y)


def test_the_answer_has_exactly_the_shape_that_was_agreed(city, locate):
    response = locate(on="2026-05-14")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    answer = response.json()
    neighbour, border_m = answer.pop("neighbour"), answer.pop("border_m")
    assert set(neighbour) == {"code", "name"}
    assert border_m == round(border_m, 1) > 0
    assert answer == {
        "kelurahan": {"code": "31.71.01.1001", "name": "Gambir"},
        "kecamatan": {"code": "31.71.01", "name": "Gambir"},
        "kota": {"code": "31.71", "name": "Kota Administrasi Jakarta Pusat"},
        "placed_by": "inside",
        "edition": {"id": city.id, "name": city.name, "valid_from": None, "schematic": True},
        "offices": [
            {
                "code": f"{level}-{code}",
                "title": title,
                "official": {"name": f"Contoh {title}", "acting": False, "from": "2015-01-02", "to": None},
            }
            for level, code, title in (
                ("kelurahan", "31.71.01.1001", "Lurah Gambir"),
                ("kecamatan", "31.71.01", "Camat Gambir"),
                ("kota", "31.71", "Wali Kota Jakarta Pusat"),
            )
        ],
    }


def test_a_point_on_a_shared_edge_goes_to_the_lower_code_every_time(shared_edge, locate):
    point = shared_edge("31.71.01.1001", "31.71.01.1004")
    answers = [locate(point).json() for _ in range(3)]
    assert [answer["kelurahan"]["code"] for answer in answers] == ["31.71.01.1001"] * 3
    assert answers[0]["neighbour"]["code"] == "31.71.01.1004"
    assert (answers[0]["placed_by"], answers[0]["border_m"]) == ("inside", 0)


def test_a_point_on_a_corner_goes_to_the_lowest_code_every_time(corner, locate):
    point, codes = corner
    answers = [locate(point).json() for _ in range(3)]
    assert [answer["kelurahan"]["code"] for answer in answers] == [codes[0]] * 3
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    "point",
    [LonLat(0.0, 0.0), LonLat(107.6, -6.9), LonLat(106.83, -5.9), LonLat(180.0, 90.0), LonLat(-180.0, -90.0)],
    ids=["null island", "Bandung", "Java Sea", "north pole", "south pole"],
)
def test_a_point_outside_the_province_is_200_and_an_empty_place(city, locate, point):
    response = locate(point)
    assert response.status_code == 200
    edition = {"id": city.id, "name": city.name, "valid_from": None, "schematic": True}
    assert response.json() == NOBODY | {"edition": edition, "offices": []}


@pytest.mark.parametrize("distance_m", [30, 49.9])
def test_a_point_up_to_50_m_off_the_coast_takes_the_nearest_kelurahan(city, locate, distance_m):
    answer = locate(off_the_coast(PANGGANG, distance_m)).json()
    assert (answer["kelurahan"]["code"], answer["placed_by"]) == (PANGGANG, "nearest")
    assert answer["border_m"] == pytest.approx(distance_m, abs=0.1)
    assert answer["neighbour"] is None
    assert [office["code"] for office in answer["offices"]] == [
        f"kelurahan-{PANGGANG}",
        "kecamatan-31.01.01",
        "kota-31.01",
    ]


@pytest.mark.parametrize("distance_m", [50.1, 51, 2000])
def test_a_point_farther_off_the_coast_has_an_empty_place(city, locate, distance_m):
    answer = locate(off_the_coast(PANGGANG, distance_m)).json()
    assert {key: answer[key] for key in NOBODY} == NOBODY
    assert answer["offices"] == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("lon=-6.1754&lat=106.8272", ["lat", "'106.8272'", "-90 to 90"]),
        ("lat=-6.1754", ["'lon'", "missing"]),
        ("lon=106.8272", ["'lat'", "missing"]),
        ("", ["'lon'", "missing"]),
        ("lon=&lat=-6.1754", ["lon", "''"]),
        ("lon=nan&lat=-6.1754", ["lon", "'nan'"]),
        ("lon=NaN&lat=-6.1754", ["lon", "'NaN'"]),
        ("lon=106.8&lat=inf", ["lat", "'inf'"]),
        ("lon=106.8&lat=-Infinity", ["lat", "'-Infinity'"]),
        ("lon=1e999&lat=-6.1754", ["lon", "'1e999'"]),
        ("lon=180.0001&lat=0", ["lon", "'180.0001'", "-180 to 180"]),
        ("lon=0&lat=-90.0001", ["lat", "'-90.0001'"]),
        ("lon=Gambir&lat=-6.1754", ["lon", "'Gambir'"]),
        ("lon=106,8&lat=-6.1754", ["lon", "'106,8'"]),
        ("lon=1_06.8&lat=-6.1754", ["lon", "'1_06.8'"]),
        ("lon=%D9%A1%D9%A0%D9%A6&lat=-6.1754", ["lon", "'\u0661\u0660\u0666'"]),
        ("lon=0x6A&lat=-6.1754", ["lon", "'0x6A'"]),
        ("lon=106.8%00&lat=-6.1754", ["lon", "106.8"]),
        ("lon=106.8&lon=106.9&lat=-6.1754", ["'lon'", "2 times"]),
        ("lon=106.8&lat=-6.1&lat=-6.2&lat=-6.3", ["'lat'", "3 times"]),
        ("lon=106.8&lat=-6.1754&on=2026-05-14&on=2026-05-15", ["'on'", "2 times"]),
        ("longitude=106.8&lat=-6.1754", ["'longitude'", "lat, lon, on"]),
        ("lon=106.8&lat=-6.1754&ON=2026-05-14", ["'ON'"]),
        ("lon=106.8&lat=-6.1754&on=", ["on", "''"]),
        ("lon=106.8&lat=-6.1754&on=yesterday", ["on", "'yesterday'"]),
        ("lon=106.8&lat=-6.1754&on=14-05-2026", ["on", "'14-05-2026'"]),
        ("lon=106.8&lat=-6.1754&on=2026-02-30", ["on", "'2026-02-30'"]),
        ("lon=106.8&lat=-6.1754&on=2026-5-14", ["on", "'2026-5-14'"]),
        ("lon=106.8&lat=-6.1754&on=20260514", ["on", "'20260514'"]),
        ("lon=106.8&lat=-6.1754&on=2026-W20-4", ["on", "'2026-W20-4'"]),
        ("lon=106.8&lat=-6.1754&on=0000-01-01", ["on", "'0000-01-01'"]),
        ("lon=106.8&lat=-6.1754&on=2026-05-14T00:00", ["on", "'2026-05-14T00:00'"]),
    ],
)
def test_a_parameter_that_cannot_be_used_is_400_by_name_and_value(city, client, query, words):
    response = client.get(f"/api/locate?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    problem = response.json()
    assert (problem["status"], problem["title"]) == (400, "Bad request")
    assert [word for word in words if word not in problem["detail"]] == []


@pytest.mark.parametrize("lon", ["106.8272", "+106.8272", "1.068272e2", "106.82720000000000000001"])
def test_a_number_may_be_written_in_the_usual_ways(city, client, lon):
    answer = client.get("/api/locate", {"lon": lon, "lat": "-6.1754"}).json()
    assert answer["kelurahan"]["code"] == "31.71.01.1001"


def test_too_many_parameters_are_400(city, client):
    response = client.get("/api/locate?" + "&".join(f"p{n}=1" for n in range(2000)))
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("on", "official"),
    [
        ("2019-12-31", None),
        ("2020-01-01", {"name": "Contoh A", "acting": False, "from": "2020-01-01", "to": "2022-12-31"}),
        ("2022-12-31", {"name": "Contoh A", "acting": False, "from": "2020-01-01", "to": "2022-12-31"}),
        ("2023-01-01", {"name": "Contoh B", "acting": True, "from": "2023-01-01", "to": "2023-01-31"}),
        ("2023-01-31", {"name": "Contoh B", "acting": True, "from": "2023-01-01", "to": "2023-01-31"}),
        ("2023-02-01", None),
        ("2024-06-01", {"name": "Contoh C", "acting": False, "from": "2024-06-01", "to": None}),
        ("9999-12-31", {"name": "Contoh C", "acting": False, "from": "2024-06-01", "to": None}),
        ("0001-01-01", None),
    ],
)
def test_the_day_says_who_held_the_office_from_the_first_day_to_the_last(
    officials_of_gambir, locate, on, official
):
    officials_of_gambir(
        "Contoh A,2020-01-01,2022-12-31,false",
        "Contoh B,2023-01-01,2023-01-31,true",
        "Contoh C,2024-06-01,,false",
    )
    lurah = locate(on=on).json()["offices"][0]
    assert lurah == {"code": "kelurahan-31.71.01.1001", "title": "Lurah Gambir", "official": official}


def test_a_vacant_office_is_there_without_an_official(officials_of_gambir, locate):
    officials_of_gambir(",,,")
    offices = locate().json()["offices"]
    assert [office["official"] is None for office in offices] == [True, False, False]


def test_without_a_day_it_is_today_in_the_city(officials_of_gambir, locate, monkeypatch):
    officials_of_gambir("Contoh A,2020-01-01,2026-05-13,false", "Contoh B,2026-05-14,,false")
    monkeypatch.setattr("api.params.today", lambda: date(2026, 5, 13))
    assert locate().json()["offices"][0]["official"]["name"] == "Contoh A"
    monkeypatch.setattr("api.params.today", lambda: date(2026, 5, 14))
    assert locate().json()["offices"][0]["official"]["name"] == "Contoh B"


def test_the_day_picks_the_edition(city, locate, schematic_coverage):
    second = editions.store(source.find("schematic"), schematic_coverage, sha256="")
    Edition.objects.filter(pk=second.id).update(name="Second", schematic=False)
    since = date(2026, 5, 14)
    editions.put_in_force(second.id, since)
    first = {"id": city.id, "name": city.name, "valid_from": None, "schematic": True}
    assert locate(on=str(since - timedelta(days=1))).json()["edition"] == first
    assert locate(on=str(since)).json()["edition"] == {
        "id": second.id,
        "name": "Second",
        "valid_from": "2026-05-14",
        "schematic": False,
    }


def test_a_day_before_every_edition_is_404_and_says_which_day(city, locate):
    editions.put_in_force(city.id, None)
    Edition.objects.update(validity=(date(2020, 1, 1), None))
    response = locate(on="2019-12-31")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert "2019-12-31" in response.json()["detail"]
    assert locate(on="2020-01-01").status_code == 200


def test_it_takes_two_queries(city, client, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get("/api/locate", MONAS)
