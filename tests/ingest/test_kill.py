"""A run that is killed with SIGKILL, at each step of the pipeline, and started again."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from fixtures import faults
from ingest import tasks
from ingest.models import Payload, Run, Waiting
from reports.models import Report
from tests.conftest import NOON, ROOT, database_url
from tests.ingest.doors.test_push import KEY, document, post
from tests.ingest.test_pipeline import DAY, everything, read

LONGEST_S = 240.0


@pytest.fixture
def victim(sources) -> Iterator[Callable[[], subprocess.Popen]]:
    """Start ``manage.py ingest qlue`` as a process of its own; it ends with the test at the latest."""
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        environment = os.environ | {
            "DATABASE_URL": f"{database_url()}&application_name=victim",
            "GEOPLATFORM_SIMULATED_CITY_URL": sources.url,
            "GEOPLATFORM_DEBUG": "1",
        }
        command = [sys.executable, "manage.py", "ingest", "qlue", "--since", (NOON - DAY).isoformat()]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition, at most LONGEST_S."""
    never = threading.Event()
    for _ in range(int(LONGEST_S / 0.01)):
        if is_so():
            return
        never.wait(0.01)
    raise AssertionError(f"not so after {LONGEST_S} s")


def count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def is_gone() -> bool:
    """Whether the database has noticed that the process is no more."""
    return not count(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'victim' AND datname = current_database()"
    )


def stands_still(application_name: str = "victim") -> bool:
    """Whether a session of that name waits in this database for the lock that the test holds."""
    count("SELECT count(*) FROM (SELECT pg_stat_clear_snapshot()) AS fresh")
    return (
        count(
            "SELECT count(*) FROM pg_locks AS waiting JOIN pg_stat_activity AS session USING (pid)"
            f" WHERE NOT waiting.granted AND session.application_name = '{application_name}'"
            " AND session.datname = current_database() AND session.pid <> pg_backend_pid()"
        )
        > 0
    )


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(LONGEST_S) == -signal.SIGKILL


@pytest.fixture
def undisturbed(transactional_city, sources) -> dict[str, list]:
    """The rows of a run that nobody disturbs."""
    with transaction.atomic():
        read("qlue")
        rows = everything()
        transaction.set_rollback(True)
    assert rows["updates"]
    sources.clear()
    return rows


TABLES = {
    "before its first page is kept": "ingest_payload",
    "before a batch is stored": "reports_report",
    "between storing and routing a batch": "reports_assignment",
    "after routing, before the layer is touched": "layers_revision",
    "with follow-up traces half stored": "reports_sourceupdate",
    "while rejections are written": "ingest_rejection",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_run_killed_in_the_database_ends_with_the_same_rows_when_started_again(undisturbed, victim, table):
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Readers pass, the first writer waits: the process stands still exactly there.
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        process = victim()
        wait_until(stands_still)
        kill(process)
    wait_until(is_gone)
    assert everything() != undisturbed
    assert read("qlue").outcome == "complete"
    assert everything() == undisturbed


@pytest.mark.parametrize("path", ["/qlue/qluein_marker_v3.php?page=2", "/qlue/web_list_history_progress.php"])
def test_a_run_killed_while_it_waits_for_the_source_ends_with_the_same_rows(
    undisturbed, victim, sources, path
):
    held = threading.Event()
    sources.fail(path, faults.slow(held, at_most_s=LONGEST_S), times=1)
    process = victim()
    try:
        wait_until(lambda: any(request.target.startswith(path.removeprefix("/qlue")) or path in request.target
                               for request in sources.requests))  # fmt: skip
        kill(process)
    finally:
        held.set()
    wait_until(is_gone)
    assert Report.objects.exists()
    assert Run.objects.get().finished_at is None
    assert read("qlue").outcome == "complete"
    assert everything() == undisturbed


PUSH = """
import hmac, sys, time
import django
django.setup()
from django.test import Client
body = sys.stdin.buffer.read()
stamp = str(int(time.time()))
mark = "sha256=" + hmac.new(b"KEY", stamp.encode() + b"." + body, "sha256").hexdigest()
headers = {"X-Geoplatform-Timestamp": stamp, "X-Geoplatform-Signature": mark}
client, kind = Client(SERVER_NAME="localhost"), "application/json"
answer = client.post("/push/balai_warga", body, content_type=kind, headers=headers)
print(answer.status_code, answer.content.decode())
"""


@pytest.fixture
def door(tmp_path) -> Iterator[Callable[[], subprocess.Popen]]:
    """Push three posts to the door of a process of its own."""
    started: list[subprocess.Popen] = []
    (tmp_path / "posts.json").write_bytes(document(*(post(str(number)) for number in range(3))))

    def start() -> subprocess.Popen:
        environment = os.environ | {
            "DATABASE_URL": f"{database_url()}&application_name=victim",
            "GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY": KEY,
            "GEOPLATFORM_DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": "geoplatform.settings",
        }
        environment.pop("GEOPLATFORM_SIMULATED_CITY_URL", None)
        command = [sys.executable, "-c", PUSH.replace("KEY", KEY)]
        with (tmp_path / "posts.json").open("rb") as body:
            started.append(
                subprocess.Popen(command, cwd=ROOT, env=environment, stdin=body, stdout=subprocess.PIPE)
            )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


BEFORE_IT_IS_KEPT = "ingest_payload"


STORING = ["reports_report", "reports_assignment", "layers_revision"]


@pytest.mark.parametrize(
    ("table", "again"),
    [
        (BEFORE_IT_IS_KEPT, "sent again"),
        *((table, again) for table in STORING for again in ("sent again", "taken up by the worker")),
    ],
)
def test_a_push_that_was_killed_is_stored_when_it_is_sent_again_or_by_the_worker(
    queue, transactional_city, door, table, again
):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        process = door()
        wait_until(stands_still)
        kill(process)
    wait_until(is_gone)
    assert not Report.objects.exists()
    if again == "sent again":
        said, _ = door().communicate(timeout=LONGEST_S)
        assert said.decode().split(maxsplit=1) == [
            "200", '{"accepted": 3, "new": 3, "changed": 0, "rejected": 0}\n'
        ]  # fmt: skip
    else:
        Payload.objects.update(fetched_at=timezone.now() - timedelta(minutes=2))
        tasks.poll(0)
        waiting = ProcrastinateJob.objects.filter(task_name="ingest.tasks.take_up")
        assert [job.args for job in waiting] == [{"name": "balai_warga"}]
        tasks.take_up("balai_warga")
    assert Report.objects.count() == Payload.objects.count() == 3
    assert not Waiting.objects.exists()
