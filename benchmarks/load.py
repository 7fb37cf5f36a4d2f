"""Load by wrk from this machine to itself: requests walked from a list, at some connections."""

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import programs
from geoplatform.server import HOST

WALK = Path(__file__).with_name("walk.lua")
PATIENCE_S = 60


class Load(NamedTuple):
    """What a load came to: answers a second, milliseconds, bytes an answer with its headers, failures."""

    connections: int
    rps: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    answer_bytes: float
    failed: int


def wrk(url: str, paths: Sequence[str], connections: int, seconds: float) -> Load | None:
    """Ask a server of this machine for paths, one after another; None where wrk is not here."""
    with started(url, paths, connections, seconds) as running:
        if running is None:
            return None
        said, _ = running.communicate()
    told = json.loads(said.splitlines()[-1])
    return Load(
        connections=connections,
        rps=told["requests"] / told["us"] * 1e6,
        p50_ms=told["p50"] / 1000,
        p95_ms=told["p95"] / 1000,
        p99_ms=told["p99"] / 1000,
        answer_bytes=told["bytes"] / max(1, told["requests"]),
        failed=told["refused"] + told["lost"],
    )


@contextlib.contextmanager
def started(
    url: str, paths: Sequence[str], connections: int, seconds: float
) -> Iterator[subprocess.Popen[str] | None]:
    """Run wrk while the block runs, and end it there if it has not ended; None where it is not here."""
    program = programs.find("wrk")
    if program is None:
        yield None
        return
    if f"//{HOST}:" not in url:
        raise ValueError(f"{url}: load goes to this machine alone")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        command = [
            program, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"--timeout={PATIENCE_S}s",
            "-s", str(WALK), url, "--", listed.name,
        ]  # fmt: skip
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=programs.environment())
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()
            running.wait()
