"""What deploy/ holds is started for real: pgbouncer, a standby as compose.yaml has one, units of systemd."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shlex import split

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateWorker

from api import collections, selection
from api.exports import reading
from geoplatform import postgres, sql
from tests.conftest import ROOT, database_url
from tests.geoplatform.test_nginx import answers
from tests.ports import free_port

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
PATIENCE_S = 240.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may enter, and its own."""
    path = Path(tempfile.mkdtemp(prefix="geoplatform-", dir="/tmp"))
    if who := account():
        os.chown(path, *who)
    yield path
    shutil.rmtree(path)


def account() -> tuple[int, int] | None:
    return postgres.account(data())


def data() -> Path:
    host = str(connection.settings_dict["HOST"])
    if not host.startswith("/"):
        pytest.skip("these tests' database is none of their own")
    return Path(host)


def started(command: list[str], environment: dict[str, str], said: bytes = b"") -> subprocess.Popen:
    user, group = account() or (None, None)
    process = subprocess.Popen(
        command, user=user, group=group, extra_groups=[] if user else None, cwd="/", stdin=subprocess.PIPE,
        env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin
    process.stdin.write(said)
    process.stdin.close()
    return process


def reached(process: subprocess.Popen, uri: str) -> psycopg.Connection:
    """Connect as soon as a server answers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        assert process.poll() is None, "it has ended"
        try:
            return psycopg.connect(uri, autocommit=True, prepare_threshold=None)
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)  # no event tells that a server listens


def ended(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait(PATIENCE_S)


@pytest.fixture
def pooled(transactional_city, folder) -> Iterator[Callable[[str], psycopg.Connection]]:
    """pgbouncer as it is configured, before this database; connects to one of its pools."""
    if PGBOUNCER is None:
        pytest.skip("pgbouncer is not installed")
    port, here = free_port(), f"host={data()} port=5432 dbname={connection.settings_dict['NAME']}"
    said = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text("utf-8")
    for theirs, ours in (
        ("host=primary.example.go.id port=5432", here),
        ("host=standby.example.go.id port=5432 dbname=geoplatform", f"{here} pool_size=1"),
        ("listen_port = 6432", f"listen_port = {port}"), ("scram-sha-256", "trust"),
        *((theirs, f"{folder}") for theirs in ("/etc/pgbouncer", "/run/postgresql", "/var/log/postgresql")),
    ):  # fmt: skip
        assert theirs in said
        said = said.replace(theirs, ours)
    role = connection.settings_dict["USER"] or "geoplatform"
    (folder / "pgbouncer.ini").write_text(said)
    (folder / "userlist.txt").write_text(f'"{role}" ""\n')
    process = started([str(PGBOUNCER), "-q", str(folder / "pgbouncer.ini")], {})
    uri = f"postgresql://{role}@127.0.0.1:{port}"
    try:
        reached(process, f"{uri}/geoplatform_standby").close()
        yield lambda name: psycopg.connect(f"{uri}/{name}", autocommit=True, prepare_threshold=None)
    finally:
        ended(process)


def test_a_pool_of_sessions_hears_and_one_of_transactions_carries_nothing_over(pooled, monkeypatch):
    with closing(pooled("geoplatform")) as listener, closing(pooled("geoplatform")) as other:
        listener.execute("LISTEN layers")
        other.execute("SELECT pg_notify('layers', 'reports')")
        assert [told.payload for told in listener.notifies(timeout=PATIENCE_S, stop_after=1)] == ["reports"]
        with (
            closing(pooled("geoplatform_standby")) as first,
            closing(pooled("geoplatform_standby")) as second,
        ):
            # Both have the one connection behind the pool, in turns; none of it is prepared.
            pids = {one.execute("SELECT pg_backend_pid()").fetchone() for one in (first, second) * 8}
            assert len(pids) == 1
            for one in (first, second) * 8:
                one.execute(sql.statement("geoplatform/position"))
            monkeypatch.setattr(sql, "connect", lambda: pooled("geoplatform_standby"))
            wanted = selection.Selection(collections.find("kelurahan"))
            assert sum(map(len, reading.batches(wanted, psycopg.sql.SQL("1"), "csv"))) > 200
            assert second.execute("SHOW statement_timeout").fetchone() == ("0",)


REPLICATES = "geoplatform_standby"


def standbys() -> str:
    """Return what the role is called here: roles are of the cluster, where other tests run beside these."""
    return f"{REPLICATES}_{re.sub(r'[^a-z0-9]', '', str(connection.settings_dict['NAME'])[-4:])}"


@pytest.fixture
def replicates(transactional_city, tmp_path) -> Iterator[Path]:
    """Have compose's script make the role of standbys, twice; returns the file that says who may log in."""
    hba = tmp_path / "pg_hba.conf"
    hba.write_text("local all all trust\nhost replication all all scram-sha-256\n")
    parts = connection.settings_dict
    environment = os.environ | {
        "PGDATA": str(tmp_path), "PGHOST": str(data()), "POSTGRES_USER": parts["USER"] or "geoplatform",
        "POSTGRES_DB": str(parts["NAME"]), "STANDBY_PASSWORD": "it's \\ s3cret",
    }  # fmt: skip
    script = (DEPLOY / "compose" / "allow-replication.sh").read_text("utf-8")
    assert f"\nrole={REPLICATES}\n" in script
    script = script.replace(REPLICATES, standbys())
    for _ in range(2):
        command = ["sh", "-c", script]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    yield hba
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE {standbys()}")


def as_standby() -> str:
    """Return the address of these tests' database for the role of standbys."""
    return re.sub(r"user=[^&]*", f"user={standbys()}", database_url())


def test_the_role_of_composes_standby_may_replicate_and_read_nothing(replicates):
    assert replicates.read_text() == f"local all all trust\nhost replication {standbys()} all scram-sha-256\n"
    with psycopg.connect(as_standby(), password="it's \\ s3cret") as own:
        found = own.execute(
            "SELECT rolreplication, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert found.fetchone() == (True, False)
        for table in ("staff_user", "reports_report", "access_entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), own.transaction():
                own.execute(f"SELECT FROM {table}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [standbys()])
        assert cursor.fetchone()[0].startswith("SCRAM-SHA-256$")


def test_the_script_of_composes_standby_makes_one_that_follows(replicates, folder):
    script = (DEPLOY / "compose" / "standby.sh").read_bytes()
    programs = Path(postgres.program("postgres", data())).parent
    home = folder / "data"
    home.mkdir()
    if who := account():
        os.chown(home, *who)
    options = ["-c", f"unix_socket_directories={folder}", "-c", "hot_standby_feedback=on", "-c", "port=5432"]
    environment = {
        "PGDATA": str(home), "PRIMARY": as_standby(), "PATH": f"{programs}:{os.environ['PATH']}",
    }  # fmt: skip
    process = started(["sh", "-s", "--", *options], environment, script)
    role = connection.settings_dict["USER"] or "geoplatform"
    try:
        with reached(process, f"postgresql://{role}@/postgres?host={folder}") as own:
            assert own.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
            assert own.execute("SELECT count(*) FROM pg_stat_wal_receiver").fetchone() == (1,)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_replication WHERE usename = %s", [standbys()])
            assert cursor.fetchone() == (1,)
    finally:
        ended(process)


def test_the_password_of_the_primary_is_no_argument(tmp_path):
    for name in ("pg_basebackup", "postgres"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $*; $PGPASSWORD"\n')
        (tmp_path / name).chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "PGDATA": str(tmp_path),
        "PRIMARY": "postgresql://geoplatform_standby@database/geoplatform", "PRIMARY_PASSWORD": "s3cret",
    }  # fmt: skip
    script = DEPLOY / "compose" / "standby.sh"
    done = subprocess.run(["sh", script], env=environment, capture_output=True, text=True, check=True)
    copied, run = done.stdout.splitlines()
    arguments, _, password = copied.partition("; ")
    assert "--dbname=postgresql://geoplatform_standby@database/geoplatform" in arguments
    assert ("s3cret" in arguments, password) == (False, "s3cret")
    assert run == "postgres ; "


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_finds_nothing_wrong_with_any_unit(tmp_path):
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/srv/geoplatform", str(ROOT))
        (tmp_path / unit.name).write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = [line for line in (found.stdout + found.stderr).splitlines() if "geoplatform" in line]
    assert (found.returncode, said) == (0, [])


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_runs_a_process_of_ours_as_a_user_who_may_do_little(unit):
    said = dict(line.split("=", 1) for line in unit.read_text("utf-8").splitlines() if "=" in line)
    bounds = ("ProtectSystem", "NoNewPrivileges", "CapabilityBoundingSet", "User", "UMask", "ProtectProc")
    assert [said[name] for name in bounds] == ["strict", "yes", "", "geoplatform", "0077", "invisible"]
    python, *arguments = split(said["ExecStart"])
    assert python == "/srv/geoplatform/.venv/bin/python"
    assert arguments[0] == "manage.py" or arguments[:2] == ["-m", "granian"]
    # However long the database is away: systemd gives up what it started five times in ten seconds.
    assert said.get("StartLimitIntervalSec") == (None if said.get("Type") == "oneshot" else "0")
    assert said.get("ExecReload") == ("kill -HUP $MAINPID" if unit.stem == "geoplatform-web" else None)


def test_the_how_to_runs_commands_with_both_files_of_settings_and_without_roots_home(tmp_path):
    text = (DEPLOY.parent / "docs" / "how-to" / "run-by-systemd.md").read_text("utf-8")
    function = re.search(r"^platform\(\) \(.*?^\)$", text, re.DOTALL | re.MULTILINE)
    assert function
    (tmp_path / "platform.env").write_text(
        "GEOPLATFORM_FEEDS='/a b'\nDATABASE_URL='postgresql://app@a,b/x'\n"
    )
    (tmp_path / "owner.env").write_text("DATABASE_URL='postgresql://owner@a,b/x?connect_timeout=2&port=1'\n")
    here = (
        function.group().replace("/etc/geoplatform", str(tmp_path)).replace("/srv/geoplatform", str(tmp_path))
    )
    # libpq gives TLS up where it may not look for a certificate: in root's home, as another user.
    asked = re.sub(r"setpriv .* manage.py", "env", here) + "\nplatform owner.env\n"
    done = subprocess.run(
        ["sh", "-c", asked], env={"HOME": "/root"}, capture_output=True, text=True, check=True
    )
    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert told["DATABASE_URL"] == "postgresql://owner@a,b/x?connect_timeout=2&port=1"
    assert (told["GEOPLATFORM_FEEDS"], told.get("HOME")) == ("/a b", None)


def unit_started(name: str, ports: dict[str, int], folder: Path) -> subprocess.Popen:
    """Start what a unit starts, from its folder, with its mask of rights and as little in its environment."""
    said = dict(
        line.split("=", 1) for line in (DEPLOY / "systemd" / name).read_text().splitlines() if "=" in line
    )
    command = split(said["ExecStart"].replace("/srv/geoplatform/.venv/bin/python", sys.executable))
    command = [str(ports.get(word, word)) for word in command]
    kept = {name: os.environ[name] for name in ("PATH", "GEOPLATFORM_INDEX") if name in os.environ}
    # A minute may begin meanwhile, and with it the runs of feeds.
    feeds = folder / "feeds.toml"
    feeds.write_text("[overpass]\nenabled = false\n[petabencana]\nenabled = false\n")
    environment = kept | {
        "DATABASE_URL": database_url(), "GEOPLATFORM_SECRET_KEY": settings.SECRET_KEY,
        "GEOPLATFORM_FEEDS": str(feeds),
        "GEOPLATFORM_LIMITS_FILE": f"{folder}/limits", "GEOPLATFORM_PINS_FILE": f"{folder}/pins",
        "PROMETHEUS_MULTIPROC_DIR": f"{folder}/metrics",
    }  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, env=environment, umask=int(said["UMask"], 8))


def test_what_the_units_start_runs_and_ends_when_it_is_told_to(transactional_city, tmp_path):
    ports = {"8000": free_port(), "8001": free_port()}
    lasting = [f"geoplatform-{name}.service" for name in ("web", "events", "worker", "feed-worker")]
    running = [unit_started(name, ports, tmp_path) for name in lasting]
    try:
        for process, port in zip(running[:2], ports.values(), strict=True):
            answers(f"http://127.0.0.1:{port}", process)
        deadline = time.monotonic() + PATIENCE_S
        while ProcrastinateWorker.objects.count() < 2:
            assert [process.poll() for process in running] == [None] * 4
            assert time.monotonic() < deadline
            time.sleep(0.1)
        for name in ("geoplatform-audit.service", "geoplatform-index.service"):
            assert unit_started(name, ports, tmp_path).wait(PATIENCE_S) == 0, name
    finally:
        for process in running:
            process.terminate()
        ended_with = [process.wait(PATIENCE_S) for process in running]
    assert ended_with == [0] * 4


def test_the_kernel_takes_the_settings_that_it_is_told():
    alone = ["unshare", "--net", "sysctl", "--load", str(DEPLOY / "sysctl" / "geoplatform.conf")]
    if not shutil.which("sysctl") or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("no network of its own can be made here")
    said = subprocess.run(alone, capture_output=True, text=True, check=True)
    assert said.stdout == "net.ipv4.tcp_migrate_req = 1\n"
