"""Backups of a private cluster, for real: made, restored as of an instant, and compared row by row."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from geoplatform import backup, pgbackrest, postgres, restore, sealed
from geoplatform.database import Cluster
from geoplatform.postgres import ClusterError

pytestmark = pytest.mark.skipif(
    not postgres.installations() or shutil.which("pgbackrest") is None,
    reason="no PostgreSQL with PostGIS, or no pgBackRest, is installed",
)

KEY = "Zm9yIHRlc3RzIG9ubHk6IDMyIGJ5dGVzIG9mIGEga2U="
TABLES = (
    "CREATE TABLE report (id bigint PRIMARY KEY, words text NOT NULL, point geometry(Point, 4326))",
    "CREATE TABLE step (report bigint REFERENCES report, at timestamptz NOT NULL, PRIMARY KEY (report, at))",
    "CREATE TABLE contact (report bigint PRIMARY KEY, sealed bytea)",
)
WRITING = (
    "INSERT INTO report SELECT id, 'Jalan rusak ' || id, ST_Point(106.8 + id / 1e5, -6.2, 4326)"
    " FROM generate_series(%(first)s::int, %(last)s::int) AS id",
    "INSERT INTO step SELECT id, clock_timestamp() FROM generate_series(%(first)s::int, %(last)s::int) AS id",
    "INSERT INTO contact SELECT id, sha256(id::text::bytea)"
    " FROM generate_series(%(first)s::int, %(last)s::int) AS id",
)
EVERY_TABLE = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="geoplatform-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[Cluster]:
    with Cluster(folder / "city", fsync=False) as cluster:
        cluster.create()
        yield cluster


@pytest.fixture(scope="module")
def where(cluster: Cluster) -> pgbackrest.Repository:
    return pgbackrest.repository(cluster)


@pytest.fixture(scope="module")
def history(cluster: Cluster, where: pgbackrest.Repository) -> tuple[datetime, dict[str, list[tuple]]]:
    """Write, back up, write and change, note an instant and all rows, then change and delete on."""
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        for statement in TABLES:
            connection.execute(statement)
        write(connection, 1, 100)
        connection.execute("CREATE TEMPORARY TABLE of_a_session AS SELECT 1")  # is in the catalogue, too
        backup.back_up(Cluster(cluster.directory, fsync=False), where, "incr")
        write(connection, 101, 200)
        connection.execute("UPDATE report SET words = 'diperbaiki' WHERE id % 7 = 0")
        at = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        rows = every_row(cluster)
        write(connection, 201, 300)
        connection.execute("DELETE FROM contact WHERE report <= 150")
    return at, rows


def write(connection: psycopg.Connection, first: int, last: int) -> None:
    for statement in WRITING:
        connection.execute(statement, {"first": first, "last": last})


def every_row(cluster: Cluster) -> dict[str, list[tuple]]:
    with psycopg.connect(cluster.url()) as connection:
        tables = [name for (name,) in connection.execute(EVERY_TABLE).fetchall()]
        return {
            name: sorted(connection.execute(f"SELECT {name}::text FROM {name}").fetchall()) for name in tables
        }


def test_a_restore_at_an_instant_has_every_row_of_it_and_none_of_later(
    folder, cluster, where, history, capsys
) -> None:
    at, rows = history
    before = every_row(cluster)
    second = folder / "second"
    options = ["--to", str(second), "--at", at.isoformat(), "--directory", str(cluster.directory)]
    assert restore.main(options) == 0, capsys.readouterr().err
    with Cluster(second, fsync=False) as restored:
        assert len(rows["report"]) == 200
        assert every_row(restored) == rows
        assert restored.say("SHOW archive_mode") == "off"  # or it would write into the original's history
    assert every_row(cluster) == before


def test_an_instant_before_every_backup_is_refused_in_one_line(folder, cluster, where, history) -> None:
    with pytest.raises(ClusterError, match="no backup had ended by then, of 1"):
        restore.beside(Cluster(folder / "early"), where, datetime(2026, 5, 14, tzinfo=UTC))


def test_the_newest_restore_has_what_was_written_a_moment_ago(folder, cluster, where, history) -> None:
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("UPDATE report SET words = 'baru saja' WHERE id = 300")
    restore.hand_over(cluster, where)
    with restore.beside(Cluster(folder / "newest", fsync=False), where) as restored:
        assert every_row(restored) == every_row(cluster)


def test_an_instant_behind_the_newest_change_is_that_change(folder, cluster, where, history, capsys) -> None:
    restore.hand_over(cluster, where)
    with psycopg.connect(cluster.url()) as connection:
        (at,) = connection.execute("SELECT clock_timestamp()").fetchone()
    with restore.beside(Cluster(folder / "quiet", fsync=False), where, at) as restored:
        assert every_row(restored) == every_row(cluster)
        assert restored.say("SELECT pg_is_in_recovery()").strip() == "f"
    assert "the backup holds nothing of after " in capsys.readouterr().out


def test_a_hole_in_the_archive_is_no_quiet_night(folder, cluster, where, history) -> None:
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("UPDATE report SET words = words")
    (segment,) = cluster.say("SELECT pg_walfile_name(pg_current_wal_lsn())").split()
    restore.hand_over(cluster, where)
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("UPDATE report SET words = 'nanti' WHERE id = 1")
    restore.hand_over(cluster, where)
    with psycopg.connect(cluster.url()) as connection:
        (at,) = connection.execute("SELECT clock_timestamp()").fetchone()
    (kept,) = where.path.rglob(f"{segment}-*")
    aside = kept.rename(kept.with_name("aside"))
    try:
        for name, instant in (("hole", at), ("hole-newest", None)):
            with pytest.raises(ClusterError, match="the archive has a hole"):
                restore.beside(Cluster(folder / name, fsync=False), where, instant)
    finally:
        aside.rename(kept)


def test_a_repository_shows_nothing_without_its_key(cluster, where, history) -> None:
    found = [path for path in where.path.rglob("*") if path.is_file() and path.stat().st_size]
    assert found
    assert [path for path in found if not path.read_bytes().startswith(b"Salted__")] == []
    assert cluster.home.stat().st_mode & 0o777 == 0o755
    for path in (where.path, where.key_file, cluster.home / "pgbackrest" / "pgbackrest.conf"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_cluster_that_is_there_is_not_restored_over(cluster, where, history) -> None:
    before = every_row(cluster)
    with pytest.raises(ClusterError, match="holds a cluster already"):
        restore.beside(cluster, where)
    with pytest.raises(ClusterError, match="stop the platform first"):
        restore.in_place(cluster, where)
    assert every_row(cluster) == before


def test_the_key_of_backups_is_never_made_anew_beside_them(cluster, where, history) -> None:
    away = pgbackrest.Repository(where.path, cluster.home / "another.key")
    with pytest.raises(ClusterError, match="put their key back"):
        pgbackrest.make(cluster, away)
    assert not away.key_file.exists()


@pytest.mark.parametrize(
    ("text", "reason"), [("yesterday", "no instant"), ("2026-11-26T07:30", "no time zone")]
)
def test_an_instant_that_is_not_one_is_refused(text, reason, capsys) -> None:
    with pytest.raises(SystemExit):
        restore.main(["--to", "anywhere", "--at", text])
    assert reason in capsys.readouterr().err


def test_instants_of_any_zone_are_the_same_instant() -> None:
    assert restore.instant("2026-11-26T07:30:00+07:00") == datetime(2026, 11, 26, 0, 30, tzinfo=UTC)


def test_files_are_sealed_once_opened_as_they_were_and_go_with_their_originals(tmp_path) -> None:
    photos, sealed_files, opened = tmp_path / "photos", tmp_path / "sealed", tmp_path / "opened"
    (photos / "ab").mkdir(parents=True)
    (photos / "ab" / "one").write_bytes(b"a citizen's picture")
    (photos / "two").write_bytes(b"another")
    assert sealed.seal(photos, sealed_files, KEY) == sealed.Copied(2, 0, 0)
    assert b"citizen" not in (sealed_files / "ab" / "one").read_bytes()
    (photos / "two").unlink()
    assert sealed.seal(photos, sealed_files, KEY) == sealed.Copied(0, 1, 1)
    assert sealed.open_all(sealed_files, opened, KEY) == 1
    assert (opened / "ab" / "one").read_bytes() == b"a citizen's picture"
    assert not (opened / "two").exists()


def test_a_changed_file_is_sealed_anew(tmp_path) -> None:
    photos, sealed_files = tmp_path / "photos", tmp_path / "sealed"
    photos.mkdir()
    (photos / "one").write_bytes(b"first")
    sealed.seal(photos, sealed_files, KEY)
    (photos / "one").write_bytes(b"second")
    later = (sealed_files / "one").stat().st_mtime_ns + 10**9
    os.utime(photos / "one", ns=(later, later))
    assert sealed.seal(photos, sealed_files, KEY) == sealed.Copied(1, 0, 0)
    sealed.open_all(sealed_files, tmp_path / "opened", KEY)
    assert (tmp_path / "opened" / "one").read_bytes() == b"second"


def test_another_key_opens_nothing(tmp_path) -> None:
    photos, sealed_files = tmp_path / "photos", tmp_path / "sealed"
    photos.mkdir()
    (photos / "one").write_bytes(b"first")
    sealed.seal(photos, sealed_files, KEY)
    with pytest.raises(sealed.WrongKey, match="one cannot be opened"):
        sealed.open_all(sealed_files, tmp_path / "opened", KEY.replace("Z", "Y", 1))
    assert not (tmp_path / "opened").exists()
