"""``manage.py editions``: list the editions of boundaries, or put one in force."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boundaries.models import Edition
from geoplatform.errors import GeoplatformError
from ingest.management.options import day
from reports import activation


class Command(BaseCommand):
    help = "List the editions of boundaries; with --activate put one in force (which is also the way back)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--activate", type=int, metavar="ID", help="put this edition in force")
        parser.add_argument(
            "--from",
            dest="since",
            type=day,
            metavar="DATE",
            help="from this day on; by default all",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["activate"] is not None:
            try:
                moved = activation.activate(options["activate"], options["since"], options["dry_run"])
            except GeoplatformError as error:
                raise CommandError(str(error)) from error
            verb = "would be" if options["dry_run"] else "were"
            self.stdout.write(
                f"{moved.reports} reports {verb} placed anew, {moved.placed} in another place, "
                f"{moved.open_rerouted} open ones in other hands"
            )
        for edition in Edition.objects.order_by("id"):
            validity = edition.validity
            if validity is None:
                force = "not in force"
            else:
                last = validity.upper and validity.upper - timedelta(days=1)
                force = f"in force {validity.lower or 'always'} .. {last or 'on'}"
            self.stdout.write(
                f"{edition.id:>4}  {edition.name}  {force}{'  schematic' if edition.schematic else ''}"
            )
