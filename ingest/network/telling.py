"""One post to an address that somebody else gave us, by guarded connections (``ingest.network.http``)."""

import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock, Timer

import requests

from geoplatform.errors import FeedUnavailable
from ingest.network.http import NO_ANSWER, SHOWN, _AtOneServer, _pieces, _retry_after_s, _session

TELL_S = 10.0  # for all of it: connecting, sending, and an answer
# One text for all of these: it is shown to whoever subscribed, and must not tell them what stands inside.
UNREACHED = "no whole answer came in time, or the address is not public"


class _Wire:
    """The connection of one exchange, to be cut from another thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: list[socket.socket] = []
        self.is_cut = False

    def watch(self, made: socket.socket) -> None:
        """Take note of a connection; by a descriptor of its own, for TLS takes the first one away."""
        with self._lock:
            if self.is_cut:
                made.close()
                raise TimeoutError("too late")
            self._ends.append(made.dup())

    def cut(self) -> None:
        """End what is under way, whether it waits for a header, a handshake or a body."""
        with self._lock:
            self.is_cut = True
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give back the descriptors."""
        with self._lock:
            while self._ends:
                self._ends.pop().close()


@contextmanager
def _within(seconds: float) -> Iterator[_Wire]:
    wire = _Wire()
    timer = Timer(seconds, wire.cut)
    timer.daemon = True
    timer.start()
    try:
        yield wire
    finally:
        timer.cancel()
        wire.close()


def tell(
    url: str, body: bytes, headers: Mapping[str, str], allow_hosts: Collection[str] = ()
) -> tuple[int, float | None, bytes]:
    """Post to an address that somebody else gave us; returns status, Retry-After in seconds, and some body.

    One attempt, no redirect, no proxy of the environment, ten seconds for the whole of it, no more than 2,000
    bytes of a body and none of a redirect's; the address is looked at before it is connected.

    Raises
    ------
    FeedUnavailable
        No whole answer came in time, or the address is private and not one of ``allow_hosts``.
    """
    try:
        with _within(TELL_S) as wire, _session(allow_hosts, _AtOneServer, wire.watch) as session:
            session.trust_env = False
            with session.post(
                url, data=body, headers=dict(headers), timeout=TELL_S, stream=True, allow_redirects=False
            ) as response:
                got = b"" if 300 <= response.status_code < 400 else _some(response)
                if wire.is_cut:
                    raise FeedUnavailable(UNREACHED)
                return response.status_code, _retry_after_s(response.headers), got
    except (FeedUnavailable, *NO_ANSWER, ValueError):
        raise FeedUnavailable(UNREACHED) from None


def _some(response: requests.Response) -> bytes:
    """Return the beginning of a body; the rest is not read."""
    got = bytearray()
    for piece in _pieces(response):
        got += piece
        if len(got) > SHOWN:
            break
    return bytes(got[:SHOWN])
