"""The load of a drill: a sender that pushes, and who asks the workers for all that they do."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from drills.city import FEEDS, PUSH_KEY, City
from fixtures.server import HOST

TIMEOUT_S = 10
MOST_OWED = 20
AROUND = (106.8272, -6.1754)
UNANSWERED: Counter[str] = Counter()  # how often there was no whole answer, by what was met instead
STORING = ["take_up balai_warga"]
FOLLOWING = [
    "find_duplicates", "open_cases", "escalate", "send_notices", "check_rules", "tell", "deliver",
    "write_brief",
]  # fmt: skip


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
        if self.is_alive():
            self.join()


class Sender:
    """Pushes a post each time, and again, signed anew, until it is taken: as docs/reference/push.md asks."""

    def __init__(self, port: int, name: str = "drill") -> None:
        self.port, self.name = port, name
        self.made = self.refused = 0
        self.owed: list[str] = []
        self.acknowledged: set[str] = set()

    def push(self) -> None:
        """Push one more post, unless many are owed, and the oldest of these."""
        if len(self.owed) < MOST_OWED:
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

    def is_rid_of_all(self) -> bool:
        """Push what is owed; say whether nothing is left of it."""
        self.settle()
        return not self.owed


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
    except (OSError, http.client.HTTPException) as error:
        UNANSWERED[type(error).__name__] += 1
        return 0
    finally:
        connection.close()


class Load:
    """Pushes and polls that go on, and whatever else the workers are asked for."""

    def __init__(self, city: City, port: int) -> None:
        self.city, self.sender = city, Sender(port)
        self._pushing = Repeated(self.sender.push, 0.1)
        self._polling = Repeated(lambda: self.want([f"ingest {name}" for name in FEEDS] + STORING), 0.5)

    def start(self) -> None:
        """Begin."""
        self._pushing.start()
        self._polling.start()

    def end_pushing(self) -> None:
        """Push nothing new from now on."""
        self._pushing.end()

    def end(self) -> None:
        """Ask for nothing from now on."""
        self._pushing.end()
        self._polling.end()

    def want_everything(self) -> None:
        """Ask for every job that the platform's clock would."""
        self.want([*(f"ingest {name}" for name in FEEDS), *STORING, *FOLLOWING])

    def want(self, names: Iterable[str]) -> None:
        """Put down jobs, by the names of their tasks, unless one of its kind waits already."""
        from django.db import Error, connection
        from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

        try:
            for name in names:
                task, said = _job(name)
                try:
                    task.configure(queueing_lock=f"drill:{name}").defer(**said)
                except AlreadyEnqueued:
                    continue
        except (Error, ConnectorException):  # the database is dead at this moment
            connection.close()


def _job(name: str) -> tuple[Any, dict[str, Any]]:
    """Return a task and what it is told: ``escalate``, ``ingest qlue``."""
    from casework import tasks as casework
    from ingest import tasks as ingest

    task, _, feed = name.partition(" ")
    module = casework if hasattr(casework, task) else ingest
    return getattr(module, task), {"name": feed} if feed else {"timestamp": 0}
