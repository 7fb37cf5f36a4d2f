"""What other programs read out of the files: geopandas, pyogrio (GDAL), DuckDB, pyarrow, and csv."""

import csv
import io
import json

import duckdb
import geopandas
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from django.db import connection

from api import collections
from tests.api.exports.conftest import TEXTS

pytestmark = pytest.mark.django_db(transaction=True)
REPORTS = "/api/collections/reports/export"
every_table = pytest.mark.parametrize("form", ["parquet", "fgb", "gpkg"])


def truth(order="id"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM analyst.reports ORDER BY {order}")
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [{**row, "geom": row["geom"] and shapely.from_wkb(row["geom"])} for row in found]


def read(path, form):
    found = geopandas.read_parquet(path) if form == "parquet" else pyogrio.read_dataframe(path)
    return found.sort_values("id").reset_index(drop=True)


@every_table
def test_a_file_holds_every_row_and_every_column_as_the_view_has_them(rows, exported, form):
    found = read(exported(f"{REPORTS}.{form}"), form)
    expected = truth()
    assert found["id"].tolist() == [row["id"] for row in expected]
    assert found["text"].fillna("").tolist() == list(TEXTS)
    assert found.crs in ("EPSG:4326", "OGC:CRS84")
    for name in ("category", "status", "channel", "kelurahan", "kota", "placed_by", "office"):
        assert found[name].astype(object).where(found[name].notna(), None).tolist() == [
            row[name] for row in expected
        ]
    assert found["simulated"].astype(bool).tolist() == [row["simulated"] for row in expected]
    points = [None if point is None or point.is_empty else (point.x, point.y) for point in found.geometry]
    assert points == [row["geom"] and row["geom"].coords[0] for row in expected]


@every_table
def test_instants_keep_their_time_zone(rows, exported, form):
    found = read(exported(f"{REPORTS}.{form}"), form)["submitted_at"]
    assert str(found.dt.tz) == "UTC"
    # FlatGeobuf and GeoPackage hold milliseconds.
    digits = "us" if form == "parquet" else "ms"
    assert found.dt.floor(digits).tolist() == [
        expected
        for expected in geopandas.pd.to_datetime([row["submitted_at"] for row in truth()]).floor(digits)
    ]


def test_a_geoparquet_says_what_its_specification_asks_for(rows, exported):
    path = exported(f"{REPORTS}.parquet")
    said = pyarrow.parquet.read_metadata(path).metadata
    geo = json.loads(said[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    column = geo["columns"]["geometry"]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    lons = [row["geom"].x for row in truth() if row["geom"]]
    assert column["bbox"][0] == min(lons)
    assert column["bbox"][2] == max(lons)
    assert said[b"attribution"] == b"Jakarta Smart City"
    assert json.loads(said[b"columns"])["status"] == "waiting, in_progress or done"


def test_a_box_is_read_by_the_covering_alone(rows, exported):
    path = exported(f"{REPORTS}.parquet")
    found = geopandas.read_parquet(path, bbox=(106.795, -6.3, 106.815, -6.1))
    assert len(found) == 2


def test_the_covering_covers_each_geometry_though_it_is_single(rows, exported):
    for name in ("reports", "kelurahan", "jams"):
        table = pyarrow.parquet.read_table(exported(f"/api/collections/{name}/export.parquet"))
        for shape, box in zip(table["geometry"].to_pylist(), table["bbox"].to_pylist(), strict=True):
            if shape is None:
                assert box is None
                continue
            west, south, east, north = shapely.from_wkb(shape).bounds
            assert box["xmin"] <= west <= east <= box["xmax"]
            assert box["ymin"] <= south <= north <= box["ymax"]
            assert box["xmax"] - box["xmin"] - (east - west) < 1e-4


def test_duckdb_counts_what_the_database_counts(rows, exported):
    path = exported(f"{REPORTS}.parquet")
    with duckdb.connect() as duck:
        found = duck.execute(
            "SELECT category, count(*) FROM read_parquet(?) GROUP BY 1 ORDER BY 1", [str(path)]
        ).fetchall()
    assert found == [("flood", 4), ("road", 4)]


def test_a_csv_reads_back_and_holds_no_formula(rows, exported):
    with exported(f"{REPORTS}.csv").open(newline="", encoding="utf-8") as file:
        found = sorted(csv.DictReader(file), key=lambda row: int(row["id"]))
    expected = truth()
    texts = [row["text"] for row in found]
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for text in texts)
    assert [text.removeprefix("'") for text in texts] == list(TEXTS)
    assert [row["lon"] for row in found] == [
        f"{row['geom'].x:.6f}" if row["geom"] else "" for row in expected
    ]
    assert found[0]["submitted_at"] == "2026-05-14T05:00:00Z"
    assert found[1]["submitted_at"] == "2026-05-15T05:00:00.000007Z"
    assert [row["simulated"] for row in found] == ["false"] * len(TEXTS)


def test_a_sequence_is_a_feature_to_a_record(rows, exported):
    path = exported(f"{REPORTS}.geojsonseq")
    texts = path.read_bytes().split(b"\x1e")
    assert texts[0] == b""
    found = sorted((json.loads(text) for text in texts[1:]), key=lambda feature: feature["id"])
    assert all(text.endswith(b"\n") for text in texts[1:])
    assert [feature["properties"]["text"] for feature in found] == list(TEXTS)
    assert [feature["geometry"] is None for feature in found] == [n == 6 for n in range(8)]
    assert set(found[0]["properties"]) == set(collections.find("reports").columns)
    assert len(pyogrio.read_dataframe(path)) == 8


@pytest.mark.parametrize("name", ["kelurahan", "kota", "jams", "petrol_stations", "alerts", "restaurants"])
@pytest.mark.parametrize("form", ["parquet", "fgb", "gpkg", "csv", "geojsonseq"])
def test_every_collection_goes_into_every_form(rows, exported, name, form):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM analyst.{name}")
        ((count,),) = cursor.fetchall()
    path = exported(f"/api/collections/{name}/export.{form}")
    if form == "csv":
        found = len(list(csv.reader(io.StringIO(path.read_text(), newline="")))) - 1
    elif form == "geojsonseq":
        found = path.read_bytes().count(b"\x1e")
    else:
        frame = geopandas.read_parquet(path) if form == "parquet" else pyogrio.read_dataframe(path)
        assert frame.geometry.is_valid.all()
        found = len(frame)
    assert found == count


@pytest.mark.parametrize("form", ["parquet", "fgb", "gpkg", "csv", "geojsonseq"])
def test_a_selection_is_that_of_the_items(rows, exported, form):
    path = exported(f"{REPORTS}.{form}?category=flood&bbox=106.8,-6.3,106.84,-6.1&datetime=2026-05-15/..")
    if form == "csv":
        ids = [int(row["id"]) for row in csv.DictReader(io.StringIO(path.read_text(), newline=""))]
    elif form == "geojsonseq":
        ids = [json.loads(text)["id"] for text in path.read_bytes().split(b"\x1e")[1:]]
    else:
        ids = read(path, form)["id"].tolist()
    expected = [row["id"] for row in truth() if row["category"] == "flood" and row["geom"].x < 106.84]
    assert sorted(ids) == expected
    assert len(ids) == 2


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_filter_in_cql2_and_fewer_columns_are_those_of_the_items_too(rows, exported, form):
    path = exported(
        f"{REPORTS}.{form}?filter=status%3D'done'%20OR%20category%3D'road'&properties=category,text"
    )
    if form == "csv":
        (header, *found) = csv.reader(io.StringIO(path.read_text(), newline=""))
        assert header == ["id", "category", "text", "lon", "lat"]
        assert len(found) == 5
    else:
        table = pyarrow.parquet.read_table(path)
        assert table.column_names == ["id", "category", "text", "geometry", "bbox"]
        assert len(table) == 5


def test_a_geopackage_says_where_it_is_from(rows, exported):
    said = pyogrio.read_info(exported("/api/collections/petrol_stations/export.gpkg"))["layer_metadata"]
    assert "OpenStreetMap contributors (https://www.openstreetmap.org/copyright)" in said["attribution"]
    assert said["licence"].startswith("Open Database License")


def test_a_flatgeobuf_has_its_index_and_its_title(rows, exported):
    info = pyogrio.read_info(exported("/api/collections/petrol_stations/export.fgb"))
    assert info["capabilities"]["fast_spatial_filter"]
    assert info["layer_metadata"]["TITLE"] == "SPBU / Petrol stations"
