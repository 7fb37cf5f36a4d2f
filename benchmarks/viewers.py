"""People who pan a map: each asks for the tiles that come into view, looks, moves on, and hears of changes.

A process of its own, so that it shares nothing with what it asks; last line JSON.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass
from random import Random
from statistics import quantiles

from benchmarks.rows import MIDDLE
from benchmarks.session import screen
from geoplatform.server import HOST

LOOK_S = (1.5, 4.5)  # between two moves
ZOOMS = (10, 16)
WIDE = 0.05  # degrees round the middle where people begin
MOVES = 20  # until somebody else looks elsewhere
IDLE_S = 30  # behind which the web server closes a connection: granian's --http1-header-read-timeout


class Idle(ConnectionError):
    """The server has closed a connection on which nothing was asked for long: browsers open another one."""


@dataclass
class Line:
    """A connection, and when something was last answered on it, by the clock that never goes back."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answered_at: float


class Seen:
    """What all viewers have seen."""

    def __init__(self) -> None:
        self.answered_s: list[float] = []
        self.failed: Counter[str] = Counter()  # by status, or by what the connection met
        self.told = self.left = self.closed = 0


async def watch(seen: Seen, web: int, ends: float, dice: Random) -> None:
    """Pan until the end, on one connection."""
    while time.monotonic() < ends:
        try:
            reader, writer = await asyncio.open_connection(HOST, web)
            async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                await pan(seen, Line(reader, writer, time.monotonic()), dice)
            writer.close()
        except TimeoutError:
            return
        except Idle:
            seen.closed += 1
        except (OSError, asyncio.IncompleteReadError) as error:
            seen.failed[type(error).__name__] += 1
            await asyncio.sleep(1)


async def pan(seen: Seen, line: Line, dice: Random) -> None:
    """Look at a place, move about, and ask for no tile twice, as a browser does."""
    while True:
        lon, lat = dice.gauss(MIDDLE[0], WIDE), dice.gauss(MIDDLE[1], WIDE)
        zoom, had = dice.randint(*ZOOMS), set()
        for _ in range(MOVES):
            for tile in screen(lon, lat, zoom):
                if tile not in had:
                    had.add(tile)
                    await ask(seen, line, f"/tiles/reports/{tile.z}/{tile.x}/{tile.y}.mvt")
            await asyncio.sleep(dice.uniform(*LOOK_S))
            width = 360 / (1 << zoom)
            lon, lat = lon + dice.uniform(-1, 1) * width, lat + dice.uniform(-1, 1) * width
            zoom = min(ZOOMS[1], max(ZOOMS[0], zoom + dice.choice((0, 0, 0, 1, -1))))


async def ask(seen: Seen, line: Line, path: str) -> None:
    """Ask for one tile, and note how long that took."""
    began = time.monotonic()
    line.writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    try:
        head = (await line.reader.readuntil(b"\r\n\r\n")).lower()
    except (asyncio.IncompleteReadError, ConnectionResetError) as error:
        if began - line.answered_at >= IDLE_S and not getattr(error, "partial", b""):
            raise Idle from error
        raise
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    await line.reader.readexactly(int(length or 0))
    line.answered_at = time.monotonic()
    seen.answered_s.append(line.answered_at - began)
    status = head.split(b" ", 2)[1].decode()
    if status not in ("200", "204"):
        seen.failed[status] += 1


async def listen(seen: Seen, events: int, ends: float) -> None:
    """Hear of changes, on a connection that stays open."""
    reader, writer = await asyncio.open_connection(HOST, events)
    writer.write(f"GET /api/events?layers=reports HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    try:
        async with asyncio.timeout(ends - time.monotonic()):
            while line := await reader.readline():
                seen.told += line.startswith(b"event: change")
            seen.left += 1
    except TimeoutError:
        writer.close()


async def all_of(web: int, events: int, viewers: int, seconds: float) -> Seen:
    """Let so many people look for so long."""
    seen, ends = Seen(), time.monotonic() + seconds
    people = [watch(seen, web, ends, Random(number)) for number in range(viewers)]
    await asyncio.gather(*people, *(listen(seen, events, ends) for _ in range(viewers)))
    return seen


def main() -> None:
    """Look, and say what was seen."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.viewers", description=__doc__)
    for name, kind in {"web": int, "events": int, "viewers": int, "seconds": float}.items():
        parser.add_argument(f"--{name}", type=kind, required=True)
    given = parser.parse_args()
    seen = asyncio.run(all_of(given.web, given.events, given.viewers, given.seconds))
    cuts = [round(cut * 1000, 2) for cut in quantiles(seen.answered_s, n=1000)]
    said = {
        "requests": len(seen.answered_s), "failed": dict(seen.failed), "closed": seen.closed,
        "rps": round(len(seen.answered_s) / given.seconds, 1),
        "p50_ms": cuts[499], "p99_ms": cuts[989], "p999_ms": cuts[998],
        "told": seen.told, "left": seen.left,
    }  # fmt: skip
    print(json.dumps(said))


if __name__ == "__main__":
    main()
