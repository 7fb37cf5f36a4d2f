"""Which addresses may be subscribed."""

import pytest

from geoplatform.errors import InvalidRequest
from subscriptions.receivers import check


@pytest.mark.parametrize(
    "url",
    [
        "https://hook.example.org/a?b=c",
        "https://hook.example.org:8443/",
        "https://93.184.215.14/hook",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook",
    ],
)
def test_a_public_https_address_is_taken(url):
    assert check(url, ()) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example.org/",
        "ftp://hook.example.org/",
        "file:///etc/passwd",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://017700000001/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://localhost/",
        "https://localhost./",
        "https://db/",
        "https://db.internal/",
        "https://printer.local/",
        "https://user:pass@hook.example.org/",
        "https://hook.example.org\\@127.0.0.1/",
        "https://hook.example.org:22/",
        "https://hook.example.org:99999/",
        "https://hook.example.org/#x",
        "https://hook.example.org/\r\nHost: x",
        "https://hook.example.org/ä",
        "https:///x",
        "https://[::1",
        "",
        "' OR 1=1 --",
        "https://hook.example.org/" + "x" * 500,
    ],
)
def test_what_is_private_or_no_address_is_not(url):
    with pytest.raises(InvalidRequest, match="url"):
        check(url, ())


def test_a_host_that_the_operator_names_may_be_private():
    assert check("http://10.0.0.7:8080/hook", ("10.0.0.7",))
