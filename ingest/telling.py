"""One post to an address that somebody else gave us, by the guarded connections of ``ingest.http``."""

import time
from collections.abc import Collection, Mapping

from geoplatform.errors import FeedUnavailable
from ingest.http import NO_ANSWER, SHOWN, _pieces, _retry_after_s, _session

TELL_S = 10.0  # that a receiver may stay silent


def tell(
    url: str, body: bytes, headers: Mapping[str, str], allow_hosts: Collection[str] = ()
) -> tuple[int, float | None, bytes]:
    """Post to an address that somebody else gave us; returns status, Retry-After in seconds, and some body.

    One attempt, no redirect, no proxy of the environment, nothing of a body beyond 2,000 bytes; the address
    that was connected is looked at before a byte is sent.

    Raises
    ------
    FeedUnavailable
        No whole answer came in time, or the address is private and not one of ``allow_hosts``.
    """
    deadline = time.monotonic() + 2 * TELL_S
    got = bytearray()
    try:
        with _session(allow_hosts) as session:
            session.trust_env = False
            with session.post(
                url, data=body, headers=dict(headers), timeout=TELL_S, stream=True, allow_redirects=False
            ) as response:
                for piece in _pieces(response):
                    got += piece
                    if len(got) > SHOWN or time.monotonic() > deadline:
                        break
                return response.status_code, _retry_after_s(response.headers), bytes(got[:SHOWN])
    except (*NO_ANSWER, ValueError) as error:
        raise FeedUnavailable(f"no answer ({type(error).__name__})") from None
