from dataclasses import replace

import numpy as np
import pytest
import shapely

from boundaries import facts, schematic, topology
from geoplatform.errors import BadBoundaries


@pytest.fixture(scope="module")
def table():
    return facts.read()


@pytest.fixture(scope="module")
def drawn(table):
    return schematic.tessellate(table)


def test_every_kelurahan_is_drawn(table, drawn):
    assert drawn["code"].tolist() == [fact.code for fact in table]
    assert drawn["name"].tolist() == [fact.name for fact in table]
    assert drawn.crs == "EPSG:4326"


def test_it_is_a_true_coverage_without_gaps(drawn):
    polygons = drawn.geometry.to_numpy()
    assert drawn.geometry.is_valid.all()
    assert shapely.coverage_is_valid(polygons)
    assert topology.overlaps(polygons) == (0, 0.0)
    assert not len(topology.gaps(polygons))


def test_each_label_lies_in_its_own_kelurahan(table, drawn):
    labels = shapely.points([(fact.label_lon, fact.label_lat) for fact in table])
    assert shapely.contains_properly(drawn.geometry.to_numpy(), labels).all()


def test_the_same_facts_in_any_order_give_the_same_polygons(table, drawn):
    again = schematic.tessellate(table[::-1])
    assert shapely.equals_exact(drawn.geometry.to_numpy(), again.geometry.to_numpy(), 0).all()


def test_most_areas_are_near_the_facts(table, drawn):
    areas = shapely.area(topology.project(drawn.geometry.to_numpy(), "EPSG:4326", topology.METRIC)) / 1e6
    expected = np.array([fact.area_km2 for fact in table])
    assert np.median(abs(areas - expected) / expected) < 0.05


def test_the_islands_are_hexagons_of_their_area_far_from_all_others(table, drawn):
    island = np.array([fact.kota_code == "31.01" for fact in table])
    polygons = topology.project(drawn.geometry.to_numpy(), "EPSG:4326", topology.METRIC)
    assert set(shapely.get_num_coordinates(polygons[island])) == {7}
    expected = [fact.area_km2 for fact in table if fact.kota_code == "31.01"]
    assert np.allclose(shapely.area(polygons[island]) / 1e6, expected, rtol=1e-6)
    rest = shapely.union_all(polygons[~island])
    assert shapely.distance(polygons[island], rest).min() > 1000


def test_islands_alone_are_drawn_without_a_mainland(table):
    assert len(schematic.tessellate([fact for fact in table if fact.kota_code == "31.01"])) == 6


def test_a_label_off_the_mainland_is_refused(table):
    gambir = next(fact for fact in table if fact.name == "Gambir")
    with pytest.raises(BadBoundaries, match=f"label of {gambir.code} at 107.6, -6.9 is off the mainland"):
        schematic.tessellate([*table, replace(gambir, label_lon=107.6, label_lat=-6.9)])


def test_two_labels_in_one_place_are_refused(table):
    gambir = next(fact for fact in table if fact.name == "Gambir")
    with pytest.raises(BadBoundaries, match=f"label of {gambir.code} is that of another"):
        schematic.tessellate([*table, replace(gambir, code="31.71.01.1099")])


def test_no_facts_are_refused():
    with pytest.raises(BadBoundaries, match="no facts"):
        schematic.tessellate([])
