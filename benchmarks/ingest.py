"""From payload to map: reports a second against a bare COPY, replay, memory, and how soon one is seen."""

import argparse
import contextlib
import gc
import hashlib
import hmac
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import requests

from benchmarks import scratch
from benchmarks.results import memory_kb
from fixtures.city import world
from fixtures.wire import qlue

NEEDS_DATABASE = True
ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
PUSH_KEY = "a key of the benchmark alone"
BETWEEN_PUSHES_S = 86_400 / 30_000


def main() -> None:
    """Print where the time goes and the figures; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench ingest", description=__doc__)
    parser.add_argument("--reports", type=int, default=40_000, help="how many are ingested; 40,000")
    parser.add_argument("--payloads", type=int, default=1_000_000, help="how many are replayed; 1,000,000")
    parser.add_argument("--pushes", type=int, default=150, help="how many are pushed one by one; 150")
    parser.add_argument("--replay", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.disable(logging.INFO)
    if options.replay:
        replay()
        return
    with scratch.database() as address:
        figures = measure_ingest(options.reports)
        figures |= measure_visible(address, options.pushes)
        figures |= measure_replay(options.payloads)
    names = ("reports_per_s", "copy_ratio", "replay_per_s", "visible_p99_ms", "peak_mb")
    print(json.dumps({name: figures[name] for name in names}))


def measure_ingest(count: int) -> dict[str, float]:
    """Ingest the simulated city's reports end to end, and COPY the rows that came of it."""
    from ingest import feeds, pipeline
    from ingest.adapter import Page, Window

    pages = [Page(markers(count))]  # one document, as ``manage.py ingest qlue FILE`` reads it
    gc.freeze()  # no feed holds so many at a time: to look through them for garbage is not its cost
    window = Window(NOW - timedelta(days=4000), NOW)
    spent, stop = stages()
    worker = backend()
    began, python, postgres = time.perf_counter(), time.process_time(), processor_s(worker)
    run = pipeline._run(feeds.adapter("qlue"), window, pages, False, lambda tally: None)
    seconds = time.perf_counter() - began
    python, postgres = time.process_time() - python, processor_s(worker) - postgres
    stop()
    copied = copy_rows()
    print(f"{count:,} reports, from payload to revision: {seconds:.1f} s, {count / seconds:,.0f} a second")
    print(f"  of them {run.new:,} new, {run.rejected} rejected; a bare COPY of the same rows into the same ")
    print(f"  indexed table: {copied:,.0f} a second, {copied * seconds / count:.1f} times as many\n")
    print(f"processor time of a report: {1e6 * python / count:.0f} us of Python's, "
          f"{1e6 * postgres / count:.0f} us of PostgreSQL's; load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print(f"{'where the time goes':32} {'us a report':>12} {'share':>7}")
    for name, used in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"  {name:30} {1e6 * used / count:12.1f} {used / seconds:7.1%}")
    rest = seconds - sum(spent.values())
    print(f"  {'the rest of our code':30} {1e6 * rest / count:12.1f} {rest / seconds:7.1%}\n")
    return {"reports_per_s": round(count / seconds), "copy_ratio": round(copied * seconds / count, 1)}


def markers(count: int) -> list[Any]:
    """Return so many markers of the city as Qlue sends them."""
    return [qlue.v3_marker(report) for report in world(NOW, days=count // 450 + 2).reports[:count]]


def backend() -> int:
    """Return the process of PostgreSQL that serves this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return int(pid)


def processor_s(pid: int) -> float:
    """Return the processor time of a process in seconds; 0 where it is not one of this machine."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def stages() -> tuple[dict[str, float], Callable[[], None]]:
    """Watch the clock round each part of the road; returns what they took, and what ends the watching."""
    from geoplatform import sql
    from ingest.adapters.qlue import Adapter
    from reports import intake

    spent: dict[str, float] = {}
    watched: list[tuple[Any, str, Any]] = []

    def watch(owner: Any, attribute: str, name: Callable[..., str]) -> None:
        function = getattr(owner, attribute)

        def timed(*args: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **more)
            finally:
                key = name(*args)
                spent[key] = spent.get(key, 0.0) + time.perf_counter() - began

        watched.append((owner, attribute, function))
        setattr(owner, attribute, timed)

    watch(sql, "rows", lambda statement, *rest: f"statement {statement}")
    watch(Adapter, "parse", lambda *rest: "parse")
    watch(intake, "public_text", lambda *rest: "strike personal data")

    def stop() -> None:
        for owner, attribute, function in watched:
            setattr(owner, attribute, function)

    return spent, stop


def copy_rows() -> float:
    """COPY all reports into an empty table with the same columns and indexes; returns rows a second."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE reports_report INCLUDING ALL)")
        columns = [column.name for column in connection.introspection.get_table_description(cursor, "bare")]
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'bare'::regclass AND attgenerated <> ''"
        )
        made = {name for (name,) in cursor.fetchall()}
        listed = ", ".join(f'"{name}"' for name in columns if name not in made)
        with cursor.copy(f"COPY (SELECT {listed} FROM reports_report) TO STDOUT") as out:
            sent = [bytes(piece) for piece in out]
        times = []
        for _ in range(3):
            cursor.execute("TRUNCATE bare")
            began = time.perf_counter()
            with cursor.copy(f"COPY bare ({listed}) FROM STDIN") as into:
                for piece in sent:
                    into.write(piece)
            times.append(time.perf_counter() - began)
        cursor.execute("DROP TABLE bare")
    return len(sent) / median(times)


def measure_visible(address: str, count: int) -> dict[str, float]:
    """Push reports at the pace of 30,000 a day, and see how long until tile and API show each."""
    waits = []
    with served(address) as url:
        dice = Random(7)
        until_seen(url, -1, 106.82, -6.17)  # the first imports what the others need
        until_seen(url, -1, 106.82, -6.17)  # the first imports what the others need
        for number in range(count):
            lon, lat = dice.uniform(106.75, 106.9), dice.uniform(-6.3, -6.15)
            due = time.perf_counter() + BETWEEN_PUSHES_S / 10
            waits.append(until_seen(url, number, lon, lat))
            time.sleep(max(0.0, due - time.perf_counter()))
    p99 = quantiles(waits, n=100)[98] * 1000
    print(
        f"{count} reports pushed one by one at ten times the pace of 30,000 a day, seen in tile and API after"
    )
    print(
        f"  {median(waits) * 1000:.0f} ms (median), {p99:.0f} ms (99 %), {max(waits) * 1000:.0f} ms (all)\n"
    )
    return {"visible_p99_ms": round(p99)}


def until_seen(url: str, number: int, lon: float, lat: float) -> float:
    """Push one report and ask until both show it; returns seconds from the push."""
    post = {
        "thread_id": f"bench-{number}", "post_id": f"bench-{number}", "title": "Lampu mati",
        "created_at": datetime.now(UTC).isoformat(), "author": "Contoh Warga",
        "body": "Lampu jalan mati di depan pasar", "lat": lat, "lng": lon,
    }  # fmt: skip
    body = json.dumps({"version": 1, "posts": [post]}).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(PUSH_KEY.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Geoplatform-Timestamp": stamp,
        "X-Geoplatform-Signature": f"sha256={digest}",
    }
    box = f"{lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}"
    began = time.perf_counter()
    requests.post(f"{url}/push/balai_warga", data=body, headers=headers, timeout=30).raise_for_status()
    while True:
        listed = requests.get(f"{url}/api/reports", params={"bbox": box}, timeout=30).json()["features"]
        if listed and shown(url, listed[0]["id"], lon, lat):
            return time.perf_counter() - began


def shown(url: str, id: int, lon: float, lat: float) -> bool:
    """Say whether the tile round a point has a report."""
    from tests.grid import tile_of

    at = tile_of(lon, lat, 18)
    tile = requests.get(f"{url}/tiles/reports/{at.z}/{at.x}/{at.y}.geojson", timeout=30).json()
    return id in [feature.get("id") for feature in tile["features"]]


@contextlib.contextmanager
def served(address: str) -> Iterator[str]:
    """Start the web server as it is run, and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": address,
        "GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY": PUSH_KEY,
        "GEOPLATFORM_DEBUG": "1",
    }
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1",
        "--blocking-threads", "4", "--no-access-log", "--log-level", "error", "geoplatform.wsgi:application",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{url}/health", timeout=5).ok:
                    break
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def measure_replay(count: int) -> dict[str, float]:
    """Replay many payloads that change nothing, in a process of its own, whose memory is looked at."""
    from django.db import connection

    from ingest import pipeline

    have = multiply(count)
    print(f"replaying {have:,} payloads ...", flush=True)
    pipeline.replay("qlue")  # the first time there are reports to be made of them
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    command = [sys.executable, "-m", "benchmarks.ingest", "--replay"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(ended.stdout.splitlines()[-1])
    print(f"  {told['per_s']:,} a second, {told['changed']} changed, {told['peak_mb']} MB at the most\n")
    return {"replay_per_s": told["per_s"], "peak_mb": told["peak_mb"]}


def multiply(count: int) -> int:
    """Add copies of the kept payloads under other numbers, until there are so many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(id) FROM ingest_payload WHERE feed = 'qlue'")
        have, _ = cursor.fetchone()
        copies = max(0, count // have - 1)
        cursor.execute(
            """
            INSERT INTO ingest_payload (feed, digest, body, simulated, fetched_at)
            SELECT feed, sha256(convert_to(body.text, 'UTF8')), body.text, simulated, fetched_at
            FROM ingest_payload
            CROSS JOIN generate_series(1, %s) AS copy
            CROSS JOIN LATERAL (
                SELECT regexp_replace(
                    ingest_payload.body, '"id":(\\d+)', '"id":' || copy || '0\\1'
                ) AS text
            ) AS body
            WHERE feed = 'qlue'
            """,
            [copies],
        )
    total: int = have * (copies + 1)
    return total


def replay() -> None:
    """Replay the feed, alone in this process; print what it took."""
    import django

    django.setup()
    from ingest import pipeline

    began = time.perf_counter()
    tally = pipeline.replay("qlue")
    seconds = time.perf_counter() - began
    peak_mb = memory_kb("VmHWM") // 1024
    print(json.dumps({"per_s": round(tally.fetched / seconds), "changed": tally.changed, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main()
