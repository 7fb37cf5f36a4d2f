from datetime import UTC, date, datetime

import geopandas
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from api import tasks
from api.exports import making, ranges, snapshots
from api.exports.ranges import Part
from geoplatform import sql
from geoplatform.errors import Conflict, Unavailable

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = datetime(2026, 5, 14, 19, 37, tzinfo=UTC)  # 02:37 of the 15th in the city
FORMS = ("parquet", "csv")


@pytest.fixture
def night(rows):
    return snapshots.take(NIGHT, FORMS)


def test_a_night_has_every_collection_in_every_form_and_the_dictionary(client, night):
    assert night.name == "2026-05-15"
    (listed,) = client.get("/api/exports").json()["snapshots"]
    names = {file["name"] for file in listed["files"]}
    assert len(names) == 2 * 10 + 1
    assert "dictionary.json" in names
    for file in listed["files"]:
        response = client.get(file["href"])
        assert response.status_code == 200
        assert len(b"".join(response.streaming_content)) == file["bytes"] == int(response["Content-Length"])


def test_latest_leads_to_the_newest_night(client, night):
    snapshots.take(datetime(2026, 5, 15, 19, 37, tzinfo=UTC), FORMS)
    response = client.get("/api/exports/latest/kota.csv")
    assert (response.status_code, response["Location"]) == (302, "/api/exports/2026-05-16/kota.csv")


def test_a_night_that_fails_leaves_the_former_one_and_nothing_half_done(night, monkeypatch, exports_folder):
    before = {path.name: path.read_bytes() for path in night.iterdir()}

    def fails(*args):
        raise Unavailable("lost")

    monkeypatch.setattr(making, "write", fails)
    with pytest.raises(Unavailable):
        snapshots.take(NIGHT, FORMS)
    assert {path.name: path.read_bytes() for path in night.iterdir()} == before
    assert snapshots.days() == ["2026-05-15"]


def test_days_are_kept_as_long_as_the_setting_says(night, settings, exports_folder):
    settings.EXPORT_DAYS = 2
    for day in ("2026-05-12", "2026-05-13", "2026-05-14"):
        (exports_folder / day).mkdir()
    (exports_folder / "notes").mkdir()
    snapshots.forget(date(2026, 5, 15))
    assert sorted(path.name for path in exports_folder.iterdir()) == ["2026-05-14", "2026-05-15", "notes"]


def test_one_snapshot_is_taken_at_a_time(rows):
    with sql.connect() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('exports', 0))")
        with pytest.raises(Conflict):
            snapshots.take(NIGHT, FORMS)
        tasks.export(timestamp=0)  # says so in the log, and is no failure


@pytest.mark.parametrize(
    "name",
    ["../2026-05-15/kota.csv", "..", "%2e%2e/%2e%2e/etc/passwd", "kota.csv.part", "", "kota.gpkg", "\x00"],
)
def test_only_files_that_are_listed_are_found(client, night, name):
    assert client.get(f"/api/exports/2026-05-15/{name}").status_code == 404
    assert client.get(f"/api/exports/{name}/kota.csv").status_code == 404


# --- parts of a file


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", Part(0, 1)),
        ("bytes=0-", Part(0, 100)),
        ("bytes=10-19", Part(10, 20)),
        ("bytes=90-1000", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-1000", Part(0, 100)),
        ("bytes=100-", None),
        ("bytes=-0", None),
        ("bytes=20-10", Part(0, 100)),
        ("bytes=0-1,5-6", Part(0, 100)),
        ("bytes=-", Part(0, 100)),
        ("lines=0-1", Part(0, 100)),
        ("bytes=१-२", Part(0, 100)),
        ("bytes=99999999999999999999-", Part(0, 100)),
    ],
)
def test_a_range_is_read_as_the_rfc_says(header, part):
    assert ranges.wanted(header, 100) == part


def whole(response):
    return b"".join(response.streaming_content)


def test_a_download_that_was_cut_off_goes_on_where_it_was(client, night):
    address = "/api/exports/2026-05-15/kelurahan.parquet"
    first = client.get(address)
    content = whole(first)
    cut = 1 + len(content) // 3
    rest = client.get(address, headers={"Range": f"bytes={cut}-", "If-Range": first["ETag"]})
    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes {cut}-{len(content) - 1}/{len(content)}"
    assert content[:cut] + whole(rest) == content
    by_date = client.get(address, headers={"Range": "bytes=0-3", "If-Range": first["Last-Modified"]})
    assert (by_date.status_code, whole(by_date)) == (206, b"PAR1")


def test_another_file_of_the_same_name_is_sent_whole(client, night):
    address = "/api/exports/2026-05-15/kota.csv"
    first = client.get(address)
    content = whole(first)
    snapshots.take(NIGHT, FORMS)
    again = client.get(address, headers={"Range": "bytes=5-", "If-Range": first["ETag"]})
    assert (again.status_code, whole(again)) == (200, content)


def test_a_range_behind_the_end_and_a_file_that_is_known(client, night):
    address = "/api/exports/2026-05-15/kota.csv"
    first = client.get(address)
    size = len(whole(first))
    behind = client.get(address, headers={"Range": f"bytes={size}-"})
    assert (behind.status_code, behind["Content-Range"]) == (416, f"bytes */{size}")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    head = client.head(address, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head["Content-Length"], head.content) == (206, "10", b"")


# --- the command


def test_the_command_writes_one_collection_or_all(rows, tmp_path, exports_folder, capsys):
    out = tmp_path / "banjir.parquet"
    call_command("export", "reports", str(out), where=["category=flood"])
    assert set(geopandas.read_parquet(out)["category"]) == {"flood"}
    assert "banjir.parquet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (["nothing", "x.csv"], {}, "no collection 'nothing'"),
        (["reports", "x.doc"], {}, "x.doc: written are .parquet"),
        (["reports"], {}, "reports: where to"),
        (["reports", "/nowhere/x.csv"], {}, "no such folder"),
        (["reports", "x.csv"], {"where": ["status"]}, "--where 'status' is not NAME=VALUE"),
        (["reports", "x.csv"], {"where": ["colour=red"]}, "unknown parameter 'colour'"),
        ([], {"where": ["status=done"]}, "a snapshot holds everything"),
    ],
)
def test_the_command_says_in_a_line_what_it_cannot_do(rows, arguments, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("export", *arguments, **options)
