"""Programs that a benchmark runs beside ours: found on PATH or in var/peers, or fetched; started, ended."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from benchmarks import session
from geoplatform.server import HOST, asked, two_free_ports, web_command

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "var" / "peers"
DEBIAN = PEERS / "debian"
# What a program is packed in, and what that needs besides what every Debian has.
PACKAGES = {"wrk": ("wrk", "libluajit-5.1-2"), "nginx": ("nginx",)}
PATIENCE_S = 60.0
SETTLE_S = 900.0  # a first tile: ten million points are laid out anew before it
SETTLING = 60  # tiles; each process gets some of those


def find(name: str) -> str | None:
    """Return where a program is: on PATH, in var/peers, or fetched there from Debian's packages."""
    if name in PACKAGES and not _found(name):
        _fetch(PACKAGES[name])
    return _found(name)


def _found(name: str) -> str | None:
    folders = [DEBIAN / "usr" / "bin", DEBIAN / "usr" / "sbin", PEERS / "bin", PEERS / "venv" / "bin"]
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, folders)))


def _fetch(packages: Sequence[str]) -> None:
    """Unpack Debian packages below var/peers: nothing is installed, and no service is started."""
    if not shutil.which("apt-get"):
        return
    DEBIAN.mkdir(parents=True, exist_ok=True)
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *packages]
    if subprocess.run(command, cwd=DEBIAN, capture_output=True, check=False).returncode:
        return
    for package in DEBIAN.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, DEBIAN], check=True)
        package.unlink()


def environment(**more: str) -> dict[str, str]:
    """Return our environment, in which what was unpacked finds its libraries."""
    folders = sorted({str(path.parent) for path in DEBIAN.glob("usr/lib/*/lib*.so*")})
    found = {"LD_LIBRARY_PATH": os.pathsep.join(folders)} if folders else {}
    return os.environ | found | more


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], port: int, path: str, more: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a server until the block ends; yields its address once it answers a path with 200.

    Raises
    ------
    RuntimeError
        It ended, or did not answer in time; the last it said is in the message.
    """
    log = PEERS / "last.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        server = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, env=environment(**(more or {})),
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        _wait(server, port, path, log)
        yield f"http://{HOST}:{port}"
    finally:
        _end(server)


def _wait(server: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not asked(port, path):
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError(log.read_text(errors="replace")[-600:])
        time.sleep(0.1)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server and what it started: they have a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextlib.contextmanager
def ours(more: Mapping[str, str] | None = None, workers: int = 2) -> Iterator[str]:
    """Run the platform's web server as script/server does, on the database that ``DATABASE_URL`` names.

    It is asked for some tiles before: the first start on a machine compiles the loops, for half a minute, and
    each process lays out the points of the database.
    """
    port = two_free_ports()
    with contextlib.ExitStack() as stack:
        index = stack.enter_context(TemporaryDirectory())
        # Not the platform's own bases: these are of another database.
        where = {"GEOPLATFORM_INDEX": index, **(more or {})}
        url = stack.enter_context(running(web_command(port, workers), port, "/health", where))
        for at in session.tiles()[:SETTLING] * workers:
            for form in ("mvt", "geojson"):
                requests.get(f"{url}/tiles/reports/{at.z}/{at.x}/{at.y}.{form}", timeout=SETTLE_S)
        yield url


def end_on_terminate() -> None:
    """Let SIGTERM unwind the blocks above, as Ctrl-C does: no server is left behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
