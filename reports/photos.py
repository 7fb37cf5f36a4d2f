"""The pictures that came with reports: kept by their content, each once.

The bytes lie below ``settings.MEDIA_ROOT``, the rows that say whose they are in the database. A file is there
before its row, and it is whole or not there at all. One that is too old is gone before its row says so.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from threading import get_ident

from django.conf import settings
from django.db import transaction

from geoplatform import sql
from geoplatform.errors import Unavailable
from reports.models import Photo
from reports.record import Photo as Picture
from reports.record import Submission

FILES = "photos"
BATCH = 500


def keep(submissions: Iterable[Submission]) -> None:
    """Store the pictures of submissions, in the caller's transaction; known ones stay as they are."""
    pictures = [(submission, picture) for submission in submissions for picture in submission.photos]
    if not pictures:
        return
    # Until the rows are there nobody may find that no row has these files.
    sql.hold(FILES, shared=True)
    expired = _expired({bytes.fromhex(picture.digest) for _, picture in pictures})
    for one, picture in pictures:
        if (one.channel, one.external_id, picture.digest) not in expired:
            write(picture)
    Photo.objects.bulk_create(
        [
            Photo(
                channel=submission.channel,
                external_id=submission.external_id,
                digest=bytes.fromhex(picture.digest),
                media_type=picture.media_type,
                looks=picture.looks,
            )
            for submission, picture in pictures
        ],
        ignore_conflicts=True,
    )


def expire(before: datetime, now: datetime) -> int:
    """Throw away the pictures that were kept before an instant; returns of how many rows.

    Their digests and hashes of likeness stay: no replay brings them back, and duplicates are found still.
    """
    total = 0
    while True:
        with transaction.atomic():
            sql.hold(FILES)
            params = {"before": before, "limit": BATCH, "now": now}
            marked = sql.rows("reports/expire_photos", params)
            for digest in {bytes(digest) for digest, is_last in marked if is_last}:
                path(digest).unlink(missing_ok=True)
        total += len(marked)
        if len(marked) < BATCH:
            return total


def _expired(digests: Iterable[bytes]) -> set[tuple[str, str, str]]:
    """Return whose pictures of these digests were thrown away: channel, id there, digest in hex."""
    found = Photo.objects.filter(digest__in=list(digests), expired_at__isnull=False)
    return {
        (channel, external_id, bytes(digest).hex())
        for channel, external_id, digest in found.values_list("channel", "external_id", "digest")
    }


def path(digest: bytes | str) -> Path:
    """Return where the picture of a digest lies; in a folder by its first two digits, for there are many."""
    name = digest if isinstance(digest, str) else bytes(digest).hex()
    return Path(settings.MEDIA_ROOT) / name[:2] / name


def write(picture: Picture) -> None:
    """Write a file under another name, have it on the disk, and give it its name in one step."""
    final = path(picture.digest)
    # Of this thread alone, so that two that keep the same picture do not write into one file.
    draft = final.with_name(f".{final.name}.{os.getpid()}.{get_ident()}.part")
    if final.exists():
        return
    try:
        # By their owner alone: citizens are on them, and where they stood.
        final.parent.mkdir(0o700, parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(picture.body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(final)
        _sync(final.parent)
    except OSError as error:
        raise Unavailable(
            f"no photo can be kept in {settings.MEDIA_ROOT} (GEOPLATFORM_MEDIA): {error.strerror}"
        ) from error


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
