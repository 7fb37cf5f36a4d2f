import datetime

import pytest

from boundaries import facts, source
from geoplatform.errors import BadBoundaries

SHA = "0" * 64
GOOD = {
    "title": '"Batas kelurahan"',
    "publisher": '"Dinas"',
    "licence": '"CC0"',
    "attribution": '"Dinas, 2026"',
    "format": '"geojson"',
}
FILES = '\n[[files]]\npath = "kelurahan.geojson"\n'


def write(folder, lines="", name="contoh.toml", files=FILES, **changed):
    """Write a TOML of the good keys, some changed; None leaves one out."""
    keys = GOOD | changed
    text = "\n".join(f"{key} = {value}" for key, value in keys.items() if value is not None)
    path = folder / name
    path.write_text(f"{text}\n{lines}\n{files}", encoding="utf-8")
    return path


def test_the_shipped_sources_are_found_by_name():
    assert source.shipped() == ["schematic", "wilayah"]


def test_wilayah_is_six_checked_files_under_mit():
    found = source.find("wilayah")
    assert [file.name for file in found.files] == [
        f"wilayah_boundaries_kel_31.{kota}.sql" for kota in ("01", "71", "72", "73", "74", "75")
    ]
    assert all(len(file.sha256) == 64 for file in found.files)
    assert (found.format, found.crs, found.gap_width_m, found.valid_from) == (
        "wilayah_sql",
        "EPSG:4326",
        150,
        None,
    )
    assert found.licence.startswith("MIT")
    assert found.expected == source.Expected(kelurahan=267, kecamatan=44, kota=6)
    assert not found.schematic


@pytest.mark.parametrize("name", [name for name in source.shipped() if name != "schematic"])
def test_a_shipped_source_names_its_columns(name):
    found = source.find(name).fields
    assert found.code
    assert found.name


def test_the_schematic_source_reads_no_polygons():
    found = source.find("schematic")
    assert found.schematic and not found.files
    assert len(facts.read(found.facts)) == found.expected.kelurahan


def test_a_toml_is_read_with_every_key(tmp_path):
    lines = """
homepage = "https://example.org"
crs = "EPSG:32748"
layer = "kelurahan"
gap_width_m = 20
valid_from = 2026-01-01
[fields]
code = "KODE"
name = "NAMA"
kecamatan = "KEC"
kota = "KOTA"
[expected]
kelurahan = 2
kecamatan = 1
kota = 1
"""
    found = source.find(write(tmp_path, lines))
    assert found == source.Source(
        name="contoh",
        title="Batas kelurahan",
        publisher="Dinas",
        licence="CC0",
        attribution="Dinas, 2026",
        format="geojson",
        homepage="https://example.org",
        crs="EPSG:32748",
        layer="kelurahan",
        gap_width_m=20,
        valid_from=datetime.date(2026, 1, 1),
        fields=source.Fields("KODE", "NAMA", "KEC", "KOTA"),
        expected=source.Expected(2, 1, 1),
        files=(source.SourceFile(path=tmp_path / "kelurahan.geojson"),),
    )


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".geojson", "geojson"),
        (".ZIP", "shapefile"),
        (".gpkg", "geopackage"),
        (".fgb", "flatgeobuf"),
        (".sql", "wilayah_sql"),
    ],
)
def test_a_data_file_says_its_format_by_its_suffix(tmp_path, suffix, kind):
    path = tmp_path / f"kelurahan{suffix}"
    path.touch()
    found = source.find(str(path))
    assert (found.name, found.format) == ("kelurahan", kind)
    assert found.files == (source.SourceFile(path=path),)
    assert found.expected is None


def test_a_toml_beside_a_data_file_says_what_it_is(tmp_path):
    data = tmp_path / "kelurahan.zip"
    data.touch()
    write(
        tmp_path,
        name="kelurahan.toml",
        files=f'[[files]]\npath = "old.zip"\nsha256 = "{SHA}"',
        format='"shapefile"',
    )
    found = source.find(data)
    assert (found.title, found.format) == ("Batas kelurahan", "shapefile")
    assert found.files == (source.SourceFile(path=data, sha256=SHA),)


def test_a_toml_beside_a_data_file_need_not_name_it(tmp_path):
    data = tmp_path / "kelurahan.geojson"
    data.touch()
    write(tmp_path, name="kelurahan.toml", files="")
    assert source.find(data).files == (source.SourceFile(path=data),)


@pytest.mark.parametrize(
    ("changed", "lines", "files", "told"),
    [
        ({"licence": None}, "", FILES, r"missing key 'licence'"),
        ({"colour": '"red"'}, "", FILES, r"unknown key 'colour' = 'red'"),
        ({"title": "7"}, "", FILES, r"key 'title' cannot be 7"),
        ({"title": '""'}, "", FILES, r"key 'title' cannot be ''"),
        ({"gap_width_m": "true"}, "", FILES, r"key 'gap_width_m' cannot be True"),
        ({"gap_width_m": "-1"}, "", FILES, r"gap_width_m -1 is not between"),
        ({"valid_from": '"2026"'}, "", FILES, r"key 'valid_from' cannot be '2026'"),
        ({"valid_from": "2026-01-01T00:00:00Z"}, "", FILES, r"key 'valid_from' cannot be"),
        ({"format": '"kml"'}, "", FILES, r"unknown format 'kml'"),
        ({"crs": '"+proj=utm"'}, "", FILES, r"crs '\+proj=utm' is not of the form EPSG"),
        ({"schematic": "true"}, "", FILES, r"schematic = True does not go with format 'geojson'"),
        ({}, "[fields]\nkode = 'KODE'", FILES, r"\[fields\]: unknown key 'kode'"),
        ({}, "[expected]\nkelurahan = 267", FILES, r"\[expected\]: missing key 'kecamatan', 'kota'"),
        ({}, "[expected]\n", FILES, r"\[expected\]: missing key 'kelurahan'"),
        ({}, "", "", r"0 \[\[files\]\]"),
        ({}, "files = [3]", "", r"3 is no table"),
        ({}, "", "[[files]]\n", r"one of 'url' and 'path' is wanted"),
        ({}, "", "[[files]]\npath = 'a'\nmd5 = 'b'", r"unknown key 'md5'"),
        ({}, "", "[[files]]\npath = 'a'\nsha256 = 'ABC'", r"sha256 'ABC' is not 64"),
        ({}, "", "[[files]]\nurl = 'https://example.org/a.zip'", r"has no 'sha256'"),
        ({}, "", f"[[files]]\nurl = 'http://example.org/a.zip'\nsha256 = '{SHA}'", r"is not https"),
        ({}, "", f"[[files]]\nurl = 'https://example.org/..'\nsha256 = '{SHA}'", r"a plain file name"),
        ({"title": "= ="}, "", FILES, r"contoh.toml is not TOML"),
    ],
)
def test_a_wrong_toml_names_key_and_value(tmp_path, changed, lines, files, told):
    with pytest.raises(BadBoundaries, match=told):
        source.find(write(tmp_path, lines, files=files, **changed))


def test_an_unknown_name_lists_the_shipped_ones():
    with pytest.raises(BadBoundaries, match="no source or file 'jakarta'; shipped are schematic, wilayah"):
        source.find("jakarta")


def test_an_unknown_suffix_lists_the_known_ones(tmp_path):
    (tmp_path / "a.kml").touch()
    with pytest.raises(BadBoundaries, match=r"unknown format '\.kml' of a\.kml; known are \.geojson"):
        source.find(tmp_path / "a.kml")


def test_a_toml_of_several_files_does_not_stand_beside_one(tmp_path):
    (tmp_path / "kelurahan.geojson").touch()
    write(tmp_path, name="kelurahan.toml", files=FILES + FILES)
    with pytest.raises(BadBoundaries, match="names 2 files"):
        source.find(tmp_path / "kelurahan.geojson")


def test_the_facts_are_267_kelurahan_of_44_kecamatan_and_6_kota():
    table = facts.read()
    assert len({fact.code for fact in table}) == len({fact.bps_code for fact in table}) == 267
    assert len({fact.kecamatan_code for fact in table}) == 44
    assert {fact.kota_code for fact in table} == {"31.01", "31.71", "31.72", "31.73", "31.74", "31.75"}
    assert all(fact.code.startswith(fact.kecamatan_code) for fact in table)
    assert all(fact.kecamatan_code.startswith(fact.kota_code) for fact in table)
    assert sum(fact.area_km2 for fact in table) == pytest.approx(660.99, abs=0.01)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("31.71.01.1001,Gambir,31.71.01,Gambir,31.71,Pusat,1,106.8,x,1", "label_lat of 31.71.01.1001 is 'x'"),
        (
            "31.71.01.1001,Gambir,31.71.01,Gambir,31.71,Pusat,1,106.8,nan,1",
            "label_lat of 31.71.01.1001 is 'nan'",
        ),
        ("31.71.01.1001,,31.71.01,Gambir,31.71,Pusat,1,106.8,-6.1,1", "no name in"),
        ("31.71.01.1001,Gambir,31.71.01,Gambir,31.71,Pusat,1,106.8,-6.1,1,9", "further value"),
    ],
)
def test_a_wrong_fact_is_named(tmp_path, row, told):
    path = tmp_path / "facts.csv"
    path.write_text(",".join(facts.COLUMNS) + "\n" + row + "\n", encoding="utf-8")
    with pytest.raises(BadBoundaries, match=told):
        facts.read(path)


def test_facts_with_other_columns_are_refused(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("kode,nama\n", encoding="utf-8")
    with pytest.raises(BadBoundaries, match=r"facts.csv: columns \['kode', 'nama'\]"):
        facts.read(path)
