"""``manage.py locate_file`` as a person types it: what comes in, what goes out, and what is refused."""

import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from boundaries import bulk, editions, points, source, tables
from boundaries.models import Boundary
from tests.conftest import MONAS

GAMBIR = ["31.71.01.1001", "31.71.01", "31.71"]
ADDED = ["kelurahan", "kecamatan", "kota"]
FORMS = ["parquet", "csv", "fgb"]


def run(path, out, *options):
    """Run the command; returns what it says, and what it shows on the way."""
    said, shown = io.StringIO(), io.StringIO()
    call_command("locate_file", str(path), str(out), *map(str, options), stdout=said, stderr=shown)
    return said.getvalue(), shown.getvalue()


def refused(path, out, *options):
    """Run the command, which must fail and leave nothing; returns why it did."""
    before = sorted(out.parent.iterdir()) if out.parent.is_dir() else None
    with pytest.raises(CommandError) as error:
        run(path, out, *options)
    if before is not None:
        assert sorted(out.parent.iterdir()) == before
    return str(error.value)


@pytest.fixture
def frame():
    """Points all over the province and beside it, each with a number, a text and a date."""
    dice = np.random.default_rng(4)
    lon, lat = dice.uniform((106.65, -6.4), (107, -6.05), (3000, 2)).T
    rows = {
        "number": np.arange(3000),
        "text": [f'Jl. "Contoh", {n}\nRT {n % 9}' for n in range(3000)],
        "at": pd.date_range("2026-05-14", periods=3000, freq="min"),
    }
    return geopandas.GeoDataFrame(rows, geometry=geopandas.points_from_xy(lon, lat), crs="EPSG:4326")


def store(frame, path):
    if path.suffix == ".parquet":
        frame.to_parquet(path, row_group_size=700)
    elif path.suffix == ".fgb":
        frame.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    else:
        flat = pd.DataFrame(frame.drop(columns="geometry"))
        flat.assign(lon=frame.geometry.x, lat=frame.geometry.y).to_csv(path, index=False)
    return path


def restore(path):
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    if path.suffix == ".fgb":
        return geopandas.read_file(path)
    flat = pd.read_csv(path, dtype=dict.fromkeys(ADDED, str))
    return geopandas.GeoDataFrame(flat, geometry=geopandas.points_from_xy(flat["lon"], flat["lat"]), crs=4326)


def texts(column):
    """The texts of a column, None where there is none."""
    return [None if pd.isna(text) else text for text in column]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("target", FORMS)
def test_every_form_is_read_and_written_with_all_rows_in_order(
    city, tmp_path, monkeypatch, frame, form, target
):
    monkeypatch.setattr(tables, "BATCH", 256)
    monkeypatch.setattr(tables, "SPAN_BYTES", 20_000)
    out = tmp_path / f"out.{target}"
    said, _ = run(store(frame, tmp_path / f"in.{form}"), out)
    codes = bulk.locate(frame.geometry.x, frame.geometry.y)
    inside = sum(code is not None for code in codes)
    assert said.startswith(f"3,000 rows: {inside:,} in a kelurahan, {3000 - inside:,} outside, ")
    found = restore(out)
    assert found["number"].astype(int).tolist() == list(range(3000))
    assert found["text"].tolist() == frame["text"].tolist()
    assert texts(found["kelurahan"]) == codes.tolist()
    for name, length in (("kecamatan", 8), ("kota", 5)):
        expected = [code and code[:length] for code in codes]
        assert texts(found[name]) == expected
    assert found.crs in ("EPSG:4326", "OGC:CRS84")
    assert (found.geometry.x == frame.geometry.x).all()
    assert (found.geometry.y == frame.geometry.y).all()


def test_an_inch_in_a_csv_is_no_quote(city, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SPAN_BYTES", 400)
    rows = ['5" pipe', *['"line\n1, ""2"", x"'] * 100]
    (tmp_path / "in.csv").write_text(
        "lon,lat,text\n" + "".join(f"{MONAS.lon},{MONAS.lat},{text}\n" for text in rows)
    )
    said, _ = run(tmp_path / "in.csv", tmp_path / "out.csv")
    assert said.startswith("101 rows: 101 in a kelurahan, ")
    assert pd.read_csv(tmp_path / "out.csv")["text"].tolist() == ['5" pipe', *['line\n1, "2", x'] * 100]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_a_csv_may_end_as_on_any_machine(city, tmp_path, monkeypatch, end):
    monkeypatch.setattr(tables, "SPAN_BYTES", 5)
    (tmp_path / "in.csv").write_bytes(end.join(["lon,lat", f"{MONAS.lon},{MONAS.lat}", "1,2", end]).encode())
    said, _ = run(tmp_path / "in.csv", tmp_path / "out.csv")
    assert said.startswith("2 rows: 1 in a kelurahan, 1 outside, ")


def test_codes_stand_as_text_in_the_rows_of_a_csv(city, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(f"id,lon,lat\n007,{MONAS.lon},{MONAS.lat}\n008,106.50,-6.9\n", encoding="utf-8")
    run(path, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        '"id","lon","lat","kelurahan","kecamatan","kota"',
        f'"007","{MONAS.lon}","{MONAS.lat}","31.71.01.1001","31.71.01","31.71"',
        '"008","106.50","-6.9",,,',
    ]


def test_columns_of_other_names_are_told_by_options(city, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(f"x,y\n {MONAS.lon} ,{MONAS.lat}\n", encoding="utf-8-sig")
    run(path, tmp_path / "out.parquet", "--lon", "x", "--lat", "y")
    assert restore(tmp_path / "out.parquet")[ADDED].to_numpy().tolist() == [GAMBIR]


def test_a_parquet_file_without_geometry_is_read_by_its_columns(city, tmp_path):
    pd.DataFrame({"lon": [MONAS.lon], "lat": [MONAS.lat]}).to_parquet(tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert restore(tmp_path / "out.parquet")[ADDED].to_numpy().tolist() == [GAMBIR]


def test_points_in_metres_are_brought_to_degrees_and_kept_as_they_were(city, tmp_path, frame):
    metric = frame.to_crs("EPSG:32748")
    expected = bulk.locate(*(getattr(metric.to_crs(4326).geometry, axis) for axis in "xy")).tolist()
    for form in ("parquet", "fgb"):
        out = tmp_path / f"out.{form}"
        run(store(metric, tmp_path / f"in.{form}"), out)
        found = restore(out)
        assert found.crs == "EPSG:32748"
        assert texts(found["kelurahan"]) == expected
        assert found.geometry.to_wkb().tolist() == metric.geometry.to_wkb().tolist()


@pytest.mark.parametrize("target", FORMS)
def test_points_in_geoarrow_are_read_and_written_as_wkb(city, tmp_path, target):
    places = [shapely.Point(MONAS), None, shapely.Point(106.5, -6.9)]
    frame = geopandas.GeoDataFrame({"n": range(3)}, geometry=places, crs=4326)
    boxes = target == "parquet"  # the others hold no struct
    frame.to_parquet(tmp_path / "in.parquet", geometry_encoding="geoarrow", write_covering_bbox=boxes)
    out = tmp_path / f"out.{target}"
    said, _ = run(tmp_path / "in.parquet", out)
    assert said.startswith("3 rows: 1 in a kelurahan, 1 outside, 1 without a point, ")
    found = restore(out)
    assert texts(found["kelurahan"]) == [GAMBIR[0], None, None]
    points = found.geometry.loc[[0, 2]]
    assert [(point.x, point.y) for point in points] == [tuple(MONAS), (106.5, -6.9)]
    assert found.crs in ("EPSG:4326", "OGC:CRS84")


def test_heights_in_geoarrow_are_kept(city, tmp_path):
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(*MONAS, 132)], crs=4326)
    frame.to_parquet(tmp_path / "in.parquet", geometry_encoding="geoarrow")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = restore(tmp_path / "out.parquet")
    assert found.geometry.to_wkb().tolist() == frame.geometry.to_wkb().tolist()
    assert texts(found["kelurahan"]) == [GAMBIR[0]]
    said = json.loads(parquet.read_schema(tmp_path / "out.parquet").metadata[b"geo"])
    assert said["columns"]["geometry"]["geometry_types"] == ["Point Z"]
    # GDAL's FlatGeobuf of points has two ordinates, and forgets no third in silence.
    assert re.search(
        "out.fgb cannot be written: .*3D", refused(tmp_path / "in.parquet", tmp_path / "out.fgb")
    )


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_a_second_geometry_keeps_its_form_and_its_crs(city, tmp_path, encoding):
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(MONAS)], crs=4326)
    frame["road"] = geopandas.GeoSeries([shapely.LineString([(0, 0), (1, 1)])], crs=3857)
    frame.to_parquet(tmp_path / "in.parquet", geometry_encoding=encoding)
    run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = restore(tmp_path / "out.parquet")
    assert found["road"].crs == "EPSG:3857"
    assert found["road"].tolist() == frame["road"].tolist()
    assert found.geometry.name == "geometry"


def test_a_geometry_beside_the_degrees_that_count_keeps_its_crs(city, tmp_path):
    geometry = geopandas.GeoSeries([shapely.Point(0, 0)], crs=3857)
    frame = geopandas.GeoDataFrame(
        {"lon": [MONAS.lon], "lat": [MONAS.lat], "road": geometry}, geometry="road"
    )
    frame.to_parquet(tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet", "--lon", "lon")
    found = restore(tmp_path / "out.parquet")
    assert found["road"].crs == "EPSG:3857"
    assert found.geometry.tolist() == [shapely.Point(MONAS)]
    assert found["kelurahan"].tolist() == [GAMBIR[0]]


def stored(path, **columns):
    """A Parquet file of points at Monas with other columns."""
    rows = len(next(iter(columns.values())))
    parquet.write_table(pa.table({**columns, "lon": [MONAS.lon] * rows, "lat": [MONAS.lat] * rows}), path)
    return path


def test_numbers_that_flatgeobuf_would_round_are_whole_numbers_or_text_there(city, tmp_path):
    amounts = [Decimal("12345678901234567.89"), Decimal("-0.50"), None]
    path = stored(
        tmp_path / "in.parquet",
        count=pa.array([2**53 + 1, 2**63 - 1, None], pa.uint64()),
        kind=pa.array([2**53 + 1, 7, None], pa.uint64()).dictionary_encode(),
        number=pa.array([2**62 + 1, -1, None]),
        amount=pa.array(amounts, pa.decimal128(19, 2)),
    )
    run(path, tmp_path / "out.fgb")
    with pyogrio.open_arrow(tmp_path / "out.fgb", use_pyarrow=True) as (_, reader):
        found = reader.read_all().to_pydict()
    assert found["count"] == [2**53 + 1, 2**63 - 1, None]
    assert found["kind"] == [2**53 + 1, 7, None]
    assert found["number"] == [2**62 + 1, -1, None]
    assert found["amount"] == ["12345678901234567.89", "-0.50", None]


@pytest.mark.parametrize("name", ["fid", "FID", "ogc_fid", "wkb_geometry", "a.b"])
def test_columns_that_only_look_like_a_number_of_gdals_survive_flatgeobuf(city, tmp_path, name):
    run(stored(tmp_path / "in.parquet", **{name: [7, 8]}), tmp_path / "out.fgb")
    assert geopandas.read_file(tmp_path / "out.fgb")[name].tolist() == [7, 8]


@pytest.mark.parametrize(
    ("name", "column", "target", "said"),
    [
        ("OGC_FID", pa.array([7]), "fgb", "a FlatGeobuf forgets a column 'OGC_FID': rename it first"),
        ("n", pa.array([2**63 + 5], pa.uint64()), "fgb", "'n' cannot be written as int64: .*5813 not in"),
        ("n", pa.array([[1]], pa.list_(pa.uint64())), "fgb", "rounds the list<.*> of column 'n'"),
        ("n", pa.array([{"a": Decimal("0.1")}]), "fgb", "a FlatGeobuf rounds the struct<.*> of column 'n'"),
        ("n", pa.array([timedelta(1)]), "fgb", "out.fgb cannot be written: .*'n'"),
        ("n", pa.array([b"\xff"]), "csv", "out.csv: a CSV does not hold the bytes of column 'n'"),
        ("n", pa.array([[1]]), "csv", "out.csv cannot be written: .*list"),
    ],
)  # fmt: skip
def test_a_column_that_a_form_would_lose_or_change_is_refused(city, tmp_path, name, column, target, said):
    message = refused(stored(tmp_path / "in.parquet", **{name: column}), tmp_path / f"out.{target}")
    assert re.search(said, message), message


def test_rows_without_a_point_have_no_code_and_are_counted(city, tmp_path):
    geometry = [shapely.Point(MONAS), None, shapely.Point(), shapely.Point(MONAS)]
    for form in ("parquet", "fgb"):
        store(geopandas.GeoDataFrame({"n": range(4)}, geometry=geometry, crs=4326), tmp_path / f"in.{form}")
        said, _ = run(tmp_path / f"in.{form}", tmp_path / f"out.{form}")
        assert said.startswith("4 rows: 2 in a kelurahan, 0 outside, 2 without a point, ")
    (tmp_path / "in.csv").write_text(f"lon,lat\n,\n{MONAS.lon},\n\n{MONAS.lon},{MONAS.lat}\n")
    said, _ = run(tmp_path / "in.csv", tmp_path / "out.fgb")
    assert said.startswith("3 rows: 1 in a kelurahan, 0 outside, 2 without a point, ")


def test_a_row_with_an_impossible_point_has_no_code_and_the_first_is_said(city, tmp_path):
    (tmp_path / "in.csv").write_text(f"lon,lat\n{MONAS.lon},{MONAS.lat}\n-999,-999\ninf,0\n")
    said, _ = run(tmp_path / "in.csv", tmp_path / "out.csv")
    assert "2 with no position in degrees (the first: lon -999.0, lat -999.0)" in said
    assert pd.read_csv(tmp_path / "out.csv")["kelurahan"].tolist()[0] == GAMBIR[0]


def test_a_file_without_rows_becomes_one_without_rows(city, tmp_path, frame):
    for form in FORMS:
        store(frame[:0], tmp_path / f"in.{form}")
        for target in FORMS:
            said, _ = run(tmp_path / f"in.{form}", tmp_path / f"out.{target}")
            assert said.startswith("0 rows: ")
            assert set(ADDED) <= set(restore(tmp_path / f"out.{target}").columns)


def test_an_edition_is_chosen_by_its_id_or_by_a_day(city, schematic_coverage, tmp_path):
    other = editions.store(source.find("schematic"), schematic_coverage, sha256="")
    Boundary.objects.filter(edition=other, code=GAMBIR[0]).update(code="31.71.01.1999")
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text(f"lon,lat\n{MONAS.lon},{MONAS.lat}\n")
    run(path, out, "--edition", other.id)
    assert pd.read_csv(out)["kelurahan"].tolist() == ["31.71.01.1999"]
    run(path, out, "--on", "2020-01-01")
    assert pd.read_csv(out)["kelurahan"].tolist() == [GAMBIR[0]]
    assert "no edition 999" in refused(path, out, "--edition", 999)
    assert "give one of them" in refused(path, out, "--edition", other.id, "--on", "2020-01-01")
    assert "'yesterday' is no date" in refused(path, out, "--on", "yesterday")


def test_the_progress_is_shown_on_standard_error_and_the_totals_are_not(city, tmp_path, monkeypatch, frame):
    from boundaries.management.commands import locate_file

    monkeypatch.setattr(locate_file, "EVERY_S", 0)
    said, shown = run(store(frame, tmp_path / "in.parquet"), tmp_path / "out.csv")
    assert "[#######                       ]  23%  700 rows of 3,000\n" in shown
    assert "[##############################] 100%  3,000 rows of 3,000\n" in shown
    assert len(said.splitlines()) == 1


def test_the_progress_of_a_csv_is_told_from_its_bytes(city, tmp_path, monkeypatch):
    from boundaries.management.commands import locate_file

    monkeypatch.setattr(locate_file, "EVERY_S", 0)
    monkeypatch.setattr(tables, "SPAN_BYTES", 250)
    (tmp_path / "in.csv").write_text("lon,lat\n" + "106.8,-6.2\n" * 100)
    _, shown = run(tmp_path / "in.csv", tmp_path / "out.csv")
    assert "[##############                ]  45%  45 rows\n" in shown
    assert shown.endswith("[##############################] 100%  100 rows\n")
    (tmp_path / "in.csv").write_text("lon,lat\n")
    assert run(tmp_path / "in.csv", tmp_path / "out.csv")[1] == ""


CSV = "lon,lat\n106.8,-6.2\n"


@pytest.mark.parametrize(
    ("name", "content", "target", "options", "said"),
    [
        ("in.csv", None, "out.csv", [], "in.csv: no such file"),
        ("in.xlsx", "", "out.csv", [], "what ends in '.xlsx' is not read; .parquet,"),
        ("in.csv", CSV, "out.shp", [], "what ends in '.shp' is not written"),
        ("in.csv", CSV, "missing/out.csv", [], "missing: no such folder"),
        ("in.csv", CSV, "folder.csv", [], "folder.csv is a folder: give the name of a file"),
        ("in.csv", CSV, "in.csv", [], "in.csv is what is read: give another name"),
        ("in.csv", CSV, "out.csv", ["--lat", "y"], "in.csv has no column 'y'; it has lon, lat"),
        ("in.csv", "", "out.csv", [], "in.csv has no column 'lon'; it has none"),
        ("in.csv", "a,a\n1,2\n", "out.csv", [], "two columns have one name: a, a"),
        ("in.csv", 'lon,lat\n1,2\n"3,4\n', "out.csv", [], "in.csv: quotes do not match: .* in line 3"),
        ("in.csv", 'lon,"lat\n1,2\n', "out.csv", [], "in.csv: quotes do not match: .* in line 1"),
        ("in.csv", "lon,lat,kota\n1,2,3\n", "out.csv", [], "has a column 'kota' already: rename it first"),
        ("in.csv", "lon,lat\n106.8,selatan\n", "out.csv", [], "'lat' does not hold degrees: .*'selatan'"),
        ("in.csv", 'lon,lat\n"106,8","-6,2"\n', "out.csv", [], "'lon' does not hold degrees: .*'106,8'"),
        ("in.csv", "lon,lat\n106.8,-6.2,7\n", "out.csv", [], "cannot be read: .*Expected 2 columns, got 3"),
        ("in.csv", "lon,lat\n-6.2,106.8\n", "out.csv", [], "lon -6.2, lat 106.8: are the two swapped"),
        ("in.csv", "lon,lat,n\n1,2,\udcff\n", "out.csv", [], "in.csv cannot be read: .*UTF8"),
        ("in.csv", "lon,l\udcffat\n", "out.csv", [], "in.csv cannot be read: .*utf-8"),
        ("in.parquet", "PAR1 is not enough PAR1", "out.csv", [], "in.parquet cannot be read"),
        ("in.fgb", "not a FlatGeobuf", "out.csv", [], "in.fgb cannot be read"),
        ("in.csv", CSV, "out.csv", ["--threads", "0"], "--threads 0: at least one is wanted"),
        ("in.csv", CSV, "out.csv", ["--scheduler", "tcp://127.0.0.1:1"], "no scheduler answers at tcp://127.0.0.1:1"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_sentence(
    city, tmp_path, monkeypatch, name, content, target, options, said
):
    from boundaries import spread

    monkeypatch.setattr(spread, "TIMEOUT_S", 0.2)
    (tmp_path / "folder.csv").mkdir()
    if content is not None:
        (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    message = refused(tmp_path / name, tmp_path / target, *options)
    assert re.search(said, message), message


def test_a_file_that_does_not_say_its_crs_is_refused(city, tmp_path, frame):
    for form in ("parquet", "fgb"):
        with_none = frame.set_crs(None, allow_override=True)
        if form == "fgb":
            with pytest.warns(UserWarning, match="crs"):
                store(with_none, tmp_path / "in.fgb")
        else:
            store(with_none, tmp_path / "in.parquet")
        assert "does not say the CRS" in refused(tmp_path / f"in.{form}", tmp_path / f"out.{form}")


def test_what_is_no_point_is_refused(city, tmp_path):
    line = geopandas.GeoDataFrame(
        geometry=[shapely.Point(1, 2), shapely.LineString([(1, 2), (3, 4)])], crs=4326
    )
    line.to_parquet(tmp_path / "in.parquet")
    assert "holds a LineString: points are wanted" in refused(tmp_path / "in.parquet", tmp_path / "out.csv")


def test_geo_metadata_that_are_none_are_refused(city, tmp_path):
    schema = pa.schema([("n", pa.int64())]).with_metadata({b"geo": b'{"columns": {}}'})
    parquet.write_table(pa.table({"n": [1]}, schema=schema), tmp_path / "in.parquet")
    assert "geo metadata is not that of GeoParquet" in refused(tmp_path / "in.parquet", tmp_path / "out.csv")
    geo = {"primary_column": "geometry", "columns": {"geometry": {}}}
    for broken in (
        "[]",
        '{"primary_column": "n", "columns": []}',
        '{"primary_column": "n", "columns": {"n": 1}}',
    ):
        schema = schema.with_metadata({b"geo": broken.encode()})
        parquet.write_table(pa.table({"n": [1]}, schema=schema), tmp_path / "in.parquet")
        assert "geo metadata is not that of" in refused(tmp_path / "in.parquet", tmp_path / "out.csv")
    schema = schema.with_metadata({b"geo": json.dumps(geo).encode()})
    parquet.write_table(pa.table({"n": [1]}, schema=schema), tmp_path / "in.parquet")
    assert "has no geometry 'geometry'; it has n" in refused(tmp_path / "in.parquet", tmp_path / "out.csv")


def test_two_columns_of_one_name_are_refused(city, tmp_path):
    columns = [pa.array([MONAS.lon]), pa.array([MONAS.lat]), pa.array([1]), pa.array([2])]
    parquet.write_table(pa.table(columns, names=["lon", "lat", "n", "n"]), tmp_path / "in.parquet")
    said = refused(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert said == "in.parquet: two columns have one name: lon, lat, n, n"


def damage(path, text):
    """Turn each byte of a text in a file into another."""
    content = path.read_bytes()
    assert text in content
    path.write_bytes(content.replace(text, bytes(byte ^ 0xFF for byte in text)))


def test_a_parquet_file_that_is_damaged_is_refused(city, tmp_path):
    rows = {
        "lon": [MONAS.lon] * 50,
        "lat": [MONAS.lat] * 50,
        "text": [f"Jl. Kebon Sirih {n}" for n in range(50)],
    }
    path = tmp_path / "in.parquet"
    plain = {"compression": "none", "use_dictionary": False, "column_encoding": "PLAIN"}
    parquet.write_table(pa.table(rows), path, **plain)
    damage(path, b"\x12\0\0\0Jl. Kebon Sirih 10")
    assert "in.parquet cannot be read" in refused(path, tmp_path / "out.csv")
    parquet.write_table(pa.table(rows), path, **plain, write_page_checksum=True)
    damage(path, b"Kebon Sirih 10")
    assert re.search("in.parquet cannot be read: .*CRC", refused(path, tmp_path / "out.csv"))


def test_a_disk_that_is_full_is_said_and_leaves_nothing(city, tmp_path, monkeypatch):
    class Full(parquet.ParquetWriter):
        def write_batch(self, *given):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "ParquetWriter", Full)
    (tmp_path / "in.csv").write_text(CSV)
    said = refused(tmp_path / "in.csv", tmp_path / "out.parquet")
    assert said == "out.parquet cannot be written: [Errno 28] No space left on device"


@pytest.mark.parametrize("target", FORMS)
def test_a_file_that_breaks_off_in_its_midst_leaves_the_former_result(city, tmp_path, monkeypatch, target):
    monkeypatch.setattr(tables, "SPAN_BYTES", 1000)
    out = tmp_path / f"out.{target}"
    out.write_text("from yesterday")
    (tmp_path / "in.csv").write_text("lon,lat\n" + "106.8,-6.2\n" * 1000 + "106.8\n")
    assert "in.csv cannot be read" in refused(tmp_path / "in.csv", out)
    assert out.read_text() == "from yesterday"


def test_points_as_other_programs_write_them_are_read():
    plain = [shapely.Point(n, -n) for n in range(5)]
    for shapes in (plain, [*plain, None], [shapely.Point(1, 2, 3)]):
        for order in (0, 1):
            column = pa.array([None if s is None else shapely.to_wkb(s, byte_order=order) for s in shapes])
            x, y = points.from_geometry("geometry", column)
            assert np.array_equal(x, [np.nan if s is None else s.x for s in shapes], equal_nan=True)
            assert np.array_equal(y, [np.nan if s is None else s.y for s in shapes], equal_nan=True)
    sliced = pa.array([s.wkb for s in plain], pa.large_binary())[2:4]
    assert points.from_geometry("geometry", sliced)[0].tolist() == [2, 3]
    struct = pa.array([{"x": 1.0, "y": 2.0}, None])
    assert np.array_equal(
        points.from_geometry("geometry", struct), [[1, np.nan], [2, np.nan]], equal_nan=True
    )


def rows_of(table, spans):
    return [row for span in spans for batch in table.read(span) for row in batch.to_pylist()]


CELLS = st.text(st.sampled_from('ab,"\n é'), max_size=6)


@settings(max_examples=150)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), st.integers(1, 60))
def test_a_csv_is_never_cut_within_quotes(tmp_path, monkeypatch, rows, size):
    monkeypatch.setattr(tables, "SPAN_BYTES", size)
    path = tmp_path / "in.csv"
    pd.DataFrame(rows, columns=["a", "b"]).assign(lon=1, lat=2).to_csv(path, index=False, quoting=1)
    table = tables.find(path)
    assert [tuple(row.values())[:2] for row in rows_of(table, table.whole())] == rows


def test_flatgeobuf_is_read_in_spans_as_in_one_go(tmp_path, monkeypatch, frame):
    monkeypatch.setattr(tables, "SPAN_FEATURES", 900)
    table = tables.find(store(frame, tmp_path / "in.fgb"))
    apart = rows_of(table, table.spans())
    assert apart == rows_of(table, table.whole())
    assert (len(table.spans()), len(table.whole())) == (4, 1)
    assert pyogrio.read_info(table.path)["features"] == len(apart)
