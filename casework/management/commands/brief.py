"""``manage.py brief``: the page for the governor, in all its forms."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from boundaries.lookup import city_day
from casework import brief, brief_page, periods
from casework.figures import CITY
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Write the brief for the governor: who did not answer, since when, what about, what was tried."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of", help="as it was known then (ISO 8601; by default the city's time); now"
        )
        parser.add_argument(
            "--out", type=Path, default=Path(), help="the folder that is written to; this one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            at = periods.instant(options["as_of"], CITY) if options["as_of"] else timezone.now()
            made = brief.make(at.replace(microsecond=0))
            options["out"].mkdir(parents=True, exist_ok=True)
            for form in brief_page.FORMS:
                path = options["out"] / f"brief-{city_day(at)}.{form}"
                path.write_bytes(brief_page.made(made, form))
                self.stdout.write(str(path))
        except (GeoplatformError, OSError) as error:
            raise CommandError(str(error)) from error
