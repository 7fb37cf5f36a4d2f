"""Two kelurahan side by side in Gambir, in every format, and everything that can be wrong with them."""

import hashlib
import json
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from boundaries import archive, read, source, wilayah_sql
from geoplatform.errors import BadBoundaries

SHARED = Path(__file__).parents[2] / "../shared/data/boundaries"
WEST = shapely.box(106.80, -6.18, 106.82, -6.16)
EAST = shapely.box(106.82, -6.18, 106.84, -6.16)


def pair(
    code="kode", name="nama", shapes=(WEST, EAST), codes=("31.71.01.1001", "31.71.01.1002"), crs="EPSG:4326"
):
    return geopandas.GeoDataFrame(
        {code: list(codes), name: ["Gambir", "Cideng"]}, geometry=list(shapes), crs=crs
    )


def save(rows, path, **options):
    """Write a frame; GDAL's warning about a missing CRS is what some tests are about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        pyogrio.write_dataframe(rows, path, **options)
    return path


def zipped(rows, folder, name="kelurahan.zip", leave_out=(), inner="batas/"):
    save(rows, folder / "kelurahan.shp")
    with zipfile.ZipFile(folder / name, "w") as file:
        for part in sorted(folder.glob("kelurahan.*")):
            if part.suffix not in {".zip", *leave_out}:
                file.write(part, f"{inner}{part.name}")
    return folder / name


def load(path, **changed):
    found = replace(source.find(path), **changed)
    return read.polygons(found, [path])


def refused(path, told, **changed):
    with pytest.raises(BadBoundaries, match=told):
        load(path, **changed)


def geojson(folder, rows=None, **options):
    return save(pair() if rows is None else rows, folder / "kelurahan.geojson", **options)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32748"])
@pytest.mark.parametrize("kind", ["geojson", "zip", "gpkg", "fgb"])
def test_every_format_gives_the_same_rows(tmp_path, kind, crs):
    rows = pair().to_crs(crs)
    if kind == "zip":
        path = zipped(rows, tmp_path)
    else:
        options = {"RFC7946": "NO", "COORDINATE_PRECISION": 9} if kind == "geojson" else {}
        path = save(rows, tmp_path / f"kelurahan.{kind}", **options)
    found = load(path)
    assert list(found.columns) == ["code", "name", "geometry"]
    assert found["code"].tolist() == ["31.71.01.1001", "31.71.01.1002"]
    assert found["name"].tolist() == ["Gambir", "Cideng"]
    assert found.crs == "EPSG:4326"
    assert np.allclose(found.total_bounds, (106.80, -6.18, 106.84, -6.16), atol=1e-8)
    assert shapely.coverage_is_valid(found.geometry.to_numpy())


def test_rows_come_ordered_by_code(tmp_path):
    rows = pair(codes=("31.71.01.1002", "31.71.01.1001"))
    assert load(geojson(tmp_path, rows))["code"].tolist() == ["31.71.01.1001", "31.71.01.1002"]


def test_a_shapefile_without_prj_is_read_when_its_source_names_the_crs(tmp_path):
    path = zipped(pair().to_crs("EPSG:32748"), tmp_path, leave_out=(".prj",))
    found = load(path, crs="EPSG:32748")
    assert np.allclose(found.total_bounds, (106.80, -6.18, 106.84, -6.16))


@pytest.mark.parametrize(
    ("code", "name"), [("kode_kelurahan", "nama_kelurahan"), ("code", "name"), ("KODE", "Nama")]
)
def test_the_documented_columns_are_found(tmp_path, code, name):
    assert load(geojson(tmp_path, pair(code, name)))["name"].tolist() == ["Gambir", "Cideng"]


def test_the_source_names_columns_and_parents(tmp_path):
    rows = pair("id2", "label").assign(kec=["Gambir", "Gambir"], kab=["Pusat", "Pusat"])
    found = load(geojson(tmp_path, rows), fields=source.Fields("id2", "label", "kec", "kab"))
    assert list(found.columns) == ["code", "name", "kecamatan", "kota", "geometry"]
    assert found["kota"].tolist() == ["Pusat", "Pusat"]


def test_a_bow_tie_is_repaired_and_the_sound_neighbour_keeps_its_coordinates(tmp_path):
    tie = shapely.Polygon([(106.80, -6.18), (106.81, -6.16), (106.81, -6.18), (106.80, -6.16)])
    found = load(geojson(tmp_path, pair(shapes=(tie, EAST))))
    assert found.geometry.is_valid.all()
    assert found.geometry.iloc[0].geom_type == "MultiPolygon"
    assert found.geometry.iloc[1].equals(EAST)


def test_heights_are_dropped(tmp_path):
    high = tuple(shapely.force_3d(shape, 12.0) for shape in (WEST, EAST))
    assert not load(geojson(tmp_path, pair(shapes=high))).geometry.has_z.any()


def test_the_right_checksum_is_accepted(tmp_path):
    path = geojson(tmp_path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(load(path, files=(source.SourceFile(path=path, sha256=sha256),))) == 2


def test_a_wrong_checksum_is_refused(tmp_path):
    path = geojson(tmp_path)
    refused(
        path,
        "has sha256 [0-9a-f]{64}, its source says 0000",
        files=(source.SourceFile(path=path, sha256="0" * 64),),
    )


def test_an_unknown_format_is_refused(tmp_path):
    refused(geojson(tmp_path), "unknown format 'kml'", format="kml")


def test_files_are_counted(tmp_path):
    with pytest.raises(BadBoundaries, match="wilayah has 6 files, given were 1"):
        read.polygons(source.find("wilayah"), [geojson(tmp_path)])


def test_a_file_that_is_gone_is_named(tmp_path):
    found = source.find(geojson(tmp_path))
    with pytest.raises(BadBoundaries, match=r"no file 'gone\.geojson'"):
        read.polygons(found, [tmp_path / "gone.geojson"])


@pytest.mark.parametrize(
    "member", ["/etc/cron.d/x", "../x.shp", "batas/../../x.shp", "..\\x.shp", "C:\\x.shp"]
)
def test_a_zip_that_escapes_its_folder_is_refused(tmp_path, member):
    path = zipped(pair(), tmp_path)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(member, b"x")
    refused(path, "escapes its folder")


def test_a_zip_with_a_link_is_refused(tmp_path):
    path = zipped(pair(), tmp_path)
    link = zipfile.ZipInfo("batas/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, "/etc/passwd")
    refused(path, "is a link")


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    path = zipped(pair(), tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(100_000))
    refused(path, r"unpack to \d+ bytes")


def test_a_zip_without_shp_is_refused(tmp_path):
    refused(zipped(pair(), tmp_path, leave_out=(".shp",)), r"one \.shp is wanted, found no \.shp")


def test_a_zip_with_two_shapefiles_needs_a_layer(tmp_path):
    path = zipped(pair(), tmp_path)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("batas/kecamatan.shp", b"")
    refused(path, r"found batas/kelurahan\.shp, batas/kecamatan\.shp")
    assert len(load(path, layer="kelurahan")) == 2


def test_a_zip_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    refused(tmp_path / "a.zip", r"a\.zip is not a sound zip")


def test_a_shapefile_that_is_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("a.shp", "<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>")
    refused(tmp_path / "a.zip", "not a shapefile")


def test_a_missing_crs_is_refused(tmp_path):
    refused(zipped(pair(), tmp_path, leave_out=(".prj",)), "does not say its CRS")


def test_a_declared_crs_must_be_that_of_the_file(tmp_path):
    refused(geojson(tmp_path), "is in 'WGS 84', its source says EPSG:32748", crs="EPSG:32748")


def test_an_unknown_crs_is_refused(tmp_path):
    refused(geojson(tmp_path), "no CRS 'EPSG:999999' is known", crs="EPSG:999999")


def test_swapped_coordinates_are_called_so(tmp_path):
    turned = tuple(shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in (WEST, EAST))
    refused(
        geojson(tmp_path, pair(shapes=turned)),
        r"31\.71\.01\.1001 begins at .* longitude and latitude are swapped",
    )


@pytest.mark.parametrize(("told", "true"), [("EPSG:4326", "EPSG:32748"), ("EPSG:32748", "EPSG:4326")])
def test_a_wrong_crs_is_suspected(tmp_path, told, true):
    rows = pair().to_crs(true).set_crs(told, allow_override=True)
    path = save(rows, tmp_path / "kelurahan.gpkg")
    refused(path, r"outside Jakarta .* is its CRS right\? \(2 of 2 lie outside\)")


def test_bandung_is_not_jakarta(tmp_path):
    shapes = (WEST, shapely.box(107.6, -6.95, 107.61, -6.94))
    refused(geojson(tmp_path, pair(shapes=shapes)), r"31\.71\.01\.1002 .*\(1 of 2 lie outside\)")


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (None, "row 2 has no code"),
        ("", "row 2 has no code"),
        ("31.71.01.1001", r"code 31\.71\.01\.1001 occurs 2 times"),
        ("3171011002", "row 2: code '3171011002' is not of the form"),
        ("31.71.01.1002 ", "row 2: code '31.71.01.1002 ' is not of the form"),
        ("31.71.01", r"row 2: code '31\.71\.01' is not of the form"),
    ],
)
def test_a_bad_code_is_named(tmp_path, second, told):
    refused(geojson(tmp_path, pair(codes=("31.71.01.1001", second))), told)


def test_codes_that_are_numbers_are_refused(tmp_path):
    refused(geojson(tmp_path, pair(codes=(3171010001, 3171010002))), "row 1: code '3171010001'")


@pytest.mark.parametrize(("name", "told"), [(None, "missing"), ("  ", "'  '")])
def test_a_missing_name_is_named(tmp_path, name, told):
    rows = pair()
    rows["nama"] = ["Gambir", name]
    refused(geojson(tmp_path, rows), rf"name of 31\.71\.01\.1002 is {told}")


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (None, "has no geometry"),
        (shapely.Polygon(), "has (no|an empty) geometry"),
        (shapely.LineString([(106.80, -6.18), (106.82, -6.16)]), "is a LineString, not a polygon"),
        (shapely.Point(106.80, -6.18), "is a Point, not a polygon"),
        (shapely.Polygon([(106.80, -6.18), (106.82, -6.16), (106.80, -6.18)]), "encloses no land"),
    ],
)
def test_what_is_no_polygon_is_named(tmp_path, shape, told):
    refused(geojson(tmp_path, pair(shapes=(WEST, shape))), rf"31\.71\.01\.1002 {told}")


def test_unknown_columns_are_listed(tmp_path):
    refused(geojson(tmp_path, pair("id2", "label")), "which column is the code.* it has id2, label")


def test_two_columns_that_might_be_meant_are_not_chosen_from(tmp_path):
    refused(geojson(tmp_path, pair().assign(code="x")), "which column is the code.* it has kode, nama, code")


def test_a_column_that_the_source_names_must_be_there(tmp_path):
    refused(
        geojson(tmp_path), "no column 'KODE' for code; it has kode, nama", fields=source.Fields(code="KODE")
    )


def test_a_file_without_rows_is_refused(tmp_path):
    refused(save(pair()[:0], tmp_path / "a.gpkg", geometry_type="Polygon"), "0 rows")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "is a list, not a GeoJSON FeatureCollection"),
        ('{"type": "Topology"}', "is a Topology"),
        (
            '{"type": "FeatureCollection", "crs": {"type": "link", "properties": {"href": "http://x"}}}',
            "is not a name",
        ),
        (
            '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "http://x"}}}',
            "is not a name",
        ),
    ],
)
def test_json_that_is_no_geojson_of_features_is_refused(tmp_path, text, told):
    (tmp_path / "a.geojson").write_text(text, encoding="utf-8")
    refused(tmp_path / "a.geojson", told)


@pytest.mark.parametrize(("suffix", "kind"), [("gpkg", "geopackage"), ("fgb", "flatgeobuf")])
def test_a_file_of_another_kind_is_not_opened(tmp_path, suffix, kind):
    path = tmp_path / f"a.{suffix}"
    path.write_text("<OGRVRTDataSource/>", encoding="utf-8")
    refused(path, f"begins with b'<OGRVRTDataSourc': not a {kind}")


def test_a_broken_geopackage_is_refused_without_its_folder(tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\x00 and no more")
    with pytest.raises(BadBoundaries) as caught:
        load(path)
    assert "a.gpkg cannot be read" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_geopackage_of_two_layers_needs_one_named(tmp_path):
    path = save(pair(), tmp_path / "a.gpkg", layer="kelurahan")
    save(pair(), path, layer="lama", append=True)
    refused(path, "has the layers kelurahan, lama; name one")
    refused(path, "has no layer 'baru'; it has kelurahan, lama", layer="baru")
    assert len(load(path, layer="kelurahan")) == 2


def test_a_table_without_geometry_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pair().drop(columns="geometry"), path)
    refused(path, "has no geometry, only the columns kode, nama")


def dump(*rows, head="/* MIT\nit's free */\n"):
    return (
        head
        + "INSERT INTO wilayah_boundaries(kode,nama,lat,lng,path) VALUES\n\t "
        + ",\n\t ".join(rows)
        + ";\n"
    )


def row(code="31.71.01.1001", name="Gambir", shape=WEST, path=None):
    ring = [[lat, lon] for lon, lat in shape.exterior.coords]
    return f"('{code}','{name}',-6.17,106.81,'{json.dumps(path or [ring])}')"


def sql(folder, text):
    (folder / "a.sql").write_text(text, encoding="utf-8")
    return folder / "a.sql"


def test_a_dump_is_read_over_several_statements(tmp_path):
    delete = "DELETE FROM wilayah_boundaries WHERE kode LIKE '31.71.%' AND LENGTH(kode)=13;\n"
    islands = [[[[lat, lon] for lon, lat in EAST.exterior.coords]]] * 1 + [
        [[[-6.0, 106.7], [-6.0, 106.8], [-5.9, 106.7], [-6.0, 106.7]]]
    ]
    text = dump(row(name="Ja''far"), head=f"-- MIT\n{delete}") + dump(
        row("31.71.01.1002", path=islands), row("31.71.01")
    )
    found = load(sql(tmp_path, text))
    assert found["code"].tolist() == ["31.71.01.1001", "31.71.01.1002"]
    assert found["name"].tolist() == ["Ja'far", "Gambir"]
    assert found.geometry.iloc[0].equals(WEST)
    assert len(found.geometry.iloc[1].geoms) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("DROP TABLE wilayah_boundaries;", r"a\.sql line 1: cannot read 'DROP TABLE"),
        (dump(row()) + "DELETE FROM wilayah_boundaries;", "line 5: cannot read 'DELETE"),
        (dump(row()).replace("wilayah_boundaries", "users"), "line 3: cannot read 'INSERT INTO users"),
        (dump(row(name="O\\'")), "line 4: cannot read"),
        (dump(row(name="O'Brien")), "line 4: cannot read"),
        (dump(row().replace("106.81", "sleep(9)")), "line 4: cannot read"),
        (dump(row())[:-2], "line 4: cannot read"),
        ("/* never closed", r"line 1: cannot read '/\* never"),
        (dump(row(path="x")), "path of 31.71.01.1001 is not rings"),
        (dump(row(path=[1, 2])), "1 levels deep"),
        (dump(row(path=[[[-6, 106.8, 3]] * 4])), r"a ring of shape \(4, 3\)"),
        (dump(row(path=[[[-6, 106.8], [-6]]])), "path of 31.71.01.1001 is not rings"),
        (dump(row(path=[[[-6, "x"]] * 4])), "path of 31.71.01.1001 is not rings"),
        (dump(row("31.71.1001")), "code '31.71.1001' is not of the form"),
        ("-- nothing\n", "0 rows"),
    ],
)
def test_a_dump_of_another_form_is_refused(tmp_path, text, told):
    refused(sql(tmp_path, text), told)


def test_a_dump_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.sql").write_bytes(b"\xff\xfe")
    refused(tmp_path / "a.sql", "is not UTF-8")


def test_a_path_nested_without_end_is_refused(tmp_path):
    with pytest.raises(BadBoundaries, match="path of x is not rings"):
        wilayah_sql._geometry(wilayah_sql.Row("x", "x", "[" * 200_000), "a.sql")


def test_a_schematic_source_is_computed():
    assert len(read.polygons(source.find("schematic"), [])) == 267


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real boundaries are not on this machine")
def test_the_published_kelurahan_are_read():
    found = load(SHARED / "kelurahan_267_as_published.geojson")
    assert (len(found), found["name"].iloc[0]) == (267, "Pulau Panggang")
