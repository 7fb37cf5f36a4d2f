"""A city that knows the truth: its feeds, a mail server and a receiver of webhooks that count what comes."""

import asyncio
import json
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from drills.platform import free_port
from fixtures.server import HOST, SourceServer

PUSH_KEY = "a key of the drills alone"
FEEDS = ("qlue", "waze", "petabencana", "lapor", "email")
SCALE = 0.5
# The city's clock stands so far behind the wall's, and a drill lets it go on: less than feeds look back.
BEHIND = timedelta(minutes=55)
ONWARDS = timedelta(minutes=2)
FACTS = "[{}]\ncadence_s = 1\nfollow_at_most = 20\ntimeout_s = 3\n"
LONGEST_S = 60.0


class Silence:
    """A time in which who was told something does not say so; ``is_asked`` when somebody has told."""

    def __init__(self) -> None:
        self._asked, self._over = threading.Event(), threading.Event()

    def is_asked(self) -> bool:
        """Say whether somebody waits for an answer."""
        return self._asked.is_set()

    def keep(self) -> None:
        """Say nothing until it is over."""
        self._asked.set()
        self._over.wait(LONGEST_S)

    def end(self) -> None:
        """Let all be answered."""
        self._over.set()


class Answering:
    """Somebody who answers what they were told, but for times of silence."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self._silence: Silence | None = None

    @contextmanager
    def silent(self) -> Iterator[Silence]:
        """Take what comes, and do not say so."""
        self._silence = Silence()
        try:
            yield self._silence
        finally:
            self._silence.end()
            self._silence = None

    def heed(self) -> None:
        """Wait, where there is silence."""
        if silence := self._silence:
            silence.keep()


class Mails(Answering):
    """A mail server that counts what it took, by Message-ID."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self._controller = Controller(self, hostname=HOST, port=self.port, ready_timeout=30)
        self._controller.start()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Count a mail, and take it."""
        number = str(message_from_bytes(envelope.content)["Message-ID"])
        self.taken[number.strip("<>").partition("@")[0]] += 1
        await asyncio.to_thread(self.heed)
        return "250 OK"

    def close(self) -> None:
        """Take no more."""
        self._controller.stop()


class Receiver(Answering):
    """A receiver of webhooks that counts messages by number, and remembers what it was told of."""

    def __init__(self) -> None:
        super().__init__()
        self.told: set[int] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.note(self.headers.get("webhook-id", ""), said)
                outer.heed()
                answer = json.dumps({"challenge": said.get("challenge", "")}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                with suppress(OSError):  # who told is dead
                    self.wfile.write(answer)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def note(self, number: str, said: Any) -> None:
        """Count a message, and remember which reports it told of."""
        self.taken[number] += 1
        self.told.update(int(one["id"]) for one in said.get("reports", []))

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()


@dataclass
class City:
    """The sources, who is told, and a folder for what the platform keeps in files."""

    sources: SourceServer
    mails: Mails
    receiver: Receiver
    folder: Path

    def goes_on(self) -> None:
        """Let a while pass in the city: citizens report, offices answer."""
        self.sources.now += ONWARDS


@contextmanager
def living(scale: float = SCALE) -> Iterator[City]:
    """Let a city live whose clock stands still, and have this process and those it starts read it."""
    mails, receiver = Mails(), Receiver()
    with (
        tempfile.TemporaryDirectory(prefix="geoplatform-drill-") as name,
        SourceServer(now=datetime.now(UTC) - BEHIND, days=3, scale=scale) as sources,
    ):
        folder = Path(name)
        (folder / "feeds.toml").write_text("".join(map(FACTS.format, FEEDS)))
        os.environ.update(_environment(sources.url, mails.port, folder))
        try:
            yield City(sources, mails, receiver, folder)
        finally:
            mails.close()
            receiver.close()


def _environment(sources: str, mail_port: int, folder: Path) -> dict[str, str]:
    return {
        "GEOPLATFORM_SECRET_KEY": "drill",
        "GEOPLATFORM_SIMULATED_CITY_URL": sources,
        "GEOPLATFORM_FEEDS": str(folder / "feeds.toml"),
        "GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY": PUSH_KEY,
        "GEOPLATFORM_WEBHOOK_HOSTS": HOST,
        "GEOPLATFORM_EMAIL_HOST": HOST,
        "GEOPLATFORM_EMAIL_PORT": str(mail_port),
        "GEOPLATFORM_EMAIL_SECURITY": "none",
        "GEOPLATFORM_LIMITS": "off",
        "GEOPLATFORM_BRIEF": "daily",
        "GEOPLATFORM_INDEX": str(folder / "index"),
        "GEOPLATFORM_MEDIA": str(folder / "photos"),
        "GEOPLATFORM_BRIEFS": str(folder / "briefs"),
        "GEOPLATFORM_EXPORTS": str(folder / "exports"),
        "GEOPLATFORM_LIMITS_FILE": str(folder / "limits"),
        "PYTHONUNBUFFERED": "1",
    }
