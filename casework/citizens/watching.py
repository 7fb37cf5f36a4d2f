"""Hearing of reports by e-mail: asked for by anybody, begun by a link in a mail, ended by one in each mail.

Whoever asks is told the same, whether or not an address is known here; an address is kept sealed, and nothing
of it is kept once its owner wants to hear no more.
"""

import hashlib
import hmac
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from access import limits
from casework.citizens import bulletins
from casework.models import Notice
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from layers import revisions
from reports import sealing
from reports.layers import REPORTS
from reports.models import Report
from subscriptions.choice import Choice
from subscriptions.models import Watch
from subscriptions.subscribers import stored

logger = logging.getLogger(__name__)

LANGUAGES = ("id", "en")
PACES = {"soon": timedelta(minutes=5), "daily": timedelta(days=1)}
CONFIRM = "casework.watch.confirm"
PATIENCE = timedelta(days=2)  # for a mail to be answered; then what was asked for is forgotten
MOST = 20  # of one address
ASKED_A_DAY, DAY_S = 3, 86_400  # questions to one address, so that nobody is flooded by others
LONGEST = 254  # RFC 5321


@dataclass(frozen=True)
class Wish:
    """What somebody wants to hear of: reports of a choice, or what becomes of one; how, and how often."""

    address: str
    choice: Choice
    language: str = "id"
    pace: str = "soon"

    @property
    def report_id(self) -> int | None:
        """The one report that it is about; None where it is about new ones."""
        return self.choice.reports[0] if self.choice.reports else None


def is_open() -> bool:
    """Say whether mails can be sent from here, with links that lead back, to addresses that are sealed."""
    return bool(settings.PUBLIC_URL and Notice.WATCH in settings.NOTICE_CHANNELS and sealing.keys())


def ask(wish: Wish, at: datetime) -> None:
    """Ask the owner of an address whether they want to hear; of what is already known nothing is told.

    Raises
    ------
    Conflict
        No mails are sent from here.
    InvalidRequest
        No address, no language or pace of ours, or a choice that is too wide.
    NotFound
        There is no such report.
    """
    if not is_open():
        raise Conflict("no e-mail is sent from here: the feed and webhooks tell the same")
    _check(wish)
    digest = _digest(wish.address)
    quota = limits.of_window("watch", digest.hex(), ASKED_A_DAY, DAY_S)
    if not limits.count(quota).passes or Watch.objects.filter(address_hash=digest).count() >= MOST:
        logger.info("watch not asked for again: an address has as many as it may")
        return
    with transaction.atomic():
        watch = Watch.objects.create(
            sealed=_seal(wish.address),
            address_hash=digest,
            language=wish.language,
            every=PACES[wish.pace],
            places=list(wish.choice.places),
            categories=list(wish.choice.categories),
            area=stored(wish.choice.area),
            offices=list(wish.choice.offices),
            report_id=wish.report_id,
            asked_at=at,
        )
        link = bulletins.link("confirm", watch, CONFIRM)
        text = render_to_string(f"casework/watch_ask_{wish.language}.txt", {"link": link})
        bulletins.put(watch, *bulletins.split(text), at)


def asked(token: str) -> Watch:
    """Return what a link in a first mail is about.

    Raises
    ------
    NotFound
        We signed no such link, it is too old, or what it is about has ended.
    """
    return _of(token, CONFIRM, PATIENCE)


@transaction.atomic
def confirm(token: str, at: datetime) -> Watch:
    """Begin to tell who followed the link of a first mail; twice is once. Raises as ``asked``."""
    watch = Watch.objects.select_for_update().get(pk=asked(token).pk)
    if watch.confirmed_at is None:
        watch.confirmed_at = watch.looked_at = at
        watch.seen_revision = revisions.current(REPORTS.name)
        watch.told_state = bulletins.state_of(watch)
        watch.save()
        _drop_twins(watch)
        logger.info("watch confirmed id=%d", watch.pk)
    return watch


def is_known(token: str) -> bool:
    """Say whether who has a link to hear no more is told still; raises as ``stop``."""
    return Watch.objects.filter(number=_number(token, bulletins.STOP, None)).exists()


@transaction.atomic
def stop(token: str) -> bool:
    """Forget who followed the link to hear no more; says whether they were known still.

    Raises
    ------
    NotFound
        We signed no such link.
    """
    number = _number(token, bulletins.STOP, None)
    _forget_mails([number])
    count, _ = Watch.objects.filter(number=number).delete()
    return count > 0


@transaction.atomic
def end(report_ids: Collection[int]) -> None:
    """Forget who follows some reports: of what was closed long ago nothing is told any more."""
    ended = Watch.objects.filter(report__in=report_ids)
    _forget_mails(ended.values_list("number", flat=True))
    ended.delete()


@transaction.atomic
def forget(at: datetime) -> int:
    """Forget what nobody confirmed, and mails that were sent long ago; returns how many watches."""
    old = Watch.objects.filter(confirmed_at=None, asked_at__lt=at - PATIENCE)
    _forget_mails(old.values_list("number", flat=True))
    ended = Q(sent_at__lt=at - bulletins.KEPT) | Q(dead_at__lt=at - bulletins.KEPT)
    Notice.objects.filter(ended, channel=Notice.WATCH).delete()
    count, _ = old.delete()
    return count


def _check(wish: Wish) -> None:
    try:
        validate_email(wish.address)
    except ValidationError:
        raise InvalidRequest(f"email: {wish.address[:80]!r} is no address") from None
    if len(wish.address) > LONGEST:
        raise InvalidRequest(f"email: at most {LONGEST} characters are taken")
    if wish.language not in LANGUAGES:
        raise InvalidRequest(f"lang {wish.language!r} is none of {', '.join(LANGUAGES)}")
    if wish.pace not in PACES:
        raise InvalidRequest(f"pace {wish.pace!r} is none of {', '.join(PACES)}")
    if wish.choice == Choice():
        raise InvalidRequest("nothing is chosen: a place, a category, an office, a polygon or one report")
    if len(wish.choice.reports) > 1 or (
        wish.choice.reports and wish.choice != Choice(reports=wish.choice.reports)
    ):
        raise InvalidRequest("report: one is followed, by itself")
    id = wish.report_id
    if id and not Report.objects.filter(pk=id).exclude(status="withdrawn").exists():
        raise NotFound(f"no report {id}")


def _seal(address: str) -> bytes:
    fernet = sealing.keys()
    assert fernet is not None  # noqa: S101 - is_open has looked
    return fernet.encrypt(address.encode())


def _digest(address: str) -> bytes:
    """Return what tells one address from another and cannot be turned back by a list of addresses."""
    return hmac.digest(
        settings.SECRET_KEY.encode(), b"watch " + address.strip().lower().encode(), hashlib.sha256
    )


def _number(token: str, salt: str, age: timedelta | None) -> UUID:
    try:
        return UUID(signing.loads(token, salt=salt, max_age=age))
    except signing.BadSignature:
        raise NotFound("this link is none of ours, or too old") from None


def _of(token: str, salt: str, age: timedelta | None) -> Watch:
    watch = Watch.objects.filter(number=_number(token, salt, age)).first()
    if watch is None:
        raise NotFound("what this link is about has ended")
    return watch


def _drop_twins(watch: Watch) -> None:
    """Let one address hear of the same once."""
    names = ("address_hash", "places", "categories", "offices", "report_id")
    same = {name: getattr(watch, name) for name in names}
    same |= {"area": watch.area} if watch.area else {"area__isnull": True}
    twins = Watch.objects.filter(**same).exclude(pk=watch.pk)
    _forget_mails(twins.values_list("number", flat=True))
    twins.delete()


def _forget_mails(numbers: Iterable[UUID]) -> None:
    addresses = [str(number) for number in numbers]
    Notice.objects.filter(channel=Notice.WATCH, address__in=addresses).delete()
