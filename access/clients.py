"""Whose request it is, by address: behind proxies that are trusted the one that they name, and no other."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
LOCAL = ""  # of this machine itself
NEIGHBOURS = 64  # bits: what one line of IPv6 has as its own, where IPv4 has one address


def client(remote: str, forwarded: str, trusted: tuple[str, ...]) -> str:
    """Return who asks: an IPv4 address, an IPv6 /64, or LOCAL.

    Parameters
    ----------
    remote
        Whom the connection is from; empty: by a Unix socket.
    forwarded
        ``X-Forwarded-For``: each proxy writes at its end whom it was asked by. It is read from there, as long
        as those who wrote it are trusted: what stands before may be anybody's invention.
    trusted
        Addresses and networks of proxies.
    """
    nearest = read(remote) if remote else ip_address("127.0.0.1")
    if nearest is None:
        return remote
    for text in reversed(forwarded.split(",") if forwarded else []):
        if not is_trusted(nearest, trusted):
            break
        said = read(text.strip())
        if said is None:
            break
        nearest = said
    if nearest.is_loopback and not forwarded:
        return LOCAL
    return (
        str(nearest) if nearest.version == 4 else str(IPv6Network((int(nearest), NEIGHBOURS), strict=False))
    )


def read(text: str) -> Address | None:
    """Return an address, perhaps with a port behind it; None for what is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_trusted(address: Address, trusted: Sequence[str]) -> bool:
    """Say whether an address is that of a proxy which is believed."""
    return any(address in ip_network(network) for network in trusted)
