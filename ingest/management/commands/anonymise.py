"""``manage.py anonymise``: strike out who citizens are, where their case was closed long ago."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from access import audit
from casework.citizens import anonymise
from ingest.keeping import retention


class Command(BaseCommand):
    help = "Anonymise reports closed, or untouched, for as long as the settings say; the worker does daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, and leave them")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["dry_run"]:
            count, mark = len(anonymise.due(at)), " (dry run: nothing was changed)"
        else:
            count, mark = retention.anonymise(at, audit.operator()), ""
        self.stdout.write(
            f"{count} reports closed more than {settings.ANONYMISE_DAYS} days ago, or untouched for "
            f"{settings.ANONYMISE_OPEN_DAYS}{mark}"
        )
