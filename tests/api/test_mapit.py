"""MapIt's shape: what a FixMyStreet asks, and that its client understands the answers."""

import json
from datetime import date
from urllib.parse import quote

import pytest
from defusedxml.ElementTree import fromstring
from shapely import from_wkt
from shapely.geometry import shape

from api.mapit import ids
from boundaries import editions, source
from boundaries.models import Boundary, Edition

MONAS = "106.8272,-6.1754"
GAMBIR = {"KEL": 634202001, "KEC": 317101, "KOT": 3171}
MEMBERS = {
    "id", "name", "type", "type_name", "country", "country_name", "parent_area", "generation_low",
    "generation_high", "codes", "all_names",
}  # fmt: skip
INJECTIONS = [
    "' OR 1=1 --", "1;DROP TABLE boundaries_boundary", "\"; SELECT pg_sleep(9) --", "%27%20OR%201", "${7*7}",
    "{{7*7}}", "<script>alert(1)</script>", "../../etc/passwd", "1 UNION SELECT 1", "\u0000", "%s",
    "%(codes)s", "9" * 400, "-1", "NaN", "1e999",
]  # fmt: skip


@pytest.fixture
def ask(client):
    def get(path, **params):
        answer = client.get(f"/mapit/{path}", params)
        assert answer.status_code == 200, answer.content
        assert answer["Access-Control-Allow-Origin"] == "*"
        return answer.json() if "json" in answer["Content-Type"] else answer.content.decode()

    return get


@pytest.fixture
def later_edition(city, schematic_coverage) -> Edition:
    """The same boundaries once more, in force from 2026-01-01 on; the first holds for all days before."""
    later = editions.store(source.find("schematic"), schematic_coverage, sha256="")
    editions.put_in_force(later.id, date(2026, 1, 1))
    return later


@pytest.mark.parametrize("code", ["31.71", "31.71.01", "31.71.01.1001", "97.79.99.2999", "11.01.01.1001"])
def test_a_number_leads_back_to_its_code_and_fits_into_31_bits(code):
    assert ids.code(ids.number(code)) == code
    assert 0 < ids.number(code) < 2**31


def test_every_boundary_has_a_number_of_its_own(city):
    codes = list(Boundary.objects.filter(edition=city).values_list("code", flat=True))
    assert len(codes) == 317
    assert len({ids.number(code) for code in codes}) == 317


def test_a_point_lies_in_a_kelurahan_a_kecamatan_and_a_kota(city, ask):
    found = ask(f"point/4326/{MONAS}")
    assert {area["type"]: area["id"] for area in found.values()} == GAMBIR
    assert {number: area["id"] for number, area in found.items()} == {str(id): id for id in GAMBIR.values()}
    gambir = found["634202001"]
    assert set(gambir) == MEMBERS
    assert gambir == {
        "id": 634202001,
        "name": "Gambir",
        "type": "KEL",
        "type_name": "Kelurahan",
        "country": "ID",
        "country_name": "Indonesia",
        "parent_area": 317101,
        "generation_low": city.pk,
        "generation_high": city.pk,
        "codes": {"kemendagri": "31.71.01.1001"},
        "all_names": {},
    }
    assert found["3171"]["parent_area"] is None


def test_types_are_parted_by_commas_and_parameters_by_semicolons_as_mysocietys_client_does(city, client):
    answer = client.get(f"/mapit/point/4326/{MONAS}?type=KEL,KOT;generation={city.pk}")
    assert sorted(area["type"] for area in answer.json().values()) == ["KEL", "KOT"]


def test_a_question_that_is_long_may_be_posted(city, client):
    form = "application/x-www-form-urlencoded"
    answer = client.post(f"/mapit/point/4326/{MONAS}", "type=KEC", content_type=form)
    assert list(answer.json()) == ["317101"]
    answer = client.post("/mapit/areas", "URL=3171,317101", content_type=form)
    assert list(answer.json()) == ["3171", "317101"]


@pytest.mark.parametrize("length", ["many", "-1", "99999999"])
def test_a_post_whose_length_is_none_or_too_much_is_refused(city, client, length):
    form = "application/x-www-form-urlencoded"
    answer = client.generic("POST", "/mapit/areas", b"URL=3171", content_type=form, CONTENT_LENGTH=length)
    assert answer.status_code in (400, 413)
    assert answer.json()["code"] == answer.status_code


def test_a_point_outside_lies_in_nothing(city, ask):
    assert ask("point/4326/106.8272,-6.9") == {}


def test_a_point_off_the_coast_lies_where_a_report_from_there_would(city, ask, client):
    quay = "106.88,-6.0949"
    located = client.get("/api/locate", {"lon": "106.88", "lat": "-6.0949"}).json()
    codes = {located[tier]["code"] for tier in ("kelurahan", "kecamatan", "kota") if located[tier]}
    assert {area["codes"]["kemendagri"] for area in ask(f"point/4326/{quay}").values()} == codes


def test_a_corner_lies_in_the_lowest_code(corner, ask, city, later_edition):
    point, codes = corner
    for generation in ("", str(city.pk)):
        params = {"generation": generation, "type": "KEL"}
        (found,) = ask(f"point/4326/{point.lon!r},{point.lat!r}", **params).values()
        assert found["codes"] == {"kemendagri": codes[0]}


def test_a_point_may_be_asked_for_by_boxes_alone(corner, ask):
    point, codes = corner
    boxes = ask(f"point/4326/{point.lon!r},{point.lat!r}/box", type="KEL")
    assert {str(ids.number(code)) for code in codes} <= set(boxes)


def test_latitude_first_leads_to_longitude_first(city, client):
    answer = client.get("/mapit/point/latlon/-6.1754,106.8272?type=KEL")
    assert (answer.status_code, answer["Location"]) == (302, f"/mapit/point/4326/{MONAS}?type=KEL")


def test_an_area_has_a_polygon_in_three_forms(city, ask):
    stored = from_wkt(Boundary.objects.get(edition=city, code="31.71.01.1001").geom.wkt)
    exact = shape(ask("area/634202001.geojson"))
    assert exact.hausdorff_distance(stored) < 1e-6
    assert shape(ask("area/4326/634202001.json")).equals(exact)
    assert from_wkt(ask("area/634202001.wkt")).equals_exact(exact, 1e-6)
    kml = fromstring(ask("area/634202001.kml"))
    name = kml.find(".//{http://www.opengis.net/kml/2.2}Placemark/{http://www.opengis.net/kml/2.2}name")
    assert name.text == "Gambir"


def test_simplifying_takes_vertices_away_and_leaves_a_polygon(city, ask):
    exact, rough = (shape(ask("area/3171.geojson", simplify_tolerance=t)) for t in ("0", "0.01"))
    assert rough.is_valid
    assert not rough.is_empty
    assert len(rough.wkt) < len(exact.wkt) / 2


def test_an_area_is_measured_in_degrees_and_metres(city, ask):
    figures = ask("area/634202001/geometry")
    assert figures["min_lon"] < 106.8272 < figures["max_lon"]
    assert figures["min_lat"] < figures["centre_lat"] < figures["max_lat"]
    assert figures["srid_en"] == 32748
    km2 = Boundary.objects.get(edition=city, code="31.71.01.1001").area_km2
    assert figures["area"] == pytest.approx(km2 * 1e6, rel=0.01)
    assert ask("areas/634202001,3171/geometry")["634202001"] == figures


def test_children_are_one_tier_below(city, ask):
    kecamatan = ask("area/3171/children")
    assert {area["type"] for area in kecamatan.values()} == {"KEC"}
    assert {area["parent_area"] for area in kecamatan.values()} == {3171}
    assert len(kecamatan) == 8
    assert ask("area/3171/children", type="KEL") == {}


def test_all_areas_of_a_type_are_answered(city, ask):
    counts = {kind: len(ask(f"areas/{kind}")) for kind in ("KOT", "KEC", "KEL", "KOT,KEC")}
    assert counts == {"KOT": 6, "KEC": 44, "KEL": 267, "KOT,KEC": 50}


def test_areas_are_found_by_numbers_and_by_how_their_names_begin(city, ask):
    assert list(ask("areas/3171,634202001")) == ["3171", "634202001"]
    assert {area["name"] for area in ask("areas/gambi", type="KEL,KEC").values()} == {"Gambir"}
    assert ask("areas/%25") == ask("areas/_") == {}


def test_what_covers_and_what_is_covered_are_each_others_opposite(city, ask):
    covered = ask("area/3171/covers", type="KEL")
    assert len(covered) == 44
    assert ask("area/3171/coverlaps", type="KEL") == covered
    assert ask("area/3171/overlaps") == {}
    assert sorted(ask("area/634202001/covered")) == ["3171", "317101"]


def test_neighbours_touch_and_are_neither_parent_nor_child(city, ask):
    near = ask("area/634202001/touches", type="KEL")
    assert {"Gambir"}.isdisjoint(area["name"] for area in near.values())
    assert 3 <= len(near) <= 12
    for number in near:
        assert "634202001" in ask(f"area/{number}/touches", type="KEL")


def test_generations_are_editions(city, ask):
    (only,) = ask("generations").values()
    assert (only["id"], only["active"], only["description"]) == (city.pk, True, "Batas skematis")


def test_an_area_keeps_its_number_from_one_generation_to_the_next(city, ask, later_edition):
    now = ask("area/3171")
    assert (now["generation_low"], now["generation_high"]) == (city.pk, later_edition.pk)
    assert ask(f"areas/KOT?min_generation={city.pk}").keys() == ask("areas/KOT").keys()
    Boundary.objects.filter(edition=later_edition, code="31.01").delete()
    assert "3101" not in ask("areas/KOT")
    assert ask("areas/KOT", min_generation="-1")["3101"]["generation_high"] == city.pk
    assert ask("area/3101")["name"] == Boundary.objects.get(edition=city, code="31.01").name


def test_a_generation_that_was_loaded_and_never_put_in_force_is_not_active(city, ask, schematic_coverage):
    loaded = editions.store(source.find("schematic"), schematic_coverage, sha256="")
    assert ask("generations")[str(loaded.pk)]["active"] is False
    assert ask("area/3171")["generation_high"] == city.pk
    assert len(ask("areas/KOT", generation=str(loaded.pk))) == 6


def test_a_code_leads_to_its_area(city, client):
    answer = client.get("/mapit/code/kemendagri/31.71.01.1001")
    assert (answer.status_code, answer["Location"]) == (302, "/mapit/area/634202001")
    assert client.get(answer["Location"]).json()["name"] == "Gambir"
    assert client.get("/mapit/code/gss/E05000026").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("area/1", 404, "no area '1'"),
        ("area/3199", 404, "no area '3199'"),
        ("area/3199.geojson", 404, "no area '3199'"),
        ("area/3199/children", 404, "no area '3199'"),
        ("areas/CTY", 404, "no type 'CTY': there are KOT, KEC, KEL"),
        ("point/4326/x,-6", 400, "longitude 'x' is no number that can be used"),
        ("point/4326/106,-96", 400, "latitude '-96': it reaches from -90 to 90"),
        ("point/27700/1,2", 404, "there is nothing at /mapit/point/27700/1,2"),
        ("areas/Gambir.geojson", 400, "areas 'Gambir': expected numbers, parted by commas"),
        ("areas/KOT?min_generation=-2", 400, "min_generation '-2' is no number of a generation"),
        ("areas/KOT?generation=x", 400, "generation 'x' is no number of a generation"),
        ("areas/KOT?generation=99999", 404, "no generation 99999: generations lists them"),
        ("areas/KOT?tpye=KEL", 400, "unknown parameter 'tpye': known are generation, min_generation, type"),
        ("area/3171/children?type=XXX", 400, "type 'XXX' is none of KOT, KEC, KEL"),
        ("area/3171.geojson?simplify_tolerance=2", 400, "simplify_tolerance '2' is no number from 0 to 1"),
    ],
)
def test_an_error_has_mapits_form_and_names_what_is_wrong(city, client, path, status, error):
    answer = client.get(f"/mapit/{path}")
    assert answer.status_code == status
    assert answer.json() == {"error": error, "code": status}


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "path",
    [
        "area/{}", "area/{}.geojson", "area/{}/children", "area/3171/{}", "areas/{}", "areas/KEL?type={}",
        "areas/KEL?generation={}", "areas/KEL?min_generation={}", "point/4326/{},-6", "point/4326/106,{}",
        "point/4326/106.8,-6.1?type={}", "area/3171.geojson?simplify_tolerance={}", "code/kemendagri/{}",
        "code/{}/1", "point/4326/106.8,-6.1?{}=1",
    ],
)  # fmt: skip
def test_nothing_that_is_injected_is_more_than_text(city, client, path, text):
    answer = client.get(f"/mapit/{path.format(quote(text, safe=''))}")
    assert answer.status_code in (200, 302, 400, 404), answer.content
    assert Boundary.objects.count() == 317
    for inside in (b"psycopg", b"SELECT DISTINCT", b"Traceback", b"boundaries_boundary AS"):
        assert inside not in answer.content


def test_head_and_options_are_answered_and_an_answer_that_is_known_is_304(city, client):
    answer = client.get("/mapit/area/3171")
    assert client.get("/mapit/area/3171", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.head("/mapit/area/3171").content == b""
    asked = client.options("/mapit/area/3171")
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    refused = client.delete("/mapit/area/3171")
    assert (refused.status_code, refused.json()["code"]) == (405, 405)


def test_all_that_a_fixmystreet_asks_when_a_pin_is_set_is_answered(city, ask):
    """As its own stand-in for MapIt has it: point, area, areas, children, and the outline of an area."""
    found = ask(f"point/4326/{MONAS}", type="KEL")
    (id,) = found
    assert ask(f"area/{id}")["id"] == int(id)
    assert ask(f"areas/{id}")[id]["name"] == found[id]["name"]
    assert ask(f"area/{id}/children") == {}
    assert json.dumps(ask(f"areas/{id}.geojson", simplify_tolerance="0.0001"))
