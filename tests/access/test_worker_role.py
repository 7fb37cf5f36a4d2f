"""The role of workers: it does all that they do, and nothing of accounts can be had by it."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from access import grants, keys
from casework.models import Case, Turn
from reports import intake
from reports.models import Report
from staff import accounts
from subscriptions.models import State, Subscription
from tests.conftest import NOON, database_url

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE, PASSWORD = "as the worker's role", "sumur-resapan-12"
WORKER = "procrastinate worker --one-shot --no-listen-notify --concurrency 1 --queues"
FEEDS = """
    [lampu]
    title = "Lampu jalan"
    owner = "Kontraktor contoh"
    adapter = "csv"
    url = "file://{folder}"
    cadence_s = 900

    [lampu.options]
    path = "*.csv"
    record = "report"
    category = "streetlight"

    [lampu.options.fields]
    id = "nomor"
    text = "keluhan"
    submitted_at = "masuk"
    updated_at = "masuk"
    lon = "bujur"
    lat = "lintang"
"""


@pytest.fixture
def role(transactional_city, monkeypatch) -> Iterator[str]:
    suffix = re.sub(r"[^a-z0-9]", "", connection.settings_dict["NAME"][-4:])
    names = {"role": f"web_of_the_tests_{suffix}", "worker_role": f"worker_of_the_tests_{suffix}"}
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD}-2\n"))
    out = io.StringIO()
    call_command("app_role", **names, password_stdin=True, stdout=out)
    assert out.getvalue().splitlines()[1] == f"role {names['worker_role']} may run its workers"
    yield names["worker_role"]
    call_command("app_role", **names, drop=True, stdout=io.StringIO())


@pytest.fixture
def worker(role) -> Iterator[psycopg.Connection]:
    """Log in as the role; what it writes is taken back."""
    with psycopg.connect(database_url(), user=role, password=f"{PASSWORD}-2") as own:
        yield own
        own.rollback()


def test_it_reads_no_account_no_second_factor_no_session_and_no_key(worker):
    tables = grants.kept_from_workers()
    assert {
        "access_apikey", "django_session", "otp_static_statictoken", "otp_totp_totpdevice", "staff_user",
        "staff_user_groups",
    } < set(tables)  # fmt: skip
    for table in tables:
        for statement in (f"SELECT * FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), worker.transaction():
                worker.execute(statement)
    for statement in (
        "SELECT session_key FROM django_session", "UPDATE django_session SET expire_date = now()",
        "SELECT digest FROM access_apikey", "UPDATE access_apikey SET revoked_at = now()",
        "DELETE FROM access_entry", "DELETE FROM reports_assignment", "CREATE TABLE mine (a int)",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege), worker.transaction():
            worker.execute(statement)


def test_made_once_as_the_platforms_and_anew_as_the_workers_it_has_lost_what_it_had(worker, role):
    grants.make(role, None)
    assert worker.execute("SELECT count(*) FROM staff_user").fetchone()
    grants.make(role, None, is_worker=True)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), worker.transaction():
        worker.execute("SELECT count(*) FROM staff_user")


def test_a_table_made_later_is_closed_to_it_until_its_rights_are_said_again(worker, role):
    with connection.cursor() as owner:
        owner.execute("CREATE TABLE reports_later (id serial PRIMARY KEY)")
        try:
            for statement in ("SELECT * FROM reports_later", "SELECT last_value FROM reports_later_id_seq"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), worker.transaction():
                    worker.execute(statement)
            grants.make(role, None, is_worker=True)
            worker.execute("INSERT INTO reports_later DEFAULT VALUES")
            worker.rollback()
        finally:
            owner.execute("DROP TABLE reports_later")


def test_months_that_were_made_later_it_detaches_and_archives(worker):
    assert worker.execute("SELECT layers_make_month('layers_jam', '2026-05-14')").fetchone() == (True,)
    detached = "SELECT layers_detach('layers_jam', 'layers_jam_2026_05', '2026-06-01')"
    assert worker.execute(detached).fetchone() == (True,)
    assert worker.execute("SELECT count(*) FROM detached.layers_jam_2026_05").fetchone() == (0,)
    worker.execute("SELECT layers_drop('layers_jam_2026_05', 0)")


@pytest.fixture
def work(transactional_city, submission, tmp_path) -> dict[str, str]:
    """Leave something to do for each task; returns the settings of who does it."""
    intake.receive([submission(str(number)) for number in range(30)], simulated=False)
    accounts.create("budi", ["triage"], None, NOON)
    Session.objects.create(session_key="old", session_data="", expire_date=NOON)
    key, _ = keys.create("x", ["write"])
    Subscription.objects.create(
        key=key, url="https://127.0.0.1:1/hook", places=["31.71"], categories=[], salt=b"x",
        state=State.ACTIVE, created_at=NOON,
    )  # fmt: skip
    folder = tmp_path / "masuk"
    folder.mkdir()
    line = "L-1,Lampu mati,2026-05-14T08:00:00+07:00,106.8272,-6.1754"
    (folder / "a.csv").write_text(f"nomor,keluhan,masuk,bujur,lintang\n{line}\n")
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(dedent(FEEDS).format(folder=folder), encoding="utf-8")
    kept = {name: str(tmp_path / name.lower()) for name in ("EXPORTS", "BRIEFS", "ARCHIVE", "COVERS")}
    nowhere = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": "1"}
    said = kept | nowhere | {"FEEDS": str(feeds), "TRAFFIC_MONTHS": "13", "SECRET_KEY": settings.SECRET_KEY}
    return {f"GEOPLATFORM_{name}": value for name, value in said.items()}


def deferred() -> int:
    """Have each task done that a worker does by itself, first what opens cases; and a feed read."""
    tasks = sorted(
        (one.task for one in app.periodic_registry.periodic_tasks.values()),
        key=lambda task: (task.name != "casework.tasks.open_all_cases", task.name),
    )
    app.configure_task("ingest.tasks.ingest", queue=QUEUE).defer(name="lampu")
    for task in tasks:
        app.configure_task(task.name, queue=QUEUE).defer(timestamp=0)
    return len(tasks) + 1


def test_each_task_of_a_worker_is_done_by_this_role(role, work):
    count = deferred()
    url = f"postgresql://{role}@{database_url().removeprefix('postgresql://')}"
    environment = (
        os.environ | work | {"DATABASE_URL": re.sub(r"&user=[^&]*", "", url), "PGPASSWORD": f"{PASSWORD}-2"}
    )
    done = subprocess.run(
        [sys.executable, "manage.py", *WORKER.split(), QUEUE], cwd=settings.ROOT, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    jobs = ProcrastinateJob.objects.filter(queue_name=QUEUE).values_list("task_name", "status")
    assert (done.returncode, [name for name, status in jobs if status != "succeeded"]) == (0, []), done.stderr
    assert len(jobs) == count > 20
    assert "permission denied" not in done.stderr, done.stderr
    assert Report.objects.filter(channel="lampu").count() == 1
    assert Case.objects.count() >= 30 and Turn.objects.exists()
    assert not Session.objects.filter(expire_date__lt=timezone.now() - timedelta(days=1)).exists()
    assert Path(work["GEOPLATFORM_EXPORTS"]).is_dir()
