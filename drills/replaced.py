"""Web processes replaced one by one, as an upgrade does it, while people look and a sender pushes."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from drills import network
from drills.load import UNANSWERED, ask, post
from drills.outcome import Outcome
from drills.platform import ROOT, free_port, until, web
from drills.stage import stage

PATHS = ("/health", "/api/reports?limit=5", "/tiles/reports/11/1631/1058.mvt")
LONGEST_S = 70.0
SYSCTL = ROOT / "deploy" / "sysctl" / "geoplatform.conf"


def drill_replace() -> Outcome:
    """SIGHUP: granian starts each web process anew, and ends the former one when it has answered."""
    try:
        network.apart()
    except network.NotPermitted as reason:
        return Outcome(unclear=[f"a network of its own could not be made: {reason}"])
    network.set_up_alone(SYSCTL)
    with stage("replace") as play:
        port = free_port()
        server = web(os.environ, play.logs / "web.log", port, workers=2)
        assert server.process
        try:
            before = children(server.process.pid)
            os.kill(server.process.pid, signal.SIGHUP)
            began = time.monotonic()
            statuses: list[int] = []
            with ThreadPoolExecutor(4) as people:
                while time.monotonic() - began < LONGEST_S and (
                    before & children(server.process.pid) or not statuses
                ):
                    asked = [people.submit(ask, port, "GET", path) for path in PATHS]
                    asked.append(people.submit(post, port, f"replaced-{len(statuses)}"))
                    statuses += [one.result() for one in asked]
            seconds = time.monotonic() - began
            until(lambda: ask(port, "GET", "/health") == 200, "the new processes answer")
            left = before & children(server.process.pid)
        finally:
            server.kill()
        found = Outcome(lost=sum(status not in (200, 204) for status in statuses))
        found.expect(not left, f"{len(left)} of {len(before)} former processes still serve")
        found.figures |= {"requests": len(statuses), "failed": found.lost}
        found.figures |= {"replaced": len(before - left), "seconds": round(seconds, 1)}
        found.figures |= {"answers": str(dict(Counter(statuses))), "unanswered": str(dict(UNANSWERED))}
        return found


def children(pid: int) -> set[int]:
    """Return the processes that serve."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:  # noqa: PTH123
        return {int(one) for one in listed.read().split()}
