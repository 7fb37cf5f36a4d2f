import hashlib
import json
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from layers import columns, follow, revisions
from layers.follow import Followed
from layers.models import Removed, Revision
from layers.traits import ALL
from reports import intake
from reports.layers import REPORTS
from reports.models import Report
from tests.conftest import MONAS, NOON
from tests.grid import tile_of
from tests.layers.points import key_of

KEY = key_of(*MONAS)


@contextmanager
def unseen(cursor):
    """Let no trigger see what is changed."""
    cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    cursor.execute("SET LOCAL session_replication_role = origin")


def of_another_database(folder) -> None:
    """Let the base of a folder say that it is of another database."""
    manifest = folder / columns.current(folder) / columns.MANIFEST
    said = json.loads(manifest.read_text())
    said["stamp"][0] = "00000000-0000-4000-8000-000000000000"
    manifest.write_text(json.dumps(said))
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    (folder / columns.CURRENT).write_text(f"{columns.current(folder)} {digest}")


def points(followed: Followed, cursor) -> dict[int, int]:
    rows = followed.state(cursor).snapshot.rows()
    return dict(zip(rows.ids.tolist(), rows.keys.tolist(), strict=True))


def test_a_report_that_comes_is_known(followed, cursor, receive_one):
    report = receive_one()
    assert points(followed, cursor) == {report.id: KEY}


def test_what_did_not_change_is_not_read_again(followed, cursor, receive_one):
    receive_one()
    assert followed.refresh(cursor)
    assert not followed.refresh(cursor)


@pytest.mark.parametrize("gone", [{"status": "withdrawn"}, {"point": None}])
def test_a_report_that_left_the_map_is_gone(followed, cursor, receive_one, gone):
    report = receive_one()
    points(followed, cursor)
    revisions.touch("reports")
    Report.objects.filter(id=report.id).update(**gone)
    assert points(followed, cursor) == {}


def test_a_report_that_was_deleted_is_gone(followed, cursor, receive_one):
    kept, gone = receive_one(external_id="1"), receive_one(external_id="2")
    points(followed, cursor)
    revisions.touch("reports")
    with unseen(cursor):
        cursor.execute("DELETE FROM reports_assignment WHERE report_id = %s", [gone.id])
    cursor.execute("DELETE FROM reports_report WHERE id = %s", [gone.id])
    assert points(followed, cursor) == {kept.id: KEY}
    assert Removed.objects.get().row_id == gone.id


def test_whoever_changes_a_row_by_hand_raises_the_revision_too(transactional_city, submission):
    intake.receive([submission()], simulated=False)
    one = Followed(REPORTS, None)
    with connection.cursor() as cursor:
        one.refresh(cursor)
        before = revisions.current("reports")
        Report.objects.update(status="done")
        assert revisions.current("reports") == before + 1
        traits = one.state(cursor).snapshot
    codes = (traits.rows().traits >> REPORTS.traits.shifts[1]) & REPORTS.traits.masks[1]
    assert codes.tolist() == [3]


def test_a_column_that_no_map_shows_raises_nothing(transactional_city, submission):
    intake.receive([submission()], simulated=False)
    before = revisions.current("reports")
    Report.objects.update(asked_at=NOON)
    assert revisions.current("reports") == before


def test_every_row_that_changed_in_a_transaction_bears_its_revision(city, submission):
    intake.receive([submission(str(n)) for n in range(3)], simulated=False)
    intake.receive(
        [submission("1", description="Sudah lebih parah", updated_at=NOON.replace(hour=6))], simulated=False
    )
    now = revisions.current("reports")
    assert dict(Report.objects.values_list("external_id", "revision")) == {
        "0": now - 1,
        "1": now,
        "2": now - 1,
    }


def test_another_database_is_read_from_the_beginning(followed, cursor, receive_one):
    report = receive_one()
    points(followed, cursor)
    Revision.objects.filter(layer="reports").update(epoch="00000000-0000-4000-8000-000000000000")
    assert followed.refresh(cursor)
    assert points(followed, cursor) == {report.id: KEY}


def test_the_rows_are_read_where_django_notes_its_queries_too(receive_one):
    report = receive_one()
    connection.force_debug_cursor = True
    try:
        with connection.cursor() as noting:
            assert points(Followed(REPORTS, None), noting) == {report.id: KEY}
    finally:
        connection.force_debug_cursor = False


# --- a base on the disk


def test_a_process_starts_from_the_base_of_another_and_catches_up(many, city, cursor, tmp_path, submission):
    Followed(REPORTS, tmp_path).refresh(cursor)
    folder = tmp_path / "reports"
    assert columns.current(folder)
    intake.receive([submission("later")], simulated=False)
    later = Followed(REPORTS, tmp_path)
    snapshot = later.state(cursor).snapshot
    assert (snapshot.base.rows.size, snapshot.fresh.size) == (50, 1)


def test_a_delta_that_has_grown_is_merged_and_others_take_the_new_base(many, cursor, tmp_path, submission):
    writer, reader = Followed(REPORTS, tmp_path), Followed(REPORTS, tmp_path)
    writer.refresh(cursor), reader.refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(30)], simulated=False)
    writer.refresh(cursor), reader.refresh(cursor)
    first = columns.current(tmp_path / "reports")
    assert writer.merge(cursor)
    second = columns.current(tmp_path / "reports")
    assert reader.merge(cursor)
    assert first != second == columns.current(tmp_path / "reports")
    for one in (writer, reader):
        assert (one.known().snapshot.size, one.known().snapshot.delta) == (80, 0)
    assert not writer.merge(cursor)


def test_what_comes_while_the_delta_is_merged_is_told_of_its_tiles(many, cursor, tmp_path, submission):
    one = Followed(REPORTS, tmp_path)
    one.refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(30)], simulated=False)
    one.refresh(cursor)
    here = tile_of(*MONAS, 14)
    before = one.changes.last(here)
    intake.receive([submission("meanwhile")], simulated=False)
    assert one.merge(cursor)
    one.refresh(cursor)
    assert one.known().snapshot.size == 81
    assert one.changes.last(here) > before
    assert one.known().number >= one.changes.last(here)


def test_a_base_of_another_database_does_not_keep_a_delta_from_being_merged(
    many, cursor, tmp_path, submission, monkeypatch
):
    Followed(REPORTS, tmp_path).refresh(cursor)
    of_another_database(tmp_path / "reports")
    monkeypatch.setattr(follow, "LEAST_DELTA", 1000)  # too few points to be written when it begins
    one = Followed(REPORTS, tmp_path)
    one.refresh(cursor)
    intake.receive([submission(f"later {n}") for n in range(30)], simulated=False)
    one.refresh(cursor)
    monkeypatch.setattr(follow, "LEAST_DELTA", 20)
    assert one.merge(cursor)
    assert (one.known().snapshot.size, one.known().snapshot.delta) == (80, 0)
    assert Followed(REPORTS, tmp_path).state(cursor).snapshot.base.rows.size == 80


def test_a_damaged_base_is_made_anew_from_the_rows(many, cursor, tmp_path):
    Followed(REPORTS, tmp_path).refresh(cursor)
    folder = tmp_path / "reports"
    column = folder / columns.current(folder) / "keys"
    content = bytearray(column.read_bytes())
    content[-1] ^= 1
    column.write_bytes(content)
    one = Followed(REPORTS, tmp_path)
    assert set(points(one, cursor).values()) == {KEY}
    assert one.known().snapshot.size == 50
    assert columns.read(folder, REPORTS.traits) is not None


def test_a_base_of_another_database_is_not_taken(many, cursor, tmp_path):
    Followed(REPORTS, tmp_path).refresh(cursor)
    of_another_database(tmp_path / "reports")
    Report.objects.filter(external_id="1").update(point=None)
    assert Followed(REPORTS, tmp_path).state(cursor).snapshot.size == 49


# --- the command


def test_the_check_says_that_index_and_rows_agree(many, settings, tmp_path, capsys):
    settings.INDEX_FOLDER = tmp_path
    call_command("index", "--check")
    assert (
        "reports: 50 rows on the map; in the index 0 too many, 0 missing, 0 otherwise"
        in capsys.readouterr().out
    )


def test_the_check_fails_where_a_row_changed_behind_its_back_and_rebuild_mends_it(
    many, settings, tmp_path, capsys
):
    settings.INDEX_FOLDER = tmp_path
    call_command("index")
    with connection.cursor() as cursor, unseen(cursor):
        Report.objects.filter(external_id="1").update(status="done")
        Report.objects.filter(external_id="2").update(point=None)
    with pytest.raises(CommandError, match="index and rows differ: reports"):
        call_command("index", "--check")
    assert "1 too many, 0 missing, 1 otherwise" in capsys.readouterr().out
    call_command("index", "--rebuild")
    call_command("index", "--check")


def test_what_has_no_filter_is_ready_before_anybody_asks(followed, cursor, receive_one):
    receive_one()
    base = followed.state(cursor).snapshot.base
    assert ALL in base._views
