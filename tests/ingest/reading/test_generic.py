"""GeoJSON and CSV by TOML alone: the mapping, what it refuses, and what people's tables look like."""

import csv
import io
import json
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplatform.errors import BadSettings, FeedChanged, FeedError, FeedUnavailable, Rejected
from ingest import feeds
from ingest.adapter import Feed, Window
from ingest.adapters.csv import Adapter as Csv
from ingest.adapters.geojson import Adapter as GeoJson
from tests.conftest import MONAS, NOON, ROOT

REPORT = {
    "record": "report",
    "category": "other",
    "fields": {"id": "no", "text": "isi", "submitted_at": "waktu", "lon": "bujur", "lat": "lintang"},
}
PLACE = {
    "record": "poi",
    "kind": "fuel",
    "fields": {"id": "no", "name": "nama", "lon": "bujur", "lat": "lintang"},
}
HEADER = "no,isi,waktu,bujur,lintang"
ROW = "1,Lampu mati,2026-05-14 12:00:00,106.8272,-6.1754"


def feed(options: dict[str, Any], adapter: str = "csv") -> Feed:
    return Feed("own", "Own", "us", "file:///nowhere", 60, adapter=adapter, options=options)


def table(*options: dict[str, Any]) -> Csv:
    """An adapter of a table of reports, with other options; those of fields are added."""
    return Csv(feed(merged(REPORT, *options)))


def features(*options: dict[str, Any]) -> GeoJson:
    """An adapter of features that are reports, with other options."""
    fields = {"id": "no", "text": "isi", "submitted_at": "waktu"}
    return GeoJson(feed(merged({**REPORT, "fields": fields}, *options), "geojson"))


def merged(base: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    for other in others:
        base = {**base, **other, "fields": {**base["fields"], **other.get("fields", {})}}
    return base


def read(adapter: Any, text: str | bytes) -> list[Any]:
    """The reports in a document, each with its trace, as pairs."""
    body = text if isinstance(text, bytes) else text.encode()
    return [adapter.parse(payload) for payload in adapter.document(body)]


def one(adapter: Any, text: str | bytes) -> Any:
    (records,) = read(adapter, text)
    return records[0]


def feature(**parts: Any) -> dict[str, Any]:
    properties = {"no": "1", "isi": "Lampu mati", "waktu": "2026-05-14T12:00:00+07:00"}
    point = {"type": "Point", "coordinates": [106.8272, -6.1754]}
    return {"type": "Feature", "geometry": point, "properties": properties} | parts


def collection(*found: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(found), **more})


# --- What is read


def test_a_row_is_a_report_in_jakarta_time():
    read_one = one(table(), f"{HEADER}\n{ROW}\n")
    assert (read_one.channel, read_one.external_id, read_one.category) == ("own", "1", "other")
    assert read_one.submitted_at == read_one.updated_at == datetime(2026, 5, 14, 5, tzinfo=UTC)
    assert read_one.point == MONAS
    assert read_one.description == "Lampu mati"
    assert read_one.unread == ()


def test_a_feature_is_a_report_and_its_nested_properties_are_reached_by_dots():
    made = features({"fields": {"hint": "tempat.alamat", "author": "pelapor.nama"}})
    properties = {
        **feature()["properties"],
        "tempat": {"alamat": "Jl. Cikini"},
        "pelapor": {"nama": "Budi Contoh"},
    }
    read_one = one(made, collection(feature(properties=properties)))
    assert (read_one.hint, read_one.author, read_one.point) == ("Jl. Cikini", "Budi Contoh", MONAS)


def test_a_property_whose_name_has_a_dot_or_a_colon_is_found_as_it_is():
    made = features({"fields": {"hint": "addr.street", "author": "contact:name"}})
    properties = {**feature()["properties"], "addr.street": "Jl. Cikini", "contact:name": "Budi Contoh"}
    read_one = one(made, collection(feature(properties=properties)))
    assert (read_one.hint, read_one.author) == ("Jl. Cikini", "Budi Contoh")


def test_the_id_of_a_feature_stands_in_for_one_among_its_properties():
    properties = {"isi": "Lampu mati", "waktu": "2026-05-14T12:00:00Z"}
    made = features({"fields": {"id": "id"}})
    assert one(made, collection(feature(id=9007199254740993, properties=properties))).external_id == (
        "9007199254740993"
    )


def test_of_several_columns_the_first_that_says_something_counts_and_texts_are_joined():
    made = table({"fields": {"text": ["judul", "isi"], "updated_at": ["selesai", "mulai"]}})
    text = (
        "no,judul,isi,waktu,bujur,lintang,selesai,mulai\n"
        "1,Lampu,Mati total,2026-05-14 12:00,,, ,2026-05-14 13:00\n"
    )
    read_one = one(made, text)
    assert read_one.description == "Lampu\nMati total"
    assert read_one.updated_at == datetime(2026, 5, 14, 6, tzinfo=UTC)
    assert read_one.point is None


@pytest.mark.parametrize(
    ("options", "written", "instant"),
    [
        ({}, "2026-05-14", datetime(2026, 5, 13, 17, tzinfo=UTC)),
        ({}, "2026-05-14T12:00:00+00:00", datetime(2026, 5, 14, 12, tzinfo=UTC)),
        ({"time_zone": "Asia/Makassar"}, "2026-05-14 12:00", datetime(2026, 5, 14, 4, tzinfo=UTC)),
        ({"time_format": "%d/%m/%Y %H.%M"}, "14/05/2026 12.00", datetime(2026, 5, 14, 5, tzinfo=UTC)),
        ({"time_format": "%d-%m-%y"}, "14-05-26", datetime(2026, 5, 13, 17, tzinfo=UTC)),
        ({"time_format": "epoch_s"}, "1778734800", datetime(2026, 5, 14, 5, tzinfo=UTC)),
        ({"time_format": "epoch_s"}, "1778734800.5", datetime(2026, 5, 14, 5, 0, 0, 500000, tzinfo=UTC)),
        ({"time_format": "epoch_ms"}, "1778734800000", datetime(2026, 5, 14, 5, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_times_are_read_in_the_form_that_the_toml_says(options, written, instant):
    assert one(table(options), f"{HEADER}\n1,a,{written},,\n").submitted_at == instant


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({}, "14/05/2026"), ({}, "kemarin"), ({}, "1778734800"), ({"time_format": "epoch_s"}, "nan"),
        ({"time_format": "epoch_ms"}, "1e300"), ({"time_format": "%d/%m/%Y"}, "31/02/2026"),
        ({"time_format": "epoch_s"}, "2026-05-14"),
    ],
)  # fmt: skip
def test_a_time_of_another_form_sets_its_row_aside_and_is_not_repeated_in_the_reason(options, written):
    with pytest.raises(Rejected, match="a time is not of the form") as raised:
        read(table(options), f"{HEADER}\n1,a,{written},,\n")
    assert written not in str(raised.value)


@pytest.mark.parametrize(
    ("options", "lon", "lat", "point"),
    [
        ({}, "106.8272", "-6.1754", MONAS),
        ({}, "0", "0", None),
        ({}, "", "", None),
        ({"decimal_comma": True}, "106,8272", "-6,1754", MONAS),
        ({"decimal_comma": True}, "106.8272", "-6.1754", MONAS),
        ({"swap_axes": True}, "-6.1754", "106.8272", MONAS),
        ({"crs": "EPSG:32748"}, "702183.3", "9317059.4", MONAS),
        ({"crs": "EPSG:32748", "decimal_comma": True}, "702.183,3", "9.317.059,4", MONAS),
        ({"crs": "EPSG:32748"}, "0", "0", None),
    ],
)
def test_positions_are_read_as_the_toml_says(options, lon, lat, point):
    text = f"no;isi;waktu;bujur;lintang\n1;a;2026-05-14;{lon};{lat}\n"
    found = one(table({"delimiter": ";"}, options), text).point
    assert (found and tuple(found)) == (point and pytest.approx(tuple(point), abs=2e-5))


@pytest.mark.parametrize(
    ("options", "lon", "lat", "reason"),
    [
        ({}, "-6.1754", "106.8272", "is not on Earth"),
        ({}, "106,8272", "-6,1754", "is no number"),
        ({}, "106.8272", "", "is no number"),
        ({}, "tidak tahu", "-6.1", "is no number"),
        ({"crs": "EPSG:32748"}, "1e12", "1e12", "is no number"),
    ],
)
def test_a_position_that_cannot_be_used_sets_its_row_aside(options, lon, lat, reason):
    with pytest.raises(Rejected, match=reason):
        read(table({"delimiter": ";"}, options), f"no;isi;waktu;bujur;lintang\n1;a;2026-05-14;{lon};{lat}\n")


STATUS = {
    "fields": {"status": "status", "updated_at": "ubah", "note": "catatan", "by": "regu"},
    "statuses": {"baru": "waiting", "kerja": "in_progress", "beres": "done", "dihapus": "withdrawn"},
}


@pytest.mark.parametrize(
    ("status", "changed", "step"),
    [
        ("baru", "", None),
        ("", "", None),
        ("baru", "2026-05-14 13:00", "waiting"),
        ("kerja", "2026-05-14 13:00", "in_progress"),
        ("beres", "", "done"),
        ("dihapus", "2026-05-14 13:00", "withdrawn"),
    ],
)
def test_a_status_is_a_step_at_the_time_of_the_change(status, changed, step):
    text = (
        "no,isi,waktu,bujur,lintang,status,ubah,catatan,regu\n"
        f"1,a,2026-05-14 12:00,,,{status},{changed},sudah,Regu 4\n"
    )
    (records,) = read(table(STATUS), text)
    steps = [(update.status, update.by, update.note) for trace in records[1:] for update in trace.updates]
    assert steps == ([(step, "Regu 4", "sudah")] if step else [])
    assert all(update.at == records[0].updated_at for trace in records[1:] for update in trace.updates)


def test_an_unknown_status_sets_its_row_aside():
    with pytest.raises(Rejected, match="unknown status 'entah'"):
        read(
            table(STATUS), "no,isi,waktu,bujur,lintang,status,ubah,catatan,regu\n1,a,2026-05-14,,,entah,,,\n"
        )


@pytest.mark.parametrize(
    ("options", "said", "category"),
    [
        ({"category": "other", "categories": {"PJU": "streetlight"}}, "PJU", "streetlight"),
        ({"category": "other", "categories": {"PJU": "streetlight"}}, "baru", "other"),
        ({"category": "other", "categories": {"PJU": "streetlight"}}, "", "other"),
        ({"category": "other"}, "PJU", "other"),
    ],
)
def test_a_category_is_looked_up_and_only_a_declared_one_stands_in(options, said, category):
    made = table({"fields": {"category": "jenis"}}, options)
    assert one(made, f"{HEADER},jenis\n{ROW},{said}\n").category == category


@pytest.mark.parametrize(("said", "reason"), [("baru", "unknown category 'baru'"), ("", "no category")])
def test_without_a_declared_category_an_unknown_one_sets_its_row_aside(said, reason):
    options = {"fields": {"category": "jenis"}, "category": None, "categories": {"PJU": "streetlight"}}
    merged_options = merged(REPORT, options)
    del merged_options["category"]
    with pytest.raises(Rejected, match=reason):
        read(Csv(feed(merged_options)), f"{HEADER},jenis\n{ROW},{said}\n")


def test_only_an_address_of_the_web_is_a_picture():
    made = table({"fields": {"image_url": "foto"}})
    assert one(made, f"{HEADER},foto\n{ROW},https://photos.example/1.jpg\n").image_url == (
        "https://photos.example/1.jpg"
    )
    assert one(made, f"{HEADER},foto\n{ROW},javascript:alert(1)\n").image_url == ""


def test_what_becomes_nothing_is_named_unless_it_is_ignored():
    text = f"{HEADER},tiang,x_1,x_2\n{ROW},7,8,9\n"
    assert one(table(), text).unread == ("tiang", "x_1", "x_2")
    assert one(table({"ignore": ["x_*"]}), text).unread == ("tiang",)


# --- What is refused when the adapter is made


def without(options: dict[str, Any], *names: str) -> dict[str, Any]:
    fields = {name: there for name, there in options["fields"].items() if f"fields.{name}" not in names}
    return {name: value for name, value in {**options, "fields": fields}.items() if name not in names}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (without(REPORT, "record"), "options.record is missing"),
        ({**REPORT, "record": "laporan"}, "options.record is 'laporan', expected one of poi, report"),
        (without(REPORT, "fields.id"), "options.fields.id is missing: a report needs it"),
        (without(REPORT, "fields.text"), "options.fields.text is missing"),
        (without(REPORT, "fields.submitted_at"), "options.fields.submitted_at is missing"),
        (without(REPORT, "fields.lat"), "names one of lon and lat without the other"),
        (merged(REPORT, {"fields": {"titel": "judul"}}), "options.fields.titel is no field of a report"),
        (merged(REPORT, {"fields": {"hint": 7}}), "options.fields.hint is 7"),
        (merged(REPORT, {"fields": {"hint": []}}), "options.fields.hint is []"),
        ({**REPORT, "felds": {}}, "options.felds is not known"),
        ({**REPORT, "kind": "fuel"}, "options.kind is not known"),
        (without(REPORT, "category"), "options.category is missing"),
        ({**REPORT, "category": "lampu"}, "options.category is 'lampu', expected one of"),
        ({**REPORT, "categories": {"PJU": "lampu"}}, "options.categories.PJU is 'lampu'"),
        ({**REPORT, "categories": "lampu"}, "options.categories is 'lampu', expected dict"),
        (merged(REPORT, {"fields": {"status": "s", "updated_at": "u"}}), "options.statuses is missing"),
        (merged(REPORT, {"fields": {"status": "s"}, "statuses": {"x": "done"}}), "options.fields.updated_at"),
        (merged(REPORT, STATUS, {"statuses": {"x": "selesai"}}), "options.statuses.x is 'selesai'"),
        ({**REPORT, "time_zone": "WIB"}, "options.time_zone is 'WIB'"),
        ({**REPORT, "time_zone": "../etc"}, "options.time_zone"),
        ({**REPORT, "time_format": "dd/mm/yyyy"}, "options.time_format is 'dd/mm/yyyy'"),
        ({**REPORT, "time_format": "%H:%M"}, "names no whole date"),
        ({**REPORT, "time_format": "%Q"}, "options.time_format"),
        ({**REPORT, "crs": "EPSG:999999"}, "options.crs is 'EPSG:999999'"),
        ({**REPORT, "swap_axes": "yes"}, "options.swap_axes is 'yes', expected bool"),
        ({**REPORT, "decimal_comma": 1}, "options.decimal_comma is 1"),
        ({**REPORT, "delimiter": "||"}, "options.delimiter is '||'"),
        ({**REPORT, "delimiter": "\n"}, "options.delimiter"),
        ({**REPORT, "encoding": "latin-9000"}, "options.encoding is 'latin-9000'"),
        ({**REPORT, "centroid": True}, "options.centroid is not known"),
        (without(PLACE, "kind"), "options.kind is missing, and fields.kind too"),
        (without(PLACE, "fields.id"), "options.fields.id is missing: a poi needs it"),
        (without(PLACE, "fields.lon", "fields.lat"), "options.fields.lon is missing"),
        ({**PLACE, "category": "other"}, "options.category is not known"),
        ({**PLACE, "at_least": -1}, "options.at_least is -1"),
    ],
)
def test_a_wrong_table_is_named_with_its_feed_and_key_when_the_adapter_is_made(options, message):
    with pytest.raises(BadSettings) as raised:
        Csv(feed(options))
    assert str(raised.value).startswith("feed own: options.")
    assert message in str(raised.value)


def test_a_column_for_positions_is_no_field_of_geojson():
    with pytest.raises(BadSettings, match=r"options\.fields\.l(on|at) is no field"):
        GeoJson(feed(REPORT))


def test_the_shipped_tables_can_be_used():
    for name in ("csv", "geojson", "open311", "placemarks"):
        assert not feeds.feed(name).enabled
        assert feeds.adapter(name)


# --- CSV as people write it


@pytest.mark.parametrize(
    ("encoding", "option"),
    [
        ("utf-8", {}), ("utf-8-sig", {}), ("utf-8-sig", {"encoding": "UTF8"}),
        ("cp1252", {"encoding": "cp1252"}), ("utf-16", {"encoding": "utf-16"}),
    ],
)  # fmt: skip
def test_a_table_is_read_in_its_encoding_with_and_without_a_byte_order_mark(encoding, option):
    text = f"{HEADER}\n1,Café “Ñandú” – 5 €,2026-05-14,,\n"
    assert one(table(option), text.encode(encoding)).description == "Café “Ñandú” – 5 €"


def test_another_encoding_than_was_said_stops_the_run_and_says_what_to_set():
    with pytest.raises(FeedChanged, match=r"set options\.encoding"):
        read(table(), f"{HEADER}\n1,Café,2026-05-14,,\n".encode("cp1252"))


def test_emoji_right_to_left_quotes_and_lines_within_a_cell_stay_as_they_are():
    text = 'שלום 🚧👩🏽‍🌾 "مرحبا"\nbaris kedua; koma, di sini'
    written = io.StringIO()
    csv.writer(written).writerow(["1", text, "2026-05-14", "", ""])
    assert one(table(), f"{HEADER}\r\n{written.getvalue()}").description == text


def test_a_table_with_its_first_line_alone_has_no_items():
    assert read(table(), f"{HEADER}\n") == []


@pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf", b"\n\n", b",,,\n1,2,3,4\n"])
def test_a_table_without_names_of_columns_stops_the_run(body):
    with pytest.raises(FeedChanged, match="no line with the names"):
        read(table(), body)


def test_blank_lines_and_rows_of_blank_cells_are_passed_over():
    assert len(read(table(), f"{HEADER}\n\n{ROW}\n,,,,\n   ,\n")) == 1


def test_a_column_that_was_renamed_stops_the_run_even_where_it_may_be_blank():
    with pytest.raises(FeedChanged, match="no field 'bujur', which is our lon"):
        read(table(), f"no,isi,waktu,lon,lat\n{ROW}\n")
    with pytest.raises(FeedChanged, match="no field 'no', which is our id"):
        read(table(), "<!DOCTYPE html><html><body>Situs dalam perbaikan</body></html>")
    with pytest.raises(FeedChanged, match="no field 'no', which is our id"):
        read(table(), f"nomor,isi,waktu,bujur,lintang\n{ROW}\n")


def test_columns_in_another_order_say_the_same():
    assert one(table(), "lintang,bujur,waktu,isi,no\n-6.1754,106.8272,2026-05-14,a,1\n").point == MONAS


def test_a_name_of_two_columns_stops_the_run():
    with pytest.raises(FeedChanged, match="two columns are named 'isi'"):
        read(table(), "no,isi,isi,waktu,bujur,lintang\n")


@pytest.mark.parametrize("row", ["1,a", "1,a,2026-05-14,,,,lebih"])
def test_a_row_of_another_length_is_set_aside_and_costs_no_other(row):
    made = table()
    payloads = list(made.document(f"{HEADER}\n{row}\n{ROW}\n".encode()))
    with pytest.raises(Rejected, match="cells, the first line 5"):
        made.parse(payloads[0])
    assert made.parse(payloads[1])


@pytest.mark.parametrize("cut", ["2,b,2026-0", '2,"b'])
def test_a_table_that_breaks_off_is_not_taken_for_whole(cut):
    with pytest.raises(FeedError, match=r"breaks off in line 3|unexpected end of data"):
        read(table(), f"{HEADER}\n{ROW}\n{cut}")


def test_a_row_without_an_id_or_a_time_is_set_aside():
    with pytest.raises(Rejected, match="it has no id"):
        read(table(), f"{HEADER}\n,a,2026-05-14,,\n")
    with pytest.raises(Rejected, match="no time of submission"):
        read(table(), f"{HEADER}\n1,a,,,\n")


def test_a_cell_beyond_all_measure_stops_the_run():
    with pytest.raises(FeedChanged, match="line 2"):
        read(table(), f"{HEADER}\n1,{'x' * 200_000},2026-05-14,,\n")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(",;|\t"),
    ending=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_a_writer_of_csv_writes_is_read_again(rows, delimiter, ending, encoding):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([["no", "isi", "waktu"], *rows])
    options = {"delimiter": delimiter, "encoding": "utf-16" if encoding == "utf-16" else "utf-8"}
    made = Csv(feed({**without(REPORT, "fields.lon", "fields.lat"), **options}))
    found = list(made.items(written.getvalue().encode(encoding)))
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert found == [dict(zip(["no", "isi", "waktu"], row, strict=True)) for row in kept]


@given(body=st.one_of(st.binary(max_size=200), st.text(',;"\n\rno1', max_size=60).map(str.encode)))
def test_no_bytes_do_worse_than_an_error_that_was_foreseen(body):
    for adapter in (table(), features()):
        try:
            payloads = list(adapter.document(body))
        except FeedError:
            continue
        for payload in payloads:
            try:
                adapter.parse(payload)
            except (FeedError, Rejected):
                continue


GEOMETRY = st.recursive(
    st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=5), st.just("Point")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.fixed_dictionaries(
            {"type": st.sampled_from(["Point", "LineString", "Polygon", "MultiPoint", "x"])},
            optional={"coordinates": inner, "geometries": inner},
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@given(geometry=GEOMETRY, centroid=st.booleans())
def test_no_geometry_does_worse_than_to_set_its_feature_aside(geometry, centroid):
    adapter = features({"centroid": centroid})
    with suppress(Rejected):
        assert adapter.parse(feature(geometry=geometry))


def test_a_hundred_thousand_rows_are_read_a_page_at_a_time():
    body = (
        HEADER + "\n" + "".join(f"{n},Lampu mati,2026-05-14,106.8,-6.2\n" for n in range(100_000))
    ).encode()

    class Folder:
        def documents(self, path, cursor):
            yield body, {"lampu.csv": [1, 1]}

    adapter, count, cursors = table(), 0, []
    tracemalloc.start()
    for page in adapter.fetch(Folder(), Window(NOON, NOON)):
        count += len(page.payloads)
        cursors.append(page.cursor)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert cursors[-1] == {"lampu.csv": [1, 1]}
    assert not any(cursors[:-1])
    assert peak < 5_000_000 < 100_000 * 100


# --- GeoJSON in its forms


@pytest.mark.parametrize(
    "text",
    [
        collection(feature(), feature(id=2)),
        "\ufeff" + json.dumps(json.loads(collection(feature(), feature(id=2))), indent=2),
        "\n".join([json.dumps(feature()), json.dumps(feature(id=2)), ""]),
        json.dumps(feature()) + "\r\n" + json.dumps(feature(id=2)),
        "".join(f"\x1e{json.dumps(one, indent=1)}\n" for one in (feature(), feature(id=2))),
    ],
    ids=["collection", "indented, with a byte order mark", "a line each", "lines of Windows", "RFC 8142"],
)
def test_a_collection_a_sequence_and_lines_of_features_say_the_same(text):
    made = features()
    assert list(made.document(text.encode())) == [feature(), feature(id=2)]


def test_one_feature_is_a_collection_of_one():
    assert one(features(), json.dumps(feature())).external_id == "1"


@pytest.mark.parametrize("text", [collection(), '{"type": "FeatureCollection", "features": null}'])
def test_a_collection_of_nothing_has_no_items(text):
    assert read(features(), text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON|expected"),
        ("<html>", "no JSON"),
        (collection(feature())[:-20], "no JSON"),
        ("[1, 2]", "it is list"),
        ('{"type": "Topology", "objects": {}}', "'Topology'"),
        ('{"type": "FeatureCollection"}', "no array of features"),
        ('{"type": "FeatureCollection", "features": {}}', "no array of features"),
        (
            collection(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32748"}}),
            "options.crs",
        ),
    ],
)
def test_a_document_of_another_form_stops_the_run(text, message):
    with pytest.raises(FeedChanged, match=message):
        read(features(), text)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326"])
def test_a_document_that_names_degrees_is_read(name):
    crs = {"type": "name", "properties": {"name": name}}
    assert one(features(), collection(feature(), crs=crs)).point == MONAS


def test_a_document_that_its_server_cut_short_is_not_taken_for_whole():
    with pytest.raises(FeedUnavailable, match="not all features"):
        read(features(), collection(feature(), exceededTransferLimit=True))


def test_a_feature_without_a_geometry_is_a_report_without_a_point():
    assert one(features(), collection(feature(geometry=None))).point is None
    assert one(features(), collection(feature(geometry={"type": "Point", "coordinates": []}))).point is None


SQUARE = {
    "type": "Polygon",
    "coordinates": [[[106.8, -6.2], [106.9, -6.2], [106.9, -6.1], [106.8, -6.1], [106.8, -6.2]]],
}


def test_a_polygon_is_set_aside_unless_its_centroid_is_wanted():
    with pytest.raises(Rejected, match="its geometry is a 'Polygon', and centroid is not set"):
        read(features(), collection(feature(geometry=SQUARE)))
    read_one = one(features({"centroid": True}), collection(feature(geometry=SQUARE)))
    assert tuple(read_one.point) == pytest.approx((106.85, -6.15))


def test_swapped_axes_are_set_aside_unless_the_toml_knows_of_them():
    swapped = feature(geometry={"type": "Point", "coordinates": [-6.1754, 106.8272]})
    with pytest.raises(Rejected, match="is not on Earth"):
        read(features(), collection(swapped))
    assert one(features({"swap_axes": True}), collection(swapped)).point == MONAS


def test_a_feature_that_is_none_is_set_aside():
    with pytest.raises(Rejected, match="a feature is int"):
        features().parse(7)  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="properties are list"):
        features().parse(feature(properties=[1]))


def test_a_property_that_is_gone_stops_the_run_and_a_null_sets_its_feature_aside():
    with pytest.raises(FeedChanged, match="no field 'waktu', which is our submitted_at"):
        features().parse(feature(properties={"no": 1, "isi": "a"}))
    with pytest.raises(Rejected, match="no time of submission"):
        features().parse(feature(properties={"no": 1, "isi": "a", "waktu": None}))


# --- Places


def places(*options: dict[str, Any]) -> Csv:
    return Csv(feed(merged(PLACE, *options)))


def snapshot(adapter: Any, text: str, taken_at: str | None = NOON.isoformat()) -> Any:
    (payload,) = adapter.document(text.encode())
    return adapter.parse({**payload, **({"taken_at": taken_at} if taken_at else {})})


def test_a_document_of_places_is_one_snapshot_with_what_could_not_be_used():
    text = (
        "no,nama,bujur,lintang\n1,SPBU Contoh,106.8,-6.2\n2,B,0,0\n3,C,-6.2,106.8\n,D,106.8,-6.2\n"
        "1,Lagi,106.8,-6.2\n5,E,,\n6,F\n"
    )
    found = snapshot(places(), text)
    assert [(poi.external_id, poi.kind, poi.name) for poi in found.pois] == [("1", "fuel", "SPBU Contoh")]
    assert found.taken_at == NOON
    assert found.refused == (
        "2 has no position",
        "3: position lon -6.2, lat 106.8 is not on Earth",
        "it has no id",
        "1 comes twice",
        "5 has no position",
        "a row has 2 cells, the first line 4",
    )


def test_a_kind_is_fixed_mapped_or_taken_as_it_is():
    text = "no,nama,bujur,lintang,jenis\n1,A,106.8,-6.2,Warung\n2,B,106.8,-6.2,Bengkel\n3,C,106.8,-6.2,\n"

    def kinds(options):
        made = Csv(
            feed(without(merged(PLACE, {"fields": {"kind": "jenis"}}, options), *["kind"] * (options == {})))
        )
        return [poi.kind for poi in snapshot(made, text).pois]

    assert kinds({}) == ["Warung", "Bengkel"]
    assert kinds({"kind": "lain"}) == ["Warung", "Bengkel", "lain"]
    assert kinds({"kind": "lain", "kinds": {"Warung": "restaurant"}}) == ["restaurant", "lain", "lain"]


def test_opening_hours_address_and_all_that_was_sent_are_attributes():
    fields = {"brand": "merek", "opening_hours": "jam", "address": "alamat", "operator": "pemilik"}
    text = (
        "no,nama,bujur,lintang,merek,jam,alamat,pemilik,nozel\n"
        "1,SPBU Contoh,106.8,-6.2,Contoh,24/7,Jl. Cikini,PT Contoh,6\n"
    )
    (poi,) = snapshot(places({"fields": fields}), text).pois
    assert (poi.brand, poi.attributes["opening_hours"], poi.attributes["address"]) == (
        "Contoh", "24/7", "Jl. Cikini",
    )  # fmt: skip
    assert (poi.attributes["operator"], poi.attributes["nozel"]) == ("PT Contoh", "6")


def test_the_time_of_a_document_is_what_it_says_before_when_it_was_read():
    made = GeoJson(
        feed({"record": "poi", "kind": "fuel", "taken_at": "meta.at", "fields": {"id": "no"}}, "geojson")
    )
    said = "2026-05-01T00:00:00+00:00"
    found = snapshot(made, collection(feature(), meta={"at": said}), taken_at=None)
    assert found.taken_at == datetime.fromisoformat(said)
    with pytest.raises(FeedChanged, match=r"taken_at 'meta\.at'"):
        snapshot(made, collection(feature()))


def test_the_time_of_a_table_is_the_newest_in_its_column():
    made = places({"taken_at": "per", "time_format": "%d/%m/%Y"})
    text = (
        "no,nama,bujur,lintang,per\n1,A,106.8,-6.2,02/05/2026\n2,B,106.8,-6.2,01/06/2026\n3,C,106.8,-6.2,\n"
    )
    assert snapshot(made, text, None).taken_at == datetime(2026, 5, 31, 17, tzinfo=UTC)


def test_places_of_which_nothing_says_the_time_stop_the_run_and_the_error_says_what_to_do():
    with pytest.raises(
        FeedChanged, match=r"options\.taken_at, or let it be read from an address or a folder"
    ):
        snapshot(places(), "no,nama,bujur,lintang\n1,A,106.8,-6.2\n", taken_at=None)


def test_no_places_at_all_close_nothing_unless_the_table_says_that_they_may():
    with pytest.raises(FeedChanged, match="0 places, at_least 1 were expected"):
        snapshot(places({}), "no,nama,bujur,lintang\n")
    assert snapshot(places({"at_least": 0}), "no,nama,bujur,lintang\n").pois == ()


def test_fewer_places_than_at_least_close_nothing():
    with pytest.raises(FeedChanged, match="1 places, at_least 2 were expected"):
        snapshot(places({"at_least": 2}), "no,nama,bujur,lintang\n1,A,106.8,-6.2\n2,B,,\n")


def test_of_many_reasons_the_first_are_told():
    text = "no,nama,bujur,lintang\n" + "".join(f"{number},A,,\n" for number in range(150))
    refused = snapshot(places({"at_least": 0}), text).refused
    assert (len(refused), refused[-1]) == (101, "and 50 more")


# --- Recorded payloads


@pytest.mark.parametrize("name", ["faults", "faults_none", "faults_edges"])
def test_no_column_of_a_recorded_table_is_left_unread(adapter, name):
    made = adapter("csv")
    unread, reasons = set(), []
    for payload in made.document((ROOT / "fixtures" / "feeds" / "csv" / f"{name}.csv").read_bytes()):
        try:
            unread.update(made.parse(payload)[0].unread)
        except Rejected as reason:
            reasons.append(str(reason))
    assert unread == set()
    assert reasons == (
        [
            "position lon -6.2, lat 106.8 is not on Earth",
            "unknown status 'hilang'",
            "a time is not of the form '%d/%m/%Y %H:%M:%S'",
            "a row has 3 cells, the first line 12",
        ]
        if name == "faults_edges"
        else []
    )


def test_the_recorded_edges_of_geojson_are_read_or_set_aside(adapter):
    made = adapter("geojson")
    (payload,) = made.document((ROOT / "fixtures/feeds/geojson/stations_edges.geojson").read_bytes())
    found = made.parse(payload)
    assert [(poi.external_id, poi.name) for poi in found.pois] == [
        ("SPKLU-901", "[SIMULASI] محطة شحن ⚡"),
        ("902", "[SIMULASI] SPKLU tanpa jam"),
    ]
    assert [reason.partition(":")[0] for reason in found.refused] == [
        "SPKLU-903",
        "SPKLU-904 has no position",
        "SPKLU-905 has no position",
        "SPKLU-906",
        "SPKLU-901 comes twice",
    ]
