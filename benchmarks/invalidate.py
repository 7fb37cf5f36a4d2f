"""How soon a change is in the tiles of every process, what it leaves cached, and what it costs intake."""

import argparse
import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any

import requests

from benchmarks import load, programs, rows, scratch, session
from benchmarks.results import Report

NEEDS_DATABASE = True
PROCESSES = 2
ZOOM = 18
ROUNDS, BATCH = 5, 2_000
KOJA, CILANDAK = (106.905, -6.115), (106.797, -6.29)
PACE = 1_000  # reports a second
PATIENCE_S = 30.0


def main() -> None:
    """Print the tables; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench invalidate", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, metavar="N", help="reports before; 200,000")
    parser.add_argument("--changes", type=int, default=200, metavar="N", help="made one by one; 200")
    parser.add_argument("--seconds", type=float, default=5, metavar="S", help="of each load; 5")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    programs.end_on_terminate()
    with scratch.database():
        page = Report("A change, and the tiles that it is in")
        names = rows.category_codes()
        rows.load(rows.reports(options.rows, len(names)), names)
        with servers() as urls:
            figures = visible(page, urls, options.changes) | kept(page, urls)
            while_writing(page, urls[0], options.seconds)
        figures |= intake_cost(page)
    page.close(
        "invalidate", {name: figures[name] for name in ("visible_p50_ms", "visible_p99_ms", "intake_cost")}
    )


@contextlib.contextmanager
def servers() -> Iterator[list[str]]:
    """Run web servers of one process each, so that each can be asked for itself; yields their addresses."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        more = {"GEOPLATFORM_INDEX": folder}
        yield [stack.enter_context(programs.ours(more, workers=1)) for _ in range(PROCESSES)]


def receive(numbers: Sequence[int], name: str, place: tuple[float, float] | None = None) -> None:
    """Store reports as the pipeline does."""
    from reports import intake

    intake.receive([submission(number, name, place) for number in numbers], simulated=False)


def submission(number: int, name: str, place: tuple[float, float] | None) -> Any:
    """Return a report of this number, the same each time; somewhere in the city where no place is given."""
    from layers.record import LonLat
    from reports.record import Submission

    dice = Random(f"{name}:{number}")
    lon, lat = place or (dice.gauss(rows.MIDDLE[0], 0.04), dice.gauss(rows.MIDDLE[1], 0.04))
    at = datetime(2026, 5, 14, tzinfo=UTC) + timedelta(seconds=number)
    return Submission(
        channel="qlue", external_id=f"{name}-{number}", category="flood", description="Air naik di jalan",
        submitted_at=at, updated_at=at, point=LonLat(lon, lat),
    )  # fmt: skip


def visible(page: Report, urls: Sequence[str], count: int) -> dict[str, Any]:
    """Add how long single changes take to be in a tile of every process, from the call of intake on."""
    dice = Random(7)
    waits, after = [], []
    sessions = [requests.Session() for _ in urls]
    for number in range(count):
        place = (dice.uniform(rows.WEST, rows.EAST), dice.uniform(rows.SOUTH, rows.NORTH))
        at = session.tile_at(*place, ZOOM)
        addresses = [f"{url}/tiles/reports/{at.z}/{at.x}/{at.y}.mvt" for url in urls]
        before = [
            asked.get(url, timeout=PATIENCE_S).headers["ETag"]
            for asked, url in zip(sessions, addresses, strict=True)
        ]
        began = time.perf_counter()
        receive([number], "visible", place)
        stored = time.perf_counter()
        for asked, url, tag in zip(sessions, addresses, before, strict=True):
            _until_new(asked, url, tag)
        waits.append(1000 * (time.perf_counter() - began))
        after.append(1000 * (time.perf_counter() - stored))
    page.say(f"{count} reports stored one by one; until a tile of each of {len(urls)} processes has it:")
    lines = [("from the call of intake", waits), ("from its commit", after)]
    heads = ("", "p50 ms", "p95 ms", "p99 ms", "most ms")
    page.table(heads, [[name, *_spread(found), max(found)] for name, found in lines])
    p50, _, p99 = _spread(waits)
    return {"visible_p50_ms": round(p50, 1), "visible_p99_ms": round(p99, 1)}


def _until_new(asked: requests.Session, url: str, tag: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while asked.get(url, timeout=PATIENCE_S).headers["ETag"] == tag:
        if time.monotonic() > until:
            raise RuntimeError(f"no change in {url} within {PATIENCE_S:.0f} s")


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    cuts = quantiles(values, n=100)
    return median(values), cuts[94], cuts[98]


def kept(page: Report, urls: Sequence[str]) -> dict[str, Any]:
    """Add how many tiles of Cilandak answer 304 after a report in Koja, and how many of Koja."""
    lines = []
    places = {"Koja": KOJA, "Cilandak": CILANDAK}
    paths = {
        name: [path for zoom in (15, 16, 17) for path in _paths(place, zoom)]
        for name, place in places.items()
    }
    with requests.Session() as asked:
        tags = {path: _tag(asked, urls[0] + path, "")[1] for each in paths.values() for path in each}
        watched = _paths(KOJA, 17, one=True)[0]
        receive([0], "koja", KOJA)
        _until_new(asked, urls[0] + watched, tags[watched])
        for name, each in paths.items():
            answers = [_tag(asked, urls[0] + path, tags[path])[0] for path in each]
            lines.append([name, len(each), answers.count(304), answers.count(304) / len(each)])
    page.say("After a report in Koja, tiles of zooms 15 to 17 asked for by their tags:")
    page.table(("tiles of", "asked", "304", "rate"), lines)
    return {}


def _paths(place: tuple[float, float], zoom: int, one: bool = False) -> list[str]:
    tiles = [session.tile_at(*place, zoom)] if one else session.screen(*place, zoom)
    return [f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt" for at in tiles]


def _tag(asked: requests.Session, url: str, known: str) -> tuple[int, str]:
    answer = asked.get(url, headers={"If-None-Match": known}, timeout=PATIENCE_S)
    return answer.status_code, answer.headers["ETag"]


def while_writing(page: Report, url: str, seconds: float) -> None:
    """Add what one process answers while reports are ingested, beside what it does in peace."""
    paths = [f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt" for at in session.requests()]
    load.wrk(url, paths, 4, 1)
    lines = [("nothing is written", 0, load.wrk(url, paths, 4, seconds))]
    with writing() as written:
        lines.append(("reports are ingested", 0, load.wrk(url, paths, 4, seconds)))
        pace = written()
    lines[1] = (lines[1][0], round(pace), lines[1][2])
    page.say(
        f"Reads of a map session on 4 connections of one process, while reports come ({PACE:,} a second):"
    )
    heads = ("while", "reports/s", "requests/s", "p50 ms", "p99 ms")
    page.table(heads, [(name, wrote, one.rps, one.p50_ms, one.p99_ms) for name, wrote, one in lines if one])


@contextlib.contextmanager
def writing() -> Iterator[Any]:
    """Ingest at a pace in a thread while the block runs; yields what tells reports a second so far."""
    ended = threading.Event()
    began, done = time.perf_counter(), [0]
    size = PACE // 10

    def write() -> None:
        from django.db import connections

        while not ended.is_set():
            receive(range(done[0], done[0] + size), "pace")
            done[0] += size
            ended.wait(max(0.0, began + done[0] / PACE - time.perf_counter()))
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield lambda: done[0] / (time.perf_counter() - began)
    finally:
        ended.set()
        thread.join()


def intake_cost(page: Report) -> dict[str, Any]:
    """Add what stamping rows and touching their layer takes of the time of storing reports."""
    from django.db import connection

    from reports import intake

    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * ROUNDS + 2):
        stamped = bool(number % 2)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE reports_report {'ENABLE' if stamped else 'DISABLE'} TRIGGER stamped")
        batch = [submission(one, "cost", None) for one in range(number * BATCH, (number + 1) * BATCH)]
        incoming = intake.read(batch)
        began = time.perf_counter()
        with contextlib.nullcontext() if stamped else _without_touch():
            intake.store(incoming, simulated=False)
        if number > 1:  # the first two fill caches
            taken[stamped].append(time.perf_counter() - began)
    with_, without = median(taken[True]), median(taken[False])
    cost = 1 - without / with_
    page.say(
        f"{ROUNDS} batches of {BATCH:,} new reports each stored, in turns with and without stamp and touch:"
    )
    lines = [("with", BATCH / with_), ("without", BATCH / without), ("part of throughput it takes", cost)]
    page.table(("stamp and touch", "reports/s"), lines)
    return {"intake_cost": round(cost, 3)}


@contextlib.contextmanager
def _without_touch() -> Iterator[None]:
    from layers import revisions

    kept_touch = revisions.touch
    revisions.touch = lambda *names: None
    try:
        yield
    finally:
        revisions.touch = kept_touch


if __name__ == "__main__":
    main()
