"""``manage.py bulk``: what goes over millions of rows, here or on a cluster of dask."""

import os
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from api.bulk import cluster, exporting, indexing, rejoin, reports
from api.bulk.cluster import Each
from geoplatform.errors import BadSettings, GeoplatformError, InvalidRequest
from layers import archive, partitions

REPORT_MONTHS = 13


class Command(BaseCommand):
    help = "Archive, export, join or index millions of rows, on this machine or on a cluster of dask."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="WHAT")
        join = verbs.add_parser("rejoin", help="an archive of points, with the codes of another edition")
        join.add_argument(
            "source", type=Path, help="folder of GeoParquet files, such as /srv/archive/reports"
        )
        join.add_argument("out", type=Path, help="folder that is not there yet")
        join.add_argument("--edition", type=int, metavar="ID", help="by default the one in force")
        build = verbs.add_parser("index", help="the base of a layer's point index, of Parquet files")
        build.add_argument("layer", help="such as reports")
        build.add_argument("points", type=Path, help="folder of the points; made if it is not there")
        send = verbs.add_parser("export", help="a collection as a folder of GeoParquet files")
        send.add_argument("collection", help="which one; /api/collections lists them")
        send.add_argument("out", type=Path, help="folder that is not there yet")
        for spread in (join, build, send):
            _add_where(spread)
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


def _add_where(parser: ArgumentParser) -> None:
    """Let a verb be done by others."""
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, metavar="N",
        help="processes of this machine; all its processors; 0: none but this one",
    )  # fmt: skip
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a dask cluster instead: tls://host:port")
    parser.add_argument(
        "--tls", type=Path, metavar="FOLDER", help="with the cluster's ca.pem, cert.pem and key.pem"
    )


def _hands(options: Mapping[str, Any]) -> AbstractContextManager[Each]:
    if options["workers"] < 0:
        raise InvalidRequest(f"--workers {options['workers']}: none is 0")
    return cluster.hands(cluster.Where(options["workers"], options["scheduler"], options["tls"]))


def _rejoin(*, source: Path, out: Path, edition: int | None, **options: Any) -> Mapping[str, int]:
    """Join an archive of points with an edition."""
    with _hands(options) as each:
        total = rejoin.rejoin(source.resolve(), out.resolve(), each, edition)
    return {
        "in a kelurahan": total.inside, "outside": total.outside,
        "without a point": total.pointless, "with no position in degrees": total.impossible,
    }  # fmt: skip


def _index(*, layer: str, points: Path, **options: Any) -> Mapping[str, int]:
    """Make the base of a layer's index."""
    with _hands(options) as each:
        return {layer: indexing.index(layer, points.resolve(), each, timezone.now())}


def _export(*, collection: str, out: Path, **options: Any) -> Mapping[str, int]:
    """Export a collection."""
    with _hands(options) as each:
        return {collection: exporting.export(collection, out.resolve(), each, timezone.now())}


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


VERBS: Mapping[str, Callable[..., Mapping[str, int]]] = {
    "rejoin": _rejoin,
    "index": _index,
    "export": _export,
    "archive": _archive,
}
