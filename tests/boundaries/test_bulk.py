"""Which kelurahan many points lie in, against the look-up of one point."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from boundaries import bulk, cover, editions, lookup, source
from boundaries.models import Border, Boundary, Edition
from geoplatform.errors import InvalidRequest, NotFound, Unavailable
from layers.record import LonLat
from tests.conftest import MONAS, SHARED

DAY = date(2026, 5, 14)


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """Let no test find a cover that another one made."""
    monkeypatch.setattr(bulk, "_kept", {})
    monkeypatch.setattr(settings, "COVERS", tmp_path)
    return tmp_path


def one(point, **by):
    return bulk.locate([point.lon], [point.lat], **by)[0]


def test_monas_is_in_gambir(city):
    assert one(MONAS) == "31.71.01.1001"


def test_no_points_have_no_codes(city):
    assert bulk.locate([], []).tolist() == []


def test_a_point_outside_the_province_or_at_zero_has_none(city):
    assert bulk.locate([106.5, 0, 179], [-6.9, 0, 80]).tolist() == [None, None, None]


def test_a_point_on_a_shared_edge_has_the_lower_code(city, shared_edge):
    for border in Border.objects.filter(edition=city, right_code__isnull=False)[:40]:
        point = shared_edge(border.left_code, border.right_code)
        assert one(point) == lookup.at(point, DAY).kelurahan.code


def test_a_corner_of_three_has_the_lowest_code(city, corner):
    point, codes = corner
    assert one(point) == codes[0]


def test_many_points_get_what_the_statement_for_one_point_gives(city):
    dice = np.random.default_rng(11)
    vertices = shapely.get_coordinates(
        [
            shapely.from_wkb(bytes(boundary.geom.wkb))
            for boundary in Boundary.objects.filter(edition=city, level="kelurahan")
        ]
    )
    spread = dice.uniform((106.65, -6.4), (107, -6), (3000, 2))
    points = np.vstack([dice.choice(vertices, 1000), spread])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT min(code) FROM boundaries_boundary WHERE edition_id = %s AND level = 'kelurahan'"
            " AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(lon, lat), 4326)))"
            " FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS given (lon, lat, n) ORDER BY n",
            [city.id, *points.T.tolist()],
        )
        expected = [code for (code,) in cursor.fetchall()]
    assert bulk.locate(*points.T).tolist() == expected


def test_columns_of_a_data_frame_and_arrays_of_any_kind_are_taken(city):
    frame = pd.DataFrame({"lon": [MONAS.lon, 106.5], "lat": [MONAS.lat, -6.9]}, index=[7, 3])
    assert bulk.locate(frame["lon"], frame["lat"]).tolist() == ["31.71.01.1001", None]
    strided = np.array([[MONAS.lon, MONAS.lat]] * 6)[::2]
    assert bulk.locate(strided[:, 0], strided[:, 1], threads=2).tolist() == ["31.71.01.1001"] * 3
    assert bulk.locate(["106.5"], (-6,)).tolist() == [None]
    assert bulk.locate(np.ma.masked_array([MONAS.lon]), [MONAS.lat]).tolist() == ["31.71.01.1001"]


def test_blocks_of_points_come_back_in_order(city, monkeypatch):
    monkeypatch.setattr(bulk, "BLOCK", 3)
    lon = [MONAS.lon, 0, MONAS.lon, MONAS.lon, 0, 0, MONAS.lon]
    found = bulk.locate(lon, [MONAS.lat] * 7)
    assert [code is not None for code in found] == [x > 0 for x in lon]


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ([106.8, np.nan], [-6.2, -6.2], r"lon\[1\] is nan, not degrees from -180 to 180"),
        ([106.8], [np.inf], r"lat\[0\] is inf, not degrees from -90 to 90"),
        ([-6.2], [106.8], r"lat\[0\] is 106.8, not degrees from -90 to 90"),
        ([0, 0, 0, 181], [0, 0, 0, 0], r"lon\[3\] is 181"),
        ([106.8, 106.9], [-6.2], "lon has 2 values, lat has 1"),
        (106.8, -6.2, r"lon has the shape \(\)"),
        ([[106.8]], [[-6.2]], r"lon has the shape \(1, 1\)"),
        (["Monas"], [-6.2], "lon is no list of numbers: .*Monas"),
        ([None], [-6.2], r"lon\[0\] is nan"),
        (np.ma.masked_array([106.8, 106.8], [False, True]), [-6.2, -6.2], r"lon\[1\] is nan"),
        ([0, 0], np.ma.masked_array([0, 7], [True, False]), r"lat\[0\] is nan"),
        (np.array(["1970-02-01"], "M8[D]"), [-6.2], r"lon is no list of numbers: it holds datetime64\[D\]"),
        ([106.8], np.array([True]), "lat is no list of numbers: it holds bool"),
        ([106.8 + 1j], [-6.2], "lon is no list of numbers: it holds complex128"),
        ([106.8], pd.array([pd.NA], "Float64"), r"lat\[0\] is nan"),
    ],
)
def test_what_is_no_point_is_refused_with_its_name_and_value(city, monkeypatch, lon, lat, said):
    monkeypatch.setattr(bulk, "BLOCK", 2)
    with pytest.raises(InvalidRequest, match=said):
        bulk.locate(lon, lat)


def test_an_edition_is_found_by_its_id_or_by_a_day(city, schematic_coverage):
    other = editions.store(source.find("schematic"), schematic_coverage, sha256="")
    Boundary.objects.filter(edition=other, code="31.71.01.1001").update(code="31.71.01.1999")
    assert one(MONAS) == "31.71.01.1001"
    assert one(MONAS, edition_id=other.id) == "31.71.01.1999"
    editions.put_in_force(other.id, DAY)
    assert one(MONAS, on=DAY) == "31.71.01.1999"
    assert one(MONAS, on=date(2020, 1, 1)) == "31.71.01.1001"
    with pytest.raises(InvalidRequest, match="give one of them"):
        one(MONAS, on=DAY, edition_id=other.id)


def test_an_edition_that_is_not_there_is_said_so(city):
    with pytest.raises(NotFound, match="no edition 999999"):
        one(MONAS, edition_id=999999)


def test_a_day_without_an_edition_is_said_so(city):
    Edition.objects.update(validity=(DAY, None))
    with pytest.raises(NotFound, match="in force on 2020-01-01"):
        one(MONAS, on=date(2020, 1, 1))
    Edition.objects.update(validity=None)
    with pytest.raises(Unavailable, match="no edition of boundaries is in force"):
        one(MONAS)


def test_a_cover_is_made_once_kept_on_disk_and_read_by_the_next_process(city, fresh, monkeypatch):
    one(MONAS)
    (kept,) = fresh.iterdir()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        one(MONAS)
    assert len(queries) == 1  # which edition is in force
    monkeypatch.setattr(bulk, "_kept", {})
    monkeypatch.setattr(bulk, "build", None)
    assert one(MONAS) == "31.71.01.1001"
    assert [path.name for path in fresh.iterdir()] == [kept.name]


def test_a_damaged_file_is_made_anew(city, fresh, monkeypatch):
    one(MONAS)
    (kept,) = fresh.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-5])
    monkeypatch.setattr(bulk, "_kept", {})
    assert one(MONAS) == "31.71.01.1001"
    assert kept.stat().st_size == len(whole)


def test_other_polygons_are_another_file(city, fresh, schematic_coverage):
    same = editions.store(source.find("schematic"), schematic_coverage, sha256="")
    one(MONAS)
    one(MONAS, edition_id=same.id)
    assert len(list(fresh.iterdir())) == 1
    Boundary.objects.filter(edition=same, code="31.71.01.1001").delete()
    bulk._kept.clear()
    assert one(MONAS, edition_id=same.id) is None
    assert len(list(fresh.iterdir())) == 2


def test_where_no_cover_can_be_kept_the_answer_is_the_same(city, fresh, monkeypatch, caplog):
    (fresh / "file").write_text("no folder")
    monkeypatch.setattr(settings, "COVERS", fresh / "file")
    assert one(MONAS) == "31.71.01.1001"
    assert "cover not kept" in caplog.text


def test_a_process_keeps_a_few_covers_alone(city, schematic_coverage, monkeypatch):
    monkeypatch.setattr(bulk, "KEPT", 2)
    others = [editions.store(source.find("schematic"), schematic_coverage, sha256="").id for _ in range(2)]
    for edition in (city.id, *others):
        one(MONAS, edition_id=edition)
    assert list(bulk._kept) == others


def test_threads_that_ask_at_once_make_one_cover_and_get_one_answer(transactional_city, monkeypatch):
    made = []

    def build(*given):
        made.append(threading.current_thread())
        return cover.build(*given)

    def ask(number):
        try:
            return bulk.locate([MONAS.lon] * 1000, [MONAS.lat] * 1000, threads=2).tolist()
        finally:
            connections.close_all()

    monkeypatch.setattr(bulk, "build", build)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers == [["31.71.01.1001"] * 1000] * 8
    assert len(made) == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real boundaries and reports are not on this machine")
def test_the_real_flood_reports_lie_where_they_are_known_to_lie(city):
    path = Path(SHARED / "boundaries" / "jakarta_kelurahan_267_clean.geojson")
    Boundary.objects.filter(edition=city, level="kelurahan").delete()
    for feature in json.loads(path.read_text())["features"]:
        shape = (
            shapely.multipolygons([shapely.geometry.shape(feature["geometry"])])
            if (feature["geometry"]["type"] == "Polygon")
            else shapely.geometry.shape(feature["geometry"])
        )
        Boundary.objects.create(
            edition=city, level="kelurahan", code=feature["properties"]["kode_kelurahan"], name="-",
            area_km2=1, label="POINT(106.8 -6.2)", geom=shape.wkt,
        )  # fmt: skip
    reports = json.loads((SHARED / "reports" / "flood_report_points_2017-02.geojson").read_text())["features"]
    points = [LonLat(*report["geometry"]["coordinates"][:2]) for report in reports]
    expected = [report["properties"]["kelurahan_expected"] for report in reports]
    assert len(reports) == 1204
    assert bulk.locate(*np.array(points).T).tolist() == expected
