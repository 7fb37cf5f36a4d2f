"""``manage.py duplicates``: look for reports that tell of the same event."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from casework import duplicates, tasks
from casework.models import Clue, DuplicateCandidate


class Command(BaseCommand):
    help = "Look anew for candidates of duplicates among the reports of some days; nothing is merged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=tasks.DAYS, help="how many days back; 30")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= 36_500:
            raise CommandError(f"--days {options['days']}: from 1 to 36500")
        since = duplicates.window(timezone.now(), options["days"])
        Clue.objects.filter(report__submitted_at__gte=since).update(version=b"")
        found = duplicates.find(since)
        total = DuplicateCandidate.objects.filter(second__submitted_at__gte=since).count()
        self.stdout.write(
            f"{found.reports} reports, {found.compared} pairs compared, "
            f"{found.stored} candidates new or changed, "
            f"{total} in all"
        )
