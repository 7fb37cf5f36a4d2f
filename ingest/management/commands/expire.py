"""``manage.py expire``: let go of the payloads and pictures that are older than they may be kept."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from ingest.keeping import retention


class Command(BaseCommand):
    help = (
        "Empty payloads older than GEOPLATFORM_PAYLOAD_DAYS, and throw pictures away that are older than "
        "GEOPLATFORM_PHOTO_DAYS, as the worker does each day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, and leave them")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        is_dry = options["dry_run"]
        count = retention.due(now) if is_dry else retention.expire(now)
        pictures = retention.due_photos(now) if is_dry else retention.expire_photos(now)
        mark = " (dry run: nothing was emptied)" if is_dry else ""
        self.stdout.write(f"{count} payloads older than {settings.PAYLOAD_DAYS} days expired{mark}")
        self.stdout.write(f"{pictures} photos older than {settings.PHOTO_DAYS} days expired{mark}")
