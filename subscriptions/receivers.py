"""Which addresses may be subscribed, by their text: where they lead is looked at when they are called."""

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from geoplatform.errors import InvalidRequest

LONGEST = 500
# Names that only a private network knows.
PRIVATE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion")
LEAST_PORT = 1024
TLS = 443


def check(url: str, allow_hosts: Collection[str]) -> str:
    """Return an address that may be subscribed.

    Parameters
    ----------
    allow_hosts
        Hosts that may be private and need no TLS.

    Raises
    ------
    InvalidRequest
        It is none, has a user in it, is not HTTPS, or is one of a private network.
    """
    if len(url) > LONGEST or not url.isascii() or any(ord(sign) <= 32 for sign in url):
        raise InvalidRequest(f"url: an address of at most {LONGEST} letters, digits and signs is expected")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise InvalidRequest(f"url {url!r} is no address") from None
    if not host or parts.username is not None or parts.fragment or "\\" in url:
        raise InvalidRequest(f"url {url!r}: https://host/path is expected, without user and fragment")
    if host in allow_hosts and parts.scheme in ("http", "https"):
        return url
    if parts.scheme != "https" or not (port in (None, TLS) or port >= LEAST_PORT):
        raise InvalidRequest(f"url {url!r}: only https is told, at port {TLS} or from {LEAST_PORT} on")
    if _is_private(host):
        raise InvalidRequest(f"url {url!r} leads into a private network")
    return url


def _is_private(host: str) -> bool:
    number = _number(host)
    if number:
        return not number.is_global
    return "." not in host or any(host == name or host.endswith(f".{name}") for name in PRIVATE)


def _number(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, in any form that resolvers take: 127.1, 0x7f000001, 017700000001."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
