"""Pages of features over HTTP, filters, one feature, deep pages, counts and export: ours and its peers."""

import argparse
import importlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import numpy as np
import requests

from benchmarks import load, peers, programs, rows, scratch
from benchmarks.load import Load
from benchmarks.results import Report
from geoplatform import sql

NEEDS_DATABASE = True
KEYS = (
    "items1000_ratio_best_peer", "items10_ratio_best_peer", "cql2_ratio_tipg", "p99_ms", "export_rows_per_s",
    "deep_page_ratio", "count_10m_ms",
)  # fmt: skip
HEADS = ("question", "server", "connections", "requests/s", "p50 ms", "p99 ms", "bytes/answer", "failed")
CONNECTIONS = (4, 16)
BOXES = 400
DEEP = 10_000  # pages
# What the public may see, under the names that the peers are told.
VIEW = f"""
CREATE VIEW {peers.TABLE} AS
SELECT id, category, status, channel, text, submitted_at, updated_at, kelurahan, kecamatan, kota, placed_by,
    office, simulated, geom AS point
FROM analyst.reports
"""
TEXTS = (
    "Jalan rusak di depan pasar, sudah dua minggu belum diperbaiki",
    "Banjir setinggi lutut, warga mengungsi ke masjid",
    "Sampah menumpuk di dekat sekolah dan berbau",
    "Lampu jalan mati sejak kemarin malam",
    "Pohon tumbang menutup separuh jalan",
)
FILTER = "category = 'flood' AND text LIKE '%lutut%'"
ITEMS = {
    "ours": "/api/collections/reports/items",
    "tipg": f"/collections/public.{peers.TABLE}/items",
    "pygeoapi": "/collections/reports/items",
    "pg_featureserv": f"/collections/public.{peers.TABLE}/items.json",
}
MORE = {"pygeoapi": "&f=json"}


def main() -> None:
    """Print the tables; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench api", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, metavar="N", help="how many reports; 1,000,000"
    )
    parser.add_argument("--seconds", type=float, default=4, metavar="S", help="of each load; 4")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--no-export", action="store_true", help="without the export")
    parser.add_argument("--build-peers", action="store_true", help="compile what is in Go: half an hour")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    programs.end_on_terminate()
    with scratch.database() as address:
        page = Report("Pages of features")
        figures = dict.fromkeys(KEYS) | measure(page, address, options)
    page.close("api", figures)


def measure(page: Report, address: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fill the page; returns the figures."""
    names = rows.category_codes()
    rows.load(rows.reports(options.rows, len(names)), names)
    write_texts()
    page.say(
        f"{options.rows:,} reports; {BOXES} boxes of 0.01 to 0.05 degrees where reports are, walked in one"
        f" fixed order by wrk over loopback, gzip asked for, {options.seconds:g} s a line (peers twice as"
        " long), two processes each. Ours was asked for each box before: its store of features is filled; no"
        " answer is kept."
    )
    found = ours(options)
    figures: dict[str, Any] = deep(found.pop())
    if not options.no_peers:
        peers.prepare(address, options.build_peers, VIEW)
        found += theirs(address, options)
        figures |= ratios(found)
    page.table(HEADS, [[question, name, *shown(one)] for question, name, one in found])
    p99 = [one.p99_ms for question, name, one in found if is_at(question, name, one, "limit 1,000")]
    figures |= {"p99_ms": round(p99[0], 1) if p99 else None, "count_10m_ms": count_ms()}
    return figures | ({} if options.no_export else export())


def write_texts() -> None:
    """Give each report words of its own, as citizens write them."""
    with sql.connect() as connection:
        connection.execute("ALTER TABLE reports_report DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE reports_report SET public_text = (%s::text[])[1 + id %% %s] || ' nomor ' || id",
            [list(TEXTS), len(TEXTS)],
        )
        connection.execute("ALTER TABLE reports_report ENABLE TRIGGER USER")
        connection.execute("VACUUM FULL ANALYZE reports_report")


def boxes() -> list[str]:
    """Return boxes where reports are; the same each time."""
    dice = np.random.default_rng(rows.SEED)
    found = []
    for _ in range(BOXES):
        side = dice.choice((0.01, 0.02, 0.05))
        middle = rows.MIDDLE + dice.normal(0, 0.04, 2)
        x, y = np.clip(middle, (rows.WEST, rows.SOUTH), (rows.EAST - side, rows.NORTH - side))
        found.append(f"{x:.5f},{y:.5f},{x + side:.5f},{y + side:.5f}")
    return found


def questions(name: str) -> dict[str, list[str]]:
    """Return the paths of each kind of question to a server, by what it is called."""
    here, more = ITEMS[name], MORE.get(name, "")
    asked = {
        f"limit {limit:,}": [f"{here}?bbox={box}&limit={limit}{more}" for box in boxes()]
        for limit in (1000, 10)
    }
    ids = np.random.default_rng(rows.SEED).integers(1, 90_000, BOXES)
    if name in ("ours", "tipg"):
        filter = f"&filter-lang=cql2-text&filter={quote(FILTER)}"
        asked["CQL2"] = [f"{here}?bbox={box}&limit=10{filter}" for box in boxes()]
        asked["one feature"] = [f"{here}/{id}" for id in ids]
    return asked


def run(url: str, name: str, seconds: float, warm: bool) -> list[tuple[str, str, Load | None]]:
    """Return what a server does with each question."""
    found: list[tuple[str, str, Load | None]] = []
    for question, paths in questions(name).items():
        if warm:
            load.wrk(url, paths, 4, 8)
        found += [(question, name, load.wrk(url, paths, count, seconds)) for count in CONNECTIONS]
    return found


def ours(options: argparse.Namespace) -> list[Any]:
    """Return what ours does, and last the time of a page at the beginning and of one deep down (ms)."""
    with programs.ours({"GEOPLATFORM_FEATURE_CACHE_MB": "800"}) as url:
        return [*run(url, "ours", options.seconds, warm=True), depths(f"{url}{ITEMS['ours']}")]


def depths(address: str) -> tuple[float, float]:
    """Return the time of page 1 and of page 10,000, ten features to a page, in milliseconds."""
    after, left = "", 10 * DEEP
    session = requests.Session()
    while left:
        size = min(left, 10_000)
        page = session.get(f"{address}?limit={size}{after}", timeout=60).json()
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        after, left = "&after=" + following[0].split("after=")[1], left - size
    return tuple(median_ms(session, f"{address}?limit=10{where}") for where in ("", after))  # type: ignore[return-value]


def median_ms(session: requests.Session, address: str) -> float:
    """Return the median time of an answer."""
    times = []
    for _ in range(60):
        begun = time.perf_counter()
        session.get(address, timeout=60)
        times.append((time.perf_counter() - begun) * 1000)
    return float(np.median(times))


def theirs(address: str, options: argparse.Namespace) -> list[tuple[str, str, Load | None]]:
    """Return what each peer does with the same questions; None for one that is not here."""
    found: list[tuple[str, str, Load | None]] = []
    for peer in peers.ALL:
        if peer.name not in ITEMS:
            continue
        with peers.served(peer, address) as url:
            if url is None:
                found += [(question, peer.name, None) for question in questions(peer.name)]
            else:
                found += run(url, peer.name, 2 * options.seconds, warm=False)
    return found


def is_at(question: str, name: str, one: Load | None, wanted: str, whose: str = "ours") -> bool:
    """Say whether a line is that of a server's question at the most connections."""
    return bool(one) and (question, name, one.connections if one else 0) == (wanted, whose, CONNECTIONS[-1])


def best(found: Sequence[Any], question: str, is_whose: Callable[[str], bool]) -> float | None:
    """Return the most requests a second, all answered, that some servers reach; None where none is here."""
    rates = [one.rps for asked, name, one in found if one and asked == question and is_whose(name)]
    return max(rates, default=None)


def ratios(found: Sequence[Any]) -> dict[str, float | None]:
    """Return ours by the best peer's, each at its best connections."""

    def by(question: str, is_whose: Callable[[str], bool]) -> float | None:
        mine, other = best(found, question, lambda name: name == "ours"), best(found, question, is_whose)
        return round(mine / other, 1) if mine and other else None

    one = by("one feature", lambda name: name == "tipg")
    cql2 = by("CQL2", lambda name: name == "tipg")
    return {
        "items1000_ratio_best_peer": by("limit 1,000", lambda name: name != "ours"),
        "items10_ratio_best_peer": by("limit 10", lambda name: name != "ours"),
        "cql2_ratio_tipg": cql2,
        "one_ratio_tipg": one,
    }


def deep(times: tuple[float, float]) -> dict[str, float]:
    """Return what page 10,000 costs by what page 1 does."""
    return {"deep_page_ratio": round(times[1] / times[0], 2)}


def count_ms() -> float:
    """Return the median time to count the points of a box among ten million, in this process's own time."""
    from layers import boxes as counting
    from layers.grid import Bbox
    from layers.index import points, snapshot_of
    from layers.traits import Wordlist
    from reports.layers import REPORTS

    names = rows.category_codes()
    assert REPORTS.traits is not None  # noqa: S101
    wordlist = Wordlist(REPORTS.traits)
    packed = rows.packed(rows.reports(10_000_000, len(names)), wordlist, names)
    chosen = points(snapshot_of(packed, wordlist))
    areas = [counting.box_of(Bbox(*map(float, box.split(",")))) for box in boxes()]
    times = []
    for area in areas[:1] + areas:  # the first compiles
        begun = time.thread_time()
        counting.number(chosen, area)
        times.append((time.thread_time() - begun) * 1000)
    return round(float(np.median(times[1:])), 3)


def export() -> dict[str, Any]:
    """Return the figures of the export, where this checkout has its benchmark."""
    try:
        measured = importlib.import_module("benchmarks.export").measure_export()
    except ModuleNotFoundError:
        return {}
    return {"export_rows_per_s": round(measured["rows_per_s"])}


def shown(one: Load | None) -> list[Any]:
    """Return the cells of a line."""
    if one is None:
        return ["not here", *[None] * 5]
    return [one.connections, one.rps, one.p50_ms, one.p99_ms, one.answer_bytes, one.failed]


if __name__ == "__main__":
    main()
