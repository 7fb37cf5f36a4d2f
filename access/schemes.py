"""Whether a request came by TLS: what a proxy that is trusted says, and nobody else."""

from collections.abc import Mapping
from functools import lru_cache

from access.clients import is_trusted, read

SCHEMES = ("http", "https")


def scheme(environ: Mapping[str, object], trusted: tuple[str, ...]) -> str:
    """Return by which scheme the caller asked: ``X-Forwarded-Proto`` where the proxy is trusted.

    Of several in a row the last one is read, which the nearest proxy wrote.
    """
    own = str(environ.get("wsgi.url_scheme", "http"))
    said = environ.get("HTTP_X_FORWARDED_PROTO")
    if not said or not is_proxy(environ, trusted):
        return own
    last = str(said).rpartition(",")[2].strip().lower()
    return last if last in SCHEMES else own


def is_proxy(environ: Mapping[str, object], trusted: tuple[str, ...]) -> bool:
    """Say whether a request came by a proxy that is trusted: what that one wrote is believed."""
    return _is_trusted(str(environ.get("REMOTE_ADDR", "")), trusted)


@lru_cache(maxsize=1024)
def _is_trusted(remote: str, trusted: tuple[str, ...]) -> bool:
    address = read(remote or "127.0.0.1")  # empty: by a Unix socket
    return address is not None and is_trusted(address, trusted)
