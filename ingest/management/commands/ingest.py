"""``manage.py ingest``: read one feed."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geoplatform.errors import GeoplatformError
from ingest import feeds, pipeline
from ingest.keeping import kept
from ingest.management.options import instant
from ingest.runs.batches import Tally


class Command(BaseCommand):
    help = "Read one feed and store what it says; the last line gives the totals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feed", choices=feeds.names())
        parser.add_argument(
            "--since", help="read what changed from this time on (ISO 8601; by default Jakarta time)"
        )
        parser.add_argument(
            "--file", type=Path, help="read this document, as the feed sends it, and not the network"
        )
        parser.add_argument("--dry-run", action="store_true", help="do all of it, count, and take it back")

    def handle(self, *args: Any, **options: Any) -> None:
        since = _instant(options["since"])
        document = _document(options["file"])
        try:
            run = pipeline.run(options["feed"], since, document, options["dry_run"], progress=self._show)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        if run.unread:
            self.stdout.write(f"fields that the adapter does not know: {', '.join(run.unread)}")
        known, set_aside = _known(options["feed"], document, run.started_at)
        told = (
            f", {known} known, of which {set_aside} set aside earlier, whole or in part" if set_aside else ""
        )
        seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0
        mark = " (dry run: nothing was stored)" if options["dry_run"] else ""
        self.stdout.write(
            f"{run.feed}: fetched {run.fetched}, new {run.new}, changed {run.changed}, "
            f"rejected {run.rejected}{told}, {seconds:.1f} s{mark}"
        )

    def _show(self, tally: Tally) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"  fetched {tally.fetched}, new {tally.new}\r", ending="")


def _known(name: str, document: bytes | None, before: datetime) -> tuple[int, int]:
    """Return how many items of a document were known before, and how many of these are set aside."""
    return (0, 0) if document is None else kept.known(name, feeds.adapter(name).document(document), before)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return instant(text)
    except ArgumentTypeError as error:
        raise CommandError(f"--since {error}") from None


def _document(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"--file {path}: {error}") from error
