"""What Prometheus reads: figures of the database, counts of what was served, and who may read them."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from prometheus_client.parser import text_string_to_metric_families

from api.metrics import figures
from api.metrics.counting import door_of
from casework.models import Notice
from layers.models import FeedState
from reports import intake
from tests.conftest import NOON


def scraped(client, **headers) -> dict[tuple[str, str], float]:
    """Return every figure by its name and the one label that it has; histograms by their first."""
    response = client.get("/metrics", **headers)
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def feed(name: str, **parts: object) -> FeedState:
    said = {"feed": name, "title": name.title(), "owner": "", "enabled": True, "simulated": False}
    return FeedState.objects.create(**(said | {"cadence_s": 60} | parts))


def test_a_feed_says_its_age_its_lag_and_whether_it_is_stale(city):
    feed(
        "qlue",
        last_success_at=NOON - timedelta(seconds=90),
        last_news_at=NOON - timedelta(seconds=90),
        last_item_at=NOON - timedelta(seconds=210),
        stale_at=NOON - timedelta(seconds=1),
        rejected_waiting=3,
    )
    feed("off", enabled=False, rejected_waiting=9)
    found = {(name, label): value for name, label, value in figures.read(NOON)}
    assert found["feed_success_age_seconds", "qlue"] == 90
    assert found["feed_lag_seconds", "qlue"] == 120
    assert found["feed_stale", "qlue"] == 1
    assert found["feed_rejected_waiting", "qlue"] == 3
    assert not [label for _, label in found if label == "off"]


def test_reports_without_a_case_are_how_far_the_board_is_behind(city, submission):
    intake.receive([submission(str(number)) for number in range(3)], simulated=False)
    found = {(name, label): value for name, label, value in figures.read(NOON)}
    assert found["reports_without_case", ""] == 3


def test_nobodys_commit_waits_where_there_is_no_standby_to_wait_for(city):
    found = {(name, label): value for name, label, value in figures.read(NOON)}
    assert found["commits_waiting", ""] == 0


def test_of_commits_that_the_owner_may_not_see_the_metrics_say_nothing_and_not_0(city):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE owner_of_the_figures")
        for function in ("api_sessions()", "api_standbys()"):
            cursor.execute(f"ALTER FUNCTION {function} OWNER TO owner_of_the_figures")
        told = {name for name, _, _ in figures.read(NOON)}
        assert "connections" in told and not {"commits_waiting", "standby_lag_seconds"} & told
        cursor.execute("GRANT pg_read_all_stats TO owner_of_the_figures")
    found = {(name, label): value for name, label, value in figures.read(NOON)}
    assert found["commits_waiting", ""] == 0


def test_a_message_waits_until_it_is_given_up(city):
    for number in range(2):
        Notice.objects.create(
            channel="email", address="a@example.go.id", subject="", text="", next_at=NOON,
            created_at=NOON - timedelta(seconds=60 * (number + 1)), dead_at=NOON if number else None,
        )  # fmt: skip
    found = {(name, label): value for name, label, value in figures.read(NOON)}
    assert found["outbox_waiting", "notices"] == 1
    assert found["outbox_oldest_age_seconds", "notices"] == 60
    assert found["outbox_dead", "notices"] == 1


def test_what_may_grow_is_nothing_before_it_is_one(city):
    found = {(name, label): value for name, label, value in figures.read(NOON)}
    grows = [("outbox_dead", kind) for kind in ("answers", "notices", "webhooks")] + [("jobs", "failed")]
    assert [found.get(one) for one in grows] == [0] * 4


def test_every_figure_of_the_statement_is_described(city):
    assert {name for name, _, _ in figures.read(NOON)} <= set(figures.FIGURES)


def test_tiles_are_counted_by_layer_served_and_made(client, city):
    before = scraped(client)
    for _ in range(3):
        assert client.get("/tiles/reports/11/1632/1059.mvt").status_code == 200
    after = scraped(client)

    def grown(name: str) -> float:
        return after[name, "reports"] - before.get((name, "reports"), 0)

    assert (grown("geoplatform_tiles_served_total"), grown("geoplatform_tiles_made_total")) == (3, 1)
    assert (grown("geoplatform_tile_seconds_count"), grown("geoplatform_tile_seconds_sum") > 0) == (1, True)


def test_answers_are_counted_by_door_and_status(client, city):
    before = scraped(client)
    client.get("/api/nowhere-at-all")
    after = scraped(client)
    key = ("geoplatform_answers_total", "api,404")
    assert after[key] - before.get(key, 0) == 1


@pytest.mark.parametrize(
    ("path", "door"),
    [("/api/staff/cases/7", "api/staff"), ("/reports.json", "reports"), ("/apis", "other"), ("/", "other")],
)
def test_an_address_is_counted_by_one_of_few_doors(path, door):
    assert door_of(path) == door


@pytest.mark.parametrize(
    ("remote", "forwarded", "status"),
    [
        ("127.0.0.1", "", 200),
        ("127.0.0.1", "203.0.113.9", 403),  # by way of the proxy on this machine
        ("203.0.113.9", "", 403),
        ("203.0.113.9", "127.0.0.1", 403),
        ("192.0.2.77", "", 200),
    ],
)
@override_settings(METRICS_READERS=("192.0.2.0/24",))
def test_figures_are_for_this_machine_and_named_addresses_alone(client, city, remote, forwarded, status):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client.get("/metrics", REMOTE_ADDR=remote, **headers).status_code == status


def test_without_a_database_the_figures_say_so(client, db, monkeypatch):
    monkeypatch.setattr(settings, "QUERY_TIMEOUT_MS", "nothing that PostgreSQL takes")
    assert scraped(client)["geoplatform_database_up", ""] == 0


def test_processes_count_together_and_those_that_ended_are_forgotten_at_the_next_start(tmp_path):
    counts = (
        "import pathlib, sys; from api.metrics import folder; folder.begin(pathlib.Path(sys.argv[1]));"
        "from layers import counts; counts.served('reports').inc(7);"
        "from prometheus_client import CollectorRegistry, multiprocess;"
        "registry = CollectorRegistry(); multiprocess.MultiProcessCollector(registry);"
        "total = registry.get_sample_value('geoplatform_tiles_served_total', {'layer': 'reports'});"
        "print(total, flush=True);"
        "sys.stdin.read()"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PROMETHEUS_MULTIPROC_DIR"}

    def start() -> tuple[subprocess.Popen[str], float]:
        process = subprocess.Popen(
            [sys.executable, "-c", counts, str(tmp_path)], cwd=settings.ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout
        return process, float(process.stdout.readline())

    first, alone = start()
    second, together = start()
    first.communicate()
    third, later = start()
    second.communicate()
    third.communicate()
    assert (alone, together, later) == (7, 14, 14)
