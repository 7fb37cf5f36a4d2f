"""Every connection of PostgreSQL's is taken; the worker, killed meanwhile, finds none when it is back."""

import time
from collections import Counter
from contextlib import ExitStack, suppress

import psycopg

from drills.load import ask
from drills.outcome import Figure, Outcome
from drills.platform import until
from drills.scene import Scene, at_work, judged

TAKEN_S = 15.0
SAID = (0, 200, 503)  # 0: not within the patience of who asks


def drill_connections() -> Outcome:
    """Take all connections for a while, and give them back."""
    with at_work("connections") as scene:
        statuses: Counter[int] = Counter()
        with ExitStack() as held:
            taken = _take(scene, held)
            scene.hand.kill()
            began = time.monotonic()
            while time.monotonic() - began < TAKEN_S:
                taken += _take(scene, held)
                statuses[ask(scene.port, "GET", "/api/reports?limit=1")] += 1
        recovered = until(lambda: ask(scene.port, "GET", "/ready") == 200, "the web server is ready")
        figures: dict[str, Figure] = {
            "taken": taken, "answers_meanwhile": str(dict(statuses)), "recovered_s": round(recovered, 1),
        }  # fmt: skip
        return judged(scene, figures, {f"answers were {dict(statuses)}": set(statuses) <= {*SAID}})


def _take(scene: Scene, held: ExitStack) -> int:
    """Open connections until there is none left; returns how many were."""
    taken = 0
    with suppress(psycopg.OperationalError):  # too many clients
        while True:
            held.enter_context(psycopg.connect(scene.play.url, connect_timeout=2))
            taken += 1
    return taken
