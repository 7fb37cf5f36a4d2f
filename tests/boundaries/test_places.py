import pytest

from boundaries import places
from boundaries.models import Boundary


def titles(city, text):
    return [one.title for one in places.find(city.pk, text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("31.71.01.1001", ["Kelurahan Gambir"]),
        (" 31.71 ", ["Kota Administrasi Jakarta Pusat"]),
        ("Gambir", ["Kecamatan Gambir", "Kelurahan Gambir"]),
        ("kelurahan gambir", ["Kelurahan Gambir"]),
        ("Kec. Gambir", ["Kecamatan Gambir"]),
        ("jakarta pusat", ["Kota Administrasi Jakarta Pusat"]),
        ("Kota Administrasi Jakarta Pusat", ["Kota Administrasi Jakarta Pusat"]),
        ("duri pu", ["Kelurahan Duri Pulo"]),
        ("nowhere at all", []),
        ("%", []),
        ("", []),
    ],
)
def test_a_text_means_the_places_of_that_name(city, text, found):
    assert titles(city, text) == found


def test_a_name_in_another_kecamatan_is_a_choice_of_its_own(city):
    kecamatan, kelurahan = places.find(city.pk, "Jatinegara")
    assert (kecamatan.level, kelurahan.level) == ("kecamatan", "kelurahan")
    assert not kelurahan.code.startswith(kecamatan.code)


def test_every_place_is_found_by_its_title_alone(city):
    known = places.places(city.pk)
    assert len(known) == Boundary.objects.filter(edition=city).count()
    assert {one.code for one in known.values() if places.find(city.pk, one.title) != [one]} == set()


def test_a_place_has_its_kelurahan_and_a_kelurahan_itself(city):
    assert places.inside(city.pk, "31.71.01.1001") == ["31.71.01.1001"]
    kecamatan = places.inside(city.pk, "31.71.01")
    assert len(kecamatan) == 6
    assert set(kecamatan) < set(places.inside(city.pk, "31.71"))


def test_the_box_of_a_place_lies_round_its_kelurahan(city):
    known = places.places(city.pk)
    west, south, east, north = known["31.71"].bbox
    for code in places.inside(city.pk, "31.71"):
        box = known[code].bbox
        assert west - 1e-6 <= box.west < box.east <= east + 1e-6
        assert south - 1e-6 <= box.south < box.north <= north + 1e-6
