"""The worker: which feeds are due, and that a job of the real queue reads one."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from fixtures import faults
from ingest import feeds, tasks
from ingest.models import Run
from ingest.runs import patience
from layers.models import Poi
from tests.conftest import ROOT, database_url
from tests.ingest.test_kill import LONGEST_S, is_gone, kill, wait_until


def test_a_feed_is_due_when_its_cadence_has_passed(db):
    cadence = timedelta(seconds=feeds.feed("waze").cadence_s)
    assert tasks.is_due("waze")
    Run.objects.create(feed="waze", started_at=timezone.now() - cadence / 2, outcome="complete")
    assert not tasks.is_due("waze")
    Run.objects.update(started_at=timezone.now() - cadence)
    assert tasks.is_due("waze")


def test_a_run_of_a_clock_that_went_ahead_keeps_no_feed_from_being_read(db):
    ahead = timezone.now() + timedelta(hours=2)
    Run.objects.create(feed="waze", started_at=ahead, reached_at=ahead, outcome="complete")
    assert tasks.is_due("waze")


def test_a_feed_is_due_though_its_last_run_began_a_little_after_the_poll(db):
    cadence = timedelta(seconds=feeds.feed("waze").cadence_s)
    started_at = timezone.now() - cadence + timedelta(seconds=2)
    Run.objects.create(feed="waze", started_at=started_at, outcome="complete")
    assert tasks.is_due("waze")


def test_a_feed_that_asked_us_to_stay_away_is_not_due_before(db):
    now = timezone.now()
    Run.objects.create(feed="waze", started_at=now - timedelta(days=1), retry_at=now + timedelta(minutes=5))
    assert not tasks.is_due("waze")


def failed_runs(*ages: timedelta, **columns: object) -> list[Run]:
    """Runs of the places of Overpass, whose cadence is a day, that failed so long ago."""
    now = timezone.now()
    facts = {"feed": "overpass", "outcome": "failed", "finished_at": now}
    return [Run.objects.create(**(facts | {"started_at": now - age} | columns)) for age in ages]


@pytest.mark.parametrize(
    ("failures", "least_s", "most_s"), [(1, 30, 60), (2, 60, 120), (3, 86_400, 86_400), (7, 86_400, 86_400)]
)
def test_a_failed_run_is_tried_again_later_and_later_and_after_three_at_the_cadence(
    db, failures, least_s, most_s
):
    pauses = set()
    for _ in range(5):
        *_, last = failed_runs(*(timedelta(hours=failures - number) for number in range(failures)))
        due_at = patience.due_at("overpass", 86_400, timezone.now())
        assert due_at == patience.due_at("overpass", 86_400, timezone.now())  # however often it is asked
        pauses.add((due_at - last.started_at).total_seconds())
        Run.objects.all().delete()
    assert all(least_s <= pause <= most_s for pause in pauses)
    assert len(pauses) > 1 or least_s == most_s  # jittered


def test_a_good_run_ends_the_tries(db):
    failed_runs(timedelta(hours=3), timedelta(hours=2))
    (good,) = failed_runs(timedelta(hours=1), outcome="complete")
    assert patience.due_at("overpass", 86_400, timezone.now()) == good.started_at + timedelta(days=1)


def test_a_feed_is_never_tried_again_later_than_its_cadence_says(db):
    failed_runs(timedelta(hours=1))
    assert patience.due_at("overpass", 10, timezone.now()) == Run.objects.get().started_at + timedelta(
        seconds=10
    )


def test_a_source_is_asked_again_when_it_said_though_the_cadence_is_a_day(db):
    now = timezone.now()
    failed_runs(timedelta(minutes=9), retry_at=now + timedelta(minutes=1))
    assert patience.due_at("overpass", 86_400, timezone.now()) == now + timedelta(minutes=1)
    assert not tasks.is_due("overpass")
    Run.objects.update(retry_at=now)
    assert tasks.is_due("overpass")


def test_a_run_that_was_killed_is_taken_up_within_minutes_though_the_cadence_is_a_day(db):
    failed_runs(timedelta(minutes=1), outcome="", finished_at=None)
    assert tasks.is_due("overpass")


def asked_for() -> list[str]:
    """The feeds for which a run waits in the queue."""
    waiting = ProcrastinateJob.objects.filter(status="todo", task_name="ingest.tasks.ingest")
    return sorted(waiting.values_list("args__name", flat=True))


def test_no_second_run_is_asked_for_while_a_slow_one_is_under_way(queue, sources):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('feed:waze', 0))")
        Run.objects.create(feed="waze", started_at=timezone.now() - timedelta(days=1))
        tasks.poll(0)
        assert asked_for() == sorted(set(feeds.names()) - {"waze"})
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    tasks.poll(60)
    assert asked_for() == sorted(feeds.names())


def test_a_job_that_comes_when_its_feed_was_read_meanwhile_does_nothing(queue, sources):
    Run.objects.create(feed="waze", started_at=timezone.now(), outcome="complete")
    tasks.ingest("waze")
    assert Run.objects.count() == 1


def test_a_failed_run_is_no_job_to_be_tried_again_and_collides_with_none_that_waits(queue, sources):
    """The queue puts a job that is tried again among those that wait, where another may stand by then."""
    sources.fail("/waze/", faults.status(401), times=None)
    tasks.poll(0)
    tasks.ingest("waze")
    assert Run.objects.get(feed="waze").outcome == "failed"
    assert asked_for() == sorted(feeds.names())
    assert [task.retry_strategy for task in (tasks.ingest, tasks.take_up)] == [None, None]


def test_a_feed_whose_settings_are_wrong_costs_no_other(queue, monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("GEOPLATFORM_FEED_WAZE_TOKEN_FILE", str(tmp_path / "none"))
    tasks.poll(0)
    assert asked_for() == ["overpass", "petabencana"]
    assert "GEOPLATFORM_FEED_WAZE_TOKEN_FILE" in caplog.text


def test_the_worker_leaves_feeds_alone_that_have_no_address_yet(queue, monkeypatch):
    assert [name for name in feeds.names() if feeds.feed(name).enabled] == ["petabencana", "overpass"]
    tasks.poll(0)
    waiting = ProcrastinateJob.objects.values_list("args__name", flat=True)
    assert sorted(waiting) == ["overpass", "petabencana"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GEOPLATFORM_FEED_WAZE_URL", "https://waze.example"),
        ("GEOPLATFORM_FEED_WAZE_TOKEN", "secret"),
        ("table", "[waze.options]\npath = 'partnerhub-api/partners/1/waze-feeds/{token}'\n"),
    ],
)
def test_a_feed_that_the_operator_speaks_of_is_enabled(settings, monkeypatch, tmp_path, variable, value):
    assert not feeds.feed("waze").enabled
    if variable == "table":
        settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
        (tmp_path / "feeds.toml").write_text(value)
    else:
        monkeypatch.setenv(variable, value)
    assert feeds.feed("waze").enabled


def test_each_feed_waits_once_in_the_queue_however_often_is_polled(queue, sources):
    tasks.poll(0)
    tasks.poll(60)
    names = ProcrastinateJob.objects.filter(status="todo", task_name="ingest.tasks.ingest").values_list(
        "args__name", flat=True
    )
    assert sorted(names) == sorted(feeds.names())


@pytest.fixture
def worker(sources) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start a worker as a process of its own; it ends with the test at the latest."""
    started: list[subprocess.Popen] = []

    def start(*options: str) -> subprocess.Popen:
        environment = os.environ | {
            "DATABASE_URL": f"{database_url()}&application_name=victim",
            "GEOPLATFORM_SIMULATED_CITY_URL": sources.url,
            "GEOPLATFORM_DEBUG": "1",
        }
        command = [sys.executable, "manage.py", "procrastinate", "worker", *options]
        started.append(
            subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ends_well(process: subprocess.Popen) -> None:
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said


def test_the_worker_reads_the_feeds_that_are_due(queue, transactional_city, worker):
    tasks.poll(0)
    ends_well(worker("--one-shot"))
    assert set(Run.objects.values_list("feed", "outcome")) == {(name, "complete") for name in feeds.names()}
    assert Poi.objects.exists()
    assert not ProcrastinateJob.objects.filter(status="failed").exists()


RUNS, ALL_ELSE = ("--queues", "runs", "--concurrency", "4"), ("--queues", "default", "--concurrency", "4")


def test_while_a_source_is_slow_other_feeds_are_read_and_all_else_goes_on(
    queue, transactional_city, sources, worker
):
    held = threading.Event()
    sources.fail("/qlue/", faults.slow(held, at_most_s=LONGEST_S), times=1)
    tasks.poll(0)
    reading = worker(*RUNS, "--one-shot")
    others = set(feeds.names()) - {"qlue"}
    try:
        wait_until(lambda: {run.feed for run in Run.objects.filter(outcome="complete")} == others)
        assert Run.objects.get(feed="qlue").finished_at is None
        for task in (tasks.poll, tasks.deliver):
            with suppress(AlreadyEnqueued):  # by the worker that runs, where a minute has begun meanwhile
                task.defer(timestamp=60)
        ends_well(worker(*ALL_ELSE, "--one-shot"))
        done = ProcrastinateJob.objects.filter(status="succeeded").values_list("task_name", flat=True)
        assert {"ingest.tasks.poll", "ingest.tasks.deliver"} <= set(done)
        assert "qlue" not in asked_for()
    finally:
        held.set()
    ends_well(reading)
    assert Run.objects.get(feed="qlue").outcome == "complete"


def test_a_worker_that_is_killed_leaves_its_run_to_the_next_one_and_its_job_to_the_night(
    queue, transactional_city, sources, worker
):
    held = threading.Event()
    sources.fail("/waze/", faults.slow(held, at_most_s=LONGEST_S), times=1)
    tasks.ingest.configure(queueing_lock="ingest.tasks.ingest:waze").defer(name="waze")
    process = worker(*RUNS)
    try:
        wait_until(lambda: any("/waze/" in request.target for request in sources.requests))
        kill(process)
    finally:
        held.set()
    wait_until(is_gone)
    assert Run.objects.get().finished_at is None
    Run.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    tasks.poll(0)
    ends_well(worker(*RUNS, "--one-shot"))
    assert Run.objects.filter(feed="waze").latest("id").outcome == "complete"
    assert ProcrastinateJob.objects.filter(status="doing").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '3 days'")
    with suppress(AlreadyEnqueued):  # by the worker before, where it is that time of the night
        tasks.tidy.defer(timestamp=0)
    ends_well(worker(*ALL_ELSE, "--one-shot"))
    left = set(ProcrastinateJob.objects.values_list("task_name", "status"))
    assert "doing" not in {status for _, status in left}
    assert ("ingest.tasks.ingest", "succeeded") not in left
    assert ("ingest.tasks.tidy", "succeeded") in left
