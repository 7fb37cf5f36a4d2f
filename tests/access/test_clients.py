"""Whose request it is."""

import pytest

from access.clients import LOCAL, client

PROXY = ("127.0.0.1", "::1", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("remote", "forwarded", "who"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        ("127.0.0.1", "", LOCAL),
        ("::1", "", LOCAL),
        ("", "", LOCAL),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("::1", "203.0.113.7:4711", "203.0.113.7"),
        ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::/64"),
        ("", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
    ],
)
def test_a_client_is_an_address_or_a_network_of_64_bits(remote, forwarded, who):
    assert client(remote, forwarded, PROXY) == who


@pytest.mark.parametrize(
    ("remote", "forwarded", "who"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", "'; DROP TABLE access_apikey; --", "127.0.0.1"),
    ],
)
def test_what_a_caller_writes_of_itself_is_not_believed(remote, forwarded, who):
    assert client(remote, forwarded, PROXY) == who


def test_without_trusted_proxies_the_header_is_nothing():
    assert client("127.0.0.1", "203.0.113.7", ()) == "127.0.0.1"
