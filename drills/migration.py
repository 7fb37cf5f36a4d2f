"""``manage.py migrate`` is killed in the middle, again and again, and PostgreSQL too; then it may end."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg

from drills.outcome import Outcome
from drills.platform import ROOT, Service, until
from drills.scene import kill_cluster
from drills.stage import FURNISHED, HOME, copy
from geoplatform import postgres
from geoplatform.database import Cluster

BROKEN_OFF = "geoplatform_broken_off"
KILLS = 4
LONGEST_S = 60.0
COMMAND = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
NUMBER = "SELECT count(*) FROM django_migrations"


def drill_migration() -> Outcome:
    """Break it off at several of its migrations, and compare what it makes with what it makes undisturbed."""
    with Cluster(HOME) as cluster:
        copy(cluster)
        whole = _number(cluster.url(FURNISHED))
        cluster.say(f"DROP DATABASE IF EXISTS {BROKEN_OFF} WITH (FORCE)")
        url = cluster.create(BROKEN_OFF)
        logs = ROOT / "var" / "drill" / "migration"
        logs.mkdir(parents=True, exist_ok=True)
        stops = [
            _break_off(cluster, url, whole * kill // (KILLS + 1), kill == KILLS, logs)
            for kill in range(1, KILLS + 1)
        ]
        until(lambda: _ends(url), "migrate ends well", LONGEST_S, pause_s=1)
        found = Outcome(figures={"migrations": whole, "killed_behind": str(stops)})
        found.lost = whole - _number(url)
        found.expect(
            _schema(cluster, BROKEN_OFF) == _schema(cluster, FURNISHED),
            "the tables are others than undisturbed",
        )
        return found


def _break_off(cluster: Cluster, url: str, behind: int, with_postgres: bool, logs: Path) -> int:
    """Start it, and kill it once so many migrations are done; returns how many were."""
    service = Service(COMMAND, _environment(url), logs / "migrate.log")

    def is_there() -> bool:
        service.keep()  # one that found the session of the one before ends at once
        return _number(url) > behind

    try:
        until(is_there, f"{behind} migrations are done", LONGEST_S)
        if with_postgres:
            kill_cluster(cluster)
    finally:
        service.kill()
    return _number(url)


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "GEOPLATFORM_SECRET_KEY": "drill"}


def _ends(url: str) -> bool:
    return not subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=_environment(url),
        check=False,
        stderr=subprocess.DEVNULL,
    ).returncode


def _number(url: str) -> int:
    with psycopg.connect(url) as own:
        (is_there,) = own.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone() or (
            False,
        )
        (number,) = (own.execute(NUMBER).fetchone() or (0,)) if is_there else (0,)
        return int(number)


def _schema(cluster: Cluster, database: str) -> str:
    """Return all that is made, as pg_dump writes it."""
    dump = [postgres.program("pg_dump", cluster.data), "--schema-only", "--dbname", cluster.url(database)]
    # Since 2025 each dump is closed by a word of its own.
    return re.sub(r"(?m)^.(un)?restrict .*$", "", postgres.must(dump, postgres.account(cluster.data)))
