"""The platform at work, under load and kept alive, for drills to break something of it."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from drills import truth
from drills.load import Load
from drills.outcome import Figure, Outcome
from drills.platform import Manager, Service, free_port, until, waiting_for_no_standby, web, worker
from drills.settling import settle
from drills.stage import Stage, stage
from geoplatform import postgres
from geoplatform.database import Cluster

ENDING_S = 90.0


@dataclass
class Scene:
    """The platform at work: its processes, who keeps them, and the load."""

    play: Stage
    port: int
    server: Service
    hand: Service
    manager: Manager
    load: Load

    def kill(self, victim: str) -> None:
        """Kill what is drilled."""
        if victim == "postgres":
            kill_cluster(self.play.cluster)
        else:
            {"web": self.server, "worker": self.hand}[victim].kill()


@contextmanager
def at_work(
    name: str, cluster: Cluster | None = None, more: Mapping[str, str] | None = None
) -> Iterator[Scene]:
    """Let the platform work, under load, and be kept alive; its processes find ``more`` set."""
    with stage(name, cluster) as play:
        port = free_port()
        # Who notifies waits for whoever did before: only who is drilled must stand still behind a commit.
        server_as, hand_as = (
            (waiting_for_no_standby(os.environ) if name == other else os.environ) | {**(more or {})}
            for other in ("worker", "web")
        )
        server = web(server_as, play.logs / "web.log", port)
        hand = worker(hand_as, play.logs / "worker.log")
        load = Load(play.city, port)
        with Manager(server, hand) as manager:
            load.start()
            try:
                yield Scene(play, port, server, hand, manager, load)
            finally:
                load.end()


def finish(scene: Scene) -> float:
    """End the load, let all that waits be done, and let the worker end what it has begun; returns seconds."""
    scene.load.end_pushing()
    settled = settle(scene.load)
    scene.load.end()
    scene.manager.leave()
    scene.hand.kill(signal.SIGTERM)
    until(lambda: not scene.hand.runs(), "the worker ends when it is asked to", ENDING_S)
    return settled


def judged(scene: Scene, figures: Mapping[str, Figure], claims: Mapping[str, bool]) -> Outcome:
    """Let all come to rest, and say what is lost and doubled, and which claims are not so."""
    settled = finish(scene)
    found = truth.look(scene.play.city, scene.load.sender)
    for claim, is_so in claims.items():
        found.expect(is_so, f"not so: {claim}")
    found.figures |= {**figures, "refused": scene.load.sender.refused, "settled_s": round(settled, 1)}
    return found


def kill_cluster(cluster: Cluster) -> None:
    """Kill PostgreSQL's first process, and start the cluster again, as a service manager does."""
    from django.db import connections

    pid = postgres.server(cluster.data)
    if pid:
        os.kill(pid, signal.SIGKILL)
    cluster.start()
    connections.close_all()
