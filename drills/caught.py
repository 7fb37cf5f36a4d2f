"""kill -9 of web, worker and PostgreSQL at every step of the pipeline, under load.

A process is made to stand still at a step (``stops``), looked for there, and killed; whoever keeps services
starts it again. Then all is let go on, and what is lost and doubled is counted.
"""

import sys
import time
from collections.abc import Mapping

import psycopg
from django.db import Error

from drills.load import ask
from drills.outcome import Outcome
from drills.platform import Late, until
from drills.scene import Scene, at_work, judged
from drills.steps import WEB, WORKER, Step

CAUGHT_S = 20.0  # in which a worker that was killed begins anew, too
TRIES = 3  # who comes to a commit with nothing to store passes it
ASKED_S = 2.0  # and the step is asked for again
LOOKS = 40


def drill_web() -> Outcome:
    """Kill the web server at each step of a push."""
    return _drill("web", {f"web {name}": ("web", step) for name, step in WEB.items()})


def drill_worker() -> Outcome:
    """Kill the worker at each of its steps."""
    return _drill("worker", {f"worker {name}": ("worker", step) for name, step in WORKER.items()})


def drill_postgres() -> Outcome:
    """Kill PostgreSQL at each step of the web server, and each of the worker's that is not the same."""
    steps = {f"web {name}": ("web", step) for name, step in WEB.items()}
    steps |= {f"worker {name}": ("worker", step) for name, step in WORKER.items() if name not in WEB}
    return _drill("postgres", steps)


def _drill(victim: str, steps: Mapping[str, tuple[str, Step]]) -> Outcome:
    with at_work(victim) as scene:
        late = [
            sentence
            for name, (who, step) in steps.items()
            if (sentence := _catch_in_time(scene, victim, name, who, step))
        ]
        recovered = until(lambda: ask(scene.port, "GET", "/ready") == 200, "the web server is ready")
        statuses = [ask(scene.port, "GET", "/api/reports?limit=1") for _ in range(LOOKS)]
        failed = LOOKS - statuses.count(200)
        figures = {"caught_and_killed": len(steps) - len(late), "recovered_s": round(recovered, 1)}
        found = judged(
            scene, figures, {f"{failed} of {LOOKS} requests failed after it was ready": not failed}
        )
        found.unclear += late
        return found


def _catch_in_time(scene: Scene, victim: str, name: str, who: str, step: Step) -> str:
    """Catch and kill, in a few tries; returns why that was not possible, if it was not."""
    began, sentence = time.monotonic(), ""
    for _ in range(TRIES):
        sentence = _catch(scene, victim, name, who, step)
        if not sentence:
            break
    print(f"{name}: {sentence or 'killed'}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    return sentence


def _catch(scene: Scene, victim: str, name: str, who: str, step: Step) -> str:
    """Have a process stand still at a step, and kill; returns why that was not possible, if it was not."""
    try:
        if victim != "worker":
            until(lambda: ask(scene.port, "GET", "/ready") == 200, "the web server is ready", CAUGHT_S)
        step.supply(scene.play)
        with step.stop(scene.play, who) as is_there:
            asked_at = 0.0

            def is_caught() -> bool:
                nonlocal asked_at
                if time.monotonic() - asked_at > ASKED_S:
                    step.news(scene.play)
                    scene.load.want(step.tasks)
                    asked_at = time.monotonic()
                return is_there()

            until(is_caught, f"{who} stands still at {name}", CAUGHT_S)
            scene.kill(victim)
    except (Late, psycopg.Error, Error) as error:
        return f"{name}: not caught: {error}"
    return ""
