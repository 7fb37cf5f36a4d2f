"""What in the city's own tables cannot work: told to whoever must mend it, and kept until it is mended."""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from casework.models import Fault
from geoplatform import sql

logger = logging.getLogger(__name__)


class Found(NamedTuple):
    """A fault: its kind, what it is about, and what is wrong in words."""

    kind: str
    about: str
    words: str


@transaction.atomic
def record(found: Collection[Found], kinds: Collection[str], at: datetime) -> list[Found]:
    """Make the faults of some kinds those that were found; returns the new ones.

    Those that are found no longer are mended; nothing is deleted.
    """
    sql.hold("faults")
    lasting = {(one.kind, one.about): one for one in Fault.objects.filter(kind__in=kinds, mended_at=None)}
    new = [one for one in found if (one.kind, one.about) not in lasting]
    for one in found:
        known = lasting.pop((one.kind, one.about), None)
        if known and known.words != one.words:
            Fault.objects.filter(id=known.id).update(words=one.words)
    Fault.objects.filter(id__in=[one.id for one in lasting.values()]).update(mended_at=at)
    Fault.objects.bulk_create([Fault(**one._asdict(), found_at=at) for one in new])
    for one in new:
        logger.warning("fault found kind=%s about=%s: %s", *one)
    return new


def lasting() -> list[Fault]:
    """Return the faults that nobody has mended yet, the oldest first."""
    return list(Fault.objects.filter(mended_at=None).order_by("found_at", "id"))
