"""Notices to officials on their way: put down with what they tell of, sent later, in at most eight attempts.

At least once: one that may have arrived, as where its sender was killed, is sent again by the same number.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from casework.escalation import contacts, letters, receipts, standing, withdrawals
from casework.escalation.contacts import Address
from casework.models import Notice
from geoplatform.errors import Conflict, Deferred, NotFound, Unavailable, Undeliverable

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
FIRST_PAUSE_S = 300.0  # doubled each time: the eighth attempt is 6 to 11 hours behind the first
BUSY_S = 300.0  # longer than an attempt may last
MOST = 500  # notices of a channel at a time


class Recipient(Protocol):
    """Whom an escalation tells, as ``casework.escalation.holders.Whom`` has it."""

    @property
    def title(self) -> str:
        """Their office."""

    @property
    def acting(self) -> bool:
        """Whether they hold it for a time."""

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where they are told."""


def put(told: Mapping[int, Recipient], at: datetime) -> list[Notice]:
    """Put down one notice for each address that some escalations have, in the caller's transaction.

    Parameters
    ----------
    told
        Whom each escalation tells, by its id.
    """
    ids: dict[Address, list[int]] = defaultdict(list)
    titles: dict[Address, dict[str, None]] = defaultdict(dict)
    for id, whom in told.items():
        for address in whom.addresses:
            ids[address].append(id)
            titles[address][f"{whom.title} ({letters.ACTING})" if whom.acting else whom.title] = None
    lines = {line.id: line for line in letters.lines(list(told))} if ids else {}
    order = {id: place for place, id in enumerate(lines)}
    notices = []
    for address, own in ids.items():
        number = uuid4()
        subject, text = letters.write(
            " / ".join(titles[address]),
            [lines[id] for id in sorted(own, key=order.__getitem__)],
            at,
            number,
            receipts.link(number),
        )
        notices.append(
            Notice(
                number=number,
                channel=address.channel,
                address=address.address,
                subject=subject,
                text=text,
                created_at=at,
                next_at=at,
            )
        )
    Notice.objects.bulk_create(notices)
    through = Notice.escalations.through
    through.objects.bulk_create(
        [
            through(notice_id=notice.id, escalation_id=id)
            for notice, own in zip(notices, ids.values(), strict=True)
            for id in own
        ],
        batch_size=10_000,
    )
    return notices


def waiting() -> QuerySet[Notice]:
    """Return the notices that are still to be sent, oldest first."""
    return Notice.objects.filter(sent_at=None, dead_at=None, withdrawn_at=None).order_by("id")


def dead() -> QuerySet[Notice]:
    """Return the notices that were given up, oldest first."""
    return Notice.objects.filter(sent_at=None, dead_at__isnull=False).order_by("id")


def send_due(now: datetime | None = None) -> int:
    """Send every notice whose time has come; returns how many were taken.

    Those of a channel that is not set up wait.
    """
    sent = 0
    for channel, path in settings.NOTICE_CHANNELS.items():
        sent += _send_channel(channel, import_string(path), now)
    stuck = waiting().exclude(channel__in=settings.NOTICE_CHANNELS).count()
    if stuck:
        logger.warning("notices wait for a channel that is not set up=%d", stuck)
    if sent:
        logger.info("notices sent=%d waiting=%d", sent, waiting().count())
    return sent


def claim(channel: str, now: datetime) -> Notice | None:
    """Take the notice of a channel that has been due for longest, and count the attempt before it is made.

    Until ``BUSY_S`` seconds have passed nobody else takes it. One that is true no more, or not yet, or goes
    to nobody who holds the office, is withdrawn, and who is to be told instead is told by another one;
    each in a transaction of its own, and at most ``MOST`` of them at a time.
    """
    for _ in range(MOST):
        notice = _look(channel, now)
        if notice is None or not (notice.dead_at or notice.withdrawn_at):
            return notice
    return None


@transaction.atomic
def _look(channel: str, now: datetime) -> Notice | None:
    """Look at the notice of a channel that has been due for longest: it is buried, withdrawn or claimed."""
    due = waiting().filter(channel=channel, next_at__lte=now).order_by("next_at", "id")
    notice = due.select_for_update(skip_locked=True).first()
    if notice is None:
        return None
    found = standing.of(notice.id, now)
    if notice.attempts >= MOST_ATTEMPTS:
        # The last attempt was killed, or broke in a way that nobody foresaw.
        bury(notice, notice.error or "the last attempt did not end", now)
    elif any(one.why_not(now) for one in found):
        withdrawals.count_on(notice, put(withdrawals.withdraw(notice, found, now), now))
    else:
        notice.attempts += 1
        notice.next_at = now + timedelta(seconds=max(BUSY_S, _pause_s(notice.attempts)))
        notice.save(update_fields=["attempts", "next_at"])
    return notice


@transaction.atomic
def settle(notice: Notice, now: datetime) -> None:
    """Note that a notice was taken by its channel, and that what it is about was told."""
    notice.sent_at, notice.error = now, ""
    notice.save(update_fields=["sent_at", "error"])
    receipts.append(notice, "sent", now)


def postpone(notice: Notice, error: str, now: datetime) -> None:
    """Note why a notice was not taken; after its last attempt it is given up."""
    if notice.attempts >= MOST_ATTEMPTS:
        bury(notice, error, now)
    else:
        notice.error = error
        notice.save(update_fields=["error"])


@transaction.atomic
def bury(notice: Notice, error: str, now: datetime) -> None:
    """Give a notice up, until a person takes it up again; its escalations failed to be told."""
    notice.dead_at, notice.error = now, error
    notice.save(update_fields=["dead_at", "error"])
    receipts.append(notice, "failed", now, error)
    logger.warning("notice given up id=%d channel=%s attempts=%d", notice.id, notice.channel, notice.attempts)


@transaction.atomic
def retry(ids: Iterable[int]) -> None:
    """Let dead notices be sent again, at once, with all their attempts, and to the address that is known now.

    Raises
    ------
    NotFound, Conflict
        One is not there, or is not dead.
    """
    for id in ids:
        notice = Notice.objects.select_for_update().filter(id=id).first()
        if notice is None:
            raise NotFound(f"no notice {id}")
        if notice.dead_at is None:
            raise Conflict(f"notice {id} {_state(notice)}")
        notice.attempts, notice.next_at, notice.dead_at = 0, notice.dead_at, None
        notice.address = _address(notice)
        notice.save(update_fields=["attempts", "next_at", "dead_at", "address"])


def _state(notice: Notice) -> str:
    if notice.withdrawn_at:
        return f"was withdrawn: {notice.error}"
    return "was sent" if notice.sent_at else "waits to be sent"


def _address(notice: Notice) -> str:
    """Return where who is told by a notice is told now; where no address is known, where it was to go."""
    whom, book = notice.escalations.order_by("id").first(), contacts.book()
    if whom is None:  # it tells of a dispute
        return notice.address
    find = book.of if whom.tier else book.governor
    last = whom.succession_set.order_by("id").last() or whom
    return dict(find(last.official_id, whom.office_id)).get(notice.channel, notice.address)


def _send_channel(channel: str, send: Callable[[Notice], None], now: datetime | None) -> int:
    """Send the notices of a channel; when it does not work at all it is left alone for this time."""
    sent = 0
    for _ in range(MOST):
        notice = claim(channel, now or timezone.now())
        if notice is None:
            break
        try:
            send(notice)
        except Undeliverable as error:
            bury(notice, str(error), now or timezone.now())
        except Deferred as error:
            postpone(notice, str(error), now or timezone.now())
        except Unavailable as error:
            postpone(notice, str(error), now or timezone.now())
            logger.warning("channel %s takes no notices: %s", channel, error)
            break
        else:
            settle(notice, now or timezone.now())
            sent += 1
    return sent


def _pause_s(attempt: int) -> float:
    """Return how long to wait behind an attempt: twice as long each time, jittered."""
    return FIRST_PAUSE_S * 2.0 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311
