"""Where the lines of a CSV end: one pass over its bytes, of which one block is in memory.

Quotes open at the start of a field alone, as Arrow reads them: that of a 5" pipe is a character, and what
ends a line between quotes ends none.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from geoplatform.errors import InvalidRequest

#: Bytes that a line may have. Quotes that never close would otherwise make one line of all that follows.
LONGEST = 4 << 20
#: Bytes that are in memory at a time, at most.
BLOCK = 1 << 18

LINE_FEED, RETURN, COMMA, QUOTE = b'\n\r,"'
START, FIELD, QUOTED, CLOSED = range(4)


class Scan(NamedTuple):
    """How far a pass is: where in a field, behind which byte a line ended last, where quotes opened last."""

    mode: int
    end: int
    opened: int


def ends(path: Path, start: int, size: int) -> Iterator[int]:
    """Yield places behind lines, about so many bytes apart, and the end of the file.

    Raises
    ------
    InvalidRequest
        Quotes do not match, or a line is longer than LONGEST; which one is said.
    """
    last = start
    for scan in _scans(path, start, min(size, BLOCK), only_first=False):
        if scan.end - last >= size:
            last = scan.end
            yield last
    if path.stat().st_size > last:
        yield path.stat().st_size


def first_end(path: Path, start: int) -> int:
    """Return the place behind the first line.

    Raises
    ------
    InvalidRequest
        As ``ends``.
    """
    for scan in _scans(path, start, BLOCK, only_first=True):
        if scan.end > start:
            return scan.end
    return path.stat().st_size


def _scans(path: Path, start: int, block_bytes: int, only_first: bool) -> Iterator[Scan]:
    """Yield how far the pass is behind each block; refuse a line that is too long, or has no end."""
    scan, place = Scan(START, start, opened=-1), start
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(block_bytes):
            scan = Scan(*_go_on(np.frombuffer(block, np.uint8), place, *scan, LONGEST, only_first))
            place += len(block)
            if place - scan.end > LONGEST:
                quotes = "quotes do not match, or " if scan.opened >= scan.end else ""
                line = _number(path, scan.end)
                raise InvalidRequest(f"{path.name}: {quotes}line {line} has more than {LONGEST:,} bytes")
            yield scan
    if scan.mode == QUOTED:
        line = _number(path, scan.opened)
        raise InvalidRequest(f"{path.name}: quotes do not match: those that open in line {line} do not close")


def _number(path: Path, place: int) -> int:
    """Return the number of the line that a byte is in, as editors count them."""
    feeds = returns = 0
    with path.open("rb") as file:
        while block := file.read(min(place, BLOCK)):
            feeds, returns = feeds + block.count(b"\n"), returns + block.count(b"\r")
            place -= len(block)
    return max(feeds, returns) + 1


@njit(cache=True, nogil=True)
def _go_on(
    block: np.ndarray, place: int, mode: int, end: int, opened: int, longest: int, only_first: bool
) -> tuple[int, int, int]:
    """Go through a block that begins at a place of the file, 1 GB a second.

    ``end`` stays before a line that is longer than ``longest``.
    """
    for at in range(len(block)):
        byte = block[at]
        if mode == QUOTED:
            if byte == QUOTE:
                mode = CLOSED
        elif byte == QUOTE and mode != FIELD:
            # Next to quotes that have just closed it stands for itself, and they are open still.
            opened = place + at if mode == START else opened
            mode = QUOTED
        elif byte == COMMA:
            mode = START
        elif byte in (LINE_FEED, RETURN):
            mode = START
            behind = place + at + 1
            end = behind if behind - end <= longest else end
            if only_first:
                break
        else:
            mode = FIELD
    return mode, end, opened
