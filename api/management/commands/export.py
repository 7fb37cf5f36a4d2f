"""``manage.py export``: collections as files, now: one to a path, or all as the worker does each night."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from api import collections, selection
from api.exports import making, snapshots
from geoplatform.errors import GeoplatformError, InvalidRequest


class Command(BaseCommand):
    help = "Write collections as files: COLLECTION and OUT for one, neither for this day's snapshot of all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", nargs="?", help="which one; /api/collections lists them")
        parser.add_argument(
            "out",
            nargs="?",
            type=Path,
            help=f"where it is written: ends in .{', .'.join(making.MEDIA_TYPES)}",
        )
        parser.add_argument(
            "--where",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="as the parameters of the address: bbox, datetime, a column; may be given often",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            written = self._write(options["collection"], options["out"], options["where"])
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        for path in sorted(written.iterdir()) if written.is_dir() else [written]:
            self.stdout.write(f"{path}: {path.stat().st_size:,} bytes")
        self.stdout.write(f"{time.monotonic() - began:.1f} s")

    def _write(self, name: str | None, out: Path | None, where: list[str]) -> Path:
        if name is None:
            if where:
                raise InvalidRequest(f"--where {where[0]}: a snapshot holds everything")
            return snapshots.take(timezone.now())
        if out is None:
            raise InvalidRequest(f"{name}: where to? Give a file as well")
        form = out.suffix.removeprefix(".")
        if form not in making.MEDIA_TYPES:
            raise InvalidRequest(f"{out.name}: written are .{', .'.join(making.MEDIA_TYPES)}")
        if not out.resolve().parent.is_dir():
            raise InvalidRequest(f"{out.parent}: no such folder")
        asked = dict(_pair(text) for text in where)
        wanted = selection.parse(collections.find(name), asked)
        making.write(wanted, form, timezone.now(), out.resolve())
        return out


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidRequest(f"--where {text!r} is not NAME=VALUE")
    return name, value
