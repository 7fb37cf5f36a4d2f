"""Small frames of squares round Monas, about 1.1 km a side, and the real kelurahan where they are at hand."""

import time
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from boundaries import coverage, read, source, topology
from boundaries.outlines import EXACT, LEVELS, ZOOMS
from geoplatform.errors import BadBoundaries

SHARED = Path(__file__).parents[2] / "../shared/data"
real = pytest.mark.skipif(
    not (SHARED / "boundaries").is_dir(), reason="the real boundaries are not on this machine"
)

SOURCE = source.Source("contoh", "Contoh", "-", "-", "-", "geojson")
GAMBIR = ("31.71.01.1001", "31.71.01.1002")
#: Two kelurahan of Gambir, one of Sawah Besar, one of Jakarta Selatan (Tebet).
CODES = (*GAMBIR, "31.71.02.1001", "31.74.01.1001")


def square(column, row, width=0.01):
    west, south = 106.82 + 0.01 * column, -6.18 + 0.01 * row
    return shapely.box(west, south, west + width, south + 0.01)


def frame(shapes, codes=CODES, **columns):
    rows = {
        "code": list(codes)[: len(shapes)],
        "name": [f"Contoh {n}" for n in range(len(shapes))],
        **columns,
    }
    return geopandas.GeoDataFrame(rows, geometry=list(shapes), crs="EPSG:4326")


def block():
    """Return four squares, two by two, with every corner shared."""
    return frame([square(0, 0), square(1, 0), square(0, 1), square(1, 1)])


def found(built):
    return {check.name: check.value for check in built.checks}


@pytest.fixture(scope="module")
def built():
    return coverage.build(block(), SOURCE)


def test_kecamatan_and_kota_are_dissolved_from_kelurahan(built):
    assert built.kelurahan["parent"].tolist() == ["31.71.01", "31.71.01", "31.71.02", "31.74.01"]
    assert built.kecamatan["code"].tolist() == ["31.71.01", "31.71.02", "31.74.01"]
    assert built.kecamatan["parent"].tolist() == ["31.71", "31.71", "31.74"]
    assert built.kota["parent"].tolist() == [None, None]
    assert built.kecamatan.geometry.iloc[0].equals(shapely.union_all([square(0, 0), square(1, 0)]))


def test_parents_are_named_by_our_table_of_facts(built):
    assert built.kecamatan["name"].tolist() == ["Gambir", "Sawah Besar", "Tebet"]
    assert built.kota["name"].tolist() == [
        "Kota Administrasi Jakarta Pusat",
        "Kota Administrasi Jakarta Selatan",
    ]


def test_parents_are_named_by_the_source_where_it_does():
    rows = block().assign(kecamatan=["A", "A", "B", "C"], kota=["P", "P", "P", "S"])
    built = coverage.build(rows, SOURCE)
    assert built.kecamatan["name"].tolist() == ["A", "B", "C"]
    assert built.kota["name"].tolist() == ["P", "S"]


def test_each_level_has_area_label_and_multipolygon(built):
    for level in (built.kelurahan, built.kecamatan, built.kota):
        assert list(level.columns) == ["code", "name", "parent", "area_km2", "label", "geometry"]
        assert set(level.geom_type) == {"MultiPolygon"}
        assert level.geometry.contains(level["label"]).all()
        assert level.crs == "EPSG:4326"
        assert level["area_km2"].sum() == pytest.approx(4 * 1.224, abs=0.01)


def test_borders_run_exactly_along_shared_edges(built):
    borders = {(row.left_code, row.right_code): row.geometry for row in built.borders.itertuples()}
    west, east, north, corner = CODES
    assert sorted(key for key in borders if key[1]) == [
        (west, east),
        (west, north),
        (east, corner),
        (north, corner),
    ]
    assert borders[west, east].equals(shapely.LineString([(106.83, -6.18), (106.83, -6.17)]))
    assert borders[west, None].equals(shapely.LineString([(106.83, -6.18), (106.82, -6.18), (106.82, -6.17)]))
    assert set(built.borders.geom_type) == {"MultiLineString"}
    assert built.borders.crs == "EPSG:4326"


def test_the_borders_of_an_enclave_are_one_ring():
    hole = shapely.box(106.823, -6.177, 106.827, -6.173)
    built = coverage.build(frame([square(0, 0).difference(hole), hole]), SOURCE)
    line = built.borders.loc[built.borders["right_code"] == GAMBIR[1]].geometry.item()
    assert len(line.geoms) == 1
    assert line.geoms[0].is_ring


def test_a_coverage_keeps_every_coordinate(built):
    for before, after in zip(block().geometry, built.kelurahan.geometry, strict=True):
        assert before.equals_exact(after.geoms[0].normalize(), 0) or before.normalize().equals_exact(
            after.geoms[0].normalize(), 0
        )


def test_a_coverage_in_metres_stays_one_in_degrees():
    rows = block()
    moved = rows.to_crs("EPSG:32748").to_crs("EPSG:4326")
    built = coverage.build(moved, SOURCE)
    assert np.array_equal(
        shapely.get_coordinates(shapely.normalize(built.kelurahan.geometry.to_numpy())),
        shapely.get_coordinates(shapely.normalize(topology.multi(moved.geometry.to_numpy()))),
    )


def test_an_overlap_and_a_gap_are_cleaned_away():
    wide = shapely.box(106.82, -6.18, 106.8305, -6.17)
    # 55 m between the upper row's squares, closed above by a cap: an enclosed gap.
    narrow, cap = square(0, 1, width=0.0095), shapely.box(106.82, -6.16, 106.84, -6.15)
    rows = frame([wide, square(1, 0), narrow, square(1, 1), cap], codes=(*CODES, "31.74.01.1002"))
    built = coverage.build(rows, SOURCE)
    assert found(built)["overlapping pairs as published"] == 1
    assert found(built)["overlap as published, m2"] == pytest.approx(55.3 * 1105, rel=0.02)
    assert found(built)["gaps as published"] == 1
    assert (found(built)["overlapping pairs"], found(built)["gaps"]) == (0, 0)
    assert shapely.coverage_is_valid(built.kelurahan.geometry.to_numpy())


def test_a_narrow_gap_is_closed_even_where_all_edges_match():
    slit = shapely.box(106.8245, -6.177, 106.8255, -6.173)
    built = coverage.build(frame([square(0, 0).difference(slit)]), SOURCE)
    assert (found(built)["gaps as published"], found(built)["gaps"]) == (1, 0)


def test_a_wide_gap_stands_and_is_told():
    lake = shapely.box(106.823, -6.177, 106.827, -6.173)
    built = coverage.build(frame([square(0, 0).difference(lake)]), SOURCE)
    check = next(check for check in built.checks if check.name == "gaps")
    assert check == coverage.Check("gaps", 1, 0, ok=False, bearable=True)
    assert check.as_json() == {"name": "gaps", "value": 1, "expected": 0, "ok": False, "bearable": True}


def test_the_gap_width_is_the_sources():
    slit = shapely.box(106.8245, -6.177, 106.8255, -6.173)
    built = coverage.build(frame([square(0, 0).difference(slit)]), replace(SOURCE, gap_width_m=50))
    assert found(built)["gaps"] == 1


@pytest.mark.parametrize(
    "codes", [(*GAMBIR, "31.71.02.1001", "31.71.02.1001"), (*GAMBIR, "31.71.02.1001", "31.74.01.x")]
)
def test_double_and_ill_formed_codes_make_it_unusable(codes):
    rows = frame(block().geometry, codes=codes)
    with pytest.raises(BadBoundaries, match="codes ill-formed or double: 1, expected 0"):
        coverage.build(rows, SOURCE)


def test_other_counts_than_promised_make_it_unusable():
    with pytest.raises(
        BadBoundaries, match="contoh cannot be used: kelurahan: 4, expected 5; kota: 2, expected 1"
    ):
        coverage.build(block(), replace(SOURCE, expected=source.Expected(5, 3, 1)))


def test_other_counts_than_our_table_has_are_told_where_nothing_is_promised(built):
    counts = {check.name: check for check in built.checks if check.name in LEVELS}
    assert {name: (check.value, check.expected) for name, check in counts.items()} == {
        "kelurahan": (4, 267),
        "kecamatan": (3, 44),
        "kota": (2, 6),
    }
    assert not any(check.ok for check in counts.values())


def test_a_parent_that_nobody_names_is_refused():
    rows = frame([square(0, 0)], codes=("31.79.01.1001",))
    with pytest.raises(
        BadBoundaries, match=r"31\.79\.01\.1001 lies in kecamatan 31\.79\.01, which nobody names"
    ):
        coverage.build(rows, SOURCE)


def test_a_parent_of_two_names_is_refused():
    rows = block().assign(kecamatan=["A", "B", "C", "D"])
    with pytest.raises(BadBoundaries, match=r"kecamatan 31\.71\.01 is named both 'A' and 'B'"):
        coverage.build(rows, SOURCE)


def test_a_kelurahan_that_lies_on_another_is_refused():
    with pytest.raises(BadBoundaries, match=r"31\.71\.01\.100\d lost all land to a neighbour"):
        coverage.build(frame([square(0, 0), square(0, 0)]), SOURCE)


def test_outlines_of_all_levels_share_their_edges_at_every_zoom():
    wave = np.linspace(0, 1, 200)
    middle = np.c_[106.83 + 0.001 * np.sin(40 * wave), -6.18 + 0.01 * wave]
    left = shapely.Polygon([(106.82, -6.18), *middle, (106.82, -6.17)])
    right = shapely.Polygon([*middle[::-1], (106.84, -6.18), (106.84, -6.17)])
    made = coverage.build(frame([left, right], codes=("31.71.01.1001", "31.74.01.1001")), SOURCE).outlines
    assert made.crs == "EPSG:3857"
    assert list(made.columns) == ["level", "zoom", "code", "geometry"]
    assert sorted(set(made["zoom"])) == [*ZOOMS, EXACT] == list(range(8, 16))
    sizes = []
    for _, rows in made.groupby("zoom"):
        by_level = {level: part.geometry.to_numpy() for level, part in rows.groupby("level")}
        assert all(shapely.coverage_is_valid(part) for part in by_level.values())
        assert shapely.equals_exact(by_level["kelurahan"], by_level["kota"], 0).all()
        sizes.append(int(shapely.get_num_coordinates(by_level["kelurahan"]).sum()))
    assert sizes == sorted(sizes)
    assert sizes[0] < 20 < sizes[-1]


@real
@pytest.mark.parametrize(
    "file", ["kelurahan_267_as_published.geojson", "jakarta_kelurahan_267_clean.geojson"]
)
def test_the_real_kelurahan_become_267_44_6_without_overlap_or_gap(file):
    start = time.process_time()
    path = SHARED / "boundaries" / file
    named = replace(source.find(path), expected=source.Expected(267, 44, 6))
    built = coverage.build(read.polygons(named, [path]), named)
    assert time.process_time() - start < 6
    assert [len(level) for level in (built.kelurahan, built.kecamatan, built.kota)] == [267, 44, 6]
    assert all(check.ok for check in built.checks)
    assert built.kelurahan["area_km2"].sum() == pytest.approx(660.99, abs=0.5)
    for level in (built.kelurahan, built.kecamatan, built.kota):
        assert level.geometry.is_valid.all()
        assert level.geometry.contains(level["label"]).all()
    assert set(built.outlines.groupby(["level", "zoom"]).size()) == {267, 44, 6}
    for _, rows in built.outlines.groupby(["level", "zoom"]):
        assert shapely.coverage_is_valid(rows.geometry.to_numpy())
    reports = geopandas.read_file(SHARED / "reports" / "flood_report_points_2017-02.geojson")
    report, place = shapely.STRtree(built.kelurahan.geometry.to_numpy()).query(
        reports.geometry.to_numpy(), predicate="intersects"
    )
    placed = dict(zip(report.tolist(), built.kelurahan["code"].iloc[place], strict=True))
    assert len(placed) == len(report) == 1103
    expected = [code if isinstance(code, str) else None for code in reports["kelurahan_expected"]]
    assert [placed.get(index) for index in range(len(reports))] == expected


@real
def test_the_clean_file_keeps_every_coordinate():
    path = SHARED / "boundaries" / "jakarta_kelurahan_267_clean.geojson"
    named = source.find(path)
    rows = read.polygons(named, [path])
    built = coverage.build(rows, named)
    assert shapely.equals_identical(
        shapely.normalize(built.kelurahan.geometry.to_numpy()), shapely.normalize(rows.geometry.to_numpy())
    ).all()
