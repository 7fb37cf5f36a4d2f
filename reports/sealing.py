"""Contacts of citizens, sealed: written with the newest key, read with any; without a key none is kept.

By Fernet: AES-128-CBC with HMAC-SHA-256.
"""

import json
from collections.abc import Iterable
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from geoplatform.errors import BadSettings, Conflict
from reports.models import Contact
from reports.record import Submission

BATCH = 2000


def keys() -> MultiFernet | None:
    """Return the keys of ``GEOPLATFORM_CONTACT_KEYS``, the newest first; None where none is set.

    Raises
    ------
    BadSettings
        One is no key; it is not shown.
    """
    return _read(settings.CONTACT_KEYS)


def keep(submissions: Iterable[Submission]) -> None:
    """Seal and store who wrote each submission, where its channel says so and there is a key."""
    fernet = keys()
    if fernet is None:
        return
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


def rotate() -> tuple[int, int]:
    """Seal every contact with the newest key; returns how many were, and how many no key opens.

    Raises
    ------
    BadSettings
        There is no key.
    """
    fernet = keys()
    if fernet is None:
        raise BadSettings("GEOPLATFORM_CONTACT_KEYS: no key is set")
    done = lost = last = 0
    while batch := list(Contact.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        fitting = []
        for contact in batch:
            try:
                contact.sealed = fernet.rotate(bytes(contact.sealed))
                fitting.append(contact)
            except InvalidToken:
                lost += 1
        Contact.objects.bulk_update(fitting, ["sealed"])
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
