"""Old reports as GeoParquet in a folder for each month: what the public may see of them, without their words.

Words may name people, and whoever asks to be forgotten must be: a file that is written once cannot forget.
The reports themselves stay in the database.
"""

import logging
from datetime import datetime
from pathlib import Path

from django.db.models import Min

from api import collections
from api.exports import making
from api.params import Span
from api.selection import Selection
from layers import manifest, partitions
from reports.models import Report

logger = logging.getLogger(__name__)

WORDS = "text"  # the column that is left out
KIND = "reports"


def archive(root: Path, before: datetime, now: datetime) -> dict[str, int]:
    """Write each month of reports that ended by an instant, if it is not there; returns the rows of each.

    A month that is there is read anew and held against its manifest, and not written again.

    Raises
    ------
    Conflict
        A file is not what the manifest says.
    Unavailable
        The database was lost, or too slow.
    """
    first = Report.objects.aggregate(first=Min("submitted_at"))["first"]
    known, rows = manifest.known(root), {}
    since = partitions.month(first) if first else before
    while (until := partitions.month(since, 1)) <= before:
        piece = f"{KIND}-{since:%Y-%m}"
        if piece not in known:
            manifest.put(root, piece, [_write(root, since, until, now)])
        rows[piece] = manifest.check(root, manifest.known(root)[piece])
        since = until
    return rows


def _write(root: Path, since: datetime, until: datetime, now: datetime) -> manifest.File:
    collection = collections.find(KIND)
    shown = tuple(name for name in collection.columns if name != WORDS)
    wanted = Selection(collection, span=Span(since, until, open=True), properties=shown)
    folder = root / KIND / f"year={since:%Y}" / f"month={since:%m}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{KIND}-{since:%Y-%m}.parquet"
    making.write(wanted, "parquet", now, path)
    manifest.sync(folder)
    return manifest.describe(root, path)
