"""Whom we may speak to: no server with a private address that a feed does not allow by name.

An address in a setting, or one that a server redirects to, must not reach what stands behind our own walls.
A name is resolved once, every address it has is looked at, and the very address that passed is connected: no
second answer of a name server slips through, and no packet tells an open port inside from a closed one.
"""

import socket
import time
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from geoplatform.errors import FeedUnavailable

# Where the last four bytes are an IPv4 address: RFC 6052 §2.1, and RFC 4291 §2.5.5.1, which is deprecated.
LAST_FOUR = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
Option = tuple[int, int, int | bytes]


def is_public(text: str) -> bool:
    """Say whether an address is one of the open internet, and so is the IPv4 address inside it."""
    address = _unwrapped(ip_address(text.partition("%")[0]))
    is_site_local = isinstance(address, IPv6Address) and address.is_site_local  # RFC 3879; is_global says yes
    return address.is_global and not (address.is_multicast or address.is_unspecified or is_site_local)


def connect(
    host: str,
    port: int,
    timeout_s: float | None,
    allow_hosts: Collection[str],
    options: Sequence[Option] = (),
) -> socket.socket:
    """Return a connection to a host; all its addresses together are tried for so many seconds.

    Raises
    ------
    FeedUnavailable
        One of its addresses is private, and ``allow_hosts`` does not name it; nothing was connected.
    OSError
        It has no address, or none of them answers.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise socket.gaierror(f"{host[:100]} is no name of a host") from None
    for *_, (address, *_) in found:
        if not is_public(str(address)) and host.rstrip(".") not in allow_hosts:
            raise FeedUnavailable(f"{host} has the private address {address}: allow_hosts does not name it")
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    problem: OSError = socket.gaierror(f"{host} has no address")
    for family, kind, protocol, _, where in found:
        try:
            made = _connected(family, kind, protocol, where, deadline, options)
        except OSError as error:
            problem = error
        else:
            made.settimeout(timeout_s)
            return made
    raise problem


def _connected(
    family: int, kind: int, protocol: int, where: Any, deadline: float | None, options: Sequence[Option]
) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        for option in options:
            made.setsockopt(*option)
        if deadline is not None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("timed out")
            made.settimeout(left_s)
        made.connect(where)
    except BaseException:
        made.close()
        raise
    return made


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address inside an IPv6 address, where there is one."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and any(address in network for network in LAST_FOUR):
        inside = IPv4Address(address.packed[-4:])
    return inside or address
