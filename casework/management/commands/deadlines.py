"""``manage.py deadlines``: which norm holds for which reports, or other ones."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.clock import deadlines
from casework.models import Deadline, Turn
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Show the deadlines that hold; with a file make them those of the file first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", help="CSV: purpose, category, tier, office, norm, source"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            try:
                self._load(options["file"])
            except GeoplatformError as error:
                raise CommandError(str(error)) from error
        for one in deadlines.lasting():
            self.stdout.write(_line(one))

    @transaction.atomic
    def _load(self, file: Path) -> None:
        now = timezone.now()
        changed = deadlines.replace(file, now)
        audit.record("deadlines.load", audit.operator(), now, changed=changed)
        self.stdout.write(f"{changed} deadlines begun or ended")
        waiting = Turn.objects.filter(answered_at=None, ended_at=None, began_at__isnull=False)
        self.stdout.write(f"{waiting.count()} answers that are waited for keep the deadline that they have")


def _line(one: Deadline) -> str:
    who = one.office_id or one.tier or "any office"
    allowed = f"{one.norm.amount} {one.norm.unit} ({one.norm_id})"
    return f"{one.purpose:<8}  {one.category_id or 'any':<16}  {who:<26}  {allowed:<30}  {one.source}"
