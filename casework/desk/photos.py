"""The photos of a case: what the citizen sent of the problem, and what the office shows of its work."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from casework.models import Case, Change
from casework.steps import permitted
from casework.steps.permitted import Person
from geoplatform import sql
from reports import answer_photos, photos
from reports.answer_photos import Shown
from reports.models import Photo
from reports.record import Photo as Picture

PROOF = "proof"  # the role of a photo of the work
METRES = "m"


@dataclass(frozen=True)
class Matched:
    """Why a photo is doubted: what was measured, and the earlier photo that it is like, if that is why.

    ``amount`` is empty where it would tell where a sensitive report is.
    """

    kind: str
    name_id: str
    name_en: str
    amount: float | None
    most: float
    unit: str
    earlier_photo_id: int | None
    earlier_report_id: int | None
    earlier_at: str | None


@dataclass(frozen=True)
class Pictured:
    """A photo of a report: ``before``, of the problem, or ``proof``, of the work.

    ``distance_m`` is from where it was taken to the report's point.
    """

    id: int
    role: str
    digest: bytes
    media_type: str
    shown_at: datetime | None
    taken_at: datetime | None
    distance_m: float | None
    is_kept: bool
    doubts: tuple[Matched, ...]


def of_case(report_id: int) -> list[Pictured]:
    """Return the photos of a report, oldest first, each with what speaks against it."""
    return [_pictured(row) for row in sql.dicts("casework/photos", {"id": report_id})]


def seen_by(user: Person, report_id: int) -> list[Pictured]:
    """Return the photos of a report that somebody may look at.

    What a citizen sent shows people, houses, number plates: it is for who may see their unmasked words. Of
    the work all see the photos who see its case.
    """
    found = of_case(report_id)
    if permitted.personal_of(user).filter(pk=report_id).exists():
        return found
    return [photo for photo in found if photo.role == PROOF]


def veiled(photo: Pictured) -> Pictured:
    """Return a photo without how far from the report it was taken."""
    doubts = tuple(replace(one, amount=None) if one.unit == METRES else one for one in photo.doubts)
    return replace(photo, distance_m=None, doubts=doubts)


def body(photo: Pictured) -> bytes | None:
    """Return the bytes of a photo, which hold no EXIF; None where they are gone."""
    file = photos.path(photo.digest)
    return file.read_bytes() if file.exists() else None


def show(case: Case, picture: Picture, at: datetime) -> Photo:
    """Keep a picture that an office shows of its work; the same one twice in one round is one photo.

    A round ends with the next step of the case: shown again behind a dispute it is another photo, which is
    judged.
    """
    last = Change.objects.filter(case=case).order_by("-id").values_list("id", flat=True).first() or 0
    step = sha256(f"desk:{case.pk}:{last}".encode()).hexdigest()
    report = case.report
    answer_photos.keep([Shown(report.channel, report.external_id, step, at, (picture,))])
    return Photo.objects.get(
        channel=report.channel,
        external_id=report.external_id,
        digest=bytes.fromhex(picture.digest),
        step=bytes.fromhex(step),
    )


def _pictured(row: dict[str, Any]) -> Pictured:
    doubts = row.pop("doubts")
    said = json.loads(doubts) if isinstance(doubts, str) else doubts
    return Pictured(**{**row, "digest": bytes(row["digest"])}, doubts=tuple(Matched(**one) for one in said))
