"""The worker: which feeds are due, and that a job of the real queue reads one."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from geoplatform.errors import FeedUnavailable
from ingest import feeds, tasks
from ingest.models import Run
from layers.models import Poi
from tests.conftest import ROOT, database_url


def test_a_feed_is_due_when_its_cadence_has_passed(db):
    cadence = timedelta(seconds=feeds.feed("waze").cadence_s)
    assert tasks._is_due("waze")
    Run.objects.create(feed="waze", started_at=timezone.now() - cadence / 2)
    assert not tasks._is_due("waze")
    Run.objects.update(started_at=timezone.now() - cadence)
    assert tasks._is_due("waze")


def test_a_feed_is_due_though_its_last_run_began_a_little_after_the_poll(db):
    cadence = timedelta(seconds=feeds.feed("waze").cadence_s)
    Run.objects.create(feed="waze", started_at=timezone.now() - cadence + timedelta(seconds=2))
    assert tasks._is_due("waze")


def test_a_feed_that_asked_us_to_stay_away_is_not_due_before(db):
    now = timezone.now()
    Run.objects.create(feed="waze", started_at=now - timedelta(days=1), retry_at=now + timedelta(minutes=5))
    assert not tasks._is_due("waze")


@pytest.mark.parametrize(
    ("error", "attempts", "least", "most"),
    [
        (FeedUnavailable("x"), 0, 15, 30),
        (FeedUnavailable("x"), 2, 60, 120),
        (FeedUnavailable("x", retry_after_s=500), 0, 499, 501),
    ],
)
def test_a_failed_run_is_tried_again_later_and_later_or_when_the_source_said(error, attempts, least, most):
    job = Job(
        id=1, status="doing", queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts
    )
    decision = tasks.Patience().get_retry_decision(exception=error, job=job)
    seconds = (decision.retry_at - timezone.now()).total_seconds()
    assert least - 1 <= seconds <= most


@pytest.mark.parametrize(("error", "attempts"), [(ValueError(), 0), (FeedUnavailable("x"), 3)])
def test_a_run_is_not_tried_for_ever_nor_for_a_fault_of_ours(error, attempts):
    job = Job(
        id=1, status="doing", queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts
    )
    assert tasks.Patience().get_retry_decision(exception=error, job=job) is None


@pytest.mark.django_db(transaction=True)
def test_the_worker_leaves_feeds_alone_that_have_no_address_yet(monkeypatch):
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


@pytest.mark.django_db(transaction=True)
def test_each_feed_waits_once_in_the_queue_however_often_is_polled(sources):
    tasks.poll(0)
    tasks.poll(60)
    names = ProcrastinateJob.objects.filter(status="todo", task_name="ingest.tasks.ingest").values_list(
        "args__name", flat=True
    )
    assert sorted(names) == sorted(feeds.names())


def test_the_worker_reads_the_feeds_that_are_due(transactional_city, sources):
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "GEOPLATFORM_SIMULATED_CITY_URL": sources.url,
        "GEOPLATFORM_DEBUG": "1",
    }
    tasks.poll(0)
    command = [sys.executable, "manage.py", "procrastinate", "worker", "--one-shot"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert set(Run.objects.values_list("feed", "outcome")) == {(name, "complete") for name in feeds.names()}
    assert Poi.objects.exists()
    assert not ProcrastinateJob.objects.filter(status="failed").exists()
