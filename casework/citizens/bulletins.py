"""The mails to who follows: what is new of a choice, or what became of a report; by the queue of notices.

A notice of theirs bears the number of the watch in place of an address, which is unsealed when it is sent.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string

from casework import mail
from casework.models import Notice
from geoplatform import sql
from geoplatform.errors import Undeliverable
from layers import revisions
from reports import sealing
from reports.layers import REPORTS
from subscriptions.choice import Choice
from subscriptions.collect import polygon_of
from subscriptions.models import Watch

logger = logging.getLogger(__name__)

STOP = "casework.watch.stop"
MOST = 50  # reports that a mail names
KEPT = timedelta(days=7)  # of a mail that was sent
# A report may be stored a while after its row was made: what came so long before the last look may be new.
MARGIN = timedelta(minutes=10)
STATUSES = {
    "id": {"waiting": "Menunggu", "in_progress": "Diproses", "done": "Selesai", "withdrawn": "Ditarik"},
    "en": {"waiting": "Waiting", "in_progress": "In progress", "done": "Done", "withdrawn": "Withdrawn"},
}


class Line(NamedTuple):
    """A report as a mail names it: no word of a citizen's."""

    id: int
    kind: str
    kelurahan: str
    link: str
    state: str = ""


def collect(at: datetime) -> int:
    """Put down a mail for each watch that has news and may be told again; returns how many."""
    due = Watch.objects.filter(
        Q(told_at=None) | Q(told_at__lte=at - F("every")), confirmed_at__isnull=False
    ).order_by("id")
    until = revisions.current(REPORTS.name)
    behind = due.filter(report=None, seen_revision__lt=until).values_list("id", flat=True)
    told = sum(_tell_new(id, until, at) for id in behind)
    watched = list(due.filter(report__isnull=False).values_list("id", flat=True))
    told += sum(_tell_state(row, at) for row in _states(watched))
    if told:
        logger.info("bulletins put=%d", told)
    return told


def state_of(watch: Watch) -> str:
    """Return how the report of a watch stands, as one text; empty where it is about new ones."""
    return "".join(row["state"] for row in _states([watch.pk])) if watch.report_id else ""


def put(watch: Watch, subject: str, text: str, at: datetime) -> Notice:
    """Put a mail down, in the caller's transaction."""
    return Notice.objects.create(
        number=uuid4(),
        channel=Notice.WATCH,
        address=str(watch.number),
        subject=subject,
        text=text,
        created_at=at,
        next_at=at,
    )


def send(notice: Notice) -> None:
    """Hand a mail to the mail server, unless nobody follows by it any more; raises as ``mail.send``.

    One click ends it (RFC 8058), without a login.
    """
    watch = Watch.objects.filter(number=notice.address).first()
    fernet = sealing.keys()
    if watch is None or fernet is None:
        logger.info("bulletin dropped id=%d", notice.pk)
        return
    headers = {
        "Message-ID": mail.message_id(notice.number),
        "Date": format_datetime(notice.created_at),
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop_link(watch)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    address = fernet.decrypt(bytes(watch.sealed)).decode()
    try:
        mail.hand_over(EmailMessage(notice.subject, notice.text, to=[address], headers=headers))
    except Undeliverable:
        watch.delete()  # the mailbox is gone, and would refuse each mail to come
        raise


def stop_link(watch: Watch) -> str:
    """Return the address at which who follows says that they want to hear no more."""
    return link("stop", watch, STOP)


def link(page: str, watch: Watch, salt: str) -> str:
    """Return the address of a page for the owner of a watch, in their language."""
    spoken = "" if watch.language == "id" else f"?lang={watch.language}"
    return f"{settings.PUBLIC_URL}/follow/{page}/{signing.dumps(watch.number.hex, salt=salt)}{spoken}"


def split(text: str) -> tuple[str, str]:
    """Return subject and text of a mail: its first line, and what follows the blank one behind it."""
    subject, _, body = text.partition("\n\n")
    return " ".join(subject.split()), body


@transaction.atomic
def _tell_new(id: int, until: int, at: datetime) -> int:
    watch = Watch.objects.select_for_update(skip_locked=True).filter(pk=id).first()
    if watch is None:
        return 0
    found = sql.dicts("subscriptions/news", _asked(watch, until))
    since = at - 2 * MARGIN
    known = watch.told_ids if watch.looked_at and watch.looked_at > since else []
    watch.told_ids = [*known, *(row["id"] for row in found)][-2 * MOST :]
    watch.seen_revision, watch.looked_at = until, at
    if found:
        watch.told_at = at
        _put(watch, "new", [_line(row, watch.language) for row in found], found[0]["count"], at)
    watch.save(update_fields=["told_ids", "seen_revision", "looked_at", "told_at"])
    return bool(found)


def _asked(watch: Watch, until: int) -> dict[str, Any]:
    chosen = Choice(
        tuple(watch.places), tuple(watch.categories), polygon_of(watch.area), tuple(watch.offices)
    )
    looked_at = watch.looked_at and watch.looked_at - MARGIN
    return {
        **chosen.params(),
        "revision": watch.seen_revision,
        "until": until,
        "since": max(at for at in (watch.confirmed_at, looked_at) if at),
        "known": watch.told_ids,
        "limit": MOST,
    }


@transaction.atomic
def _tell_state(row: dict[str, Any], at: datetime) -> int:
    watch = Watch.objects.select_for_update(skip_locked=True).filter(pk=row["id"]).first()
    if watch is None or watch.told_state == row["state"]:
        return 0
    watch.told_state, watch.told_at = row["state"], at
    watch.save(update_fields=["told_state", "told_at"])
    state = row[f"state_{watch.language}"] or STATUSES[watch.language][row["status"]]
    line = _line(row | {"id": row["lead"], **_kinds(row)}, watch.language, state)
    _put(watch, "state", [line], 1, at)
    return 1


def _kinds(row: dict[str, Any]) -> dict[str, Any]:
    return {"name_id": row["kind_id"], "name_en": row["kind_en"], "name": row["kelurahan"]}


def _states(ids: Sequence[int]) -> list[dict[str, Any]]:
    return sql.dicts("casework/watched", {"ids": list(ids)}) if ids else []


def _line(row: dict[str, Any], language: str, state: str = "") -> Line:
    link = f"{settings.PUBLIC_URL}/reports/{row['id']}{'' if language == 'id' else f'?lang={language}'}"
    return Line(row["id"], row[f"name_{language}"], row["name"] or "", link, state)


def _put(watch: Watch, kind: str, lines: Sequence[Line], count: int, at: datetime) -> None:
    said = {
        "lines": lines,
        "count": count,
        "more": count - len(lines),
        "report": watch.report_id,
        "stop": stop_link(watch),
        "home": settings.PUBLIC_URL,
    }
    put(watch, *split(render_to_string(f"casework/watch_{kind}_{watch.language}.txt", said)), at)
