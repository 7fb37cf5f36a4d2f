"""Drop folders in which a file is broken: it is named and kept, and what lies behind it is read."""

import errno
import json
from datetime import timedelta
from pathlib import Path

import pytest

from geoplatform.errors import FeedChanged, FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.dialects import laporan
from ingest.models import Rejection, Run, Waiting
from ingest.reading import unsplit
from layers.models import Poi
from reports.models import Report
from tests.conftest import NOON
from tests.ingest.adapters.test_lapor import row
from tests.ingest.adapters.test_own_feeds import FIRST, STATION_COLUMNS, STATION_HEADER, STATIONS, drop, own

__all__ = ["own"]  # a fixture

HOUR = timedelta(hours=1)
POSTS = {"a.json": "41", "c.json": "43"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The drop folder of LAPOR! and of balai warga."""
    there = tmp_path / "masuk"
    there.mkdir()
    for name in ("LAPOR", "BALAI_WARGA"):
        monkeypatch.setenv(f"GEOPLATFORM_FEED_{name}_URL", f"file://{there}")
    return there


def posts(number: str) -> str:
    post = {
        "thread_id": number, "post_id": number, "created_at": "2026-05-14T08:00:00+07:00",
        "title": "Lampu mati", "body": "Gelap", "author": "Siti Rekaan",
    }  # fmt: skip
    return json.dumps({"version": 1, "posts": [post]})


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("lapor", {"a.csv": row(tracking_id="41"), "c.csv": row(tracking_id="43")}),
        ("balai_warga", {file: posts(number) for file, number in POSTS.items()}),
    ],
)
def test_a_broken_file_is_named_and_kept_and_those_behind_it_are_read(city, folder, name, good):
    for hours, (file, content) in enumerate([*good.items()]):
        drop(folder, file, content, NOON + 2 * hours * HOUR)
    drop(folder, "b_bad.csv", "<html><p>Situs dalam perbaikan", NOON + HOUR)
    with pytest.raises(FeedChanged, match=rf"{name}: b_bad\.csv: no XML that can be read"):
        pipeline.run(name)
    assert sorted(Report.objects.values_list("external_id", flat=True)) == ["41", "43"]
    rejection = Rejection.objects.get()
    assert rejection.reason.startswith("b_bad.csv: no XML that can be read")
    assert "Situs dalam perbaikan" in rejection.payload.body
    assert (Run.objects.get().rejected, Waiting.objects.count()) == (1, 0)
    again = pipeline.run(name)
    assert (again.outcome, again.fetched) == ("complete", 0)


def test_a_broken_file_that_is_dropped_anew_is_read(city, folder):
    drop(folder, "a.csv", b"<html>", NOON)
    with pytest.raises(FeedChanged, match=r"a\.csv"):
        pipeline.run("lapor")
    drop(folder, "a.csv", row(tracking_id="41"), NOON + HOUR)
    assert pipeline.run("lapor").new == 1


def test_a_file_that_was_set_aside_is_read_by_a_replay_once_its_adapter_is_mended(city, folder, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(laporan, "DELIMITERS", "|")
        drop(folder, "a.csv", row(tracking_id="41", isi="Jalan rusak – parah"), NOON)
        with pytest.raises(FeedChanged, match=r"a\.csv: the first line does not name the columns"):
            pipeline.run("lapor")
    assert pipeline.replay("lapor").new == 1
    assert Report.objects.get().description == "Jalan rusak – parah"
    assert not Rejection.objects.exists()


def test_a_file_of_places_that_was_set_aside_is_of_its_own_time_in_a_replay(city, own):
    text = STATIONS.replace("ADAPTER", "csv") + STATION_COLUMNS
    there = own(text)
    drop(there, "a.csv", (STATION_HEADER + FIRST.replace("Satu", "Jati\xe9")).encode("latin-1"), NOON)
    with pytest.raises(FeedChanged, match=r"a\.csv: .*set options\.encoding"):
        pipeline.run("pompa")
    own(text.replace('record = "poi"', 'record = "poi"\nencoding = "latin-1"'))
    assert pipeline.replay("pompa").new == 1
    assert (Poi.objects.get().name, Poi.objects.get().first_at) == ("SPBU Jatié", NOON)


def test_a_file_that_breaks_off_keeps_out_none_and_is_read_when_it_is_whole(city, own):
    there = own(STATIONS.replace("ADAPTER", "csv") + STATION_COLUMNS)
    drop(there, "a.csv", STATION_HEADER + FIRST + "2,SPBU", NOON)
    drop(there, "b.csv", STATION_HEADER + FIRST, NOON + HOUR)
    with pytest.raises(FeedChanged, match=r"a\.csv: .*breaks off"):
        pipeline.run("pompa")
    assert Poi.objects.count() == 1


@pytest.mark.parametrize("reason", ["more than max_bytes 400", "Permission denied"])
def test_a_file_that_cannot_be_had_is_told_by_every_run_and_keeps_out_none(
    city, folder, settings, tmp_path, monkeypatch, reason
):
    settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
    (tmp_path / "feeds.toml").write_text(f'[lapor]\nmax_bytes = 400\nurl = "file://{folder}"\n')
    drop(folder, "a.csv", row(isi="x" * 400) if "max" in reason else row(), NOON)
    drop(folder, "b.csv", row(tracking_id="42"), NOON + HOUR)
    if "max" not in reason:  # a mode would not keep root out
        kept_out = {folder / "a.csv"}
        read = Path.read_bytes

        def refused(path):
            if path in kept_out:
                raise PermissionError(errno.EACCES, reason)
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", refused)
    for _ in range(2):
        with pytest.raises(FeedUnavailable, match=rf"lapor: not read: a\.csv: {reason}"):
            pipeline.run("lapor")
    assert Report.objects.get().external_id == "42"


def test_bytes_of_any_kind_are_the_same_again_when_they_are_read():
    adapter = feeds.adapter("lapor")
    for body in (row(), row().decode().encode("utf-16"), b"\0" + row()):
        seen = []
        adapter.document = lambda document, seen=seen: seen.append(document) or []
        assert unsplit.parse(adapter, unsplit.whole("a.csv", body, {})) == []
        assert seen == [body]


def test_a_kept_document_that_is_none_is_set_aside():
    for body in ("!", "\ufeffAA=="):
        with pytest.raises(Rejected, match="base64 is none"):
            unsplit.parse(
                feeds.adapter("lapor"), {unsplit.KEY: {"file": "a.csv", "base64": body, "stamp": {}}}
            )


@pytest.mark.parametrize("stamp", [{}, {"file": "a"}], ids=["bare", "stamped"])
def test_what_is_no_object_in_a_document_that_was_kept_whole_is_set_aside(stamp):
    for item in (0, None, "history", ["history"]):
        whole = unsplit.whole("a.json", json.dumps([item]).encode(), stamp)
        with pytest.raises(Rejected, match=r"a\.json: the payload is \w+, expected an object"):
            unsplit.parse(feeds.adapter("qlue"), whole)


def test_a_picture_of_the_form_that_is_no_base64_is_set_aside():
    photo = {"jpeg": "\ufeffAA==", "digest": "ab", "looks": 1}
    said = {"token": "t", "requested_datetime": "2026-05-14T04:40:00+00:00", "category": "road",
            "description": "Lubang", "lon": 106.8, "lat": -6.2, "photo": photo}  # fmt: skip
    with pytest.raises(Rejected, match="jpeg is no base64"):
        feeds.adapter("web").parse(said)
