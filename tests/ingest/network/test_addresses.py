"""Which addresses may be spoken to, and that nothing is connected before that is known."""

import socket

import pytest

from geoplatform.errors import FeedUnavailable
from ingest.network import addresses


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_an_address_of_the_open_internet_is_public(address):
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "239.1.1.1",
        "255.255.255.255", "::", "::1", "fe80::1%1", "fd00::1", "fec0::1", "ff02::1", "ff0e::1",
        "::ffff:10.0.0.1", "::10.0.0.1", "::169.254.169.254", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1", "2002:a00:1::1", "::ffff:224.0.0.1",
    ],
)  # fmt: skip
def test_no_other_is_whatever_it_is_wrapped_in(address):
    assert not addresses.is_public(address)


def answers(monkeypatch, *hosts):
    """Let a name server answer so."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", host) for host in hosts]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: found)


def test_an_open_port_inside_is_never_connected_and_says_what_a_closed_one_does():
    said = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        for port in (server.getsockname()[1], 9):
            with pytest.raises(FeedUnavailable) as refused:
                addresses.connect("127.0.0.1", port, 1.0, ())
            said.append(str(refused.value))
        with pytest.raises(BlockingIOError):
            server.accept()
    assert said[0] == said[1]


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    answers(monkeypatch, ("8.8.8.8", 443), ("10.0.0.1", 443))
    with pytest.raises(FeedUnavailable, match=r"10\.0\.0\.1"):
        addresses.connect("mixed.example", 443, 1.0, ())


def test_the_very_address_that_was_looked_at_is_connected(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        answers(monkeypatch, server.getsockname())
        monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
        with addresses.connect("public.example", 1, 1.0, ()) as made:
            assert made.getpeername() == server.getsockname()


def test_the_next_address_is_tried_where_one_does_not_answer(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        answers(monkeypatch, ("127.0.0.1", 9), server.getsockname())
        addresses.connect("a.example", 1, 1.0, ("a.example",)).close()
    with pytest.raises(ConnectionRefusedError):
        addresses.connect("a.example", 1, 1.0, ("a.example",))
