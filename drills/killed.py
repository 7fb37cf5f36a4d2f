"""kill -9 of PostgreSQL at random moments of all that web server and worker do, under load."""

import os
import signal
import time
from collections import Counter

from drills import truth
from drills.load import Repeated, Sender, ask, want_everything
from drills.outcome import Outcome
from drills.platform import free_port, pauses, until, web, worker
from drills.stage import Stage, stage
from geoplatform import postgres

KILLS = 8
KILLING_S = 20.0  # no more kills than fit in
SEED = 5
QUIET_S = 60.0
LOOKS = 40


def drill_postgres() -> Outcome:
    """Kill PostgreSQL again and again under web server and worker, let things settle, and look."""
    with stage() as play:
        port = free_port()
        server = web(os.environ, play.city.folder / "web.log", port)
        hand = worker(os.environ, play.city.folder / "worker.log")
        sender = Sender(port)
        try:
            work = [Repeated(sender.push, 0.1), Repeated(want_everything, 0.4)]
            for one in work:
                one.start()
            until_at, kills = time.monotonic() + KILLING_S, 0
            for pause in pauses(SEED, KILLS, 2.5, 4.5):
                if time.monotonic() < until_at:
                    time.sleep(pause)
                    kill_postgres(play)
                    kills += 1
                    server.keep()
                    hand.keep()
            recovered = until(lambda: ask(port, "GET", "/health") == 200, "the web server answers")
            answers = Counter(ask(port, "GET", "/api/reports?limit=1") for _ in range(LOOKS))
            work[0].end()
            settled = settle(sender)
            work[1].end()
            # A worker ends what it has begun.
            hand.kill(signal.SIGTERM)
            until(lambda: not hand.runs(), "the worker ends when it is asked to", 2 * QUIET_S)
            found = truth.look(play.city, sender)
        finally:
            server.kill()
            hand.kill()
        found.expect(answers[200] == LOOKS, f"of requests after the web server was back: {dict(answers)}")
        found.figures |= {"kills": kills, "refused": sender.refused, "failed_after": LOOKS - answers[200],
                          "recovered_s": round(recovered, 1), "settled_s": round(settled, 1)}  # fmt: skip
        return found


def settle(sender: Sender) -> float:
    """Wait until the sender is rid of all, and nothing waits in the platform."""
    from django.db import connection

    def is_quiet() -> bool:
        sender.settle()
        connection.close_if_unusable_or_obsolete()
        return not (sender.owed or truth.count(WAITING))

    connection.close()
    return until(is_quiet, "nothing waits", QUIET_S)


# Notices of an attempt that was killed come again after five minutes: they are on their way.
WAITING = """
SELECT (SELECT count(*) FROM ingest_waiting)
     + (SELECT count(*) FROM reports_report AS report
         WHERE NOT EXISTS (SELECT FROM casework_case WHERE report_id = report.id))
     + (SELECT count(*) FROM casework_notice WHERE sent_at IS NULL AND next_at <= now())
     + (SELECT count(*) FROM subscriptions_delivery WHERE sent_at IS NULL AND next_at <= now())
"""


def kill_postgres(play: Stage) -> None:
    """Kill PostgreSQL's first process, and start the cluster again, as a service manager does."""

    pid = postgres.server(play.cluster.data)
    if pid:
        os.kill(pid, signal.SIGKILL)
    play.cluster.start()
