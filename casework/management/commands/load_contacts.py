"""``manage.py load_contacts``: where offices and officials are told."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.escalation import contacts
from casework.escalation.holders import Holders
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Make the addresses of offices and officials those of a table; they are never public."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV: office, official, channel, address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                count = contacts.load(options["file"])
                audit.record("addresses.load", audit.operator(), timezone.now(), rows=count)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        known = Holders.on(timezone.now())
        held = {code: one for code, one in known.by_code.items() if one["official_id"]}
        silent = [code for code, one in held.items() if not known.book.of(one["official_id"], code)]
        self.stdout.write(f"{count} addresses; {len(silent)} of {len(held)} offices that are held have none")
        for code in silent:
            self.stdout.write(f"  {code}  {held[code]['title']}")
        if not known.whom(None, next(iter(known.by_code))).addresses:
            self.stdout.write("  the governor's office")
