"""``manage.py load_officials``: load who holds which office when."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from boundaries import officials
from geoplatform.errors import BadOfficials
from reports import activation

MOST = 5  # codes that a warning names


class Command(BaseCommand):
    help = "Load offices, officials and terms from a CSV, and route all reports anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=f"CSV with the columns {','.join(officials.COLUMNS)}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                loaded = officials.load(options["file"])
                moved = activation.place_anew()
        except BadOfficials as error:
            raise CommandError(str(error)) from error
        if loaded.unknown:
            some = ", ".join(loaded.unknown[:MOST]) + (", ..." if len(loaded.unknown) > MOST else "")
            self.stderr.write(f"warning: {len(loaded.unknown)} codes are not in the edition in force: {some}")
        self.stdout.write(
            f"{loaded.offices} offices, {loaded.officials} officials, {loaded.terms} terms; "
            f"{moved.open_rerouted} open reports in other hands"
        )
