"""A source that answers a byte a second: its run gives up in time, and the others are read meanwhile."""

import time

from drills import feeds
from drills.outcome import Outcome
from drills.platform import until
from drills.scene import at_work, judged
from fixtures import faults

LONGEST_S = 60.0
LEAST = 2  # runs of each other feed meanwhile


def drill_trickle() -> Outcome:
    """Have a source trickle until its run has ended."""
    with at_work("trickle") as scene:
        sources = scene.play.city.sources
        sources.fail("/qlue/", faults.trickling(), times=None)
        scene.play.city.goes_on()
        began, before, failed = time.monotonic(), feeds.runs(), feeds.failed("qlue")
        until(lambda: feeds.failed("qlue") > failed, "the run gives up", LONGEST_S)
        seconds = time.monotonic() - began
        least = min(number - before[name] for name, number in feeds.runs().items() if name != "qlue")
        sources.clear()
        figures = {"given_up_s": round(seconds, 1), "least_runs_of_others": least}
        return judged(scene, figures, {"every other feed was read meanwhile": least >= LEAST})
