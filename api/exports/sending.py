"""Sending what takes long: a few at a time, compressed on the way, and closed whatever happens."""

from collections.abc import Iterator
from threading import BoundedSemaphore

from isal import isal_zlib

from api import slow
from geoplatform.errors import Busy

AT_A_TIME = 2  # of a process, and of its places for what is slow (``api/slow.py``): one is left for questions
GZIP = 31  # isal's and zlib's number for the form of gzip
LEVEL = 1
_slots = BoundedSemaphore(AT_A_TIME)


class Sending:
    """A stream of bytes that holds one of the few places; its first piece is made at once.

    So whatever cannot be made is an error with a status of its own, and not the end of an answer that began.

    Raises
    ------
    TooMany, Busy
        All places that are for one who asks are taken, or all that there are.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._who = slow.whose()
        slow.slots.take(self._who)
        if not _slots.acquire(blocking=False):
            slow.slots.give_back(self._who)
            raise Busy(f"{AT_A_TIME} exports are being made already: try again in a minute")
        self._pieces = pieces
        self._holds = True
        try:
            self._first: bytes | None = next(pieces, b"")
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> "Sending":
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the place back, and close what the stream has open; the server calls it whatever happened."""
        if not self._holds:
            return
        self._holds = False
        _slots.release()
        slow.slots.give_back(self._who)
        close = getattr(self._pieces, "close", None)
        if close:
            close()


def zipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Compress a stream with gzip."""
    compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, GZIP)
    for piece in pieces:
        if made := compressor.compress(piece):
            yield made
    yield compressor.flush()
