"""``manage.py contacts``: the keys that contacts of citizens are sealed with."""

from argparse import ArgumentParser
from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from geoplatform.errors import GeoplatformError
from reports import sealing


class Command(BaseCommand):
    help = "Make a key for contacts, or seal all of them with the newest key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["new-key", "rotate"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "new-key":
            self.stdout.write(Fernet.generate_key().decode())
            return
        try:
            with transaction.atomic():
                done, lost = sealing.rotate()
                audit.record("contacts.rotate", audit.operator(), timezone.now(), done=done, lost=lost)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done} contacts sealed with the newest key, {lost} that no key opens")
