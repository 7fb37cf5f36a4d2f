"""Bulk: an archive joined by no, one and two workers; a month of traffic detached under load, or deleted."""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import results, scratch
from benchmarks.join import city_points

NEEDS_DATABASE = True
FILES = 12
# The table as it was, in one piece, with the same indexes: what a month of partitions is measured beside.
PLAIN = "CREATE TABLE layers_plain (LIKE layers_jam_rest INCLUDING ALL)"
FILL = """
INSERT INTO {table} (feed, external_id, digest, first_at, last_at, closed_at, attributes, simulated, level,
    length_m, street, reported_at, line)
SELECT 'waze', 'jam-' || number, decode(md5(number::text), 'hex'), seen.at, seen.at + interval '10 minutes',
    CASE WHEN number %% 500 > 0 THEN seen.at + interval '12 minutes' END, '{{}}', true, 3, 500, 'Jl. Contoh',
    seen.at, ST_SetSRID(ST_MakeLine(
        ST_MakePoint(106.7 + number %% 997 * 0.0002, -6.35 + number %% 991 * 0.0002),
        ST_MakePoint(106.7003 + number %% 997 * 0.0002, -6.3502 + number %% 991 * 0.0002)
    ), 4326)
FROM generate_series(%(first)s, %(last)s) AS number
CROSS JOIN LATERAL (
    SELECT timestamptz '2026-01-01' + number * interval '1 day' * 181 / %(rows)s AS at
) AS seen
"""
ONE = FILL.replace("generate_series(%(first)s, %(last)s)", "generate_series(%(number)s, %(number)s)")


def main() -> None:
    """Print tables, write them to benchmarks/results/bulk.md; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench bulk", description=__doc__)
    parser.add_argument("--points", type=int, default=6_000_000, help="of the archive; 6,000,000")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of traffic, in six months; 1,000,000")
    options = parser.parse_args()
    with scratch.database():
        report = results.Report("Bulk")
        figures = {**joined(report, options.points), **detached(report, options.rows)}
        report.close("bulk", figures)


def joined(report: results.Report, count: int) -> dict[str, float]:
    """Join an archive with the edition in force, with more and more workers; returns rates and ratios."""
    from api.bulk import cluster
    from boundaries import bulk

    points = city_points(count)
    lon, lat = np.ascontiguousarray(points.T)
    bulk.locate(lon[:10], lat[:10])
    alone_s = timed(lambda: bulk.locate(lon, lat))
    rows: list[list[Any]] = [["in memory, no files, 1 thread", count / alone_s, None]]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "archive")
        lay_down(source, points)
        for workers in (0, 1, 2):
            with cluster.hands(cluster.Where(workers)) as each:
                for turn in ("warm", "measured"):
                    seconds = timed(_join_of(source, Path(folder, f"{turn}-{workers}"), each))
            rows.append([f"files, {workers or 'no'} workers", count / seconds, None])
    for row in rows:
        row[2] = row[1] / rows[1][1]
    report.say(
        f"{count:,} points in {FILES} GeoParquet files, read, joined and written; the second of two runs."
    )
    report.table(["join", "rows/s", "x files, no workers"], rows)
    return {
        "rejoin_rows_per_s": round(rows[1][1]),
        "one_worker_ratio": round(rows[2][2], 2),
        "two_workers_ratio": round(rows[3][2], 2),
    }


def _join_of(source: Path, out: Path, each: Any) -> Callable[[], object]:
    from api.bulk import rejoin

    return lambda: rejoin.rejoin(source, out, each)


def lay_down(folder: Path, points: np.ndarray) -> None:
    """Write points as an archive of so many months."""
    import geopandas

    for number, piece in enumerate(np.array_split(points, FILES)):
        path = folder / "year=2026" / f"month={number + 1:02}"
        path.mkdir(parents=True)
        frame = geopandas.GeoDataFrame(
            {"id": np.arange(len(piece))}, geometry=geopandas.points_from_xy(*piece.T), crs=4326
        )
        frame.to_parquet(path / "points.parquet")


def detached(report: results.Report, count: int) -> dict[str, float]:
    """Store traffic with and without partitions, then be rid of a month of it while others write."""
    from datetime import UTC, datetime

    from django.db import connection

    from layers import partitions

    february, march = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 3))
    for later in range(6):
        partitions.make_months(partitions.month(february, later - 1))
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
        stored = {}
        for table in ("layers_plain", "layers_jam"):
            params = {"first": 1, "last": count, "rows": count}
            stored[table] = timed(_run(cursor, FILL.format(table=table), params))
            cursor.execute(f"ANALYZE {table}")
        delete = (
            "DELETE FROM layers_plain WHERE reported_at >= %s AND reported_at < %s AND closed_at IS NOT NULL"
        )
        deleting = [february, march]
        waits_plain, plain_s = under_load("layers_plain", count, _run(cursor, delete, deleting))
        detach = "SELECT layers_detach('layers_jam', 'layers_jam_2026_02', %s)"
        waits, detach_s = under_load("layers_jam", count, _run(cursor, detach, [march]))
        cursor.execute("SELECT count(*) FROM detached.layers_jam_2026_02")
        ((moved,),) = cursor.fetchall()
    report.say(
        f"{count:,} jams in six months stored by one statement, every index kept; then {moved:,} of February"
        " gone while another session stores one jam after the other."
    )
    report.table(
        ["table", "stored, rows/s", "a month gone, ms", "longest write meanwhile, ms"],
        [
            ["one, DELETE", count / stored["layers_plain"], plain_s * 1000, waits_plain * 1000],
            ["partitions, layers_detach", count / stored["layers_jam"], detach_s * 1000, waits * 1000],
        ],
    )
    return {
        "insert_ratio": round(stored["layers_plain"] / stored["layers_jam"], 2),
        "detach_ms": round(detach_s * 1000, 1),
        "delete_over_detach": round(plain_s / detach_s, 1),
        "longest_write_ms": round(waits * 1000, 1),
    }


def under_load(table: str, count: int, work: Callable[[], object]) -> tuple[float, float]:
    """Do some work while another session stores jams; returns its longest write and the work's seconds."""
    from geoplatform import sql

    ended, begun, waits = threading.Event(), threading.Event(), [0.0]

    def store() -> None:
        with sql.connect() as own:
            number = count + 1
            while not ended.is_set():
                params = {"number": number, "rows": count}
                waits.append(timed(lambda: own.execute(ONE.format(table=table), params)))  # noqa: B023
                begun.set()
                number += 1

    storing = threading.Thread(target=store)
    storing.start()
    begun.wait()
    first = len(waits)
    seconds = timed(work)
    ended.set()
    storing.join()
    return max(waits[first:], default=0.0), seconds


def _run(cursor: Any, statement: str, params: Any) -> Callable[[], object]:
    return lambda: cursor.execute(statement, params)


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds some work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
