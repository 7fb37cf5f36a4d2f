"""The network: a real server on loopback that fails in every way that sources do."""

import itertools
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest

from fixtures import faults
from fixtures.server import SourceServer
from geoplatform.errors import FeedUnavailable
from ingest import feeds
from ingest.network import http
from ingest.network.http import HttpSession, download
from tests.conftest import NOON

PATH = "qluein_marker_v3.php"
PREFIX = "/qlue/"


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def session(sources, pauses):
    with HttpSession(feeds.feed("qlue"), pauses.append) as made:
        yield made


def first_page(session: HttpSession) -> list:
    return session.json(PATH, {"page": 1})


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(500), faults.status(503), faults.truncated(), faults.broken_json(),
        faults.wrong_content(), faults.dropped(), faults.too_many_requests(),
        faults.too_many_requests("Wed, 21 Oct 2026 07:28:00 GMT"),
    ],
    ids=["500", "503", "truncated", "broken JSON", "a page for people", "dropped", "429", "429 with a date"],
)  # fmt: skip
def test_a_fault_that_passes_is_tried_again_after_growing_pauses(sources, session, pauses, fault):
    expected = first_page(session)
    sources.fail(PREFIX, fault, times=2)
    assert first_page(session) == expected
    assert len(pauses) == 2
    assert 1 <= pauses[0] <= 2 <= pauses[1] <= 4


def test_a_fault_that_stays_is_unavailable_and_says_what_it_was(sources, session):
    sources.fail(PREFIX, faults.status(500), times=None)
    with pytest.raises(FeedUnavailable, match=f"qlue: {PATH}: status 500"):
        first_page(session)


def test_retry_after_is_obeyed(sources, session, pauses):
    sources.fail(PREFIX, faults.too_many_requests(7))
    first_page(session)
    assert pauses == [7.0]


def test_a_retry_after_beyond_patience_ends_the_run_at_once(sources, session, pauses):
    sources.fail(PREFIX, faults.too_many_requests(3600))
    with pytest.raises(FeedUnavailable, match="status 429"):
        first_page(session)
    assert pauses == []


@pytest.mark.parametrize(
    ("status", "why"), [(401, "token"), (403, "token"), (404, "nothing at this address")]
)
def test_a_refusal_is_not_tried_again_and_says_what_to_look_at(sources, session, pauses, status, why):
    sources.fail(PREFIX, faults.status(status))
    with pytest.raises(FeedUnavailable, match=why):
        first_page(session)
    assert pauses == []


def test_no_content_is_none(sources, session):
    sources.fail(PREFIX, faults.empty())
    assert first_page(session) is None


def test_a_server_that_is_silent_too_long_is_unavailable(sources, pauses):
    held = threading.Event()
    sources.fail(PREFIX, faults.slow(held), times=None)
    try:
        with (
            HttpSession(replace(feeds.feed("qlue"), timeout_s=0.05), pauses.append) as session,
            pytest.raises(FeedUnavailable, match="no whole answer"),
        ):
            first_page(session)
    finally:
        held.set()


@pytest.fixture
def trickling():
    """Serve an answer of which a byte comes now and then; yields its address."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while not ended.is_set():
                client, _ = server.accept()
                with client, suppress(OSError):
                    client.recv(4096)
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                    while not ended.wait(0.01):
                        client.sendall(b"1")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        ended.set()
        socket.create_connection(server.getsockname()).close()
        thread.join()


@pytest.fixture
def late(monkeypatch) -> None:
    """Let a quarter of an hour pass between two looks at the clock; the line is as patient as ever."""
    monkeypatch.setattr(http, "time", SimpleNamespace(monotonic=itertools.count(0, 900).__next__))


def test_a_download_that_trickles_ends_at_its_deadline(trickling, late):
    with pytest.raises(FeedUnavailable, match=r"/x: only \d+ bytes within 120\.0 s"):
        download(f"{trickling}/x", 120, allow_hosts=["127.0.0.1"])


def test_a_feed_that_trickles_is_unavailable_at_once(trickling, late, pauses):
    feed = replace(feeds.feed("qlue"), url=trickling, timeout_s=120.0, allow_hosts=["127.0.0.1"])
    with HttpSession(feed, pauses.append) as session, pytest.raises(FeedUnavailable, match="slower than"):
        first_page(session)
    assert not pauses


def test_an_answer_that_is_too_large_is_refused(sources, pauses):
    with (
        HttpSession(replace(feeds.feed("qlue"), max_bytes=100), pauses.append) as session,
        pytest.raises(FeedUnavailable, match="max_bytes 100"),
    ):
        first_page(session)


@pytest.mark.parametrize(
    "fault",
    [faults.dropped(), faults.status(500), faults.status(401), faults.status(404), faults.truncated()],
)
def test_no_error_holds_the_token(sources, pauses, caplog, fault):
    feed = replace(feeds.feed("waze"), token="very-secret")
    sources.fail("/waze/", fault, times=None)
    with HttpSession(feed, pauses.append) as session, pytest.raises(FeedUnavailable) as error:
        session.json(feed.options["path"], {"format": 1})
    assert "very-secret" not in str(error.value)
    assert "very-secret" not in caplog.text


def test_a_download_that_cannot_be_had_says_so():
    with pytest.raises(FeedUnavailable, match=r"http://127\.0\.0\.1:9/x: ConnectionError"):
        download("http://127.0.0.1:9/x", 1.0, allow_hosts=["127.0.0.1"])


def test_a_download_has_a_bound(sources):
    with pytest.raises(FeedUnavailable, match="more than 10 bytes"):
        download(f"{sources.url}/qlue/{PATH}?page=1", 1.0, max_bytes=10, allow_hosts=["127.0.0.1"])


@pytest.mark.parametrize("allowed", [(), ("intranet.example",)])
def test_a_private_address_is_not_spoken_to_unless_it_is_allowed_by_name(sources, pauses, allowed):
    feed = replace(feeds.feed("qlue"), allow_hosts=allowed)
    with (
        HttpSession(feed, pauses.append) as session,
        pytest.raises(FeedUnavailable, match=r"127\.0\.0\.1 has the private address 127\.0\.0\.1"),
    ):
        first_page(session)
    assert sources.requests == []
    assert pauses == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_server_that_one_sends_us_to_gets_neither_a_request_nor_the_token(sources, pauses, status):
    with SourceServer(now=NOON, days=1, scale=0.2) as other:
        sources.answer("/petabencana/", "", status, {"Location": f"{other.url}/x?token=hidden"})
        feed = replace(feeds.feed("petabencana"), token="very-secret", token_header="X-Api-Key")
        with (
            HttpSession(feed, pauses.append) as session,
            pytest.raises(
                FeedUnavailable, match=rf"status {status}: it sends us on to 127\.0\.0\.1"
            ) as error,
        ):
            session.json("reports", {"geoformat": "geojson"})
        assert other.requests == []
    assert len(sources.requests) == 1
    assert "hidden" not in str(error.value)


def test_a_move_within_a_server_is_followed_with_the_token_and_without_the_old_parameters(sources, pauses):
    sources.answer("/petabencana/old", "", 301, {"Location": "/petabencana/reports?geoformat=geojson"})
    feed = replace(feeds.feed("petabencana"), token="secret", token_header="X-Api-Key")
    with HttpSession(feed, pauses.append) as session:
        assert session.json("old", {"page": 1})["result"]
    assert sources.requests[-1].query == {"geoformat": "geojson"}
    assert sources.requests[-1].headers["x-api-key"] == "secret"


@pytest.mark.parametrize("there", ["http://127.0.0.1:99999999/x", "http://[x/"])
def test_a_server_that_sends_us_to_no_address_at_all_is_unavailable(sources, session, there):
    sources.answer("/qlue/", "", 302, {"Location": there})
    with pytest.raises(FeedUnavailable, match="it sends us on to what is no address"):
        first_page(session)


def test_a_server_that_sends_us_round_in_a_circle_is_unavailable(sources, session):
    sources.answer("/qlue/", "", 302, {"Location": f"/qlue/{PATH}"})
    with pytest.raises(FeedUnavailable, match="sent on more than 5 times"):
        first_page(session)
    assert len(sources.requests) == 5


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_what_is_posted_is_sent_on_to_nobody(sources, session, status):
    sources.answer("/qlue/", "", status, {"Location": "/qlue/elsewhere"})
    with pytest.raises(FeedUnavailable, match=f"status {status}: it sends us on"):
        session.post("balas", b"with a secret", "text/plain")
    assert [request.path for request in sources.requests] == ["/qlue/balas"]


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("http://a.example/x", "http://a.example/y", True),
        ("http://a.example/x", "http://a.example:80/y", True),
        ("http://a.example/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/x", "https://a.example:8443/x", False),
        ("http://a.example:8080/x", "https://a.example/x", False),
        ("https://a.example/x", "https://b.a.example/x", False),
        ("https://a.example/x", "https://a.example@b.example/x", False),
        ("https://a.example/x", "file:///etc/passwd", False),
    ],
)
def test_a_server_is_the_same_by_name_port_and_tls(here, there, same):
    assert http._is_same_server(here, there) is same


def test_a_download_from_a_private_address_is_refused_before_anything_is_asked(sources):
    with pytest.raises(FeedUnavailable, match=r"127\.0\.0\.1 has the private address 127\.0\.0\.1"):
        download(f"{sources.url}/qlue/{PATH}", 1.0)
    assert sources.requests == []


def test_a_download_that_is_sent_on_to_a_private_address_is_refused(sources):
    sources.answer("/batas", "", 302, {"Location": sources.url.replace("127.0.0.1", "localhost") + "/x"})
    with pytest.raises(FeedUnavailable, match="localhost has the private address"):
        download(f"{sources.url}/batas", 1.0, allow_hosts=["127.0.0.1"])
    assert len(sources.requests) == 1


@pytest.mark.parametrize(
    ("headers", "stays_away_s"),
    [
        ({"Retry-After": "31536000"}, 86_400),
        ({"Retry-After": "99999999999999999999"}, 86_400),
        ({"Retry-After": "9" * 5000}, 86_400),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, 86_400),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:00 -0000"}, 86_400),
        ({"x-rate-limit-reset": "99999999999999"}, 86_400),
        ({"x-rate-limit-reset": "9" * 400}, 86_400),
        ({"Retry-After": "3600"}, 3600),
        ({"Retry-After": "Fri, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon", "x-rate-limit-reset": "never"}, None),
        ({"x-rate-limit-reset": "0"}, None),
        ({}, None),
    ],
)
def test_however_long_a_server_asks_us_to_stay_away_it_is_a_day_at_most(headers, stays_away_s):
    assert http._retry_after_s(headers) == stays_away_s


@pytest.mark.parametrize("sign", [60, -60])
def test_the_time_of_the_next_period_is_waited_for_unless_it_is_past(
    sources, session, pauses, sign, monkeypatch
):
    now = int(NOON.timestamp())
    monkeypatch.setattr(http, "time", SimpleNamespace(time=lambda: float(now), monotonic=time.monotonic))
    sources.answer("/qlue/", "", 429, {"x-rate-limit-reset": str(now + sign // 6)})
    with pytest.raises(FeedUnavailable, match="status 429"):
        first_page(session)
    assert pauses and all(pause == 10 for pause in pauses) == (sign > 0)


def test_a_token_goes_into_the_header_that_the_feed_names(sources, pauses):
    feed = replace(feeds.feed("petabencana"), token="secret", token_header="X-Api-Key")
    with HttpSession(feed, pauses.append) as session:
        session.json("reports", {"geoformat": "geojson"})
    assert {name.lower(): value for name, value in sources.requests[-1].headers.items()}[
        "x-api-key"
    ] == "secret"
