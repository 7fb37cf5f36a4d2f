"""Where a drill plays: a cluster of its own that may be killed, an empty city in it, and who works there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg
from psycopg import sql

from drills import city
from drills.city import City
from fixtures import bare_city
from geoplatform.database import ROOT, Cluster

HOME = ROOT / "var" / "drill-postgres"
FURNISHED, COPY = "geoplatform_furnished", "geoplatform_drill"


@dataclass
class Stage:
    """The cluster, the city's database in it, the city; what processes say is kept in ``logs``."""

    cluster: Cluster
    city: City
    url: str
    logs: Path


@contextmanager
def stage(name: str, cluster: Cluster | None = None) -> Iterator[Stage]:
    """Make all that a drill needs ready; Django is set up behind it, and not before."""
    with cluster or Cluster(HOME) as running, city.living() as alive:
        # A drill that was broken off may have left it so that each commit waits.
        running.say("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
        copy(running)
        subscribe(alive)
        logs = ROOT / "var" / "drill" / name
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir(parents=True)
        yield Stage(running, alive, os.environ["DATABASE_URL"], logs)


def copy(cluster: Cluster) -> None:
    """Set Django up on a copy of a furnished city, which is made where there is none of this release."""
    os.environ["DATABASE_URL"] = cluster.create(FURNISHED)
    django.setup()
    from django.db import connection, connections

    from geoplatform import tables

    lead(cluster, FURNISHED)
    if tables.are_missing():  # all of them, or those of a release that came since
        connections.close_all()
        cluster.say(f"DROP DATABASE {FURNISHED} WITH (FORCE)")
        cluster.create(FURNISHED)
        bare_city.build()
        bare_city.furnish()
    connections.close_all()
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(COPY)))
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(made.format(sql.Identifier(COPY), sql.Identifier(FURNISHED)))
    os.environ["DATABASE_URL"] = cluster.url(COPY)
    lead(cluster, COPY)
    # What this process does waits for nobody, whatever a drill has others wait for.
    connection.settings_dict["OPTIONS"]["options"] = "-c synchronous_commit=local -c lock_timeout=5s"


def lead(cluster: Cluster, database: str) -> None:
    """Have this process ask a database of a cluster, whichever it asked before."""
    from django.db import connection, connections

    connections.close_all()
    connection.settings_dict.update(HOST=str(cluster.data), NAME=database)


def subscribe(alive: City) -> None:
    """Have the city's receiver told of every report from now on."""
    from django.utils import timezone

    from access import keys
    from subscriptions import subscribers
    from subscriptions.choice import Choice

    now = timezone.now()
    key, _ = keys.create("Drill", ["write"])
    made = subscribers.create(key.pk, alive.receiver.url, Choice(), now)
    subscribers.verified(made, now)
