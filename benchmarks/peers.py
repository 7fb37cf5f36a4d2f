"""Others who make tiles of the same rows: how each is started, and what it is asked for.

All are told to serve one view of the reports, with the columns that the public may see; each cuts a tile off
at its own number of features. ``tipg`` and ``pygeoapi`` go into an environment of their own below var/peers.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit

import psycopg
from django.db import connections

from benchmarks import programs
from benchmarks.programs import PEERS, running
from geoplatform.server import two_free_ports
from layers.grid import Tile, bbox

TABLE = "bench_reports"
MATRIX = "tiles/WebMercatorQuad"
VIEW = f"""
CREATE OR REPLACE VIEW {TABLE} AS
SELECT id, category_id AS category, status, channel, kelurahan_code AS kelurahan, placed_by, submitted_at,
    point
FROM reports_report
"""
PYTHON = PEERS / "venv" / "bin" / "python"
PACKAGES = ("tipg", "pygeoapi", "uvicorn", "gunicorn", "psycopg2-binary", "geoalchemy2")
GO = {
    "pg_tileserv": "github.com/CrunchyData/pg_tileserv@v1.0.11",
    "pg_featureserv": "github.com/CrunchyData/pg_featureserv@v1.3.1",
}
MARTIN = ("martin", "--version", "1.14.0", "--locked", "--no-default-features", "--features", "postgres")


@dataclass(frozen=True)
class Peer:
    """A server of tiles: the path of a tile with {z}, {x}, {y} or {bbox} left open, and where it cuts off."""

    name: str
    path: str
    cut: str
    ready: str

    def paths(self, tiles: list[Tile]) -> list[str]:
        """Return the paths of tiles."""
        return [self.path.format(**at._asdict(), bbox=",".join(map(str, bbox(at)))) for at in tiles]


ALL = (
    Peer("tipg", f"/collections/public.{TABLE}/{MATRIX}/{{z}}/{{x}}/{{y}}", "10,000", "/healthz"),
    Peer("pygeoapi", f"/collections/reports/{MATRIX}/{{z}}/{{y}}/{{x}}?f=mvt", "none", "/conformance?f=json"),
    Peer("pg_tileserv", f"/public.{TABLE}/{{z}}/{{x}}/{{y}}.pbf", "10,000", "/health"),
    Peer("pg_featureserv", f"/collections/public.{TABLE}/items.json?bbox={{bbox}}&limit=10000", "10,000",
         "/health"),
    Peer("martin", f"/{TABLE}/{{z}}/{{x}}/{{y}}", "none", "/health"),
)  # fmt: skip


def prepare(address: str, build: bool, view: str = VIEW) -> None:
    """Make the view that they serve, and install those that are to be had."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(view)
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "venv"], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", *PACKAGES], check=False)
    if build:
        _build()


def _build() -> None:
    """Compile what comes as source: minutes to half an hour. What its registry does not have stays away."""
    for name, module in GO.items():
        if programs.find("go") and not programs.find(name):
            _build_go(name, module)
    if programs.find("cargo") and not programs.find("martin"):
        subprocess.run(["cargo", "install", *MARTIN, "--root", PEERS], check=False)


def _build_go(name: str, module: str) -> None:
    """Compile a program in a module of its own: ``go install`` asks the registry for more than a program."""
    path, _ = module.split("@")
    where = programs.environment(GOFLAGS="-mod=mod")
    with TemporaryDirectory() as folder:
        for command in (
            ["mod", "init", "peer"],
            ["mod", "edit", f"-require={module}"],
            ["build", "-o", PEERS / "bin" / name, path],
        ):
            if subprocess.run(["go", *command], env=where, cwd=folder, check=False).returncode:
                return


@contextlib.contextmanager
def served(peer: Peer, address: str) -> Iterator[str | None]:
    """Run a peer on a database; yields its address, or None where it is not here or does not start."""
    port = two_free_ports()
    with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.callback(_end_statements, address)
        command = _command(peer.name, address, port, Path(folder))
        url = None
        if command:
            try:
                url = stack.enter_context(running(command[0], port, peer.ready, command[1]))
            except RuntimeError as error:
                print(f"{peer.name} does not start: {error}", file=sys.stderr)
        yield url


def _end_statements(address: str) -> None:
    """End what a peer's sessions do still: a tile that nobody waits for takes a core for minutes."""
    connections.close_all()  # ours would be ended with them
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )


def _command(name: str, address: str, port: int, folder: Path) -> tuple[list[str], dict[str, str]] | None:
    """Return a peer's command and environment; None where it is not here."""
    if name in ("tipg", "pygeoapi"):
        return _python(name, address, port, folder)
    program = programs.find(name)
    if program is None:
        return None
    if name == "martin":
        return [program, "--listen-addresses", f"127.0.0.1:{port}", "--workers", "2", address], {}
    more = {"DATABASE_URL": address}
    prefix = "TS" if name == "pg_tileserv" else "PGFS"
    host, number = (
        ("HttpHost", "HttpPort") if name == "pg_tileserv" else ("SERVER_HTTPHOST", "SERVER_HTTPPORT")
    )
    return [program], more | {
        f"{prefix}_{host.upper()}": "127.0.0.1",
        f"{prefix}_{number.upper()}": str(port),
    }


def _python(name: str, address: str, port: int, folder: Path) -> tuple[list[str], dict[str, str]] | None:
    known = subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True, check=False)
    if known.returncode:
        return None
    if name == "tipg":
        options = f"tipg.main:app --host 127.0.0.1 --port {port} --workers 2 --log-level warning"
        return [str(PYTHON), "-m", "uvicorn", *options.split()], {"DATABASE_URL": _with_host(address)}
    config, api = folder / "config.yml", folder / "openapi.yml"
    config.write_text(json.dumps(_pygeoapi(address, port)), encoding="utf-8")
    more = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(api)}
    program = str(PYTHON.with_name("pygeoapi"))
    subprocess.run(
        [program, "openapi", "generate", str(config), "--output-file", str(api)],
        env=programs.environment(**more), capture_output=True, check=False,
    )  # fmt: skip
    options = f"-w 2 --threads 4 -b 127.0.0.1:{port} pygeoapi.flask_app:APP"
    return [str(PYTHON), "-m", "gunicorn", *options.split()], more


def _with_host(address: str) -> str:
    """Return an address whose socket's folder stands where its host would: tipg reads no other."""
    parts = urlsplit(address)
    folder = parse_qs(parts.query).get("host")
    if not folder:
        return address
    return f"{parts.scheme}://{parts.username or ''}@{quote(folder[0], safe='')}{parts.path}"


def _pygeoapi(address: str, port: int) -> dict[str, object]:
    """Return its configuration; YAML reads JSON."""
    parts = urlsplit(address)
    host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
    data = {
        "host": host, "port": parts.port or 5432, "dbname": parts.path.lstrip("/"),
        "user": parts.username or "", "password": parts.password or "", "search_path": ["public"],
    }  # fmt: skip
    shared = {"data": data, "id_field": "id", "table": TABLE, "geom_field": "point"}
    tiles = {
        "type": "tile", "name": "MVT-postgresql", **shared, "options": {"zoom": {"min": 0, "max": 22}},
        "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    }  # fmt: skip
    said = {"title": "reports", "description": "reports", "keywords": ["reports"]}
    west_to_north = [106.3, -6.4, 107.0, -5.1]
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port}, "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8", "encoding": "utf-8", "gzip": True,
            "languages": ["en-US"], "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": "", "attribution": ""}, "admin": False, "pretty_print": False,
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**said, "keywords_type": "theme", "terms_of_service": "", "url": ""},
            "license": {"name": "", "url": ""}, "provider": {"name": "bench", "url": ""},
            "contact": {"name": "bench"},
        },
        "resources": {
            "reports": {
                "type": "collection", **said, "links": [],
                "extents": {"spatial": {"bbox": west_to_north}},
                "providers": [{"type": "feature", "name": "PostgreSQL", **shared}, tiles],
            }
        },
    }  # fmt: skip
