"""Tweets that are asked for again by their ids: what X says is gone is withdrawn; pure, no Django."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ingest.adapter import Payload
from ingest.dialects.tweets import by, part
from ingest.reading.fields import Fields, identity, instant
from reports.record import WITHDRAWN, Update, Updates

PATH = "2/tweets"
MOST = 100  # ids that X takes at once
# Deleted; and no longer shown to us: protected, withheld, or of an account that was suspended. X wants either
# gone from here within a day.
GONE = ("/resource-not-found", "/not-authorized-for-resource")


def asked(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids of tweets, as many at a time as X takes."""
    numbers = [id for id in ids if id.isdecimal()]
    for start in range(0, len(numbers), MOST):
        yield numbers[start : start + MOST]


def told_apart(answer: Any, ids: Sequence[str], now: datetime) -> tuple[set[str], list[Payload]]:
    """Return which tweets an answer holds, and a payload for each that it says is gone.

    One that it neither holds nor refuses is left alone.
    """
    document = part(answer)
    there = set(by("id", document.get("data"))) & set(ids)
    gone: list[Payload] = []
    for error in map(part, document.get("errors") or []):
        id = str(error.get("resource_id") or error.get("value") or "")
        if id in ids and id not in there and str(error.get("type")).endswith(GONE):
            gone.append({"id": id, "gone": dict(error), "asked_at": now.isoformat()})
    return there, gone


def withdrawal(feed: str, payload: Payload) -> Updates:
    """Return the step that a tweet which is gone makes."""
    fields = Fields(payload)
    step = Update(instant(fields.take("asked_at")), WITHDRAWN, "", "")
    return Updates(feed, identity(fields.take("id")), (step,))
