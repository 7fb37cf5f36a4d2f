"""What breaks while layers are followed loses no change, leaves no stale tile, and is not trusted."""

import json
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from geoplatform import sql
from layers import checking, columns, follow, live, revisions, tiles, warm
from layers.follow import Followed
from layers.layer import find
from layers.models import Revision
from reports import intake
from reports.layers import REPORTS
from reports.models import Report
from tests.conftest import MONAS
from tests.grid import tile_of
from tests.layers.test_follow import unseen

NOW = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
HERE = tile_of(*MONAS, 14)
PATIENCE_S = 120.0


def test_a_first_read_that_fails_is_tried_again(many, cursor, losing):
    one = Followed(REPORTS, None)
    losing()
    with pytest.raises(psycopg.OperationalError):
        one.refresh(cursor)
    assert one.state(cursor).snapshot.size == 50


def test_a_read_of_another_database_that_fails_is_tried_again(many, cursor, losing):
    one = Followed(REPORTS, None)
    one.refresh(cursor)
    with unseen(cursor):
        Report.objects.filter(external_id="1").update(point=None)
    Revision.objects.filter(layer="reports").update(epoch="00000000-0000-4000-8000-000000000000")
    losing()
    with pytest.raises(psycopg.OperationalError):
        one.refresh(cursor)
    assert one.state(cursor).snapshot.size == 49


def test_another_ones_base_that_cannot_be_caught_up_with_loses_no_change(
    many, cursor, tmp_path, submission, losing
):
    writer, reader = Followed(REPORTS, tmp_path), Followed(REPORTS, tmp_path)
    writer.refresh(cursor)
    reader.refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(30)], simulated=False)
    reader.refresh(cursor)
    intake.receive([submission(f"more {n}") for n in range(5)], simulated=False)
    writer.refresh(cursor)
    assert writer.merge(cursor)
    losing()
    with pytest.raises(psycopg.OperationalError):
        reader.merge(cursor)
    assert reader.state(cursor).snapshot.size == 85
    reader.merge(cursor)
    assert Followed(REPORTS, tmp_path).state(cursor).snapshot.size == 85


def test_a_tile_that_is_made_while_the_base_is_written_does_not_stay(
    many, cursor, settings, tmp_path, submission, monkeypatch
):
    settings.INDEX_FOLDER = tmp_path
    live.followed.cache_clear()
    one = live.followed("reports")
    one.refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(30)], simulated=False)
    one.refresh(cursor)
    monkeypatch.setattr(live, "state", lambda layer: one.known())  # as a web process does

    def number() -> int:
        made = tiles.served(find("reports"), HERE, "geojson", NOW)
        return len(json.loads(tiles.plain(made))["features"])

    write, seen = columns.write, []

    def meanwhile(*args: object) -> None:
        seen.append(number())
        intake.receive([submission("meanwhile")], simulated=False)
        one.refresh(cursor)
        seen.append(number())
        Report.objects.filter(external_id="meanwhile").update(point=None)
        revisions.touch("reports")
        Report.objects.filter(external_id="later 1").update(point=None)
        write(*args)

    monkeypatch.setattr(columns, "write", meanwhile)
    assert one.merge(cursor)
    one.refresh(cursor)
    assert [*seen, number()] == [80, 81, 79]


def test_tiles_that_nothing_changed_outlive_a_merge(many, cursor, tmp_path, submission):
    one = Followed(REPORTS, tmp_path)
    one.refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(30)], simulated=False)
    number = one.state(cursor).number
    assert one.merge(cursor)
    assert (one.changes.last(HERE), one.known().number) == (number, number)


@pytest.mark.parametrize(
    "damage",
    [
        lambda said: said["stamp"].__setitem__(1, said["stamp"][1] + 8),
        lambda said: said["words"][0].__setitem__(1, "rkad"),
        lambda said: said.__setitem__("rows", 7),
    ],
    ids=["revision", "words", "rows"],
)
def test_a_manifest_that_was_changed_is_not_trusted(many, cursor, tmp_path, submission, damage):
    Followed(REPORTS, tmp_path).refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(3)], simulated=False)
    folder = tmp_path / "reports"
    manifest = folder / columns.current(folder) / columns.MANIFEST
    said = json.loads(manifest.read_text())
    damage(said)
    manifest.write_text(json.dumps(said))
    snapshot = Followed(REPORTS, tmp_path).state(cursor).snapshot
    assert snapshot.size == 53
    assert "rkad" not in snapshot.base.wordlist.words[0]


def test_what_killed_writers_left_is_removed(many, cursor, tmp_path):
    draft, pointer = tmp_path / "reports" / "9-1.part", tmp_path / "reports" / "current.9.part"
    draft.mkdir(parents=True)
    pointer.write_text("9-1")
    Followed(REPORTS, tmp_path).rebuild(cursor)
    assert not draft.exists()
    assert not pointer.exists()


def test_rebuild_replaces_a_wrong_base_however_few_rows_there_are(
    many, cursor, settings, tmp_path, monkeypatch
):
    settings.INDEX_FOLDER = tmp_path
    call_command("index")
    with unseen(cursor):
        Report.objects.filter(external_id="2").update(point=None)
    monkeypatch.setattr(follow, "LEAST_DELTA", 1000)
    with pytest.raises(CommandError, match="index and rows differ"):
        call_command("index", "--check")
    call_command("index", "--rebuild")
    call_command("index", "--check")


def test_rebuild_says_so_where_another_process_does_not_let_go_of_the_folder(
    many, cursor, settings, tmp_path, monkeypatch
):
    settings.INDEX_FOLDER = tmp_path
    monkeypatch.setattr(columns, "PATIENCE_S", 0.0)
    with (
        columns.alone(tmp_path / "reports"),
        pytest.raises(CommandError, match="another process writes there"),
    ):
        call_command("index", "--rebuild")


def test_a_folder_that_cannot_be_made_costs_the_sharing_alone(many, cursor, tmp_path, submission):
    (tmp_path / "file").touch()
    one = Followed(REPORTS, tmp_path / "file" / "index")
    one.refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(30)], simulated=False)
    one.merge(cursor)
    assert one.state(cursor).snapshot.size == 80


def test_a_truncated_table_leaves_the_map(followed, cursor, receive_one):
    receive_one()
    assert followed.state(cursor).snapshot.size == 1
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("TRUNCATE reports_report CASCADE")
    assert followed.state(cursor).snapshot.size == 0


def test_a_base_of_the_future_is_not_compared_with_rows_of_the_past(
    transactional_city, submission, tmp_path, monkeypatch
):
    monkeypatch.setattr(follow, "LEAST_DELTA", 5)
    intake.receive([submission(str(n)) for n in range(10)], simulated=False)
    one = Followed(REPORTS, tmp_path)
    with connection.cursor() as own:
        one.refresh(own)
    with sql.connect() as earlier:
        earlier.autocommit = False
        earlier.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        earlier.execute("SELECT 1 FROM reports_report")
        intake.receive([submission(f"later {n}") for n in range(10)], simulated=False)
        with connection.cursor() as own:
            one.refresh(own)
            assert one.merge(own)
        assert checking.compare(Followed(REPORTS, tmp_path), REPORTS, earlier.cursor()).is_none


def test_loops_that_cannot_be_kept_are_compiled_all_the_same(monkeypatch, tmp_path, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    warm.compile_loops()
    assert "not kept for the next start" in caplog.text


def test_other_layers_go_on_where_the_points_of_one_cannot_be_followed(transactional_city, monkeypatch):
    def broken(self: Followed, cursor: object) -> None:
        raise ValueError("a fault of ours")

    watch = live.watch()
    try:
        assert watch.is_ready.wait(PATIENCE_S)
        monkeypatch.setattr(Followed, "refresh", broken)
        revisions.touch("jams")
        now = revisions.current("jams")
        never = threading.Event()
        for _ in range(int(10 * PATIENCE_S)):
            if live.stamp("jams").revision == now:
                break
            never.wait(0.1)
        assert live.stamp("jams").revision == now
    finally:
        live.stop()


def test_a_process_that_hears_nothing_of_its_database_is_not_ready(transactional_city, client, monkeypatch):
    watch = live.watch()
    try:
        assert watch.is_ready.wait(PATIENCE_S)
        assert client.get("/ready").json() == {"ready": True, "lacking": []}
        monkeypatch.setattr(live, "BLIND_S", -1.0)
        assert client.get("/ready").json() == {"ready": False, "lacking": ["changes"]}
    finally:
        live.stop()
