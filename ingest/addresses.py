"""Whom we may speak to: no server with a private address that a feed does not allow by name.

An address in a setting, or one that a server redirects to, must not reach what stands behind our own walls.
It is the connection that is looked at, after the name was resolved, so no second answer of a name server
slips through.
"""

from collections.abc import Collection
from ipaddress import ip_address
from socket import socket

from geoplatform.errors import FeedUnavailable


def refuse_private(made: socket, host: str, allow_hosts: Collection[str]) -> socket:
    """Return a connection that was made to a host; one that reached a private address is closed first.

    Raises
    ------
    FeedUnavailable
        The address is private, and ``allow_hosts`` does not name the host.
    """
    address = ip_address(made.getpeername()[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if not address.is_global and host not in allow_hosts:
        made.close()
        raise FeedUnavailable(f"{host} has the private address {address}: allow_hosts does not name it")
    return made
