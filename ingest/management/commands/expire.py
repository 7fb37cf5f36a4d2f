"""``manage.py expire``: empty the payloads that are older than they may be kept."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from ingest import retention


class Command(BaseCommand):
    help = "Empty payloads that are older than GEOPLATFORM_PAYLOAD_DAYS, as the worker does each day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, and leave them")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        count = retention.due(now) if options["dry_run"] else retention.expire(now)
        mark = " (dry run: nothing was emptied)" if options["dry_run"] else ""
        self.stdout.write(f"{count} payloads older than {settings.PAYLOAD_DAYS} days expired{mark}")
