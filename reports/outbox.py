"""What the city says to a citizen, on its way back to the channel of the report.

A message is put down in the transaction of what it tells of, and sent later (``ingest.outgoing.outbox``): at
least once, in the order in which it was put down for its report, and in at most eight attempts.
"""

import hashlib
import json
import logging
import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports.models import Outgoing, Report
from reports.record import DONE, IN_PROGRESS, WAITING

logger = logging.getLogger(__name__)

ANSWER, STATUS = "answer", "status"
MOST_ATTEMPTS = 8
LONGEST_REST_S = 86_400  # whatever a channel asks for
FIRST_PAUSE_S = 300.0  # doubled each time: the eighth attempt is 6 to 11 hours behind the first


def put(
    report: Report,
    kind: str,
    *,
    by: str,
    at: datetime,
    text: str = "",
    status: str = "",
    below: Mapping[str, Any] | None = None,
) -> Outgoing:
    """Put a message down, in the caller's transaction: it is sent if that one is committed.

    Parameters
    ----------
    kind
        ``answer``: words for the citizen; ``status``: how far the report has come, with or without words.
    by
        The office that says so, as the citizen may read it.
    at
        When it was said or decided. The very same message, its time included, is one message however often
        it is put down; so this is no "now" of the caller's.
    below
        What stands below the words, for who sends the message to make a line of; it is none of them.

    Raises
    ------
    InvalidRequest
        An answer without words or with a status, or a status that is none.
    """
    if kind == ANSWER and (status or not text.strip()):
        raise InvalidRequest("an answer has words, and no status")
    if kind == STATUS and status not in (WAITING, IN_PROGRESS, DONE):
        raise InvalidRequest(f"status {status!r} is none that an office gives")
    if kind not in (ANSWER, STATUS):
        raise InvalidRequest(f"kind {kind!r} is neither {ANSWER} nor {STATUS}")
    body: dict[str, Any] = {"by": by, "at": at.isoformat(), "text": text.strip(), "status": status}
    if below:
        body["below"] = dict(below)
    now = timezone.now()
    message, _ = Outgoing.objects.get_or_create(
        channel=report.channel,
        external_id=report.external_id,
        kind=kind,
        digest=_digest(report.channel, report.external_id, kind, body),
        defaults={"body": body, "created_at": now, "next_at": now},
    )
    return message


def waiting() -> QuerySet[Outgoing]:
    """Return the messages that are still to be sent, oldest first."""
    return Outgoing.objects.filter(sent_at=None, dead_at=None).order_by("id")


def dead() -> QuerySet[Outgoing]:
    """Return the messages that were given up, oldest first."""
    return Outgoing.objects.filter(sent_at=None, dead_at__isnull=False).order_by("id")


def channels_due(now: datetime) -> list[str]:
    """Return the channels for which a message waits whose time has come."""
    due = waiting().filter(next_at__lte=now).order_by("channel")
    return list(due.values_list("channel", flat=True).distinct())


def claim(channel: str, now: datetime, busy_s: float) -> Outgoing | None:
    """Take the message of a channel that has been due for longest, and count the attempt before it is made.

    Until ``busy_s`` seconds have passed nobody else takes it. One waits for those that were put down for the
    same report before it: a report must not be told to be in progress after it was told to be done.
    """
    before = waiting().filter(
        channel=OuterRef("channel"), external_id=OuterRef("external_id"), id__lt=OuterRef("id")
    )
    due = waiting().filter(~Exists(before), channel=channel, next_at__lte=now).order_by("next_at", "id")
    with transaction.atomic():
        while message := due.select_for_update(skip_locked=True).first():
            if message.attempts >= MOST_ATTEMPTS:
                # The last attempt was killed, or broke in a way that nobody foresaw.
                bury(message, message.error or "the last attempt did not end", now)
                continue
            message.attempts += 1
            message.next_at = now + timedelta(seconds=max(busy_s, _pause_s(message.attempts)))
            message.save(update_fields=["attempts", "next_at"])
            return message
    return None


def settle(message: Outgoing, reference: str, now: datetime) -> None:
    """Note that a message arrived, and what the channel calls it."""
    message.sent_at, message.reference, message.error = now, reference, ""
    message.save(update_fields=["sent_at", "reference", "error"])


def postpone(message: Outgoing, error: str, retry_after_s: float | None, now: datetime) -> None:
    """Note why a message did not arrive; after its last attempt it is given up.

    A channel that asked us to stay away is left alone with all its messages.
    """
    if message.attempts >= MOST_ATTEMPTS:
        bury(message, error, now)
    else:
        message.error = error
        message.save(update_fields=["error"])
    if retry_after_s:
        # Not min(): what is no number is not less than a day.
        until = now + timedelta(seconds=retry_after_s if retry_after_s < LONGEST_REST_S else LONGEST_REST_S)
        waiting().filter(channel=message.channel, next_at__lt=until).update(next_at=until)


def bury(message: Outgoing, error: str, now: datetime) -> None:
    """Give a message up, until a person takes it up again."""
    message.dead_at, message.error = now, error
    message.save(update_fields=["dead_at", "error"])
    logger.warning(
        "dead letter id=%d channel=%s attempts=%d: %s", message.id, message.channel, message.attempts, error
    )


@transaction.atomic
def retry(ids: Iterable[int]) -> None:
    """Let dead messages be sent again, at once and with all their attempts.

    Raises
    ------
    NotFound
        One of them is not there.
    Conflict
        One is not dead, or a later message on the same report was sent, which it would undo.
    """
    now = timezone.now()
    for id in ids:
        message = Outgoing.objects.select_for_update().filter(id=id).first()
        if message is None:
            raise NotFound(f"no message {id}")
        if message.dead_at is None:
            raise Conflict(f"message {id} {'was sent' if message.sent_at else 'waits to be sent'}")
        same = Outgoing.objects.filter(channel=message.channel, external_id=message.external_id)
        if message.kind == STATUS and same.filter(kind=STATUS, id__gt=id, sent_at__isnull=False).exists():
            raise Conflict(f"message {id}: a later status of the same report was sent")
        message.attempts, message.next_at, message.dead_at = 0, now, None
        message.save(update_fields=["attempts", "next_at", "dead_at"])


def _pause_s(attempt: int) -> float:
    """Return how long to wait behind an attempt: twice as long each time, jittered."""
    return FIRST_PAUSE_S * 2.0 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311


def _digest(channel: str, external_id: str, kind: str, body: dict[str, Any]) -> bytes:
    told = json.dumps([channel, external_id, kind, body], sort_keys=True)
    return hashlib.sha256(told.encode()).digest()
