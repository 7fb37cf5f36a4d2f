"""What comes back of a notice: that it was delivered, or bounced, or that somebody saw it."""

from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes, message_from_string
from email.message import EmailMessage, Message
from email.policy import default
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction

from casework.citizens import replies
from casework.models import Evidence, Notice
from geoplatform.errors import InvalidRequest, NotFound

SALT = "casework.notice.seen"
# RFC 3464: of "delayed" more will be heard; "relayed" and "expanded" say of delivery what can be said.
ACTIONS = {"failed": "failed", "delivered": "delivered", "relayed": "delivered", "expanded": "delivered"}
LONGEST_NOTE = 500


def append(notice: Notice, kind: str, at: datetime, note: str = "") -> int:
    """Append a piece of evidence to each escalation of a notice; returns how many had not got it yet.

    A notice that tells of a dispute has none: it bears its evidence itself. Mails to citizens leave none.
    """
    if notice.channel in (Notice.WATCH, Notice.REPLY):
        return 0
    note = note[:LONGEST_NOTE]
    escalations = list(notice.escalations.order_by("id").values_list("id", flat=True))
    known = Evidence.objects.filter(kind=kind, channel=notice.channel)
    if kind == "failed":
        known = known.filter(note=note)
    said = {"kind": kind, "channel": notice.channel, "at": at, "note": note}
    if not escalations:
        fresh = [] if known.filter(notice=notice).exists() else [Evidence(notice=notice, **said)]
    else:
        had = set(known.filter(escalation__in=escalations).values_list("escalation_id", flat=True))
        fresh = [Evidence(escalation_id=id, **said) for id in escalations if id not in had]
    Evidence.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def link(number: UUID) -> str:
    """Return the address at which the reader of a notice says that they saw it; empty where there is none."""
    return (
        f"{settings.PUBLIC_URL}/notices/{signing.dumps(number.hex, salt=SALT)}" if settings.PUBLIC_URL else ""
    )


def of(token: str) -> Notice:
    """Return the notice whose link has a token, or raise NotFound as ``see`` does; nothing is noted."""
    try:
        number = UUID(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        raise NotFound("no such notice") from None
    return _notice(number)


@transaction.atomic
def see(token: str, at: datetime) -> Notice:
    """Note that somebody followed the link of a notice, the first time; returns the notice.

    Raises
    ------
    NotFound
        We signed no such token, or its notice is gone.
    """
    notice = of(token)
    append(notice, "seen", at)
    return notice


@transaction.atomic
def take(document: bytes, at: datetime) -> int:
    """Take a delivery status notification (RFC 3464); returns how many escalations it is news for.

    Of a mail to who wrote a report it is news that nothing more can be sent there.

    Its notice is found by the Message-ID, which only who handled the mail can know. A delay is no news.

    Raises
    ------
    InvalidRequest
        It is no such notification, or does not say of which mail.
    NotFound
        It is about no notice of ours.
    """
    try:
        parts = list(message_from_bytes(document, policy=default).walk())
    except RecursionError:
        raise InvalidRequest("this is nested more deeply than any notification") from None
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not statuses:
        raise InvalidRequest("this is no delivery status notification: it has no message/delivery-status")
    notice = _notice(_about(parts))
    told = 0
    for status in statuses:
        for fields in _recipients(status):
            kind = ACTIONS.get(str(fields.get("Action", "")).strip().lower())
            if kind == "failed" and notice.channel == Notice.REPLY:
                told += replies.came_back(notice, at)
            elif kind:
                told += append(notice, kind, at, _note(fields))
    return told


def _notice(number: UUID) -> Notice:
    notice = Notice.objects.filter(number=number).first()
    if notice is None:
        raise NotFound("no such notice")
    return notice


def _recipients(status: Message) -> list[Message]:
    """Return the blocks of fields of a status, but for those of the message as a whole."""
    blocks = status.get_payload()
    return [block for block in blocks if isinstance(block, Message) and "Action" in block]


def _about(parts: Iterable[EmailMessage]) -> UUID:
    """Return the number in the Message-ID of the mail that came back, whole or its headers alone."""
    for part in parts:
        if part.get_content_type() not in ("message/rfc822", "text/rfc822-headers"):
            continue
        try:
            content = part.get_content()
            returned = message_from_string(content, policy=default) if isinstance(content, str) else content
            return UUID(str(returned.get("Message-ID", "")).strip().strip("<>").partition("@")[0])
        except (ValueError, LookupError, TypeError, AttributeError):  # of the number, or of how it is written
            raise InvalidRequest("the mail that came back has no Message-ID of ours") from None
    raise InvalidRequest("the notification does not hold the mail that it is about, nor its headers")


def _note(fields: Message) -> str:
    said = [str(fields.get(name, "")).strip() for name in ("Status", "Diagnostic-Code")]
    return " ".join(" ".join(filter(None, said)).split())
