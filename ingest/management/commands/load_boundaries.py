"""``manage.py load_boundaries``: load an edition of boundaries from a shipped source or a file."""

import tempfile
import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from boundaries import load, source
from boundaries.coverage import Coverage
from boundaries.source import Source
from geoplatform.errors import GeoplatformError, InvalidRequest
from ingest.management.options import day
from ingest.network.http import download
from reports import activation

MOMENT_S = 0.01  # a request wants some time to fail in


class Command(BaseCommand):
    help = "Load an edition of boundaries: read, repair, check, insert; all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        shipped = ", ".join(source.shipped())
        parser.add_argument("source", help=f"a shipped source ({shipped}), a source TOML, or a data file")
        parser.add_argument(
            "--activate", action="store_true", help="put it in force, and place all reports anew"
        )
        parser.add_argument(
            "--from", dest="since", type=day, metavar="DATE",
            help="with --activate: the day from which it counts; by default the source's, or all days",
        )  # fmt: skip
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would be, and store nothing",
        )
        parser.add_argument(
            "--timeout",
            type=float,
            default=120.0,
            metavar="SECONDS",
            help="how long fetching may take in all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._load(**options)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error

    def _load(
        self, *, activate: bool, since: date | None, dry_run: bool, timeout: float, **options: Any
    ) -> None:
        if since and not activate:
            raise InvalidRequest(f"--from {since} says when an edition counts: it needs --activate")
        found = source.find(options["source"])
        with tempfile.TemporaryDirectory() as folder, transaction.atomic():
            paths = self._on_disk(found, Path(folder), timeout)
            edition, built = load.load(found, paths, self._begin)
            self._print(built)
            # The number that a dry run took is no edition's: nobody shall look for it.
            self.stdout.write(f"edition {'would be' if dry_run else edition.id}: {edition.name}")
            if activate:
                self._begin("placing reports")
                self._activate(edition.id, since or found.valid_from, "would be " if dry_run else "")
            if dry_run:
                transaction.set_rollback(True)
                self.stdout.write("dry run: nothing was stored")

    def _activate(self, edition_id: int, since: date | None, would: str) -> None:
        moved = activation.activate(edition_id, since)
        self.stdout.write(
            f"{would}in force from {since or 'all days'}: {moved.reports} reports placed anew, "
            f"{moved.placed} in another place, {moved.open_rerouted} open ones in other hands"
        )

    def _print(self, built: Coverage) -> None:
        for check in built.checks:
            mark = "ok " if check.ok else "odd" if check.bearable else "BAD"
            expected = "" if check.expected is None else f" (expected {check.expected:g})"
            self.stdout.write(f"  {mark} {check.name}: {check.value:g}{expected}")

    def _on_disk(self, found: Source, folder: Path, timeout_s: float) -> list[Path]:
        """Return the files of a source on this disk, fetching those that are elsewhere."""
        paths = []
        deadline = time.monotonic() + timeout_s
        for file in found.files:
            if file.path:
                paths.append(file.path)
                continue
            self._begin(f"fetching {file.name}")
            path = folder / file.name
            path.write_bytes(download(str(file.url), max(deadline - time.monotonic(), MOMENT_S)))
            paths.append(path)
        return paths

    def _begin(self, step: str) -> None:
        """Say at once what begins: nobody should wait before a screen that stands still."""
        self.stdout.write(f"  {step} ...")
        self.stdout.flush()
