"""The payloads that are kept: stored as sent before they are read, marked once what they say is stored."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction

from geoplatform import sql
from ingest.adapter import Feed
from ingest.canonical import decode, encode
from ingest.models import Waiting

# Payloads whose rows are stored in one transaction. In batches of 500 a row costs half as much again.
BATCH = 2000
LIMITS = {"limit": BATCH, "bytes": 16_000_000}


class Kept(NamedTuple):
    """One payload that is kept; ``body`` is what its feed sent, as JSON."""

    id: int
    body: str
    simulated: bool
    fetched_at: datetime

    def payload(self) -> Any:
        """Return what the feed sent, less what PostgreSQL cannot hold."""
        payload = decode(self.body)
        is_odd = self.body.startswith(" ") or "\\u0000" in self.body
        return _storable(payload) if is_odd else payload


def digested(page: Iterable[Any]) -> dict[bytes, str]:
    """Return payloads as they are kept, each once, by their SHA-256."""
    bodies: dict[bytes, str] = {}
    for payload in page:
        body = encode(payload)
        bodies.setdefault(hashlib.sha256(body.encode()).digest(), body)
    return bodies


def keep(feed: Feed, bodies: Mapping[bytes, str], now: datetime, waiting_too: bool = False) -> list[Kept]:
    """Store payloads as sent, and return those that were not known; the others stay as they were.

    With ``waiting_too`` those are returned besides that were known and not used yet.
    """
    if not bodies:
        return []
    with transaction.atomic():
        # Two that bring the same payloads in another order would wait for one another.
        sql.hold(f"keep:{feed.name}")
        sql.fill("ingest/incoming", "ingest_incoming", bodies.items())
        params = {"feed": feed.name, "simulated": feed.simulated, "fetched_at": now}
        new = sql.rows("ingest/keep", params)
        if waiting_too:
            new = sql.rows("ingest/unused", {"feed": feed.name})
    return [Kept(id, bodies[bytes(digest)], feed.simulated, now) for id, digest in sorted(new)]


def waiting(feed: str) -> list[Kept]:
    """Return a batch of the payloads of a feed that are kept and not used yet, oldest first."""
    return _all_read(sql.rows("ingest/waiting", {"feed": feed, **LIMITS}))


def is_waiting(feed: str, before: datetime) -> bool:
    """Say whether a payload of a feed that was kept before an instant is not used yet."""
    return Waiting.objects.filter(payload__feed=feed, payload__fetched_at__lt=before).exists()


def after(feed: str, last: int) -> list[Kept]:
    """Return a batch of the payloads of a feed behind an id, oldest first."""
    return _all_read(sql.rows("ingest/after", {"feed": feed, "last": last, **LIMITS}))


def rejected(feed: str, last: int) -> list[Kept]:
    """Return a batch of the payloads of a feed behind an id that were set aside, oldest first."""
    return _all_read(sql.rows("ingest/rejected", {"feed": feed, "last": last, **LIMITS}))


def all_of(feed: str, read: Callable[[str, int], list[Kept]] = after) -> Iterator[list[Kept]]:
    """Yield all payloads of a feed, oldest first, a batch at a time; or all that ``rejected`` returns."""
    last = 0
    while batch := read(feed, last):
        yield batch
        last = batch[-1].id


def known(feed: str, page: Iterable[Any], before: datetime) -> tuple[int, int]:
    """Return how many of these payloads were kept before an instant, and how many of them are set aside."""
    digests = list({hashlib.sha256(encode(payload).encode()).digest() for payload in page})
    ((count, set_aside),) = sql.rows("ingest/known", {"feed": feed, "digests": digests, "before": before})
    return count, set_aside


def settle(used: Sequence[Kept], reasons: Mapping[int, str], now: datetime) -> int:
    """Let payloads wait no longer, and make the rejections of these payloads exactly the reasons given.

    Returns how many waited.
    """
    ids = [one.id for one in used]
    waited: int = sql.scalar("ingest/settle", {"ids": ids, "used": [id for id in ids if id not in reasons]})
    if reasons:
        batch = json.dumps([{"payload_id": id, "reason": reason} for id, reason in reasons.items()])
        sql.rows("ingest/reject", {"batch": batch, "now": now})
    return waited


def _all_read(rows: Iterable[tuple[int, str, bool, float]]) -> list[Kept]:
    return [
        Kept(id, body, simulated, datetime.fromtimestamp(seconds, UTC))
        for id, body, simulated, seconds in rows
    ]


def _storable(value: Any) -> Any:
    """Return JSON without what PostgreSQL cannot hold: NUL and lone surrogates are replaced, NaN is null."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value
