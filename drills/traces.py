"""Who reads and who writes all the time, and when each was answered."""

import time
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from drills.load import Repeated, Sender, ask

READ_EVERY_S = 0.05
WRITE_EVERY_S = 0.3
# Who has not written: who has is shown the primary until a standby has what they wrote.
SOMEBODY = {"X-Forwarded-For": "203.0.113.5"}


class Silence(NamedTuple):
    """A time without an answer: how long, and when it ended, from the beginning of what it is a part of."""

    lasted_s: float
    ended_s: float


class Reader(Repeated):
    """Asks for one page again and again; ``at`` are the moments at which it had it."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(self._read, READ_EVERY_S)
        self.port, self.path = port, path
        self.at: list[float] = []

    def _read(self) -> None:
        if ask(self.port, "GET", self.path, headers=SOMEBODY) in (200, 204):
            self.at.append(time.monotonic())


class Writer(Repeated):
    """Pushes post after post; ``at`` are the moments at which one was acknowledged."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(self._write, WRITE_EVERY_S)
        self.sender = Sender(port, name)
        self.at: list[float] = []

    def _write(self) -> None:
        before = len(self.sender.acknowledged)
        self.sender.push()
        if len(self.sender.acknowledged) > before:
            self.at.append(time.monotonic())


def answered(those: Iterable[Reader | Writer], since: float, until: float = float("inf")) -> int:
    """Count the answers of a time."""
    return sum(since <= moment < until for one in those for moment in one.at)


def first(those: Iterable[Reader | Writer], since: float) -> float:
    """Return how many seconds after a moment one of them was answered."""
    return min(moment for one in those for moment in one.at if moment >= since) - since


def silence(those: Iterable[Reader | Writer], since: float, until: float) -> Silence:
    """Return for how long at the most none of them was answered in a time, and when that ended."""
    moments = sorted(moment for one in those for moment in one.at if since < moment < until)
    pairs = pairwise([since, *moments, until])
    return max(Silence(after - before, after - since) for before, after in pairs)
