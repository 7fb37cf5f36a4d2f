"""How much slower a tile is made from 10 million rows than from 100 thousand, in this process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks import rows, session
from benchmarks.programs import ROOT
from benchmarks.results import Report, memory_kb
from layers.grid import Tile

FEW, MANY = 100_000, 10_000_000
REPEATS = 7
# Below, a tile's time is that of its few points, and there are a hundred times as many: no measure.
LEAST_POINTS = 500


def measure(page: Report) -> dict[str, Any]:
    """Add the table to a page; returns the worst ratio."""
    tiles = session.tiles()
    few, many = snapshot(FEW), snapshot(MANY)
    lines, ratios = [], []
    for name, query in (("all", ""), ("filtered", session.FILTER)):
        before, after = times(few, tiles, query), times(many, tiles, query)
        counted = numbers(few, tiles, query)
        worst = max(
            (
                long / short
                for short, long, count in zip(before, after, counted, strict=True)
                if count >= LEAST_POINTS
            ),
            default=0.0,
        )
        ratios.append(worst)
        slowest = max(after) / max(before)
        lines.append(
            [
                name,
                1e3 * median(before),
                1e3 * median(after),
                1e3 * max(before),
                1e3 * max(after),
                slowest,
                worst,
            ]
        )
    page.say(
        f"One tile as it is sent (points or cells, MVT, gzip, tag), from {FEW:,} and from {MANY:,} reports,"
        f" in one thread's own time: of each tile of the session the median of {REPEATS}. The last column"
        " is the worst ratio of one tile's two times, among those in which at least"
        f" {LEAST_POINTS} of the {FEW:,} reports lie after the filter: a smaller one holds more at ten"
        " million, and is slower for what it sends. The column before compares the slowest tile of each."
    )
    page.table(
        (
            "reports",
            "median ms, few",
            "many",
            "slowest ms, few",
            "many",
            "slowest to slowest",
            "worst of one tile",
        ),
        lines,
    )
    return {"slowest_10m_over_100k": round(max(ratios), 2)}


def snapshot(count: int) -> Any:
    """Return so many reports as the index holds them."""
    from layers.index import snapshot_of
    from layers.traits import Wordlist
    from reports.layers import REPORTS

    assert REPORTS.traits is not None  # noqa: S101
    wordlist, names = Wordlist(REPORTS.traits), rows.category_codes()
    return snapshot_of(rows.packed(rows.reports(count, len(names)), wordlist, names), wordlist)


def times(snapshot: Any, tiles: Sequence[Tile], query: str) -> list[float]:
    """Return the seconds that each tile takes, without any store."""
    from api import params
    from layers import lettering
    from layers import tiles as engine
    from layers.drawing import draw
    from layers.index import points
    from layers.traits import day_number
    from reports.layers import REPORTS

    letters = lettering.lettering(REPORTS.name, snapshot.base.wordlist)
    today = day_number(rows.LAST_DAY.date())

    def once(at: Tile) -> float:
        began = time.thread_time()  # whatever else the machine does
        chosen = points(snapshot, params.filter(query, REPORTS))
        engine._made(REPORTS, lambda: draw(chosen, at, "mvt", 6, today, letters), 0)
        return time.thread_time() - began

    for at in tiles:
        once(at)
    return [median(once(at) for _ in range(REPEATS)) for at in tiles]


def numbers(snapshot: Any, tiles: Sequence[Tile], query: str) -> list[int]:
    """Return how many points each tile has."""
    from api import params
    from layers.grid import key_range
    from layers.index import points
    from reports.layers import REPORTS

    chosen = points(snapshot, params.filter(query, REPORTS))
    ranges = map(key_range, tiles)
    return [chosen.number(first, last + 1) for first, last in ranges]


def build(page: Report, size: int) -> None:
    """Add to a page what it takes to build the index from the database, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.flat"]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True)
    told = json.loads(ended.stdout.splitlines()[-1])
    page.say(
        f"The index of {size:,} reports is built from PostGIS alone in {told['seconds']:.1f} s, with"
        f" {told['peak_mb']:,} MB at the most, of which {told['before_mb']:,} MB the process had before."
    )


def main() -> None:
    """Build the index of the reports in the database; print what it took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
    import django

    django.setup()
    from layers.follow import Followed
    from layers.index import points
    from layers.layer import catalogue
    from reports.layers import REPORTS

    catalogue()
    before = memory_kb("VmHWM") // 1024
    began = time.perf_counter()
    from django.db import connection

    with connection.cursor() as cursor:
        points(Followed(REPORTS, None).state(cursor).snapshot)
    seconds = time.perf_counter() - began
    peak = memory_kb("VmHWM") // 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "before_mb": before}))


if __name__ == "__main__":
    main()
