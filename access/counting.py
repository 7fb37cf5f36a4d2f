"""Counting requests in memory that the processes of a machine share: exact, without a lock, bounded.

The table is a file that each process maps: 65,536 places of two int64, 1 MB. A place has a key and a time:
when whoever has the key will have its whole quota again (GCRA, the generic cell rate algorithm). So there are
no periods that end, a place whose time is past is free, and forgetting it loses nothing. A time is moved on
by compare-and-swap: two processes never take two requests for one, and one that is killed holds nothing. The
GIL is kept: to give it up for a microsecond is to wait for it again behind other threads.
"""

import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

PLACES = 1 << 16
WAYS = 4  # places among which a key may lie
SIZE = PLACES * 2 * 8


@intrinsic
def swap(context: Any, table: Any, index: Any, former: Any, new: Any) -> tuple[Any, Callable[..., Any]]:
    """Put a number into a table if another one stands there; returns the one that stood there."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.args[0]
        array = arrayobj.make_array(kind)(context, builder, values[0])
        place = cgutils.get_item_pointer(context, builder, kind, array, [values[1]])
        done = builder.cmpxchg(place, values[2], values[3], "seq_cst", "seq_cst")
        return builder.extract_value(done, 0)

    return types.int64(table, types.int64, types.int64, types.int64), code


@njit("int64(int64[::1], int64)", cache=True)
def place_of(table: np.ndarray, key: int) -> int:
    """Return the place of a key; one that has none gets that of its ways which is free or nearest to it."""
    first = (key & (PLACES - 1)) & ~(WAYS - 1)
    while True:
        oldest, least = first, table[2 * first + 1]
        for place in range(first, first + WAYS):
            if table[2 * place] == key:
                return place
            if table[2 * place + 1] < least:
                oldest, least = place, table[2 * place + 1]
        former = table[2 * oldest]
        if former != key and swap(table, 2 * oldest, former, key) == former:
            # Of one that was not free yet its time is not ours.
            swap(table, 2 * oldest + 1, least, 0)
            return oldest


@njit("int64(int64[::1], int64, int64, int64, int64)", cache=True)
def take(table: np.ndarray, key: int, now: int, interval: int, span: int) -> int:
    """Count a request, if it is within the quota.

    Parameters
    ----------
    now, interval, span
        Microseconds: the time; what one request takes of the quota; the whole quota.

    Returns
    -------
    int
        Microseconds until the quota is whole again; below 0: it was not taken, and may come in so many.
    """
    place = 2 * place_of(table, key) + 1
    while True:
        until = table[place]
        # No time lies farther ahead than a quota: one that does was set by a clock that was put back.
        begins = min(max(until, now), now + span)
        used = begins + interval - now
        if used > span:
            return span - used
        if swap(table, place, until, begins + interval) == until:
            return used


def shared(path: Path) -> np.ndarray:
    """Return the table in a file, which is made where it is not there (int64, 2 times PLACES)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if file.seek(0, 2) != SIZE:
            file.truncate(SIZE)
        return np.frombuffer(mmap.mmap(file.fileno(), SIZE), np.int64)


def own() -> np.ndarray:
    """Return a table of this process alone."""
    return np.zeros(2 * PLACES, np.int64)
