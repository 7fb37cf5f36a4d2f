"""The worker: which feeds are due, and that a job of the real queue reads one."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

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


@pytest.mark.django_db(transaction=True)
def test_the_worker_leaves_feeds_alone_that_have_no_address_yet(monkeypatch):
    assert [name for name in feeds.names() if feeds.feed(name).enabled] == ["petabencana", "overpass"]
    tasks.poll(0)
    waiting = ProcrastinateJob.objects.values_list("args__name", flat=True)
    assert sorted(waiting) == ["overpass", "petabencana"]
    monkeypatch.setenv("GEOPLATFORM_FEED_WAZE_URL", "https://waze.example")
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
