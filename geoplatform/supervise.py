"""Child processes that live and die together, and the signals that end them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_S = 10.0
HURRY_S = 0.5
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Asked(Exception):
    """Someone asked us to end: Ctrl-C, a terminal that closes, a service manager."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


class Died(Exception):
    """A child ended that was to go on."""

    def __init__(self, name: str, code: int) -> None:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        super().__init__(f"{name} {how}")
        self.name = name
        self.code = code


class Crew:
    """Several processes, started one after another and stopped in reverse order.

    While it is entered, signals interrupt nothing: they are heard by ``attend``, between two steps.
    Each child has a session of its own, so that the terminal's Ctrl-C reaches us alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Crew:
        self._ear, self._mouth = os.pipe()
        os.set_blocking(self._mouth, False)
        self._former = {number: signal.signal(number, _hear) for number in (*ENDING, signal.SIGCHLD)}
        signal.set_wakeup_fd(self._mouth)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        signal.set_wakeup_fd(-1)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        os.close(self._ear)
        os.close(self._mouth)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a child that goes on until ``stop``."""
        us = os.getpid()
        self.children[name] = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: _die_with(us),  # noqa: PLW1509 we have no threads
        )

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a child to its good end."""
        self.start(name, command, environment)
        try:
            while True:
                self.attend()
        except Died as death:
            if death.name != name or death.code:
                raise
            del self.children[name]

    def foreground(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a child that keeps the terminal, pass every signal on to it, and return its exit code."""
        child = subprocess.Popen(command, cwd=self.folder, env=environment)
        while child.poll() is None:
            number = self._hear_next(None)
            # The terminal has sent Ctrl-C to the child already.
            if number in ENDING and not (number == signal.SIGINT and sys.stdin.isatty()):
                child.send_signal(number)
        return child.returncode if child.returncode >= 0 else 128 - child.returncode

    def until(self, ready: Callable[[], bool], patience_s: float) -> bool:
        """Wait until something is ready, and say whether it became so in time."""
        deadline = time.monotonic() + patience_s
        while not ready():
            if time.monotonic() > deadline:
                return False
            self.attend(0.05)
        return True

    def attend(self, timeout_s: float | None = None) -> None:
        """Wait for the next signal, so long at most: raises ``Asked`` or ``Died`` where one says so."""
        number = self._hear_next(timeout_s)
        if number in ENDING:
            raise Asked(number)
        for name, child in self.children.items():
            if (code := child.poll()) is not None:
                raise Died(name, code)

    def stop(self) -> None:
        """End every child, the last one first; kill what does not end in time, and what it leaves behind."""
        began = time.monotonic()
        while self.children:
            _, child = self.children.popitem()
            child.terminate()
            deadline = time.monotonic() + GRACE_S
            while child.poll() is None and (left := deadline - time.monotonic()) > 0:
                # A second Ctrl-C means now; one that was only sent twice comes at once.
                if self._hear_next(left) == signal.SIGINT and time.monotonic() - began > HURRY_S:
                    break
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def _hear_next(self, timeout_s: float | None) -> int | None:
        ready, _, _ = select.select([self._ear], [], [], timeout_s)
        return os.read(self._ear, 1)[0] if ready else None


def _hear(number: int, frame: object) -> None:
    """Do nothing: Python has written the number into the crew's pipe by now."""


def _die_with(parent: int) -> None:
    """Have the kernel end this child, between fork and exec, once its parent is gone (Linux)."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
