"""The platform's processes, as a service manager keeps them: started, killed, and started again."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from geoplatform.server import HOST, asked, web_command

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 30.0
LOOK_S = 0.05


class Late(Exception):
    """Something did not become so in time."""


class Service:
    """A process that is started again whenever it has ended, in a session of its own."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, dict(environment), log
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start it, unless it runs."""
        if self.process is None or self.process.poll() is not None:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
            self.starts += 1

    def runs(self) -> bool:
        """Say whether it has not ended."""
        return self.process is not None and self.process.poll() is None

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to it and all that it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return
            if number == signal.SIGKILL:
                self.process.wait()


class Manager(threading.Thread):
    """Starts each service again that has ended, as a service manager does, until it is told to leave them."""

    def __init__(self, *services: Service) -> None:
        super().__init__(daemon=True)
        self.services = services
        self._ended = threading.Event()

    def __enter__(self) -> "Manager":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.leave()
        for service in self.services:
            service.kill()

    def run(self) -> None:
        """Look again and again."""
        while not self._ended.wait(LOOK_S):
            for service in self.services:
                service.keep()

    def leave(self) -> None:
        """Start none again from now on."""
        self._ended.set()
        if self.is_alive():
            self.join()


def until(
    is_so: Callable[[], bool], what: str, patience_s: float = PATIENCE_S, pause_s: float = LOOK_S
) -> float:
    """Wait until something is so; returns how many seconds that took.

    Raises
    ------
    Late
        It was not so in time.
    """
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > patience_s:
            raise Late(f"not so within {patience_s:.0f} s: {what}")
        time.sleep(pause_s)
    return time.monotonic() - began


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        number: int = probe.getsockname()[1]
        return number


def web(environment: Mapping[str, str], log: Path, port: int, workers: int = 1) -> Service:
    """Start a web server, and wait until it answers."""
    service = Service(web_command(port, workers), named(environment, "web"), log)
    service.keep()
    try:
        until(lambda: asked(port, "/health"), "the web server answers /health", 2 * PATIENCE_S)
    except Late:
        service.kill()
        raise
    return service


def worker(environment: Mapping[str, str], log: Path) -> Service:
    """Start a worker of both queues."""
    options = "worker --queues runs,default --concurrency 4"
    command = [sys.executable, "manage.py", "procrastinate", *options.split()]
    service = Service(command, named(environment, "worker"), log)
    service.keep()
    return service


def named(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """Have all that a process does in the database bear its name there."""
    return {**environment, "DATABASE_URL": f"{environment['DATABASE_URL']}&application_name={name}"}


def waiting_for_no_standby(environment: Mapping[str, str]) -> dict[str, str]:
    """Have the commits of a process wait for no standby, where others' do."""
    url = environment["DATABASE_URL"]
    return {**environment, "DATABASE_URL": f"{url}&options=-c%20synchronous_commit%3Dlocal"}


def pauses(seed: int, count: int, low: float, high: float) -> list[float]:
    """Return seconds between kills: the same for a seed, and between the steps of the work at random."""
    draw = random.Random(seed)  # noqa: S311
    return [draw.uniform(low, high) for _ in range(count)]
