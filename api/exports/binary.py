"""PostgreSQL's binary COPY as columns of Arrow, in compiled loops; all release the GIL.

A row is its number of fields (int16), then each field's length (int32, -1: null) and its bytes, numbers first
byte first. See "Binary Format" under COPY in PostgreSQL's manual.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

SIGNATURE = 19  # bytes before the first row: a mark, flags, and no extension
END = b"\xff\xff"  # stands for the number of fields behind the last row
DAYS = (date(2000, 1, 1) - date(1970, 1, 1)).days  # PostgreSQL counts from 2000
MICROSECONDS = DAYS * 86_400_000_000
Bytes = np.ndarray
Ints = np.ndarray

#: By PostgreSQL's type, as a statement casts it: Arrow's type, and bytes of a value (0: any number).
TYPES: dict[str, tuple[pa.DataType, int]] = {
    "bigint": (pa.int64(), 8),
    "double precision": (pa.float64(), 8),
    "boolean": (pa.bool_(), 1),
    "timestamp with time zone": (pa.timestamp("us", "UTC"), 8),
    "date": (pa.date32(), 4),
    "text": (pa.string(), 0),
    "bytea": (pa.binary(), 0),
}


def columns(rows: Sequence[bytes], types: Sequence[str]) -> list[pa.Array]:
    """Return n rows of COPY, each as it came, as an array for each of their fields."""
    content = np.frombuffer(b"".join(rows), np.uint8)
    starts = np.empty((len(types), len(rows)), np.int64)
    lengths = np.empty((len(types), len(rows)), np.int32)
    find(content, starts, lengths)
    return [_array(content, starts[place], lengths[place], type) for place, type in enumerate(types)]


def _array(content: Bytes, starts: Ints, lengths: Ints, type: str) -> pa.Array:
    arrow, width = TYPES[type]
    missing = lengths < 0
    nulls = int(missing.sum())
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if nulls else None
    if not width:
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(np.where(missing, 0, lengths), out=offsets[1:])
        if offsets[-1] > np.iinfo(np.int32).max:
            raise OverflowError(f"{offsets[-1]} bytes of one column are more than a batch holds")
        gathered = np.empty(int(offsets[-1]), np.uint8)
        gather(content, starts, offsets, gathered)
        buffers = [valid, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(gathered)]
        return pa.Array.from_buffers(arrow, len(lengths), buffers, null_count=nulls)
    values = _numbers(content, starts, missing, type, width)
    return pa.Array.from_buffers(arrow, len(lengths), [valid, pa.py_buffer(values)], null_count=nulls)


def _numbers(content: Bytes, starts: Ints, missing: np.ndarray, type: str, width: int) -> Any:
    """Return the values of a column as its buffer holds them; what is null is 0."""
    whole = np.zeros(len(starts), np.int64)
    read(content, starts, missing, width, whole)
    if type == "boolean":
        return np.packbits(whole.astype(np.bool_), bitorder="little")
    if type == "date":
        return (whole.astype(np.int32) + np.where(missing, 0, DAYS)).astype(np.int32)
    if type == "timestamp with time zone":
        return np.where(missing, 0, whole + MICROSECONDS)
    return whole  # a double is the same eight bytes


@njit(cache=True, nogil=True)
def find(content: Bytes, starts: Ints, lengths: Ints) -> None:
    """Set where each field of each row begins, and how long it is."""
    at = 0
    for row in range(starts.shape[1]):
        at += 2
        for field in range(starts.shape[0]):
            length: Any = np.int64(0)
            for i in range(4):
                length = (length << 8) | np.int64(content[at + i])
            if length >= 1 << 31:
                length = np.int64(-1)  # the only one that is below zero
            at += 4
            starts[field, row], lengths[field, row] = at, length
            at += max(length, np.int64(0))


@njit(cache=True, nogil=True)
def read(content: Bytes, starts: Ints, missing: np.ndarray, width: int, out: Ints) -> None:
    """Read a whole number of ``width`` bytes, first byte first and with its sign, from each place."""
    shift = 64 - 8 * width
    for row in range(len(starts)):
        if missing[row]:
            continue
        value = np.int64(0)
        for i in range(width):
            value = (value << 8) | np.int64(content[starts[row] + i])
        out[row] = (value << shift) >> shift


@njit(cache=True, nogil=True)
def gather(content: Bytes, starts: Ints, offsets: Ints, out: Bytes) -> None:
    """Put the bytes of each field, from its place on, one behind the other."""
    for row in range(len(starts)):
        for i in range(offsets[row + 1] - offsets[row]):
            out[offsets[row] + i] = content[starts[row] + i]
