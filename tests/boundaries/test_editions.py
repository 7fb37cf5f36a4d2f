from dataclasses import replace
from datetime import date

import pytest
from django.contrib.gis.geos import Polygon
from django.db import IntegrityError, transaction
from django.utils import timezone

from boundaries import editions, load, source
from boundaries.layers import NAMES
from boundaries.models import Border, Boundary, Edition, Outline
from geoplatform.errors import BadBoundaries, Conflict, NotFound
from layers import revisions

D2020, D2022, D2024, D2026 = (date(year, 1, 1) for year in (2020, 2022, 2024, 2026))


def counts():
    return [table.objects.count() for table in (Edition, Boundary, Border, Outline)]


def force():
    """Return from when to when each edition is in force, by name; those that are not are left out."""
    found = Edition.objects.exclude(validity=None)
    return {edition.name: (edition.validity.lower, edition.validity.upper) for edition in found}


def make(name):
    """Make an edition of no boundaries: enough to be in force."""
    return Edition.objects.create(
        name=name,
        source=name,
        sha256="",
        schematic=False,
        checks=[],
        sea=Polygon.from_bbox((106.2, -6.0, 107.2, -4.9)),
        loaded_at=timezone.now(),
    )


@pytest.fixture
def two(db):
    """Two editions, neither in force, and no other."""
    Edition.objects.update(validity=None)
    return make("a"), make("b")


@pytest.fixture
def small(schematic_coverage):
    """A coverage of one island: all levels, borders and outlines of Kepulauan Seribu."""
    full = schematic_coverage
    return replace(
        full,
        kelurahan=full.kelurahan[full.kelurahan.code.str.startswith("31.01")],
        kecamatan=full.kecamatan[full.kecamatan.code.str.startswith("31.01")],
        kota=full.kota[full.kota.code == "31.01"],
        borders=full.borders[full.borders.left_code.str.startswith("31.01")],
        outlines=full.outlines[full.outlines.code.str.startswith("31.01")],
    )


def test_the_shipped_edition_holds_the_whole_province(city):
    levels = [city.boundary_set.filter(level=level).count() for level in ("kelurahan", "kecamatan", "kota")]
    assert levels == [267, 44, 6]
    assert city.schematic
    assert all(check["ok"] for check in city.checks)


def test_a_stored_edition_is_not_in_force(city, small):
    edition = editions.store(source.find("schematic"), small, sha256="f" * 64)
    assert edition.validity is None
    assert editions.in_force(D2026) == city


def test_a_stored_boundary_is_that_of_the_coverage_to_the_last_bit(city, small):
    edition = editions.store(source.find("schematic"), small, sha256="")
    for row in small.kelurahan.itertuples():
        boundary = Boundary.objects.get(edition=edition, code=row.code)
        assert bytes(boundary.geom.wkb) == row.geometry.wkb
        assert (boundary.name, boundary.parent_code, boundary.level) == (row.name, row.parent, "kelurahan")


def test_storing_is_all_or_nothing(city, small):
    broken = replace(small, outlines=small.outlines.assign(code="99.99.99.9999"))
    before = counts()
    with pytest.raises(KeyError):
        editions.store(source.find("schematic"), broken, sha256="")
    assert counts() == before


def test_a_file_that_cannot_be_used_changes_nothing(city, tmp_path):
    path = tmp_path / "boundaries.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    before, revision = counts(), revisions.current("kelurahan")
    with pytest.raises(BadBoundaries):
        load.load(source.find(path), [path])
    assert (counts(), revisions.current("kelurahan")) == (before, revision)


def test_no_edition_is_in_force_before_one_is_put_there(two):
    assert editions.in_force(D2026) is None


def test_without_a_day_it_holds_for_all_days(two):
    a, _ = two
    editions.put_in_force(a.id, None)
    assert {editions.in_force(day).name for day in (date.min, D2020, date(9999, 12, 31))} == {"a"}


def test_with_a_day_it_holds_from_that_day_on(two):
    a, _ = two
    editions.put_in_force(a.id, D2020)
    assert editions.in_force(date(2019, 12, 31)) is None
    assert editions.in_force(D2020) == a


def test_what_it_displaces_ends_the_day_before(two):
    a, b = two
    editions.put_in_force(a.id, None)
    editions.put_in_force(b.id, D2024)
    assert force() == {"a": (None, D2024), "b": (D2024, None)}
    assert editions.in_force(date(2023, 12, 31)) == a
    assert editions.in_force(D2024) == b


def test_what_is_displaced_from_its_first_day_is_no_longer_in_force_at_all(two):
    a, b = two
    editions.put_in_force(a.id, D2024)
    editions.put_in_force(b.id, D2020)
    assert force() == {"b": (D2020, None)}


def test_for_all_days_it_displaces_all_others(two):
    a, b = two
    editions.put_in_force(a.id, D2020)
    editions.put_in_force(b.id, D2024)
    editions.put_in_force(make("c").id, None)
    assert force() == {"c": (None, None)}


def test_it_displaces_several_at_once(two):
    a, b = two
    editions.put_in_force(a.id, D2020)
    editions.put_in_force(b.id, D2024)
    editions.put_in_force(make("c").id, D2022)
    assert force() == {"a": (D2020, D2022), "c": (D2022, None)}


@pytest.mark.parametrize("since", [None, D2020, D2022, D2024], ids=str)
def test_putting_the_former_one_in_force_again_is_the_way_back(two, since):
    a, b = two
    editions.put_in_force(a.id, None)
    editions.put_in_force(b.id, D2024)
    editions.put_in_force(a.id, since)
    assert force() == {"a": (None, None)}


def test_going_back_keeps_the_first_day_that_the_former_one_had(two):
    a, b = two
    editions.put_in_force(a.id, D2020)
    editions.put_in_force(b.id, D2024)
    editions.put_in_force(a.id, D2024)
    assert force() == {"a": (D2020, None)}


def test_an_earlier_day_makes_it_hold_longer(two):
    a, b = two
    editions.put_in_force(a.id, D2020)
    editions.put_in_force(b.id, D2024)
    editions.put_in_force(b.id, D2022)
    assert force() == {"a": (D2020, D2022), "b": (D2022, None)}


def test_a_later_day_leaves_no_day_without_an_edition(two):
    a, b = two
    editions.put_in_force(a.id, D2020)
    editions.put_in_force(b.id, D2022)
    editions.put_in_force(b.id, D2024)
    assert force() == {"a": (D2020, D2022), "b": (D2022, None)}


def test_an_edition_cannot_count_twice_with_another_in_between_and_nothing_changes(two):
    a, b = two
    editions.put_in_force(a.id, D2020)
    editions.put_in_force(b.id, D2022)
    before = force()
    with pytest.raises(Conflict, match=f"edition {a.id} .*2022-01-01.*2026-01-01"):
        editions.put_in_force(a.id, D2026)
    assert force() == before


def test_an_unknown_edition_is_refused_by_number_and_nothing_changes(two):
    a, _ = two
    editions.put_in_force(a.id, D2020)
    with pytest.raises(NotFound, match="no edition 999999"):
        editions.put_in_force(999999, None)
    assert force() == {"a": (D2020, None)}


def test_the_database_refuses_two_editions_for_one_day(two):
    a, b = two
    editions.put_in_force(a.id, D2020)
    with pytest.raises(IntegrityError, match="one_edition_a_day"), transaction.atomic():
        Edition.objects.filter(pk=b.id).update(validity=(D2024, D2026))


def test_putting_in_force_touches_the_three_layers(two):
    a, _ = two
    before = [revisions.current(name) for name in NAMES]
    editions.put_in_force(a.id, None)
    assert [revisions.current(name) for name in NAMES] == [revision + 1 for revision in before]
    assert NAMES == ("kelurahan", "kecamatan", "kota")
