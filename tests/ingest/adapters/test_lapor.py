"""LAPOR! 1708: both exports, each fault on the way, and the replies in the form that it takes."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from defusedxml.ElementTree import fromstring

from fixtures import faults
from geoplatform.errors import BadSettings, FeedChanged, FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.adapter import Reply
from ingest.dialects import laporan
from ingest.models import Payload, Rejection, Run, Waiting
from ingest.network.http import HttpSession
from reports.models import Report, SourceUpdate
from reports.record import Submission
from tests.conftest import NOON, ROOT
from tests.ingest.doors.test_push import KEY, send
from tests.ingest.test_pipeline import everything, read

FOLDER = ROOT / "fixtures" / "feeds" / "lapor"
HEAD = (
    "tracking_id;tanggal;tanggal_update;kategori;isi;lokasi;status;disposisi;tanggal_disposisi;"
    "jawaban;tanggal_jawaban;instansi;pelapor;rahasia"
)


def recorded(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def parsed(body: bytes, **options: Any) -> dict[str, Any]:
    """What each laporan of a document says, or why it is set aside, by its tracking id, or its place."""
    adapter = feeds.adapter("lapor")
    adapter = type(adapter)(replace(adapter.feed, options={**adapter.feed.options, **options}))
    found: dict[str, Any] = {}
    for place, payload in enumerate(adapter.document(body)):
        try:
            read = adapter.parse(payload)
            found[read[0].external_id] = read
        except Rejected as reason:
            found[str(900_001 + place)] = str(reason)
    return found


def row(**cells: str) -> bytes:
    """A table of one row."""
    said = {
        "tracking_id": "1",
        "tanggal": "2016-04-14 12:00:00",
        "isi": "Jalan rusak",
        "status": "belum",
    } | cells
    return f"{HEAD}\n{';'.join(said.get(name, '') for name in HEAD.split(';'))}\n".encode()


# --- parse


@pytest.mark.parametrize(
    "name", ["export.csv", "export.xml", "export_edges.csv", "export_edges.xml", "export_none.xml"]
)
def test_no_field_of_an_export_is_left_unread(name):
    said = [read for read in parsed(recorded(name)).values() if not isinstance(read, str)]
    assert {name for read in said for record in read for name in record.unread} == set()


def test_both_exports_say_the_same_of_the_same_laporan():
    table, xml = parsed(recorded("export.csv")), parsed(recorded("export.xml"))
    assert list(table) == list(xml)
    for id in table:
        left, right = (replace(read[id][0], digest="") for read in (table, xml))
        assert left == right
        # The one has the last answer alone, the other all of them: both end with the same status.
        ends = [
            max((step for step in read[id][1].updates if step.status), key=lambda step: step.at, default=None)
            for read in (table, xml)
        ]
        assert len({end and end.status for end in ends}) == 1


@pytest.mark.parametrize("name", ["export_edges.csv", "export_edges.xml"])
def test_a_laporan_is_a_report_and_what_was_done_about_it(name):
    report, trace = parsed(recorded(name))["900001"]
    assert (report.category, report.author, report.hint) == (
        "flood",
        "Budi Contoh",
        "Kel. Jatinegara, Kec. Cakung",
    )
    assert (
        report.description == '[SIMULASI] Air masuk rumah, "setinggi" lutut\nbaris kedua; dan seterusnya 🌊'
    )
    assert report.submitted_at == datetime(2016, 4, 14, 5, 0, tzinfo=UTC)
    assert report.updated_at == datetime(2016, 4, 14, 8, 0, tzinfo=UTC)
    passed_on = trace.updates[0]
    assert (passed_on.status, passed_on.by) == (None, "LAPOR! 1708")
    assert passed_on.note.startswith("Disposisi kepada Kelurahan Jatinegara.")
    newest = max((step for step in trace.updates if step.status), key=lambda step: step.at)
    assert newest.status == "done"
    answer = next(step for step in trace.updates if step.note.startswith("Yth."))
    assert (answer.by, answer.author) == ("Kelurahan Jatinegara", "Budi Contoh")


@pytest.mark.parametrize(
    ("id", "csv", "xml"),
    [
        ("900003", "'Meteor' is not one of categories", "'Meteor' is not one of categories"),
        ("900004", "it is marked as secret", "it is marked as secret"),
        ("900005", "a time is not of the form 'iso'", "a time is not of the form 'iso'"),
        ("900006", "'ditolak' is not one of statuses", "'ditolak' is not one of statuses"),
        ("900007", "it has no text", "it has no text"),
        ("900008", "the row has more cells than there are columns", "isi comes twice"),
    ],
)
def test_a_laporan_that_cannot_be_used_is_a_rejection(id, csv, xml):
    assert parsed(recorded("export_edges.csv"))[id] == csv
    assert parsed(recorded("export_edges.xml"))[id] == xml


def test_a_row_without_what_need_not_be_there_is_a_report_that_waits():
    report, trace = parsed(recorded("export_edges.csv"))["900010"]
    assert report.updated_at == report.submitted_at
    assert trace.updates == ()


@pytest.mark.parametrize("mark", ["1", "ya", "True", "rahasia", "x"])
def test_whatever_is_not_plainly_public_is_secret(mark):
    assert parsed(row(rahasia=mark)) == {"900001": "it is marked as secret"}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.removesuffix("\n"),
        lambda text: "sep=;\r\n" + text,
        lambda text: text.replace(";", "\t"),
        lambda text: text.replace(";", ","),
    ],
    ids=["plain", "bom", "crlf", "no newline", "sep", "tabs", "commas"],
)
def test_a_table_may_be_written_in_any_of_the_usual_ways(change):
    assert parsed(change(row(lokasi="Menteng").decode()).encode())["1"][0].hint == "Menteng"


def test_windows_1252_is_read_where_it_is_no_utf_8():
    assert (
        parsed(row(isi="Caf\u00e9 \u201cRame\u201d").decode().encode("cp1252"))["1"][0].description
        == "Café “Rame”"
    )


def test_times_may_have_another_form():
    report, _ = parsed(row(tanggal="14/04/2016 12:00"), time_format="%d/%m/%Y %H:%M")["1"]
    assert report.submitted_at == datetime(2016, 4, 14, 5, 0, tzinfo=UTC)


def test_another_export_needs_another_table_of_names_and_no_python():
    head = b"nomor,waktu,uraian,keadaan,depan,belakang"
    body = head + b'\nX-7,2016-04-14 12:00:00,"Lampu mati",proses,Budi,Contoh\n'
    names = {
        "tracking_id": "nomor",
        "submitted_at": "waktu",
        "text": "uraian",
        "status": "keadaan",
        "reporter": ["depan", "belakang"],
        "updated_at": "",
    }
    report, trace = parsed(body, columns=names)["X-7"]
    assert isinstance(report, Submission)
    assert (report.author, report.category) == ("Budi Contoh", "other")
    assert [step.status for step in trace.updates] == ["in_progress"]


def test_a_form_of_times_that_is_none_is_named():
    with pytest.raises(BadSettings, match="time_format"):
        parsed(row(), time_format="%H:%M")


def test_a_column_that_is_not_there_stops_the_run():
    with pytest.raises(FeedChanged, match="no field 'status', which is our status"):
        parsed(row().replace(b"status", b"keadaan"))


def test_a_column_that_nobody_knows_is_named():
    assert parsed(
        row().replace(b"rahasia\n", b"rahasia;suasana\n").replace(b";;;;;;;;\n", b";;;;;;;;baik\n")
    )["1"][0].unread == ("suasana",)


def test_a_step_without_a_time_of_its_own_is_one_step_however_often_it_is_exported():
    digests = set()
    for changed in ("2016-04-14 13:00:00", "2016-04-14 14:00:00"):
        _, trace = parsed(row(tanggal_update=changed, status="proses", disposisi="Dinas Contoh"))["1"]
        digests.add(trace.updates[0].digest)
    assert len(digests) == 1


def test_a_laporan_that_waits_again_says_so():
    _, trace = parsed(row(tanggal_update="2016-04-15 12:00:00"))["1"]
    assert [step.status for step in trace.updates] == ["waiting"]


BOMB = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><lapor><laporan><isi>&b;</isi></laporan></lapor>'
OUTSIDE = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]><lapor><laporan><isi>&a;</isi></laporan></lapor>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, "DTDForbidden"),
        (OUTSIDE, "DTDForbidden"),
        (b"<lapor><laporan>", "ParseError"),
        (b"<!DOCTYPE html><html/>", "DTDForbidden"),
        (b"<daftar/>", "no element <laporan>"),
        (b"", "does not name the columns"),
        (b"halo", "does not name the columns"),
        (b"a;a\n1;2\n", "does not name the columns"),
        (f'{HEAD}\n1;2016-04-14 12:00:00;;;"Jalan'.encode(), "line 2: unexpected end of data"),
        (f"{HEAD}\n1;2016-04-14 12:00:00;;;Jalan".encode(), "breaks off in line 2"),
        (b"\x81\x8d", "neither UTF-8 nor Windows-1252"),
    ],
)
def test_what_is_no_export_or_declares_entities_stops_the_run(body, reason):
    with pytest.raises(FeedChanged, match=reason):
        list(feeds.adapter("lapor").document(body))


def test_each_laporan_is_kept_as_its_own_xml(city):
    pipeline.run("lapor", document=recorded("export.xml"))
    kept = [json.loads(body) for body in Payload.objects.order_by("id").values_list("body", flat=True)]
    assert [fromstring(one["xml"]).tag for one in kept] == ["laporan"] * len(kept)


# --- the road from the partner to the database


@pytest.fixture
def by(settings, tmp_path):
    """Let exports come in one form: ``by("csv")``."""

    def choose(form: str) -> None:
        own = tmp_path / f"{form}.toml"
        own.write_text(f'[lapor.options]\npath = "export.{form}"\n')
        settings.FEEDS_FILE = str(own)

    return choose


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_a_run_stores_the_laporan_and_the_next_one_has_nothing_to_read(city, sources, by, form):
    by(form)
    first = read("lapor")
    assert (first.outcome, first.rejected, first.unread) == ("complete", 0, [])
    assert Report.objects.filter(channel="lapor").count() > 10
    assert not Report.objects.filter(hint="").exists()
    assert set(Report.objects.values_list("status", flat=True)) == {"waiting", "in_progress", "done"}
    before = everything()
    assert read("lapor").fetched == 0
    assert everything() == before


def test_both_exports_of_one_day_are_the_same_reports(city, sources, by):
    by("csv")
    read("lapor")
    before = everything()["reports"]
    by("xml")
    Run.objects.update(cursor=None)
    again = read("lapor")
    assert (again.new, again.outcome) == (0, "complete")
    as_sent = {"digest": None, "reading": None}
    assert [one | as_sent for one in everything()["reports"]] == [one | as_sent for one in before]


def test_a_replay_changes_nothing(city, sources):
    read("lapor")
    before = everything()
    tally = pipeline.replay("lapor")
    assert (tally.new, tally.changed) == (0, 0)
    assert everything() == before


def test_an_older_export_undoes_nothing(city):
    done = row(status="selesai", tanggal_update="2016-04-14 15:00:00", isi="Jalan rusak, sudah baik")
    pipeline.run("lapor", document=done)
    pipeline.run("lapor", document=row(status="proses", tanggal_update="2016-04-14 13:00:00"))
    report = Report.objects.get()
    assert (report.status, report.description) == ("done", "Jalan rusak, sudah baik")
    assert SourceUpdate.objects.count() == 2


def test_a_laporan_from_the_future_is_refused(city):
    pipeline.run("lapor", document=recorded("export_edges.csv"))
    assert Rejection.objects.filter(reason__contains="lies in the future").count() == 1


@pytest.mark.parametrize(
    "fault", [faults.status(500), faults.too_many_requests(1), faults.too_many_requests(), faults.dropped()]
)
def test_a_fault_in_passing_loses_nothing(city, sources, fault):
    sources.fail("/lapor", fault)
    assert read("lapor").new > 10


@pytest.mark.parametrize(
    ("code", "words"), [(401, "token"), (403, "token does not allow"), (404, "nothing at this address")]
)
def test_a_refusal_fails_the_run_and_says_what_to_do(city, sources, code, words):
    sources.fail("/lapor", faults.status(code), times=None)
    with pytest.raises(FeedUnavailable, match=words):
        read("lapor")


@pytest.mark.parametrize("fault", [faults.truncated(), faults.wrong_content()])
def test_a_document_that_is_cut_or_another_stops_the_run_and_is_asked_for_again(city, sources, fault):
    sources.fail("/lapor", fault)
    with pytest.raises(FeedChanged):
        read("lapor")
    assert not Payload.objects.exists()
    assert read("lapor").new > 0


def test_no_content_is_an_empty_run(city, sources):
    sources.fail("/lapor", faults.empty())
    assert read("lapor").fetched == 0


def test_a_server_that_says_nothing_is_given_up(city, sources, settings, tmp_path):
    settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
    (tmp_path / "feeds.toml").write_text("[lapor]\ntimeout_s = 0.2\n")
    sources.fail("/lapor", faults.slow(at_most_s=5), times=None)
    with HttpSession(feeds.feed("lapor"), lambda pause_s: None) as session, pytest.raises(FeedUnavailable):
        pipeline.run("lapor", since=NOON, now=NOON, session=session)


def test_exports_dropped_into_a_folder_are_read_once_and_half_written_ones_not(
    city, settings, tmp_path, monkeypatch
):
    folder = tmp_path / "ekspor lapor"
    folder.mkdir()
    monkeypatch.setenv("GEOPLATFORM_FEED_LAPOR_URL", f"file://{quote(str(folder))}")
    (folder / "a.csv").write_bytes(recorded("export.csv"))
    (folder / "b.xml").write_bytes(recorded("export_edges.xml"))
    (folder / "c.csv.part").write_bytes(row()[:-30])
    first = pipeline.run("lapor")
    assert (first.outcome, first.fetched) == ("complete", 6 + 9)
    assert pipeline.run("lapor").fetched == 0
    (folder / "c.csv.part").rename(folder / "c.csv")
    with pytest.raises(FeedChanged):
        pipeline.run("lapor")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("export.csv", "text/csv"), ("export.xml", "text/xml; charset=UTF8"), ("export.xml", "application/xml")],
)
def test_an_export_may_be_pushed(city, monkeypatch, name, kind):
    monkeypatch.setenv("GEOPLATFORM_FEED_LAPOR_PUSH_KEY", KEY)
    answer = send(recorded(name), feed="lapor", content_type=kind)
    assert (answer.status_code, answer.json()["new"]) == (200, 6)
    assert send(recorded(name), feed="lapor", content_type="application/json").status_code == 415


def test_a_pushed_document_that_cannot_be_split_is_refused_and_kept(city, monkeypatch):
    monkeypatch.setenv("GEOPLATFORM_FEED_LAPOR_PUSH_KEY", KEY)
    answer = send(b"<html><p>Situs dalam perbaikan", feed="lapor", content_type="text/xml")
    assert answer.status_code == 400
    rejection = Rejection.objects.get()
    assert rejection.reason.startswith("a pushed document: no XML that can be read")
    assert "Situs dalam perbaikan" in rejection.payload.body
    assert not Waiting.objects.exists()


# --- replies


REPLY = Reply("k" * 32, "4711", "status", "Kelurahan Menteng", NOON, "Sudah <selesai> & rapi\x0b 🌳", "done")


def test_a_reply_has_the_form_of_addstream_with_its_own_key():
    root = fromstring(laporan.message(REPLY, "guid", {"done": "selesai"}))
    assert (root.tag, root.get("token")) == ("lapor", "guid")
    assert [child.tag for child in root.find("pelapor")] == ["email", "telpon", "namadepan", "namabelakang"]
    assert root.findtext("pelapor/namadepan") == "Kelurahan Menteng"
    said = root.find("laporan")
    assert dict(said.attrib) == {"rahasia": "0", "anonim": "0", "trackingid": "4711", "transaksi": "k" * 32}
    assert said.findtext("isi") == "Sudah <selesai> & rapi\ufffd 🌳"
    assert (said.findtext("status"), said.findtext("waktu")) == ("selesai", NOON.isoformat())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<lapor><trackingid>4711</trackingid></lapor>", "has no <trackingid> or no <transaksiid>"),
        (b"<lapor><transaksiid>7</transaksiid></lapor>", "has no <trackingid> or no <transaksiid>"),
        (b"<lapor><trackingid>4712</trackingid><transaksiid>7</transaksiid></lapor>", "for another report"),
        (b"<html>", "no XML that can be read"),
        (b"", "no XML that can be read"),
    ],
)
def test_a_receipt_without_a_transaction_of_this_report_is_none(answer, reason):
    with pytest.raises(FeedChanged, match=reason):
        laporan.receipt(answer, "4711")


def test_a_receipt_names_the_transaction():
    inner = b"<a><trackingid> 4711 </trackingid></a><transaksiid>T-7</transaksiid>"
    body = b"<?xml version='1.0'?><lapor>" + inner + b"</lapor>"
    assert laporan.receipt(body, "4711") == "T-7"
