"""The pictures that came with reports: kept by their content, each once."""

from collections.abc import Iterable

from reports.models import Photo
from reports.record import Submission


def keep(submissions: Iterable[Submission]) -> None:
    """Store the pictures of submissions; those that are known stay as they are."""
    Photo.objects.bulk_create(
        [
            Photo(
                channel=submission.channel,
                external_id=submission.external_id,
                digest=bytes.fromhex(photo.digest),
                media_type=photo.media_type,
                looks=photo.looks,
            )
            for submission in submissions
            for photo in submission.photos
        ],
        ignore_conflicts=True,
    )
