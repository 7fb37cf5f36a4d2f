"""The server of events: server-sent events to many listeners at a time, on one loop.

A listener holds a connection and a position, and nothing else: what it is told is read from the journal when
it can take more. So one that is slow is told less often, of more at a time, and costs no memory.
"""

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler

from access.clients import LOCAL, client
from api.errors import problem
from api.events.journal import Journal, read, told, written
from layers.layer import catalogue

logger = logging.getLogger(__name__)

LOOK_S = 0.2
RETRY_MS = 3000  # after which a listener that lost its connection comes again
LONGEST_S = 3600.0  # of one connection
PATIENCE_S = 30.0  # with one that takes nothing
REFUSED_S = 30


class Hall:
    """All listeners: how many there are, what they wait for, and whether we close."""

    def __init__(self, heartbeat_s: float = 15.0) -> None:
        self.journal = Journal(catalogue().values())
        self.heartbeat_s = heartbeat_s
        self.listeners: Counter[str] = Counter()
        self.closes = False
        self._news = asyncio.Event()

    async def watch(self) -> None:
        """Look what changed, again and again, and wake those who wait."""
        while not self.closes:
            if self.journal.look():
                self._wake()
            await asyncio.sleep(LOOK_S)

    def close(self) -> None:
        """Let every listener go."""
        self.closes = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> bool:
        """Wait for news, as long as a heart waits; returns whether there are any."""
        try:
            await asyncio.wait_for(self._news.wait(), self.heartbeat_s)
        except TimeoutError:
            return False
        return True


class Events(RequestHandler):
    """``GET /api/events[?layers=][&last-event-id=]``."""

    def initialize(self, hall: Hall) -> None:
        """Take what all of them share."""
        self.hall = hall
        self._is_counted = False

    def set_default_headers(self) -> None:
        """Say what every answer says."""
        self.clear_header("Server")
        self.set_header("Access-Control-Allow-Origin", "*")
        self.set_header("Access-Control-Expose-Headers", "Retry-After")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    def options(self) -> None:
        """Answer pages of other sites."""
        self.set_header("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
        self.set_header("Access-Control-Allow-Headers", "Last-Event-ID, Cache-Control")
        self.set_status(204)

    def head(self) -> None:
        """Say of what type the answer would be."""
        self.set_header("Content-Type", "text/event-stream")

    async def get(self) -> None:
        """Tell of changes until the listener goes."""
        names = self._layers()
        if names is None or self._is_refused():
            return
        self._is_counted = True
        self.hall.listeners[self._who()] += 1
        try:
            await self._tell(names)
        except (StreamClosedError, TimeoutError):
            logger.debug("listener gone")
        finally:
            self.on_connection_close()

    def on_connection_close(self) -> None:
        """Count a listener no more, as soon as it is gone."""
        if self._is_counted:
            self._is_counted = False
            self.hall.listeners[self._who()] -= 1
            self.hall.listeners += Counter()  # drops those that have none

    async def _tell(self, names: Sequence[str]) -> None:
        journal, ends = self.hall.journal, time.monotonic() + LONGEST_S
        now = {name: journal.revisions[name] for name in names}
        last = self.request.headers.get("Last-Event-ID") or self.get_query_argument("last-event-id", "")
        position = {**now, **read(last, names)}
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("X-Accel-Buffering", "no")  # nginx would wait for more
        begins = {"revisions": now}
        await self._send(f"retry: {RETRY_MS}\n" + _event("state", begins, position))
        while self._is_counted and not self.hall.closes and time.monotonic() < ends:
            changes = journal.behind(position)
            for change in changes:
                position[change.layer] = change.revision
                await self._send(_event("change", told(change), position))
            if not changes and not await self.hall.news():
                await self._send(": heartbeat\n\n")

    async def _send(self, text: str) -> None:
        self.write(text)
        await asyncio.wait_for(self.flush(), PATIENCE_S)

    def _layers(self) -> list[str] | None:
        """Return the layers that are asked for, all by default; None where they cannot be used."""
        unknown = sorted(set(self.request.query_arguments) - {"layers", "last-event-id"})
        names = self.get_query_argument("layers", "")
        wanted = list(dict.fromkeys(names.split(","))) if names else list(catalogue())
        missing = [name for name in wanted if name not in catalogue()]
        if unknown:
            self._refuse(400, f"unknown parameter {unknown[0]!r}: known are last-event-id, layers")
        elif missing:
            self._refuse(400, f"layers {missing[0]!r}: /tiles lists the layers")
        elif not _is_ours(self.request.host):
            self._refuse(400, "this request cannot be answered (DisallowedHost)")
        else:
            return wanted
        return None

    def _is_refused(self) -> bool:
        """Refuse a listener where there are as many as can be borne."""
        listeners = self.hall.listeners
        if listeners.total() >= settings.EVENTS_MOST:
            self._refuse(503, f"{settings.EVENTS_MOST} listen already", REFUSED_S)
            return True
        who = self._who()
        if who != LOCAL and listeners[who] >= settings.EVENTS_MOST_EACH:
            self._refuse(429, f"your address listens {settings.EVENTS_MOST_EACH} times already", REFUSED_S)
            return True
        return False

    def _refuse(self, status: int, detail: str, retry_after_s: int = 0) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/problem+json")
        if retry_after_s:
            self.set_header("Retry-After", str(retry_after_s))
        self.write(problem(status, detail).content)

    def _who(self) -> str:
        forwarded = self.request.headers.get("X-Forwarded-For", "")
        return client(self.request.remote_ip or "", forwarded, settings.TRUSTED_PROXIES)

    def log_exception(self, *error: Any) -> None:
        """Write what nobody foresaw to the log; nothing of it is told."""
        if not isinstance(error[1], StreamClosedError):
            logger.error("events failed", exc_info=error)

    def write_error(self, status_code: int, **more: Any) -> None:
        """Answer what nobody foresaw as everywhere."""
        self.set_header("Content-Type", "application/problem+json")
        self.finish(problem(status_code, "this cannot be answered here").content)


class Health(RequestHandler):
    """``GET /health``: how many listen."""

    def initialize(self, hall: Hall) -> None:
        """Take what all of them share."""
        self.hall = hall

    def get(self) -> None:
        """Answer."""
        self.write({"status": "ok", "listeners": self.hall.listeners.total()})


def _event(name: str, said: Mapping[str, Any], position: Mapping[str, int]) -> str:
    data = json.dumps(said, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\nid: {written(position)}\n\n"


def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


async def serve(host: str, port: int, stop: asyncio.Event, hall: Hall) -> None:
    """Serve until we are asked to stop; the layers are watched already (``layers.live``)."""
    shared = {"hall": hall}
    doors: list[Any] = [("/api/events", Events, shared), ("/health", Health, shared)]
    app = Application(doors, log_function=lambda _: None)
    server = HTTPServer(app, max_header_size=16_384, max_body_size=1024, idle_connection_timeout=60)
    server.listen(port, host, backlog=1024)
    logger.info("events listen on http://%s:%d", host, port)
    watching = asyncio.create_task(hall.watch())
    await stop.wait()
    server.stop()
    hall.close()
    with suppress(TimeoutError):
        await asyncio.wait_for(server.close_all_connections(), 3)
    await watching
