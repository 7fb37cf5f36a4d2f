"""What in the city's own tables cannot work: told to whoever must mend it, and kept until it is mended."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from casework.escalation import letters
from casework.models import Fault, Notice
from geoplatform import sql

logger = logging.getLogger(__name__)


#: What each kind of fault is, for who has to mend it; the words of one are those of its tables.
NAMES = {
    "unknown_category": {"id": "Kategori tidak dikenal", "en": "Unknown category"},
    "unknown_area": {"id": "Wilayah tidak dikenal", "en": "Unknown area"},
    "unknown_office": {"id": "Kantor tidak dikenal", "en": "Unknown office"},
    "rule_shadowed": {"id": "Aturan tidak pernah dipakai", "en": "Rule that never decides"},
    "no_office": {"id": "Aturan tidak menemukan kantor", "en": "Rule that leads to no office"},
    "no_rule": {"id": "Tidak ada aturan yang cocok", "en": "No rule fits"},
    "no_deadline": {"id": "Tidak ada tenggat", "en": "No deadline"},
    "no_edition": {"id": "Tidak ada batas wilayah yang berlaku", "en": "No boundaries in force"},
}


class Found(NamedTuple):
    """A fault: its kind, what it is about, and what is wrong in words."""

    kind: str
    about: str
    words: str


@transaction.atomic
def record(found: Collection[Found], kinds: Collection[str], at: datetime) -> list[Found]:
    """Make the faults of some kinds those that were found; returns the new ones.

    Those that are found no longer are mended; nothing is deleted. The unit is told of each by e-mail, once
    when it is found, or when the unit first has an address, and once when it is mended.
    """
    sql.hold("faults")
    lasting = {(one.kind, one.about): one for one in Fault.objects.filter(kind__in=kinds, mended_at=None)}
    new = [one for one in found if (one.kind, one.about) not in lasting]
    for one in found:
        known = lasting.pop((one.kind, one.about), None)
        if known and known.words != one.words:
            Fault.objects.filter(id=known.id).update(words=one.words)
    mended = list(lasting.values())
    Fault.objects.filter(id__in=[one.id for one in mended]).update(mended_at=at)
    Fault.objects.bulk_create([Fault(**one._asdict(), found_at=at) for one in new])
    for one in new:
        logger.warning("fault found kind=%s about=%s: %s", *one)
    if settings.UNIT_EMAIL:
        _tell(kinds, mended, at)
    return new


def _tell(kinds: Collection[str], mended: Sequence[Fault], at: datetime) -> None:
    """Put a mail to the unit down, with what goes to officials: it is tried again until it arrives."""
    new = Fault.objects.filter(kind__in=kinds, mended_at=None, told_at=None).order_by("found_at", "id")
    untold, gone = list(new), [one for one in mended if one.told_at]
    if untold or gone:
        new.update(told_at=at)
        _put(untold, gone, at)


def _put(new: Sequence[Fault], mended: Sequence[Fault], at: datetime) -> None:
    waiting = Fault.objects.filter(mended_at=None).count() - len(new)
    said = {
        "new": [_line(one) for one in new],
        "mended": [_line(one) for one in mended],
        "lasting": waiting,
        "at": letters.instant(at),
        "home": settings.PUBLIC_URL,
    }
    counts = {"gangguan baru": len(new), "sudah diperbaiki": len(mended)}
    subject = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    Notice.objects.create(
        channel="email",
        address=settings.UNIT_EMAIL,
        subject=f"Aturan: {subject}",
        text=render_to_string("casework/faults.txt", said),
        created_at=at,
        next_at=at,
    )


def _line(one: Fault) -> str:
    return f"{NAMES[one.kind]['id']}: {one.words}"


def lasting() -> list[Fault]:
    """Return the faults that nobody has mended yet, the oldest first."""
    return list(Fault.objects.filter(mended_at=None).order_by("found_at", "id"))
