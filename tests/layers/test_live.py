import time
from datetime import UTC, datetime

import pytest
from django.db import connection

from geoplatform import sql
from layers import live, revisions, tiles
from layers.grid import Form
from layers.layer import find
from reports import intake
from reports.models import Report
from tests.conftest import MONAS
from tests.grid import tile_of

NOW = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
HERE = tile_of(*MONAS, 14)
PATIENCE_S = 120.0


@pytest.fixture
def watching(transactional_city):
    watch = live.watch()
    assert watch.is_ready.wait(PATIENCE_S)
    yield watch
    live.stop()


def shown(form: Form = "geojson") -> tiles.Made:
    return tiles.served(find("reports"), HERE, form, NOW)


def soon(watch, is_so) -> bool:
    """Wait until something is so, looking each time the watch has looked."""
    latest = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > latest:
            return False
        watch.looked.wait(1)
        watch.looked.clear()
    return True


def test_a_report_is_on_the_tiles_of_a_process_that_was_told(watching, submission):
    before = shown()
    intake.receive([submission()], simulated=False)
    assert soon(watching, lambda: shown().tag != before.tag)


def test_a_tile_asks_the_database_nothing(watching, submission, django_assert_num_queries):
    intake.receive([submission()], simulated=False)
    with django_assert_num_queries(0):
        shown()


def test_a_lost_connection_costs_no_change_and_the_pool_hears_of_it(watching, submission, monkeypatch):
    before, drained = shown(), []
    monkeypatch.setattr(sql, "drain", lambda: drained.append(True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        assert cursor.rowcount >= 1
    intake.receive([submission()], simulated=False)
    assert soon(watching, lambda: shown().tag != before.tag)
    assert drained


def test_a_change_that_no_notification_told_of_is_seen_all_the_same(watching, submission):
    intake.receive([submission()], simulated=False)
    assert soon(watching, lambda: b"waiting" in tiles.plain(shown()))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Report.objects.update(status="done", revision=revisions.current("reports") + 1)
        cursor.execute("UPDATE layers_revision SET revision = revision + 1 WHERE layer = 'reports'")
        cursor.execute("SET session_replication_role = origin")
    assert soon(watching, lambda: b'"status":"done"' in tiles.plain(shown()))


def test_the_version_of_a_layer_is_known_without_asking(watching, submission, django_assert_num_queries):
    revisions.touch("jams")
    now = revisions.current("jams")
    assert soon(watching, lambda: live.stamp("jams").revision == now)
    with django_assert_num_queries(0):
        live.stamp("jams")


def test_what_is_asked_for_before_anything_was_read_waits_for_the_rows(transactional_city, submission):
    intake.receive([submission()], simulated=False)
    assert b'"category":"road"' in tiles.plain(shown())
