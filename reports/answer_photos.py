"""The pictures that offices show of their work, with where and when they were taken, as the camera says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction

from geoplatform import sql
from reports import photos
from reports.models import Photo
from reports.record import Photo as Picture


@dataclass(frozen=True)
class Shown:
    """What one step of a report's trace shows: its digest in hex, when it was taken, its pictures."""

    channel: str
    external_id: str
    step: str
    at: datetime
    pictures: Sequence[Picture]


@transaction.atomic
def keep(shown: Iterable[Shown]) -> None:
    """Store the pictures of steps; those that are known stay as they are."""
    pictures = [(one, picture) for one in shown for picture in one.pictures]
    if not pictures:
        return
    # Who throws files away has this key alone: until the rows are there nobody may find that no row has them.
    sql.hold("photos", shared=True)
    for _, picture in pictures:
        photos.write(picture)
    Photo.objects.bulk_create([_row(one, picture) for one, picture in pictures], ignore_conflicts=True)


def _row(one: Shown, picture: Picture) -> Photo:
    return Photo(
        channel=one.channel,
        external_id=one.external_id,
        digest=bytes.fromhex(picture.digest),
        media_type=picture.media_type,
        looks=picture.looks,
        step=bytes.fromhex(one.step),
        shown_at=one.at,
        point=Point(*picture.point, srid=4326) if picture.point else None,
        taken_at=picture.taken_at,
    )
