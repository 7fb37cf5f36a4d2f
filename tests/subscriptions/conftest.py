"""A receiver that is really spoken to, and a key to subscribe with."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from access import keys


class Receiver:
    """A web server on the loopback that notes what it is told, and answers as it is made to."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.status, self.headers, self.echo = 200, {}, "json"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.told.append((dict(self.headers.items()), body))
                answer = outer.answer(json.loads(body))
                self.send_response(outer.status)
                for name, value in {**outer.headers, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def answer(self, said: dict) -> bytes:
        challenge = said.get("challenge", "")
        return {"json": json.dumps({"challenge": challenge}).encode(), "text": challenge.encode()}.get(
            self.echo, b"ok"
        )

    def bodies(self) -> list[dict]:
        return [json.loads(body) for _, body in self.told]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOK_HOSTS = ("127.0.0.1",)
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def bearer(db) -> Iterator[dict[str, str]]:
    """Headers with a key that may write."""
    keys.forget()
    _, text = keys.create("Contoh", ["write"])
    yield {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    keys.forget()
