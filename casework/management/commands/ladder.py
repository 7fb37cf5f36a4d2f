"""``manage.py ladder``: the ladder on which unanswered cases climb, or another one."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.escalation import ladder
from casework.models import Rung
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Show the ladders; with a file replace those of the categories in it first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="CSV: category, number, tier, norm, source")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            try:
                with transaction.atomic():
                    count = ladder.replace(options["file"])
                    audit.record("ladder.load", audit.operator(), timezone.now(), rows=count)
            except GeoplatformError as error:
                raise CommandError(str(error)) from error
        for rungs in ladder.ladders().values():
            for rung in rungs:
                self.stdout.write(_line(rung))


def _line(rung: Rung) -> str:
    wait = f"after {rung.norm.amount} {rung.norm.unit} ({rung.norm_id})" if rung.norm else "at once"
    category, tier = rung.category_id or "any", rung.tier or "governor's office"
    return f"{category:<16} {rung.number:>2}  {tier:<17}  {wait:<36}  {rung.source}"
