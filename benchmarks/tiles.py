"""Tiles of a map session over many reports: ours and its peers, nothing kept, and how flat they stay."""

import argparse
import logging
import tempfile
from collections.abc import Sequence
from typing import Any

from benchmarks import cache, flat, hostile, load, peers, programs, rows, scratch, sent, session
from benchmarks.load import Load
from benchmarks.results import Report

NEEDS_DATABASE = True
CONNECTIONS = (1, 4, 16, 64)
KEYS = (
    "cold_rps", "cold_ratio_best_peer", "cold_p99_ms", "warm_rps", "warm_ratio_nginx",
    "slowest_10m_over_100k",
)  # fmt: skip
HEADS = (
    "server", "reports", "connections", "requests/s", "p50 ms", "p95 ms", "p99 ms", "bytes/answer", "failed",
    "ours to it",
)  # fmt: skip
OTHER_SIZES = (100_000, 10_000_000)
# No tile is kept but the last: the smallest store that there is.
COLD = {"GEOPLATFORM_TILE_CACHE_MB": "0"}


def main() -> None:
    """Print the tables; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench tiles", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, metavar="N", help="how many reports; 1,000,000"
    )
    parser.add_argument("--all", action="store_true", help="and ours over 100 thousand and 10 million")
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="of each load; 3")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument(
        "--build-peers", action="store_true", help="compile what is in Go and Rust: half an hour"
    )
    options = parser.parse_args()
    logging.disable(logging.INFO)
    programs.end_on_terminate()
    with scratch.database() as address:
        page = Report("Tiles of a map session")
        figures = dict.fromkeys(KEYS) | measure(page, address, options)
    page.close("tiles", figures)


def measure(page: Report, address: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fill the page; returns the figures that were measured."""
    asked = session.requests()
    page.say(
        f"{len(asked):,} requests of viewers who pan and zoom, for {session.LENGTH:,} distinct tiles of zooms"
        f" {session.LEAST} to {session.MOST}, walked in one fixed order by wrk over loopback,"
        f" {options.seconds:g} s a line (peers twice as long). Two processes each. Ours keeps no tile but the"
        " last, unless the line says warm; bitmaps of filters are kept."
    )
    others = [size for size in OTHER_SIZES if options.all and size != options.rows]
    found: list[Any] = []
    for size in others:
        found += ours(size, options.seconds)
        if size == max(OTHER_SIZES):
            flat.build(page, size)
    found += ours(options.rows, options.seconds)
    figures = summary(found)
    if not options.no_peers:
        found += measure_peers(address, options)
        figures["cold_ratio_best_peer"] = best_ratio(found)
    page.table(HEADS, compared(found))
    sent.measure(page, address, not options.no_peers)
    hostile.measure(page, options.seconds)
    return figures | cache.measure(page, options.seconds) | flat.measure(page)


def ours(size: int, seconds: float) -> list[tuple[str, int, Load]]:
    """Return what our server does with so many reports: cold, filtered, and warm."""
    names = rows.category_codes()
    rows.load(rows.reports(size, len(names)), names)
    plain = paths("")
    found = []
    with tempfile.TemporaryDirectory() as index:
        with programs.ours(COLD | {"GEOPLATFORM_INDEX": index}) as url:
            for name, asked in (("ours", plain), ("ours, filtered", paths(f"?{session.FILTER}"))):
                load.wrk(url, asked, 4, 2)
                found += [(name, size, load.wrk(url, asked, count, seconds)) for count in CONNECTIONS]
        with programs.ours({"GEOPLATFORM_INDEX": index}) as url:
            load.wrk(url, plain, 4, 2)
            found += [("ours, warm", size, load.wrk(url, plain, count, seconds)) for count in CONNECTIONS]
    return [(name, size, one) for name, size, one in found if one]


def paths(query: str) -> list[str]:
    """Return the paths of the session's tiles from our server."""
    return [f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt{query}" for at in session.requests()]


def measure_peers(address: str, options: argparse.Namespace) -> list[tuple[str, int, Load | None]]:
    """Return what each peer does with the same tiles; None for one that is not here."""
    peers.prepare(address, options.build_peers)
    found: list[tuple[str, int, Load | None]] = []
    for peer in peers.ALL:
        with peers.served(peer, address) as url:
            if url is None:
                found.append((peer.name, options.rows, None))
                continue
            asked = peer.paths(session.requests())
            for count in CONNECTIONS:
                found.append((peer.name, options.rows, load.wrk(url, asked, count, 2 * options.seconds)))
    return found


def summary(found: Sequence[tuple[str, int, Load]]) -> dict[str, Any]:
    """Return the figures of our server at the size measured last."""
    cold = [one for name, size, one in found if name == "ours" and size == found[-1][1]]
    if not cold:
        return {}
    (at_four,) = (one for one in cold if one.connections == 4)
    return {"cold_rps": round(max(one.rps for one in cold)), "cold_p99_ms": round(at_four.p99_ms, 2)}


def best_ratio(found: Sequence[tuple[str, int, Load | None]]) -> float | None:
    """Return how many times the requests of the best peer ours answers, each at its best connections."""
    peer_names = {peer.name for peer in peers.ALL}
    theirs = [(one.rps, size) for name, size, one in found if one and name in peer_names and one.rps]
    if not theirs:
        return None
    best, size = max(theirs)
    ours = max(one.rps for name, rows, one in found if one and name == "ours" and rows == size)
    return round(ours / best, 1)


def compared(found: Sequence[tuple[str, int, Load | None]]) -> list[list[Any]]:
    """Return the rows of the table, each with the ratio of ours to it at the same connections."""
    own = {(size, one.connections): one.rps for name, size, one in found if one and name == "ours"}
    lines: list[list[Any]] = []
    for name, size, one in found:
        if one is None:
            lines.append([name, size, "not here", *[None] * (len(HEADS) - 3)])
            continue
        ratio = own[size, one.connections] / one.rps if one.rps else None
        lines.append([name, size, *one, ratio])
    return lines


if __name__ == "__main__":
    main()
