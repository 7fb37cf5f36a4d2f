"""What citizens are told of their reports by e-mail, at the address that they gave; by the queue of notices.

A mail of theirs bears the number of the report in place of an address, which is unsealed when it is sent; the
link in it is made then, too. What a channel tells itself is not told twice.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import formats, timezone, translation

from access import limits
from casework import mail
from casework.citizens import bulletins, links
from casework.models import Case, Link, Notice, Turn
from geoplatform import sql
from geoplatform.errors import Undeliverable
from reports import sealing
from reports.models import Contact, Report
from staff import rows

logger = logging.getLogger(__name__)

MAILBOX = "email"  # the feed whose reports are e-mails: their ids are those of the messages
NO_ID = "sha256:"  # how the id of a message begins that bore none
RECENT = timedelta(days=3)  # what was reported earlier, as in an old mailbox, is not said to have come
RECEIPTS_A_DAY, DAY_S = 10, 86_400  # to one address: whoever writes may bear another one's
KEPT = timedelta(days=7)  # of a mail that was sent


@dataclass(frozen=True)
class Addressee:
    """Who wrote a report, and may be told by e-mail; and what their report is called to them."""

    report_id: int
    channel: str
    external_id: str
    address: str
    kind_id: str
    kind_en: str
    kelurahan: str


def is_open() -> bool:
    """Say whether citizens are told by e-mail from here: there is a mail server, and links lead back."""
    return bool(settings.PUBLIC_URL and Notice.REPLY in settings.NOTICE_CHANNELS and sealing.keys())


def addressed(ids: Collection[int]) -> dict[int, Addressee]:
    """Return who of the authors of some reports can be told by e-mail, by report, and by no other way.

    Also those whose contacts the database keeps from who asks: an office answers all who follow a cluster,
    and tells the citizen that a case is not its own when it is its own no more.
    """
    if not (ids and is_open()):
        return {}
    found = {}
    with rows.widened():
        told = sql.dicts("casework/addressed", {"ids": list(ids)})
    for row in told:
        address = sealing.address(bytes(row.pop("sealed")))
        if address:
            found[row["report_id"]] = Addressee(address=address, **row)
    return found


def put(texts: Mapping[int, str], *, by: str, at: datetime) -> list[Notice]:
    """Put down what is said for the authors of some reports, in the caller's transaction.

    The very same words of one time are one mail, however often they are put down.

    Parameters
    ----------
    texts
        What each is told, by report; of no words nothing is put down.
    by
        The office that says so, as the citizen may read it.
    """
    said = {id: text.strip() for id, text in texts.items() if text.strip()}
    told = addressed(said.keys()).items()
    return [
        _put(one, "answer", {"by": by, "text": said[id]}, at, [id, by, said[id], at.isoformat()])
        for id, one in told
    ]


def unmet(after: int, at: datetime) -> list[int]:
    """Return the reports of late that have no case yet: their authors are told when it is opened.

    Parameters
    ----------
    after
        Only reports with a greater id are looked at.
    """
    if not is_open():
        return []
    fresh = Report.objects.filter(id__gt=after, case=None, stands_in=False, submitted_at__gt=at - RECENT)
    return list(fresh.order_by("id").values_list("id", flat=True))


def receive(ids: Collection[int], at: datetime) -> int:
    """Tell the authors of some reports, once, that these came, and whose they are; returns how many."""
    told = addressed(ids)
    offices = dict(
        Turn.objects.filter(case__in=told, ended_at=None, office__isnull=False).values_list(
            "case_id", "office__title"
        )
    )
    count = 0
    for id, one in told.items():
        who = hashlib.sha256(one.address.lower().encode()).hexdigest()
        if limits.count(limits.of_window("receipts", who, RECEIPTS_A_DAY, DAY_S)).passes:
            _put(one, "received", {"office": offices.get(id, "")}, at, [id, "received"])
            count += 1
    return count


def send(notice: Notice) -> None:
    """Hand a mail to the mail server, unless its citizen wants to hear no more; raises as ``mail.send``."""
    id = int(notice.address)
    one = addressed([id]).get(id)
    if one is None:
        logger.info("reply dropped id=%d", notice.pk)
        return
    now = timezone.now()
    link = links.address(id, now, notice)
    text = f"{notice.text.rstrip()}\n\n{_foot(one, link, now)}"
    message = EmailMessage(notice.subject, text, to=[one.address], headers=_headers(notice, one, link))
    if settings.EMAIL_REPLY_TO and one.channel == MAILBOX:
        message.reply_to = [settings.EMAIL_REPLY_TO]
    try:
        mail.hand_over(message)
    except Undeliverable:
        came_back(notice, now)
        raise


@transaction.atomic
def came_back(notice: Notice, at: datetime) -> bool:
    """Send nothing more to where a mail came back from, and end its links; returns whether it is news."""
    Link.objects.filter(notice=notice).delete()
    report = Report.objects.get(pk=int(notice.address))
    known = Contact.objects.filter(channel=report.channel, external_id=report.external_id, bounced_at=None)
    logger.warning("reply came back id=%d report=%d", notice.pk, report.pk)
    return known.update(bounced_at=at) > 0


@transaction.atomic
def forget(at: datetime) -> None:
    """Forget mails that were sent or given up long ago, and links that have expired."""
    ended = Q(sent_at__lt=at - KEPT) | Q(dead_at__lt=at - KEPT)
    Notice.objects.filter(ended, channel=Notice.REPLY).delete()
    Link.objects.filter(expires_at__lt=at).delete()


def drop(report_ids: Collection[int]) -> None:
    """Forget every mail to the authors of some reports, and end their links."""
    addresses = [str(id) for id in report_ids]
    Notice.objects.filter(channel=Notice.REPLY, address__in=addresses).delete()
    links.revoke(report_ids)


def _put(one: Addressee, kind: str, said: Mapping[str, Any], at: datetime, same: list[Any]) -> Notice:
    """Put a mail down; ``same`` is what makes it the same mail as another one."""
    words = {"id": one.report_id, "kind": one.kind_id, "kelurahan": one.kelurahan, **said}
    subject, text = bulletins.split(render_to_string(f"casework/reply_{kind}.txt", words))
    notice, _ = Notice.objects.get_or_create(
        number=_number(same),
        defaults={
            "channel": Notice.REPLY,
            "address": str(one.report_id),
            "subject": subject,
            "text": text,
            "created_at": at,
            "next_at": at,
        },
    )
    return notice


def _number(said: list[Any]) -> UUID:
    """Return the number of a mail: the same for the same, and to be guessed by nobody (``receipts.take``)."""
    text = json.dumps(said, sort_keys=True).encode()
    return UUID(bytes=hmac.digest(settings.SECRET_KEY.encode(), b"reply " + text, hashlib.sha256)[:16])


def _foot(one: Addressee, link: str, at: datetime) -> str:
    state = Case.objects.filter(pk=one.report_id).values_list("state_id", flat=True).first()
    with translation.override("id"):
        until = formats.date_format(at + timedelta(days=settings.LINK_DAYS), "j F Y")
    words = {
        "id": one.report_id,
        "kind": one.kind_en,
        "may_dispute": state in links.disputable(),
        "link": link,
        "public": f"{settings.PUBLIC_URL}/reports/{one.report_id}",
        "until": until,
        "takes_mail": bool(settings.EMAIL_REPLY_TO and one.channel == MAILBOX),
    }
    return render_to_string("casework/reply_foot.txt", words)


def _headers(notice: Notice, one: Addressee, link: str) -> dict[str, str]:
    headers = {
        "Message-ID": mail.message_id(notice.number),
        "Date": format_datetime(notice.created_at),
        "Auto-Submitted": "auto-replied",
        # RFC 8058: one click of a mail program, without a page.
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    if one.channel == MAILBOX and not one.external_id.startswith(NO_ID):
        # In the mail program it stands below what they wrote; what they answer belongs to their report.
        headers |= {name: f"<{one.external_id}>" for name in ("In-Reply-To", "References")}
    return headers
