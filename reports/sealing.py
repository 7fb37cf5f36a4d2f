"""Contacts of citizens, sealed: written with the newest key, read with any; without a key none is kept.

By Fernet: AES-128-CBC with HMAC-SHA-256.
"""

import json
import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from geoplatform.errors import BadSettings, Conflict
from reports.models import Contact
from reports.record import Submission

logger = logging.getLogger(__name__)

BATCH = 2000
ADDRESS = re.compile(r"([^\s<>,;:()]{1,64}@[^\s<>,;:()@]{1,190}[^\s<>,;:()@.])")
IN_HEAD = re.compile(rf"<{ADDRESS.pattern}>$")


def keys() -> MultiFernet | None:
    """Return the keys of ``GEOPLATFORM_CONTACT_KEYS``, the newest first; None where none is set.

    Raises
    ------
    BadSettings
        One is no key; it is not shown.
    """
    return _read(settings.CONTACT_KEYS)


def seal(contact: str) -> str:
    """Return how a citizen may be asked, sealed, as text; nothing where there is no key."""
    fernet = keys()
    return fernet.encrypt(json.dumps({"contact": contact}).encode()).decode() if fernet and contact else ""


def keep(submissions: Iterable[Submission]) -> None:
    """Seal and store who wrote each submission, where its channel says so and there is a key.

    What came sealed is stored once: a replay may bring it sealed with an older key.
    """
    fernet = keys()
    if fernet is None:
        return
    submissions = list(submissions)
    Contact.objects.bulk_create(
        [
            Contact(
                channel=one.channel,
                external_id=one.external_id,
                sealed=one.contact.encode(),
                at=one.updated_at,
            )
            for one in submissions
            if one.contact
        ],
        ignore_conflicts=True,
    )
    found = {(one.channel, one.external_id): one for one in submissions if one.author.strip()}
    rows = [
        Contact(channel=channel, external_id=id, sealed=_seal(fernet, one), at=one.updated_at)
        for (channel, id), one in sorted(found.items())
    ]
    Contact.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["channel", "external_id"],
        update_fields=["sealed", "at"],
    )


def read(channel: str, external_id: str) -> dict[str, str]:
    """Return who wrote a report; nothing where it is not known.

    Raises
    ------
    Conflict
        The key that it was sealed with is not among the keys.
    """
    contact = Contact.objects.filter(channel=channel, external_id=external_id).first()
    fernet = keys()
    if contact is None or fernet is None:
        return {}
    try:
        opened: dict[str, str] = json.loads(fernet.decrypt(bytes(contact.sealed)))
    except InvalidToken:
        raise Conflict(f"contact {contact.pk}: sealed with a key that is not here any more") from None
    return opened


def unsealed(sealed: bytes) -> dict[str, str]:
    """Return what was sealed; nothing, and a warning, where its key is not here any more."""
    fernet = keys()
    if fernet is None:
        return {}
    try:
        opened: dict[str, str] = json.loads(fernet.decrypt(sealed))
    except InvalidToken:
        logger.warning("a contact is sealed with a key that is not here any more")
        return {}
    return opened


def address(sealed: bytes) -> str:
    """Return the e-mail address at which a citizen may be answered; empty where they gave none.

    Of a name only what stands in brackets, as in the head of an e-mail: an account may look like an address.
    """
    opened = unsealed(sealed)
    found = ADDRESS.search(opened.get("contact", "")) or IN_HEAD.search(opened.get("name", ""))
    try:
        validate_email(found[1] if found else "")
    except ValidationError:
        return ""
    return found[1] if found else ""


def rotate() -> tuple[int, int]:
    """Seal what is sealed in any table with the newest key; returns how many were, how many none opens.

    Raises
    ------
    BadSettings
        There is no key.
    """
    fernet = keys()
    if fernet is None:
        raise BadSettings("GEOPLATFORM_CONTACT_KEYS: no key is set")
    sealed = [model for model in apps.get_models() if "sealed" in {one.name for one in model._meta.fields}]
    counts = [_rotate(model, fernet) for model in sealed]
    return sum(done for done, _ in counts), sum(lost for _, lost in counts)


def _rotate(model: type[Any], fernet: MultiFernet) -> tuple[int, int]:
    done = lost = last = 0
    while batch := list(model.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        fitting = []
        for row in batch:
            try:
                row.sealed = fernet.rotate(bytes(row.sealed))
                fitting.append(row)
            except InvalidToken:
                lost += 1
        model.objects.bulk_update(fitting, ["sealed"])
        done += len(fitting)
    return done, lost


def _seal(fernet: MultiFernet, submission: Submission) -> bytes:
    return fernet.encrypt(json.dumps({"name": submission.author.strip()}).encode())


@lru_cache(maxsize=4)
def _read(text: str) -> MultiFernet | None:
    given = [key.strip() for key in text.replace("\n", ",").split(",") if key.strip()]
    try:
        return MultiFernet([Fernet(key) for key in given]) if given else None
    except ValueError:
        raise BadSettings(
            "GEOPLATFORM_CONTACT_KEYS: one is no key; manage.py contacts new-key makes one"
        ) from None
