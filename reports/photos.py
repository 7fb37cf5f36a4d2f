"""The pictures that came with reports: kept by their content, each once.

The bytes lie below ``settings.MEDIA_ROOT``, the rows that say whose they are in the database. A file is there
before its row, and it is whole or not there at all.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from threading import get_ident

from django.conf import settings

from geoplatform.errors import Unavailable
from reports.models import Photo
from reports.record import Photo as Picture
from reports.record import Submission


def keep(submissions: Iterable[Submission]) -> None:
    """Store the pictures of submissions; those that are known stay as they are."""
    pictures = [(submission, picture) for submission in submissions for picture in submission.photos]
    for _, picture in pictures:
        _write(picture)
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


def path(digest: bytes | str) -> Path:
    """Return where the picture of a digest lies; in a folder by its first two digits, for there are many."""
    name = digest if isinstance(digest, str) else bytes(digest).hex()
    return Path(settings.MEDIA_ROOT) / name[:2] / name


def _write(picture: Picture) -> None:
    """Write a file under another name, have it on the disk, and give it its name in one step."""
    final = path(picture.digest)
    # Of this thread alone, so that two that keep the same picture do not write into one file.
    draft = final.with_name(f".{final.name}.{os.getpid()}.{get_ident()}.part")
    if final.exists():
        return
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
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
