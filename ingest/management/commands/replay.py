"""``manage.py replay``: parse the kept payloads of a feed again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geoplatform.errors import GeoplatformError
from ingest import feeds, pipeline


class Command(BaseCommand):
    help = "Parse and receive every kept payload of a feed again, as after a mended adapter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feed", choices=feeds.names())
        parser.add_argument("--rejected", action="store_true", help="only those that were set aside")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tally = pipeline.replay(options["feed"], only_rejected=options["rejected"])
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{options['feed']}: replayed {tally.fetched}, new {tally.new}, changed {tally.changed}, "
            f"rejected {tally.rejected}" + (f", {tally.expired} expired" if tally.expired else "")
        )
