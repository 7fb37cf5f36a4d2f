"""Everything that a machine needs to show the map, started in order and stopped together.

The private database (unless ``DATABASE_URL`` names one), the simulated city's feeds, the data, then the web
server and the worker. ``script/server`` installs what is missing and comes here. Standard library only.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import secrets
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from geoplatform.database import APP_ROLE, ROOT, WORKER_ROLE, Cluster
from geoplatform.errors import GeoplatformError
from geoplatform.supervise import Asked, Crew, Died
from geoplatform.ticker import ticking

HOST = "127.0.0.1"
PATIENCE_S = 60.0
WATCH_S = 5.0
# Below those that Linux gives to connections, from 32768 on: it takes seconds until somebody listens there.
FIRST_PORT, PORTS = 20_000, 10_000


class CannotServe(GeoplatformError):
    """The server cannot be started so."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until we are asked to stop, and return the exit code."""
    given = options(arguments)
    try:
        check(given)
        if not given.check:
            serve(given)
    except Asked:
        return 0
    except Died:
        return 1
    except (GeoplatformError, OSError) as error:
        print(f"script/server: {error}", file=sys.stderr)
        return 1
    return 0


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="script/server",
        description="Install what is missing, then serve the map on this machine until Ctrl-C.",
        epilog="DATABASE_URL (a libpq URI) names a PostGIS of your own; else a private one is kept in var/.",
    )
    parser.add_argument("--port", type=port, default=8000, metavar="N", help="where the map is served; 8000")
    parser.add_argument("--no-demo", action="store_true", help="without the simulated city's reports")
    parser.add_argument(
        "--boundaries", type=Path, metavar="FILE", help="load your own polygons, and use them"
    )
    parser.add_argument("--from", dest="folder", type=Path, default=Path(), help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.boundaries:
        given.boundaries = (given.folder / given.boundaries).absolute()
    return given


def port(text: str) -> int:
    """Read a TCP port."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to 65535")
    return int(text)


def check(given: argparse.Namespace) -> None:
    """Refuse at once what could not work minutes later: a port that is taken, a file that is not there."""
    if given.boundaries and not given.boundaries.is_file():
        raise CannotServe(f"there is no file {given.boundaries}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, given.port))
        except OSError as error:
            why = {errno.EADDRINUSE: "is taken", errno.EACCES: "is not open to this user"}
            reason = why.get(error.errno or 0, f"cannot be used ({error.strerror})")
            raise CannotServe(f"port {given.port} {reason}; choose another with --port") from None


def serve(given: argparse.Namespace) -> None:
    """Start everything, say where it is, and go on until a signal or a death."""
    with Crew(ROOT) as crew, contextlib.ExitStack() as stack:
        stack.callback(say, "Stopped.")
        try:
            cluster = start(crew, stack, given)
            while cluster is None or cluster.is_running:
                crew.attend(WATCH_S)
            raise CannotServe(f"the database has ended; {cluster.data}/postgres.log may say why")
        except (Asked, Died) as end:
            say(f"{end}: stopping ...")
            raise


def start(crew: Crew, stack: contextlib.ExitStack, given: argparse.Namespace) -> Cluster | None:
    """Start one thing after another, to be stopped in reverse order; return the database if it is ours."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "GEOPLATFORM_SECRET_KEY": secret_key()}
    cluster = None if environment.get("DATABASE_URL") else Cluster(ROOT / "var" / "postgres")
    if cluster:
        with step("Starting the database" if cluster.data.is_dir() else "Making the database"):
            stack.enter_context(cluster)
            environment["DATABASE_URL"] = cluster.create()
    stack.callback(crew.stop)
    environment.pop("GEOPLATFORM_SIMULATED_CITY_URL", None)
    if not given.no_demo:
        environment["GEOPLATFORM_SIMULATED_CITY_URL"] = simulated_city(crew, environment)
        environment.setdefault(
            "GEOPLATFORM_SECOND_FACTOR", "none"
        )  # a visitor of the demo has no app at hand
    prepare(crew, given, environment)
    if cluster:
        # Whoever gets hold of the web server cannot rewrite the audit, nor who gets hold of a worker.
        roles = ("--role", APP_ROLE, "--worker-role", WORKER_ROLE)
        crew.run("manage.py app_role", python("manage.py", "app_role", *roles), environment)
        environment["DATABASE_URL"] = cluster.url(role=APP_ROLE)
    environment.setdefault("GEOPLATFORM_LOG_FORM", "plain")  # a person looks on
    environment["GEOPLATFORM_INSECURE_COOKIES"] = "1"  # there is no TLS on this machine's own address
    environment["GEOPLATFORM_EVENTS_URL"] = events(crew, environment)
    web_server(crew, given.port, environment)
    workers(crew, environment | ({"DATABASE_URL": cluster.url(role=WORKER_ROLE)} if cluster else {}))
    base = f"http://{HOST}:{given.port}"
    say(
        f"\n  map      {base}/\n  console  {base}/staff/\n  tiles    {base}/tiles\n  health   {base}/health\n"
    )
    say("Ctrl-C stops it; data stay.")
    return cluster


def simulated_city(crew: Crew, environment: dict[str, str]) -> str:
    """Start the simulated city's feeds, and return their address."""
    number = two_free_ports()
    with step("Starting the simulated city"):
        crew.start("simulated city", python("-m", "fixtures.server", "--port", str(number)), environment)
        if not crew.until(lambda: asked(number, None), PATIENCE_S):
            raise CannotServe(f"the simulated city does not listen after {PATIENCE_S:.0f} s")
    return f"http://{HOST}:{number}"


def two_free_ports() -> int:
    """Return a port that is free, and so is the next: the city's mailbox listens there."""
    while True:
        number = FIRST_PORT + secrets.randbelow(PORTS)
        with socket.socket() as probe, socket.socket() as next_probe, contextlib.suppress(OSError):
            probe.bind((HOST, number))
            next_probe.bind((HOST, number + 1))
            return number


def prepare(crew: Crew, given: argparse.Namespace, environment: dict[str, str]) -> None:
    """Bring schema and data up to date; it says itself what it does."""
    wishes = ["--no-demo"] if given.no_demo else []
    if given.boundaries:
        wishes += ["--boundaries", str(given.boundaries)]
    with step("Preparing the data", says_itself=True):
        crew.run("manage.py prepare", python("manage.py", "prepare", *wishes), environment)


def web_server(crew: Crew, number: int, environment: dict[str, str]) -> None:
    """Start the web server, and wait until the first page can be had."""
    with step("Starting the web server"):
        crew.start("web server", web_command(number), environment)
        if not crew.until(lambda: asked(number, "/health"), PATIENCE_S):
            raise CannotServe(f"the web server does not answer after {PATIENCE_S:.0f} s")


def web_command(number: int, workers: int = 2) -> list[str]:
    """Return the command of a web server on a port; SIGHUP replaces its processes one by one.

    A new process needs seconds until it answers. granian's own 3.5 s ended the former one before that: of
    756 requests 753 failed; with 20 s none of 344.
    """
    options = (
        f"--interface wsgi --host {HOST} --port {number} --workers {workers} --blocking-threads 4"
        " --log-level warning --respawn-interval 20"
    )
    return python("-m", "granian", *options.split(), "geoplatform.wsgi:application")


def events(crew: Crew, environment: dict[str, str]) -> str:
    """Start what tells maps of changes, and return its address: it holds connections that threads cannot."""
    number = two_free_ports()
    with step("Starting the events"):
        crew.start("events", python("manage.py", "events", "--port", str(number)), environment)
        if not crew.until(lambda: asked(number, "/health"), PATIENCE_S):
            raise CannotServe(f"the events are not served after {PATIENCE_S:.0f} s")
    return f"http://{HOST}:{number}/api/events"


def workers(crew: Crew, environment: dict[str, str]) -> None:
    """Start two workers: one reads the feeds, some of which may be slow, and one does all else meanwhile."""
    for name, queue in {"feed worker": "runs", "worker": "default"}.items():
        command = python("manage.py", "procrastinate", "worker", "--queues", queue, "--concurrency", "4")
        crew.start(name, command, environment)


def asked(number: int, path: str | None) -> bool:
    """Say whether a port takes connections, and, where a path is given, answers it with 200."""
    try:
        with socket.create_connection((HOST, number), timeout=1) as connection:
            if path:
                connection.sendall(
                    f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
                )
                return b" 200 " in connection.recv(64)
            return True
    except OSError:
        return False


def secret_key() -> str:
    """Return the key that signs cookies: from the environment, or our own, made once and kept."""
    if given := os.environ.get("GEOPLATFORM_SECRET_KEY"):
        return given
    path = ROOT / "var" / "secret_key"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(48))
        new.rename(path)
    return path.read_text()


def python(*arguments: str) -> list[str]:
    """Return a command for this very Python."""
    return [sys.executable, *arguments]


@contextlib.contextmanager
def step(what: str, says_itself: bool = False) -> Iterator[None]:
    """Say what begins, that it goes on, and how long it took; some steps say themselves that they do."""
    began = time.monotonic()
    say(f"{what} ...")
    with contextlib.nullcontext() if says_itself else ticking(partial(say, end="")):
        yield
    say(f"  done in {time.monotonic() - began:.1f} s")


def say(text: str, end: str = "\n") -> None:
    """Print at once; a terminal that has gone is no reason to stop in the middle."""
    with contextlib.suppress(OSError):
        print(text, end=end, flush=True)


if __name__ == "__main__":
    sys.exit(main())
