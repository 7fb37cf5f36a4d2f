"""``manage.py load_holidays``: load public holidays and days of collective leave."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.clock import dues, norms
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Load a table of holidays; by default the one that comes with the project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", default=norms.HOLIDAYS, help="CSV: on, name, kind, source"
        )
        parser.add_argument(
            "--decided", type=int, metavar="YEAR", help="all days off of a year are loaded by now"
        )
        parser.add_argument("--source", default="", help="the decree that decided that year")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            with transaction.atomic():
                count = norms.load_holidays(options["file"])
                if options["decided"]:
                    norms.decide(options["decided"], options["source"])
                audit.record("holidays.load", audit.operator(), now, rows=count, decided=options["decided"])
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        years = ", ".join(map(str, sorted(norms.calendar().years))) or "none"
        self.stdout.write(f"{count} holidays loaded; decided are {years}")
        for year in norms.undecided():
            self.stderr.write(
                f"{year}: some days are known; deadlines in it are not sure until --decided {year} says that"
                " these are all"
            )
        self.stdout.write(f"{dues.renew(now, settled=True)} answers are due at another time")
