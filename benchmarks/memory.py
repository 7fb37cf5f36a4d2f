"""The memory of processes while they work: looked at again and again, and by how much it grows."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

EVERY_S = 10.0
SETTLED = 1 / 3  # of the time, after which all is warm


class Growth(NamedTuple):
    """Of a process: its memory when it was warm and at the end, the most, and its slope between."""

    name: str
    warm_mb: float
    end_mb: float
    most_mb: float
    mb_an_hour: float


class Watch(threading.Thread):
    """Looks at the resident memory of services, each with what it started."""

    def __init__(self, services: Mapping[str, int], every_s: float = EVERY_S) -> None:
        super().__init__(daemon=True)
        self.services, self.every_s = dict(services), every_s
        self.seen: dict[str, list[tuple[float, float]]] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until ``end``."""
        began = time.monotonic()
        while not self._ended.wait(self.every_s):
            at = time.monotonic() - began
            for name, pid in self.services.items():
                for number, one in enumerate([pid, *children(pid)]):
                    self.seen.setdefault(f"{name} {number}", []).append((at, resident_mb(one)))

    def end(self) -> list[Growth]:
        """Look no more; returns what each process came to."""
        self._ended.set()
        self.join()
        return [growth(name, found) for name, found in sorted(self.seen.items()) if len(found) > 3]


def growth(name: str, found: list[tuple[float, float]]) -> Growth:
    """Return by how much a process grew once it was warm."""
    warm = found[int(len(found) * SETTLED) :]
    times, sizes = zip(*warm, strict=True)
    slope = linear_regression(times, sizes).slope
    return Growth(name, sizes[0], sizes[-1], max(size for _, size in found), slope * 3600)


def children(pid: int) -> list[int]:
    """Return what a process has started, the children of these too, in the order of their numbers."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        own = [int(one) for one in listed.read_text(encoding="ascii").split()]
    except FileNotFoundError:  # it has ended
        return []
    return sorted(own + [deeper for one in own for deeper in children(one)])


def resident_mb(pid: int) -> float:
    """Return the memory of a process that is resident; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0.0
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000 if "VmRSS:" in status else 0.0
