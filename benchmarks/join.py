"""Points in kelurahan: millions a second against geopandas, shapely, PostGIS and others, and who is right."""

import argparse
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import scratch
from benchmarks.results import memory_kb

NEEDS_DATABASE = True
ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared/data/boundaries/jakarta_kelurahan_267_clean.geojson"
RESULT = Path(__file__).with_name("results") / "join.md"
SEED = 267
RUNS, LONG_S = 3, 4.0
MEMORY_POINTS = 20_000_000
OURS = "boundaries.bulk.locate, 1 thread"
SJOIN = "geopandas.sjoin"


class Measured(NamedTuple):
    """What was seen of one way to join: its name, points a second (None: not here), and why not."""

    name: str
    per_s: float | None
    why: str = ""


def main() -> None:
    """Print the table, write it to benchmarks/results/join.md; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench join", description=__doc__)
    parser.add_argument("--points", type=int, default=2_000_000, help="how many are joined; 2,000,000")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print(beyond_input_and_output())
        return
    with scratch.database() as address:
        what = load_polygons()
        points = city_points(options.points)
        rows, mismatches, checked = measure(points)
        command = [sys.executable, "-m", "benchmarks.join", "--memory"]
        environment = os.environ | {"DATABASE_URL": address}
        about = machine()
        told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    table = written(rows)
    facts = [
        f"{what}; {options.points:,} points, seeded, dense in the middle, a tenth outside the province.",
        f"Against `ST_Covers` and the lowest code: {mismatches} of {checked:,} points differ, those on every"
        " vertex and on and beside edges included.",
        f"Memory beyond input and output, numba and the cover included: {told.stdout.strip()} MB"
        f" for {MEMORY_POINTS:,} points.",
    ]
    print("\n".join(["", *facts, "", *table]))
    keep([about, *facts], table)
    rate = {row.name: row.per_s or 0.0 for row in rows}
    figures = {
        "points_per_s": round(rate[OURS]),
        "ratio_geopandas": round(rate[OURS] / rate[SJOIN], 1),
        "mismatches": mismatches,
    }
    print(json.dumps(figures))


def load_polygons() -> str:
    """Put the real kelurahan in force where they are at hand; returns which polygons count."""
    from django.core.management import call_command

    if not REAL.is_file():
        return "The schematic edition (the real boundaries are not on this machine)"
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        call_command("load_boundaries", str(REAL), activate=True, stdout=nowhere)
    return "The 267 real kelurahan"


def city_points(count: int) -> np.ndarray:
    """Return n points as (n, 2) lon, lat: as reports lie, denser towards the middle, some outside."""
    dice = np.random.default_rng(SEED)
    share = (count * np.array([0.55, 0.3, 0.1])).astype(int)
    dense = dice.normal((106.83, -6.19), (0.05, 0.045), (share[0], 2))
    wide = dice.uniform((106.69, -6.36), (106.97, -6.09), (share[1], 2))
    islands = dice.uniform((106.4, -5.9), (106.9, -5.4), (share[2] // 10, 2))
    around = dice.uniform((106.3, -6.9), (107.3, -5.9), (count - len(dense) - len(wide) - len(islands), 2))
    points = np.vstack([dense, wide, islands, around])
    dice.shuffle(points)
    return points


def hard_points(polygons: np.ndarray) -> np.ndarray:
    """Return every vertex of some polygons, and 200,000 points on edges or a few roundings beside them."""
    import shapely

    rings = shapely.get_rings(shapely.get_parts(polygons))
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    edges = np.hstack([vertices[:-1], vertices[1:]])[ring[1:] == ring[:-1]]
    dice = np.random.default_rng(SEED)
    ends = edges[dice.integers(0, len(edges), 200_000)]
    on = ends[:, :2] + dice.random((len(ends), 1)) * (ends[:, 2:] - ends[:, :2])
    beside = on + dice.integers(-3, 4, on.shape) * np.spacing(on)
    return np.vstack([vertices, on[::2], beside[1::2]])


def measure(points: np.ndarray) -> tuple[list[Measured], int, int]:
    """Join the points in every way that is here; returns rates, how many differ from PostGIS, of how many."""
    import geopandas
    import shapely

    from boundaries import bulk

    lon, lat = np.ascontiguousarray(points.T)
    cover = bulk.cover()
    codes, polygons = polygons_in_force()
    shapes = np.asarray(shapely.points(points))
    frame = geopandas.GeoDataFrame(geometry=shapes, crs=4326)
    kelurahan = geopandas.GeoDataFrame({"code": codes}, geometry=polygons, crs=4326)
    bulk.locate(lon[:10], lat[:10], threads=2)
    here: dict[str, Callable[[], object]] = {
        OURS: lambda: bulk.locate(lon, lat),
        "boundaries.bulk.locate, 2 threads": lambda: bulk.locate(lon, lat, threads=2),
        "the same, positions instead of codes, 1 thread": lambda: cover.positions(lon, lat),
        "the same, positions instead of codes, 2 threads": lambda: cover.positions(lon, lat, 2),
        SJOIN: lambda: geopandas.sjoin(frame, kelurahan, how="left", predicate="intersects"),
        "shapely STRtree of polygons": lambda: shapely.STRtree(polygons).query(shapes, "intersects"),
        "shapely STRtree of points": lambda: shapely.STRtree(shapes).query(polygons, "intersects"),
    }
    # Processor seconds where one thread works: others may hold the processor meanwhile.
    rows = [
        Measured(
            name, len(points) / best(join, time.perf_counter if "2 threads" in name else time.process_time)
        )
        for name, join in here.items()
    ]
    rows.append(Measured("DuckDB spatial", *peer(duckdb, "duckdb", points, codes, polygons)))
    rows.append(Measured("SedonaDB", *peer(sedona, "sedonadb", points, codes, polygons)))
    checked = np.vstack([points[:1_000_000], hard_points(polygons)])
    expected, seconds = postgis(checked)
    rows.append(Measured("PostGIS ST_Covers", len(checked) / seconds))
    found = bulk.locate(*np.ascontiguousarray(checked.T))
    return rows, int((found != expected).sum()), len(checked)


def best(join: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return the seconds of the best run, of three and more: others may be at work on this machine."""
    times: list[float] = []
    while len(times) < RUNS or sum(times) < LONG_S:
        began = clock()
        join()
        times.append(clock() - began)
    return min(times)


def polygons_in_force() -> tuple[list[str], np.ndarray]:
    """Return the codes of the kelurahan in force, in order, and their polygons."""
    import shapely

    from boundaries import lookup
    from geoplatform import sql

    rows = sql.rows("boundaries/polygons", {"edition_id": lookup.edition_on(lookup.today())})
    return [code for code, _ in rows], np.asarray(shapely.from_wkb([bytes(geom) for _, geom in rows]))


def postgis(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the lowest code that ST_Covers finds for each of n points, and the seconds that it took."""
    from django.db import connection

    from boundaries import lookup

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE given (number int, geom geometry(Point, 4326))")
        cursor.execute(
            "INSERT INTO given SELECT number, ST_SetSRID(ST_MakePoint(lon, lat), 4326)"
            " FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS point (lon, lat, number)",
            points.T.tolist(),
        )
        # From polygon to points it is 10 times as fast as the other way: PostGIS keeps the polygon prepared.
        cursor.execute("CREATE INDEX ON given USING gist (geom)")
        cursor.execute("ANALYZE given")
        began = time.perf_counter()
        cursor.execute(
            "CREATE TEMPORARY TABLE found AS SELECT given.number, min(boundary.code) AS code"
            " FROM boundaries_boundary AS boundary JOIN given ON ST_Covers(boundary.geom, given.geom)"
            " WHERE boundary.edition_id = %s AND boundary.level = 'kelurahan' GROUP BY given.number",
            [lookup.edition_on(lookup.today())],
        )
        seconds = time.perf_counter() - began
        cursor.execute("SELECT found.code FROM given LEFT JOIN found USING (number) ORDER BY number")
        return np.array([code for (code,) in cursor.fetchall()], dtype=object), seconds


def peer(
    join: Callable[..., float], package: str, points: np.ndarray, codes: list[str], polygons: np.ndarray
) -> tuple[float | None, str]:
    """Return the rate of a peer that may be missing, or why there is none."""
    if importlib.util.find_spec(package) is None:
        return None, "not here"
    try:
        return len(points) / join(points, codes, polygons), ""
    except Exception as error:  # noqa: BLE001 - a peer that fails must not end the others
        return None, f"not here: {type(error).__name__}"


def duckdb(points: np.ndarray, codes: list[str], polygons: np.ndarray) -> float:
    """Return the seconds that DuckDB with its spatial extension, which must be installed, takes."""
    import duckdb as engine  # type: ignore[import-not-found,unused-ignore]
    import pyarrow as pa
    import shapely

    base = engine.connect()
    base.load_extension("spatial")
    base.register("p", pa.table({"lon": points[:, 0], "lat": points[:, 1]}))
    base.register("k", pa.table({"code": codes, "wkb": shapely.to_wkb(polygons).tolist()}))
    base.execute(
        "CREATE TABLE point AS SELECT row_number() OVER () AS number, ST_Point(lon, lat) AS geom FROM p"
    )
    base.execute("CREATE TABLE kelurahan AS SELECT code, ST_GeomFromWKB(wkb) AS geom FROM k")
    statement = (
        "SELECT count(*) FROM (SELECT number, min(code) FROM point"
        " JOIN kelurahan ON ST_Intersects(kelurahan.geom, point.geom) GROUP BY number)"
    )
    return best(lambda: base.execute(statement).fetchall(), time.perf_counter)


def sedona(points: np.ndarray, codes: list[str], polygons: np.ndarray) -> float:
    """Return the seconds that SedonaDB takes."""
    import geopandas
    import sedona.db  # type: ignore[import-not-found,unused-ignore]

    base = sedona.db.connect()
    given = geopandas.GeoDataFrame(
        {"number": np.arange(len(points))}, geometry=geopandas.points_from_xy(*points.T), crs=4326
    )
    base.create_data_frame(given).to_memtable().to_view("point")
    kelurahan = geopandas.GeoDataFrame({"code": codes}, geometry=polygons, crs=4326)
    base.create_data_frame(kelurahan).to_memtable().to_view("kelurahan")
    statement = (
        "SELECT count(*) FROM (SELECT number, min(code) FROM point"
        " JOIN kelurahan ON ST_Intersects(kelurahan.geometry, point.geometry) GROUP BY number)"
    )
    return best(lambda: base.sql(statement).to_arrow_table(), time.perf_counter)


def beyond_input_and_output() -> int:
    """Return the MB that a process takes at most for a join, besides the points and the codes."""
    import django

    django.setup()
    points = city_points(MEMORY_POINTS)
    lon, lat = np.ascontiguousarray(points.T)
    del points
    before = memory_kb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    from boundaries import bulk

    codes = bulk.locate(lon, lat, threads=2)
    return (memory_kb("VmHWM") - before - codes.nbytes // 1024) // 1024


def written(rows: list[Measured]) -> list[str]:
    """Return the table in Markdown."""
    rate = {row.name: row.per_s for row in rows}
    base = rate[SJOIN] or 1.0
    lines = ["| way | million points/s | x geopandas.sjoin |", "|---|---|---|"]
    for row in rows:
        figures = f"{row.per_s / 1e6:.2f} | {row.per_s / base:.1f}" if row.per_s else f"{row.why} | "
        lines.append(f"| {row.name} | {figures} |")
    return lines


def keep(facts: list[str], table: list[str]) -> None:
    """Write the result to its file."""
    RESULT.parent.mkdir(exist_ok=True)
    text = [
        "# `script/bench join`",
        "",
        *[line for fact in facts for line in (fact, "")],
        *table,
        "",
        f"Each the best of {RUNS} runs or more in {LONG_S:.0f} s (PostGIS one), one way behind the other."
        " Seconds are those of the processor where one thread works (ours with 1 thread, geopandas, shapely),"
        " and of the clock for the others, who share the machine with whatever else runs. Peers get"
        " geometries, made beforehand.",
    ]
    RESULT.write_text("\n".join(text) + "\n", encoding="utf-8")


def machine() -> str:
    """Describe processor and versions; no names."""
    from django.db import connection

    told = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT postgis_lib_version()")
        postgis_version = cursor.fetchone()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "shapely", "geopandas"))
    return (
        f"{os.cpu_count()} cores ({told[1] if told else 'unknown'}), Python {platform.python_version()},"
        f" {packages}, PostGIS {postgis_version}."
    )


if __name__ == "__main__":
    main()
