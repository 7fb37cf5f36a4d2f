"""Each night every collection as a file in every form, in a folder of its day; old days are removed.

A day appears whole, by renaming its folder: nobody sees half of it.
"""

import json
import logging
import re
import shutil
import time
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from api import selection
from api.collections import catalogue
from api.exports import dictionary, making
from boundaries.lookup import city_day
from geoplatform import sql
from geoplatform.errors import Conflict, NotFound

logger = logging.getLogger(__name__)

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
PART = ".part"
DICTIONARY = "dictionary.json"


def take(now: datetime, forms: Iterable[str] = tuple(making.MEDIA_TYPES)) -> Path:
    """Export every collection, put the files in the place of those of this day, and forget the oldest days.

    Raises
    ------
    Conflict
        Another process does so at this moment.
    Unavailable
        The database was lost, or too slow.
    """
    with sql.lock("exports") as held:
        if not held:
            raise Conflict("a snapshot is being taken already")
        day = city_day(now).isoformat()
        draft, final = settings.EXPORTS / f"{day}{PART}", settings.EXPORTS / day
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for collection in catalogue().values():
            for form in forms:
                began = time.monotonic()
                path = draft / f"{collection.name}.{form}"
                making.write(selection.parse(collection, {}), form, now, path)
                seconds, size = time.monotonic() - began, path.stat().st_size
                logger.info("exported file=%s bytes=%d seconds=%.1f", path.name, size, seconds)
        said = [dictionary.dictionary(collection, now) for collection in catalogue().values()]
        (draft / DICTIONARY).write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
        _put(draft, final)
        forget(city_day(now))
    return final


def _put(draft: Path, final: Path) -> None:
    """Put a folder in the place of another one."""
    former = final.with_name(f"{final.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if final.exists():
        final.rename(former)
    draft.rename(final)
    shutil.rmtree(former, ignore_errors=True)


def forget(today: date) -> None:
    """Remove the days that are older than they are kept."""
    for day in days():
        if (today - date.fromisoformat(day)).days >= settings.EXPORT_DAYS:
            shutil.rmtree(settings.EXPORTS / day, ignore_errors=True)


def days() -> list[str]:
    """Return the days that there are files of, the newest first."""
    if not settings.EXPORTS.is_dir():
        return []
    return sorted(
        (path.name for path in settings.EXPORTS.iterdir() if DAY.fullmatch(path.name)), reverse=True
    )


def files(day: str) -> list[dict[str, Any]]:
    """Return the files of a day: name, collection, form and bytes."""
    return [
        {
            "name": path.name,
            "collection": path.stem,
            "form": path.suffix.removeprefix("."),
            "bytes": path.stat().st_size,
        }
        for path in sorted((settings.EXPORTS / day).iterdir())
    ]


def find(day: str, name: str) -> Path:
    """Return a file of a day, by names that are there and no other.

    Raises
    ------
    NotFound
        There is no such day, or it has no such file.
    """
    if day not in days():
        raise NotFound(f"no snapshot of {day!r}: /api/exports lists them")
    if name not in {file["name"] for file in files(day)}:
        raise NotFound(f"snapshot {day} has no file {name!r}: /api/exports lists them")
    return Path(settings.EXPORTS / day / name)
