"""Receivers that keep whoever tells them something: each is left within the deadline."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from geoplatform.errors import FeedUnavailable
from ingest.network import telling

DEADLINE_S = 0.5
LATE_S = 60.0  # a machine under load: what is proven is that it ends
FOUND = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 1000000000\r\n\r\n"


@contextmanager
def receiver(head: bytes, piece: bytes, pause_s: float) -> Iterator[tuple[str, list[int]]]:
    """Serve one caller a beginning, then pieces until it hangs up; yields the address, and what was sent."""
    ended, sent = threading.Event(), [0]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client, suppress(OSError):
                client.recv(65536)
                client.sendall(head)
                while not ended.wait(pause_s):
                    sent[0] += client.send(piece)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", sent
        ended.set()
        thread.join(LATE_S)


@pytest.fixture(autouse=True)
def deadline(monkeypatch):
    monkeypatch.setattr(telling, "TELL_S", DEADLINE_S)


@pytest.mark.parametrize(("piece", "pause_s"), [(b"x" * 65536, 0.0), (b"x", 0.05)], ids=["endless", "drips"])
def test_the_body_of_a_redirect_is_not_read(piece, pause_s):
    with receiver(FOUND, piece, pause_s) as (url, sent):
        began = time.monotonic()
        assert telling.tell(url, b"{}", {}, ["127.0.0.1"])[0] == 302
        assert time.monotonic() - began < LATE_S
    assert sent[0] < 20_000_000  # what buffers hold, not what is sent


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"],
    ids=["status", "header", "body"],
)
def test_an_answer_that_drips_is_cut_at_the_deadline(head):
    with receiver(head, b"1", 0.05) as (url, _):
        began = time.monotonic()
        with pytest.raises(FeedUnavailable):
            telling.tell(url, b"{}", {}, ["127.0.0.1"])
        assert time.monotonic() - began < LATE_S


def test_a_body_without_end_is_cut_at_its_bound():
    with receiver(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000, 0.0) as (url, _):
        status, _, got = telling.tell(url, b"{}", {}, ["127.0.0.1"])
    assert (status, len(got)) == (200, telling.SHOWN)


def test_what_is_inside_and_what_is_closed_are_told_in_the_same_words():
    said = set()
    with receiver(b"", b"", 0.01) as (url, _):
        for address, allowed in (
            (url, []),
            ("http://127.0.0.1:9/", []),
            ("http://127.0.0.1:9/", ["127.0.0.1"]),
        ):
            with pytest.raises(FeedUnavailable) as refused:
                telling.tell(address, b"{}", {}, allowed)
            said.add(str(refused.value))
        socket.create_connection(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))).close()
    assert said == {telling.UNREACHED}
