"""``manage.py bulk``: what goes over millions of rows, here or on a cluster of dask."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from api.bulk import reports
from geoplatform.errors import BadSettings, GeoplatformError
from layers import archive, partitions

REPORT_MONTHS = 13


class Command(BaseCommand):
    help = "Archive, export, join or index millions of rows, on this machine or on a cluster of dask."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="WHAT")
        old = verbs.add_parser("archive", help="old traffic and reports as GeoParquet, a folder a month")
        old.add_argument("--folder", type=Path, help="where; GEOPLATFORM_ARCHIVE")
        old.add_argument(
            "--report-months",
            type=int,
            default=REPORT_MONTHS,
            metavar="N",
            help="months of reports that are not archived yet, before the one that is; 13",
        )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        began = time.monotonic()
        try:
            done = VERBS[verb](**options)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        for name, rows in done.items():
            self.stdout.write(f"{name}: {rows:,} rows")
        self.stdout.write(f"{sum(done.values()):,} rows, {time.monotonic() - began:.1f} s")


def _archive(*, folder: Path | None, report_months: int, **options: Any) -> Mapping[str, int]:
    """Archive traffic that was released, or is older than it is kept, and old reports."""
    root, now = folder or settings.ARCHIVE, timezone.now()
    if root is None:
        raise BadSettings("where to? Neither --folder nor GEOPLATFORM_ARCHIVE names a folder")
    root.mkdir(parents=True, exist_ok=True)
    before = partitions.oldest(now)
    partitions.make_months(now, before)
    if before:
        partitions.release(before)
    return archive.archive(root) | reports.archive(root, partitions.month(now, -report_months), now)


VERBS: Mapping[str, Callable[..., Mapping[str, int]]] = {"archive": _archive}
