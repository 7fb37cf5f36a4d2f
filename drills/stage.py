"""Where a drill plays: a cluster of its own that may be killed, an empty city in it, and who works there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import django
import psycopg
from psycopg import sql

from benchmarks import scratch
from drills import city
from drills.city import City
from geoplatform.database import ROOT, Cluster

FURNISHED, COPY = "geoplatform_furnished", "geoplatform_drill"


@dataclass
class Stage:
    """The cluster that holds the city's database, and the city."""

    cluster: Cluster
    city: City


@contextmanager
def stage(cluster: Cluster | None = None) -> Iterator[Stage]:
    """Make all that a drill needs ready; Django is set up behind it, and not before."""
    with cluster or Cluster(ROOT / "var" / "drill-postgres") as running, city.living() as alive:
        copy(running)
        subscribe(alive)
        yield Stage(running, alive)


def copy(cluster: Cluster) -> None:
    """Set Django up on a copy of a furnished city, which is made where the cluster holds none."""
    os.environ["DATABASE_URL"] = cluster.create(FURNISHED)
    django.setup()
    from django.db import connection, connections

    from geoplatform import tables

    if tables.are_missing():
        scratch.furnish()
        furnish()
    connections.close_all()
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(COPY)))
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(made.format(sql.Identifier(COPY), sql.Identifier(FURNISHED)))
    os.environ["DATABASE_URL"] = cluster.url(COPY)
    connection.settings_dict["NAME"] = COPY


def furnish() -> None:
    """Load what casework decides by, and give each office an address."""
    from boundaries.models import Office
    from casework import answer_templates, ladder, norms, pauses, priority, proof, rules, workflow
    from casework.models import Contact
    from staff import roles

    for one in (workflow, norms, rules, pauses, ladder, proof, priority, answer_templates, roles):
        one.load()
    Contact.objects.bulk_create(
        Contact(office=office, channel="email", address=f"kantor{number}@city.example")
        for number, office in enumerate(Office.objects.order_by("pk"))
    )


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
