"""Ten times the peak: a flood hour's reports while 200 people pan the map; tiles, intake lag, memory.

Web server, both workers and the events run as processes of their own, on a database of this benchmark's. The
simulated city's feeds are read as ever; what the flood brings besides is pushed. The hour's rate, 8,000 of a
day's 30,000 reports, is held for as long as it runs. Writes benchmarks/results/load.md.
"""

import argparse
import hashlib
import hmac
import http.client
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks import memory, programs, scratch
from benchmarks.results import Report
from benchmarks.rows import MIDDLE, SEED
from benchmarks.viewers import IDLE_S
from drills.platform import Service, until, web
from fixtures import bare_city
from geoplatform.server import HOST, asked, python, two_free_ports

NEEDS_DATABASE = True
FLOOD_AN_HOUR = 8_000
VIEWERS = 200
PUSH_KEY = "a key of this benchmark alone"
CATEGORIES = ("flood", "road", "garbage", "traffic")
CITY_SCALE = "4"  # of its feeds: some 2,000 reports a day by Qlue alone
POSTS = 5  # of one push: a sender gathers for a moment
PATIENCE_S = 60.0
WARM_S = 20.0
LAGS = """
SELECT channel, count(*), percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (
           ORDER BY extract(epoch FROM received_at - submitted_at))
  FROM reports_report
 WHERE submitted_at >= %(since)s
 GROUP BY channel ORDER BY count(*) DESC, channel
"""
LEFT = """
SELECT (SELECT count(*) FROM ingest_waiting),
       (SELECT count(*) FROM reports_report AS report
         WHERE received_at < now() - interval '3 minutes'
           AND NOT EXISTS (SELECT FROM casework_case WHERE report_id = report.id)),
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed')
"""


class Platform(NamedTuple):
    """Where it serves, and its processes by name."""

    web: int
    events: int
    services: dict[str, Service]


class Flood(threading.Thread):
    """Pushes posts at a rate, however long each takes, and remembers how long each took."""

    def __init__(self, port: int, an_hour: float) -> None:
        super().__init__(daemon=True)
        self.port, self.pause_s = port, 3600 * POSTS / an_hour
        self.taken_s: list[float] = []
        self.refused = 0
        self._dice = Random(SEED)
        self._ended = threading.Event()

    def run(self) -> None:
        """Push until ``end``."""
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due += self.pause_s
            began = time.monotonic()
            if push(self.port, [self._post() for _ in range(POSTS)]) == 200:
                self.taken_s.append(time.monotonic() - began)
            else:
                self.refused += 1

    def end(self) -> None:
        """Push no more."""
        self._ended.set()
        self.join()

    def _post(self) -> dict[str, object]:
        number = f"flood-{self._dice.getrandbits(60)}"
        lon, lat = self._dice.gauss(MIDDLE[0], 0.04), self._dice.gauss(MIDDLE[1], 0.04)
        return {
            "thread_id": number, "post_id": number, "created_at": datetime.now(UTC).isoformat(),
            "category": self._dice.choices(CATEGORIES, (6, 2, 1, 1))[0], "author": "warga_contoh",
            "title": "Banjir", "body": f"[SIMULASI] air setinggi {self._dice.randint(10, 150)} cm",
            "lng": round(lon, 6), "lat": round(lat, 6),
        }  # fmt: skip


def main() -> None:
    """Print the tables; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench flood", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, metavar="N", help="how long; 30")
    parser.add_argument("--viewers", type=int, default=VIEWERS, metavar="N", help="who pan; 200")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    programs.end_on_terminate()
    with scratch.database(), TemporaryDirectory(prefix="geoplatform-flood-") as folder:
        page = Report("Ten times the peak")
        with platform(Path(folder)) as running:
            figures = measure(page, running, 60 * options.minutes, options.viewers)
    page.close("load", figures)


@contextmanager
def platform(folder: Path) -> Iterator[Platform]:
    """Run every process of the platform, and the city that it reads."""
    bare_city.furnish()
    city, events, front = two_free_ports(), two_free_ports(), two_free_ports()
    environment = settings(folder, city)
    queues = {"feed worker": "runs", "worker": "default"}
    commands = {
        "city": python("-m", "fixtures.server", "--port", str(city), "--days", "1", "--scale", CITY_SCALE),
        "events": python("manage.py", "events", "--port", str(events)),
        **{
            name: python("manage.py", *f"procrastinate worker --queues {queue} --concurrency 4".split())
            for name, queue in queues.items()
        },
    }
    with ExitStack() as stack:
        services = {}
        for name, command in commands.items():
            services[name] = Service(command, environment, folder / f"{name}.log")
            stack.callback(services[name].kill)
            services[name].keep()
        until(lambda: asked(city, None), "the city answers", PATIENCE_S)
        until(lambda: asked(events, "/health"), "the events answer", PATIENCE_S)
        services["web"] = web(environment, folder / "web.log", front, workers=2)
        stack.callback(services["web"].kill)
        yield Platform(front, events, services)


def settings(folder: Path, city: int) -> dict[str, str]:
    """Return the environment of all processes."""
    own = {name: str(folder / name) for name in ("index", "exports", "briefs", "limits", "pins", "photos")}
    return os.environ | {
        "GEOPLATFORM_SIMULATED_CITY_URL": f"http://{HOST}:{city}",
        "GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY": PUSH_KEY,
        "GEOPLATFORM_LIMITS": "off",
        # Full before memory is looked at: what grows then is no cache.
        "GEOPLATFORM_TILE_CACHE_MB": "8",
        "GEOPLATFORM_INDEX": own["index"],
        "GEOPLATFORM_EXPORTS": own["exports"],
        "GEOPLATFORM_BRIEFS": own["briefs"],
        "GEOPLATFORM_LIMITS_FILE": own["limits"],
        "GEOPLATFORM_PINS_FILE": own["pins"],
        "GEOPLATFORM_MEDIA": own["photos"],
    }


def measure(page: Report, running: Platform, seconds: float, viewers: int) -> dict[str, object]:
    """Let the flood come and people look; returns the figures."""
    time.sleep(min(WARM_S, seconds / 6))
    flood = Flood(running.web, FLOOD_AN_HOUR)
    pids = {name: one.process.pid for name, one in running.services.items() if one.process and name != "city"}
    watch = memory.Watch(pids, min(memory.EVERY_S, seconds / 18))
    since = datetime.now(UTC)
    flood.start()
    watch.start()
    looked = json.loads(look(running, viewers, seconds))
    flood.end()
    grown = watch.end()
    return say(page, seconds, viewers, flood, looked, grown, since)


def look(running: Platform, viewers: int, seconds: float) -> str:
    """Let people look; returns what they say at the end."""
    wishes = {"web": running.web, "events": running.events, "viewers": viewers, "seconds": seconds}
    options = [part for name, value in wishes.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "benchmarks.viewers", *options]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def push(port: int, posts: list[dict[str, object]]) -> int:
    """Push posts to the door; returns the status, 0 where there was no answer."""
    body, stamp = json.dumps({"version": 1, "posts": posts}).encode(), str(int(time.time()))
    made = hmac.new(PUSH_KEY.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Geoplatform-Timestamp": stamp,
        "X-Geoplatform-Signature": f"sha256={made}",
    }
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)
    try:
        connection.request("POST", "/push/balai_warga", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def say(
    page: Report,
    seconds: float,
    viewers: int,
    flood: Flood,
    looked: dict[str, Any],
    grown: list[memory.Growth],
    since: datetime,
) -> dict[str, object]:
    """Print the tables; returns the figures."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(LAGS, {"since": since})
        lags = cursor.fetchall()
        cursor.execute(LEFT)
        payloads, caseless, failed = cursor.fetchone()
    p99_push_ms = quantiles(flood.taken_s, n=100)[98] * 1000
    page.say(
        f"{seconds / 60:g} minutes at {FLOOD_AN_HOUR:,} reports an hour, {POSTS} to a push, {viewers} people"
        " who pan and listen: two web processes, two workers, events, PostgreSQL, the city and the people on"
        " this machine."
    )
    page.table(
        ("tiles", "a second", "p50 ms", "p99 ms", "p99.9 ms", "failed", "changes told", "listeners lost"),
        [[looked["requests"], *(looked[name] for name in ("rps", "p50_ms", "p99_ms", "p999_ms")),
          sum(looked["failed"].values()), looked["told"], looked["left"]]],
    )  # fmt: skip
    if looked["failed"]:
        page.say(f"Failed: {', '.join(f'{count} {what}' for what, count in looked['failed'].items())}.")
    if looked["closed"]:
        page.say(
            f"Connections that were closed because nobody had asked for {IDLE_S} s: {looked['closed']};"
            " a browser opens another one, and so do they."
        )
    page.say(
        "From the instant that a report bears until it is stored, and on the map; pushed or read by cadence."
    )
    page.table(("channel", "reports", "p50 s", "p99 s"), [[name, count, *cuts] for name, count, cuts in lags])
    page.say(
        f"Of {len(flood.taken_s) + flood.refused} pushes {flood.refused} were refused; p99 of an answer"
        f" {p99_push_ms:.0f} ms. Left at the end: {payloads} payloads, {caseless} reports of 3 minutes"
        f" without a case, {failed} failed jobs."
    )
    page.say(
        "Resident memory in MB, and its slope over the last two thirds; the store of tiles has 8 MB instead"
        " of 64, so that it is full before."
    )
    page.table(("process", "warm", "end", "most", "MB an hour"), [list(one) for one in grown])
    return {
        "minutes": seconds / 60,
        "tiles_rps": looked["rps"],
        "tiles_p99_ms": looked["p99_ms"],
        "tiles_failed": sum(looked["failed"].values()),
        "pushed_p99_ms": round(p99_push_ms, 1),
        "lag_p99_s": next(
            (round(float(cuts[1]), 1) for name, _, cuts in lags if name == "balai_warga"), None
        ),
        "pushes_refused": flood.refused,
        "left": payloads + caseless + failed,
        "steepest_mb_an_hour": round(max(one.mb_an_hour for one in grown), 1),
    }


if __name__ == "__main__":
    main()
