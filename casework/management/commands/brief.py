"""``manage.py brief``: the page for the governor, in all its forms."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from boundaries.lookup import city_day
from casework.board import periods
from casework.board.figures import CITY
from casework.brief import contents, forms
from casework.brief.contents import Brief
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
        parser.add_argument(
            "--list", help="write nothing, and print a list of officials that the brief names, such as few"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            at = periods.instant(options["as_of"], CITY) if options["as_of"] else timezone.now()
            made = contents.make(at.replace(microsecond=0))
            if options["list"]:
                self._list(made, options["list"])
                return
            options["out"].mkdir(parents=True, exist_ok=True)
            for form in forms.FORMS:
                path = options["out"] / f"brief-{city_day(at)}.{form}"
                path.write_bytes(forms.made(made, form))
                self.stdout.write(str(path))
        except (GeoplatformError, OSError) as error:
            raise CommandError(str(error)) from error

    def _list(self, made: Brief, name: str) -> None:
        if name not in made.lists:
            raise CommandError(f"no list {name!r}: {', '.join(made.lists)}")
        for one in made.lists[name]:
            value = one.row.counts[one.column]
            self.stdout.write(f"{one.row.office:<24} {one.row.name or '(vacant)':<34} {one.column}: {value}")
        self.stdout.write(f"{len(made.lists[name])} in all")
