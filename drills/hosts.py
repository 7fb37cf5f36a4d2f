"""Three hosts: a primary, the standby that its commits wait for, and the web; one after another is lost.

The standby is cut off: commits wait, until an operator lets them go. It comes back, and is waited for again.
The primary dies, its cable pulled first, so that nobody is told: the standby is promoted. The worker, who
knows both, finds it; the web reaches the databases through a pooler, which is led there.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from shutil import rmtree
from typing import Any

from drills import city, network, truth
from drills.load import Repeated
from drills.outcome import Outcome
from drills.platform import Service, free_port, until, web, worker
from drills.pooler import NotInstalled, Pooler, pooling
from drills.stage import COPY, copy, lead
from drills.traces import Reader, Writer, answered, first, silence
from geoplatform import postgres, replication
from geoplatform.database import ROLE, ROOT, Cluster

HOSTS = ("primary", "standby", "web")
FOLDER = ROOT / "var" / "drill-hosts"
READ = ("/tiles/reports/11/1631/1058.mvt", "/tiles/kelurahan/11/1631/1058.mvt", "/api/reports?limit=5")
WRITERS = 6  # more than the web server has threads for
QUIET_S = 4.0  # of load before each fault
OPERATOR_S = 8.0  # until somebody has seen that commits wait, and lets them go
PROMOTED_S = 5.0  # until somebody has seen that the primary is gone
SETTLED_S = 90.0
START_S = 180.0  # one that was killed syncs its whole folder first
JOBS: dict[str, dict[str, Any]] = {
    "ingest.tasks.take_up": {"name": "balai_warga"},
    "casework.tasks.open_cases": {"timestamp": 0},
}
WAITING = """
SELECT (SELECT count(*) FROM ingest_waiting)
     + (SELECT count(*) FROM reports_report AS report
         WHERE NOT EXISTS (SELECT FROM casework_case WHERE report_id = report.id))
"""
# What a host that is gone says so by, instead of the minutes that TCP and PostgreSQL give it.
SERVER = {
    "listen_addresses": "*",
    "synchronous_standby_names": "",
    "wal_sender_timeout": "10s",
    "wal_receiver_timeout": "10s",
    "wal_retrieve_retry_interval": "1s",
}


@dataclass
class Pair:
    """Two clusters, each on its host."""

    primary: Cluster
    standby: Cluster

    def uri(self, name: str, database: str = "postgres") -> str:
        """Return the address of one as another host reaches it."""
        return f"postgresql://{ROLE}@{at(name)}/{database}"

    def both(self) -> str:
        """Return the address of whichever takes writes."""
        hosts = f"{at('primary')},{at('standby')}"
        return f"postgresql://{ROLE}@{hosts}/{COPY}?target_session_attrs=read-write&connect_timeout=2"


def at(name: str) -> str:
    """Return the address of a host."""
    return network.address(HOSTS, name)


@dataclass
class Load:
    """Who reads and who writes."""

    readers: list[Reader]
    writers: list[Writer]

    def start(self) -> None:
        """Let all begin."""
        for one in (*self.readers, *self.writers):
            one.start()

    def end(self) -> None:
        """Let all end."""
        for one in (*self.readers, *self.writers):
            one.end()


def drill_hosts() -> Outcome:
    """Cut the standby off, have it back, let the primary die; returns what that cost."""
    try:
        network.apart()
    except network.NotPermitted as reason:
        return Outcome(unclear=[f"three hosts could not be made: {reason}"])
    network.join(HOSTS)
    with databases() as pair, network.inside("web"), city.living() as alive:
        copy(pair.primary)
        follow(pair)
        try:
            with pooling(pair.primary.home / "pooler", COPY, at("primary"), at("standby")) as pooler:
                return served(pair, pooler, alive)
        except NotInstalled as reason:
            return Outcome(unclear=[f"the web's pooler could not be started: {reason}"])


def served(pair: Pair, pooler: Pooler, alive: city.City) -> Outcome:
    """Start the web, behind the pooler, and the worker; lose one host after another."""
    pooled = {
        "DATABASE_URL": pooler.uri("geoplatform"),
        "GEOPLATFORM_STANDBYS": pooler.uri("geoplatform_standby"),
        "GEOPLATFORM_PINS_FILE": str(alive.folder / "pins"),
    }
    port = free_port()
    server = web(os.environ | pooled, alive.folder / "web.log", port, workers=2)
    # Django here reaches each by its socket; the worker both by the network.
    hand = worker(os.environ | {"DATABASE_URL": pair.both()}, alive.folder / "worker.log")
    try:
        return played(pair, pooler, port, hand)
    finally:
        server.kill()
        hand.kill()


def played(pair: Pair, pooler: Pooler, port: int, hand: Service) -> Outcome:
    """Read and write all the time while one host after another is lost."""
    found = Outcome()
    load = Load([Reader(port, path) for path in READ], [Writer(port, f"w{n}") for n in range(WRITERS)])
    # A worker that has lost its database ends, and is started again: as a service manager does.
    others = [Repeated(hand.keep, 1.0), Repeated(want_all_taken_up, 1.0)]
    load.start()
    for each in others:
        each.start()
    time.sleep(QUIET_S)
    found.figures |= cut_off(pair, load)
    time.sleep(QUIET_S)
    found.figures |= primary_dies(pair, pooler, load)
    load.end()
    settled_s = until(lambda: is_settled(load.writers), "all that was pushed is a case", SETTLED_S)
    for each in others:
        each.end()
    look(found, load.writers)
    found.figures["until all was a case, s"] = round(settled_s, 1)
    return found


@contextmanager
def databases() -> Iterator[Pair]:
    """Start the primary on its host; the standby's folder is empty."""
    primary = Cluster(FOLDER / "primary", patience_s=START_S)
    standby = Cluster(FOLDER / "standby", patience_s=START_S)
    rmtree(standby.home, ignore_errors=True)
    pair = Pair(primary, standby)
    standby.primary = f"{pair.uri('primary')}?application_name=standby"
    try:
        with network.inside("primary"):
            primary.start()
            open_to_hosts(primary)
            primary.stop(always=True)
            primary.start()
            yield pair
    finally:
        for one in (standby, primary):
            one.stop(always=True)


def open_to_hosts(cluster: Cluster) -> None:
    """Let the hosts in, and forget whom a former drill had its commits wait for."""
    cluster.say(*(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in SERVER.items()))
    trusted = f"host all all {network.NETWORK} trust\nhost replication all {network.NETWORK} trust\n"
    known = cluster.data / "pg_hba.conf"
    if trusted not in known.read_text():
        with known.open("a") as file:
            file.write(trusted)


def follow(pair: Pair) -> None:
    """Make the standby, and have commits wait for it."""
    with network.inside("standby"):
        pair.standby.start()
    replication.together(pair.uri("primary"), "standby")


def cut_off(pair: Pair, load: Load) -> dict[str, float]:
    """Pull the standby's cable; an operator lets commits go; plug it in, and have them wait again."""
    network.cut("standby")
    began = time.monotonic()
    time.sleep(OPERATOR_S)
    waited = time.monotonic()
    waiting = replication.alone(pair.uri("primary"))
    until(lambda: answered(load.writers, waited) > 0, "writes are acknowledged without the standby")
    time.sleep(QUIET_S)
    unread = max(silence([one], began, waited).lasted_s for one in load.readers)
    network.mend("standby")
    back_s = replication.together(pair.uri("primary"), "standby")
    return {
        "cut off: writes acknowledged meanwhile": answered(load.writers, began + 1, waited),
        "cut off: commits that waited": waiting,
        "cut off: until let go, s": round(waited - began, 1),
        "cut off: from let go to acknowledged, s": round(first(load.writers, waited), 2),
        "cut off: longest without a read, s": round(unread, 2),
        "back: until it had all again, s": round(back_s, 1),
    }


def primary_dies(pair: Pair, pooler: Pooler, load: Load) -> dict[str, float]:
    """Pull the primary's cable, kill it, promote the standby, and see how long each was without."""
    network.cut("primary")
    died = time.monotonic()
    pid = postgres.server(pair.primary.data)
    if pid:
        os.kill(pid, signal.SIGKILL)
    time.sleep(PROMOTED_S)
    replication.promote(pair.uri("standby"), pair.uri("primary"))
    pooler.lead(primary=at("standby"), standby=at("primary"))
    promoted = time.monotonic()
    lead(pair.standby, COPY)
    until(lambda: answered(load.writers, promoted) > 0, "writes are acknowledged again", SETTLED_S)
    until(lambda: all(answered([one], promoted) for one in load.readers), "all is read again", SETTLED_S)
    time.sleep(QUIET_S)
    now = time.monotonic()
    unread = max(silence([one], died, now) for one in load.readers)
    unwritten = silence(load.writers, died, now)
    return {
        "primary dead: until promoted, s": round(promoted - died, 1),
        "primary dead: longest without a read, s": round(unread.lasted_s, 1),
        "primary dead: until reading again, s": round(unread.ended_s, 1),
        "primary dead: longest without a write, s": round(unwritten.lasted_s, 1),
        "primary dead: until writing again, s": round(unwritten.ended_s, 1),
    }


def want_all_taken_up() -> None:
    """Ask the worker to take up what was pushed, and to make cases of it, unless it is asked already."""
    from django.db import Error, connection
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

    for task, said in JOBS.items():
        try:
            app.configure_task(task, queueing_lock=f"drill {task}").defer(**said)
        except AlreadyEnqueued:
            continue
        except (Error, ConnectorException):  # the database is dead at this moment
            connection.close()


def is_settled(writers: list[Writer]) -> bool:
    """Push what is owed; say whether nothing is, and all has become cases."""
    for one in writers:
        one.sender.settle()
    return not (any(one.sender.owed for one in writers) or truth.count(WAITING))


def look(found: Outcome, writers: list[Writer]) -> None:
    """Compare what was acknowledged with what is stored."""
    from reports.models import Report

    kept = set(Report.objects.filter(channel="balai_warga").values_list("external_id", flat=True))
    acknowledged = set[str]().union(*(one.sender.acknowledged for one in writers))
    lost = acknowledged - {one.split(":")[-1] for one in kept}
    truth.note(found, "lost", "pushes acknowledged and not stored", len(lost))
    for what, statement in truth.DOUBLED.items():
        truth.note(found, "doubled", what, truth.count(statement))
    found.figures["writes acknowledged"] = len(acknowledged)
