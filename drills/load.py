"""The load of a drill: a sender that pushes, and who asks the workers for all that they do."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from drills.city import FEEDS, PUSH_KEY
from fixtures.server import HOST

TIMEOUT_S = 10
AROUND = (106.8272, -6.1754)


class Repeated(threading.Thread):
    """Does something again and again, with pauses, until it is told to end."""

    def __init__(self, act: Callable[[], None], pause_s: float) -> None:
        super().__init__(daemon=True)
        self.act, self.pause_s = act, pause_s
        self._ended = threading.Event()

    def run(self) -> None:
        """Act until ``end``."""
        while not self._ended.wait(self.pause_s):
            self.act()

    def end(self) -> None:
        """Let the last act end."""
        self._ended.set()
        self.join()


class Sender:
    """Pushes a post each time, and again, signed anew, until it is taken: as docs/reference/push.md asks."""

    def __init__(self, port: int, name: str = "drill") -> None:
        self.port, self.name = port, name
        self.made = self.refused = 0
        self.owed: list[str] = []
        self.acknowledged: set[str] = set()

    def push(self) -> None:
        """Push one more post, and the oldest that is owed."""
        self.made += 1
        self.owed.append(f"{self.name}-{self.made}")
        self.settle()

    def settle(self) -> None:
        """Push the oldest two that are owed."""
        for id in self.owed[:2]:
            if post(self.port, id) == 200:
                self.acknowledged.add(id)
                self.owed.remove(id)
            else:
                self.refused += 1


def post(port: int, id: str) -> int:
    """Push a post to the door; returns the status, 0 where there was no answer."""
    lon, lat = AROUND
    said = {
        "thread_id": id, "post_id": id, "created_at": datetime.now(UTC).isoformat(), "category": "road",
        "author": "warga_contoh", "title": "Jalan rusak", "body": f"[SIMULASI] lubang {id}",
        "lng": lon, "lat": lat,
    }  # fmt: skip
    body, stamp = json.dumps({"version": 1, "posts": [said]}).encode(), str(int(time.time()))
    made = hmac.new(PUSH_KEY.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Geoplatform-Timestamp": stamp,
        "X-Geoplatform-Signature": f"sha256={made}",
    }
    return ask(port, "POST", "/push/balai_warga", body, headers)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> int:
    """Ask the web server; returns the status, 0 where there was no whole answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def want_everything() -> None:
    """Put down every job that the platform's clock would, unless one of its kind waits already."""
    from django.db import Error, connection
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

    from casework import tasks as casework
    from ingest import tasks as ingest

    steps = (
        casework.find_duplicates, casework.open_cases, casework.escalate, casework.send_notices,
        casework.check_rules, ingest.tell, ingest.deliver, casework.write_brief,
    )  # fmt: skip
    jobs: list[tuple[Any, dict[str, Any]]] = [(ingest.ingest, {"name": name}) for name in FEEDS]
    jobs += [(ingest.take_up, {"name": "balai_warga"})]
    jobs += [(step, {"timestamp": 0}) for step in steps]
    try:
        for task, said in jobs:
            try:
                task.configure(queueing_lock=f"drill:{task.name}:{said}").defer(**said)
            except AlreadyEnqueued:
                continue
    except (Error, ConnectorException):  # the database is dead at this moment
        connection.close()
