"""The archive of traffic: read by others' programs, and nothing lost wherever it was broken off."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import geopandas
import pyarrow.dataset
import pytest
from django.db import connection

from geoplatform import sql
from geoplatform.errors import Conflict
from layers import archive, intake, manifest, partitions, tasks
from layers.models import Alert, Jam
from layers.record import LonLat, Snapshot

MAY, JUNE = datetime(2026, 5, 14, 5, 0, tzinfo=UTC), datetime(2026, 6, 20, 5, 0, tzinfo=UTC)
ODD = 'Jl. "Merdeka",\nBarat, dekat é'


class Killed(BaseException):
    """What nothing catches, as nothing does a kill."""


@pytest.fixture
def history(db, jam, alert):
    """Two months of traffic that are over, one of which nobody made, and one jam that is on the map still."""
    partitions.make_months(MAY)
    april = MAY - timedelta(days=30)
    jams = tuple(jam(str(number), reported_at=MAY + timedelta(hours=number)) for number in range(40))
    jams += (
        jam("april", reported_at=april, street=ODD),
        jam("blocked", delay_s=None, speed_kmh=None, street=""),
    )
    alerts = (alert("pothole", reported_at=MAY, reliability=None, attributes={"city": "Jakarta"}),)
    stays = jam("stays", reported_at=MAY)
    intake.receive([Snapshot("waze", MAY, jams=(*jams, stays), alerts=alerts)], simulated=False)
    intake.receive([Snapshot("waze", MAY + timedelta(hours=1), jams=(stays,))], simulated=False)
    partitions.make_months(JUNE)


def ids(table: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        return [number for (number,) in cursor.fetchall()]


def content(root) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_an_archive_is_read_by_geopandas_and_pyarrow_alone_and_has_every_row_as_it_was(history, tmp_path):
    gone = {row["id"]: row for row in Jam.objects.exclude(external_id="stays").values()}
    partitions.release(partitions.month(JUNE))
    assert archive.archive(tmp_path)["layers_jam_2026_05"] == 41
    read = geopandas.read_parquet(tmp_path / "jams").set_index("id")
    assert read.crs.equals("OGC:CRS84")
    assert set(read.index) == set(gone)
    for number, row in gone.items():
        there = read.loc[number]
        for name in ("feed", "external_id", "street", "level", "length_m", "simulated"):
            assert there[name] == row[name], name
        for name in ("first_at", "last_at", "closed_at", "reported_at"):
            assert there[name].to_pydatetime() == row[name], name
        assert there["digest"] == bytes(row["digest"]).hex()
        assert json.loads(there["attributes"]) == row["attributes"]
        assert there["geometry"].wkt == row["line"].wkt
    (blocked,) = read[read["external_id"] == "blocked"].to_dict("records")
    assert (blocked["street"], blocked["delay_s"] != blocked["delay_s"]) == ("", True)


def test_a_month_is_found_by_its_folders(history, tmp_path):
    partitions.release(partitions.month(JUNE))
    archive.archive(tmp_path)
    jams = pyarrow.dataset.dataset(tmp_path / "jams", format="parquet", partitioning="hive")
    april = jams.to_table(
        filter=(pyarrow.dataset.field("month") == 4) & (pyarrow.dataset.field("year") == 2026)
    )
    assert april["street"].to_pylist() == [ODD]
    assert jams.count_rows() == 42


def test_points_are_archived_as_points(history, tmp_path):
    point = Alert.objects.get().point
    partitions.release(partitions.month(JUNE))
    archive.archive(tmp_path)
    (alert,) = geopandas.read_parquet(tmp_path / "alerts").to_dict("records")
    assert LonLat(alert["geometry"].x, alert["geometry"].y) == LonLat(point.x, point.y)
    assert (alert["type"], alert["attributes"]) == ("HAZARD", '{"city": "Jakarta"}')


def test_the_manifest_has_rows_and_sha256_of_each_file(history, tmp_path):
    partitions.release(partitions.month(JUNE))
    archive.archive(tmp_path)
    pieces = manifest.known(tmp_path)
    assert sorted(name.rsplit("-", 2)[0] for name in pieces) == [
        "layers_alert_2026_05", "layers_jam_2026_04", "layers_jam_2026_05"
    ]  # fmt: skip
    told = {file.path: file.sha256 for files in pieces.values() for file in files}
    assert told == {path: sha for path, sha in content(tmp_path).items() if path.endswith(".parquet")}
    assert sum(file.rows for files in pieces.values() for file in files) == 43


STEPS = {
    "before anything is written": (archive, "write"),
    "within a file": (archive, "_table"),
    "before the manifest": (manifest, "put"),
    "before it is read anew": (manifest, "check"),
    "while it is read anew": (manifest, "digest"),
}


@pytest.mark.parametrize("step", STEPS)
def test_who_is_killed_on_the_way_loses_nothing_and_ends_with_the_same_files(
    history, tmp_path, monkeypatch, step
):
    every = ids("layers_jam")
    partitions.release(partitions.month(JUNE))
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    pieces = archive.waiting()
    for piece in pieces:
        archive.write(whole, piece)
    with monkeypatch.context() as patch:
        patch.setattr(*STEPS[step], _kill)
        with pytest.raises(Killed):
            archive.archive(broken)
    assert archive.waiting() == pieces
    archive.archive(broken)
    assert content(broken) == content(whole)
    archived = geopandas.read_parquet(broken / "jams")["id"].tolist()
    assert sorted([*archived, *ids("layers_jam")]) == every
    assert archive.archive(broken) == {}


def _kill(*args: object, **more: object) -> None:
    raise Killed


def test_who_is_killed_between_two_months_goes_on_with_the_second(history, tmp_path, monkeypatch):
    every = ids("layers_jam")
    rows = sql.scalar

    def once(name, params=None):
        if name == "layers/detach" and archive.waiting():
            raise Killed
        return rows(name, params)

    with monkeypatch.context() as patch:
        patch.setattr(sql, "scalar", once)
        with pytest.raises(Killed):
            partitions.release(partitions.month(JUNE))
    assert len(archive.waiting()) == 1
    partitions.release(partitions.month(JUNE))
    archive.archive(tmp_path)
    archived = geopandas.read_parquet(tmp_path / "jams")["id"].tolist()
    assert sorted([*archived, *ids("layers_jam")]) == every


def test_what_a_killed_process_left_half_written_is_swept_away(history, tmp_path):
    partitions.release(partitions.month(JUNE))
    piece = "layers_jam_2026_05"
    (file,) = archive.write(tmp_path, piece)
    left = (tmp_path / file.path).parent / f".{file.path.rpartition('/')[2]}.abc"
    left.mkdir()
    archive.move(tmp_path, piece)
    assert not left.exists()


def test_nothing_is_dropped_when_the_file_is_not_what_was_written(history, tmp_path, monkeypatch):
    partitions.release(partitions.month(JUNE))
    put = manifest.put

    def spoil(root, piece, files):
        path = put(root, piece, files)
        (root / files[0].path).write_bytes((root / files[0].path).read_bytes().replace(b"waze", b"wase", 1))
        return path

    monkeypatch.setattr(manifest, "put", spoil)
    waiting = archive.waiting()
    with pytest.raises(Conflict, match="its manifest says"):
        archive.move(tmp_path, "layers_jam_2026_05")
    assert archive.waiting() == waiting


def test_a_file_that_is_gone_is_named(tmp_path):
    gone = manifest.File("jams/year=2026/month=05/jams-1-2.parquet", 2, 100, "00")
    with pytest.raises(Conflict, match=r"jams-1-2\.parquet is in the manifest and not in the archive"):
        manifest.check(tmp_path, [gone])


def test_a_month_that_comes_again_gets_a_file_of_its_own(history, tmp_path, jam):
    partitions.release(partitions.month(JUNE))
    archive.archive(tmp_path)
    late = jam("late", reported_at=MAY + timedelta(minutes=7))
    intake.receive([Snapshot("waze", MAY + timedelta(minutes=10), jams=(late,))], simulated=False)
    partitions.release(partitions.month(JUNE))
    assert archive.archive(tmp_path) == {"layers_jam_rest": 1}
    assert len(list((tmp_path / "jams" / "year=2026" / "month=05").iterdir())) == 2
    assert "late" in set(geopandas.read_parquet(tmp_path / "jams")["external_id"])


@pytest.mark.parametrize(
    ("months", "folder", "left"),
    [(0, True, 43), (1, False, 43), (1, True, 1)],
    ids=["ever", "nowhere", "a month"],
)
def test_the_worker_archives_each_night_what_is_older_than_it_is_kept(
    history, tmp_path, settings, months, folder, left, caplog
):
    settings.TRAFFIC_MONTHS, settings.ARCHIVE = months, tmp_path if folder else None
    tasks.months(timestamp=0)
    assert len(ids("layers_jam")) == left
    assert archive.waiting() == []
    assert ("GEOPLATFORM_ARCHIVE is not" in caplog.text) == (not folder)
