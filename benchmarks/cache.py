"""One tile of 10 KB that is kept: how many a second, beside nginx with a file that was compressed before."""

import argparse
import gzip
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import requests

from benchmarks import load, peers, programs, rows, scratch, session
from benchmarks.load import Load
from benchmarks.results import Report
from geoplatform.server import HOST, two_free_ports

NEEDS_DATABASE = True
CONNECTIONS = 16
SIZE = 10_000  # bytes that the tile shall have, nearly
HEADS = ("server", "requests/s", "p50 ms", "p95 ms", "p99 ms", "bytes/answer", "failed", "ours to it")
CONFIG = """
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 512; }}
http {{
    access_log off; gzip_static on; sendfile on; tcp_nopush on; open_file_cache max=16;
    keepalive_requests 1000000; default_type application/vnd.mapbox-vector-tile;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen {host}:{port}; root {folder}; }}
}}
"""


def main() -> None:
    """Print the table; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench cache", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, metavar="N", help="how many reports; 200,000")
    parser.add_argument("--seconds", type=float, default=5, metavar="S", help="of each load; 5")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    programs.end_on_terminate()
    with scratch.database() as address:
        page = Report("A tile that is kept")
        names = rows.category_codes()
        rows.load(rows.reports(options.rows, len(names)), names)
        peers.prepare(address, build=False)
        figures = measure(page, options.seconds)
    page.close("cache", figures)


def measure(page: Report, seconds: float) -> dict[str, Any]:
    """Add the table to a page; returns requests a second of ours, and their ratio to nginx."""
    with programs.ours() as url:
        path, body = chosen(url)
        ours = load.wrk(url, [path], CONNECTIONS, seconds)
    found = {
        "ours": ours,
        "nginx, pre-compressed file": nginx(body, seconds),
        "martin": martin(path, seconds),
    }
    page.say(f"One kept tile of {len(body):,} bytes (gzip), two processes, {CONNECTIONS} connections.")
    page.table(HEADS, [_line(name, one, ours) for name, one in found.items()])
    other = found["nginx, pre-compressed file"]
    return {
        "warm_rps": round(ours.rps) if ours else None,
        "warm_ratio_nginx": round(ours.rps / other.rps, 2) if ours and other else None,
    }


def chosen(url: str) -> tuple[str, bytes]:
    """Return the path of the tile of the session nearest to the size, and its compressed body."""
    paths = [f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt" for at in session.tiles()]
    bodies = {path: _raw(url + path) for path in paths[:300]}
    path = min(bodies, key=lambda path: abs(len(bodies[path]) - SIZE))
    return path, bodies[path]


def _raw(url: str) -> bytes:
    answer = requests.get(url, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=30)
    return bytes(answer.raw.read(decode_content=False))


def nginx(body: bytes, seconds: float) -> Load | None:
    """Serve a compressed body from a file with nginx; None where it is not here."""
    program = programs.find("nginx")
    if program is None:
        return None
    port = two_free_ports()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "tile.mvt.gz").write_bytes(body)
        (folder / "tile.mvt").write_bytes(gzip.decompress(body))
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, host=HOST, port=port), encoding="utf-8")
        command = [program, "-p", name, "-c", str(config)]
        if os.geteuid() == 0:
            folder_owner = 65534  # nobody
            os.chown(folder, folder_owner, folder_owner)
            command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *command]
        with programs.running(command, port, "/tile.mvt") as url:
            return load.wrk(url, ["/tile.mvt"], CONNECTIONS, seconds)


def martin(path: str, seconds: float) -> Load | None:
    """Let Martin, which caches, serve the same tile; None where it is not here."""
    (peer,) = (peer for peer in peers.ALL if peer.name == "martin")
    with peers.served(peer, os.environ["DATABASE_URL"]) as url:
        if url is None:
            return None
        place = path.removeprefix("/tiles/reports/").removesuffix(".mvt")
        return load.wrk(url, [f"/{peers.TABLE}/{place}"], CONNECTIONS, seconds)


def _line(name: str, one: Load | None, ours: Load | None) -> list[Any]:
    if one is None:
        return [name, "not here", *[None] * (len(HEADS) - 2)]
    return [name, *one[1:], ours.rps / one.rps if ours and one.rps else None]


if __name__ == "__main__":
    main()
