"""``manage.py load_holidays``: load public holidays and days of collective leave."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework import dues, norms
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Load a table of holidays; by default the one that comes with the project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", default=norms.HOLIDAYS, help="CSV: on, name, kind, source"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            with transaction.atomic():
                count = norms.load_holidays(options["file"])
                audit.record("holidays.load", audit.operator(), now, rows=count)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        years = ", ".join(map(str, sorted(norms.calendar().years))) or "none"
        self.stdout.write(f"{count} holidays loaded; known are {years}")
        self.stdout.write(f"{dues.renew(now, settled=True)} answers are due at another time")
