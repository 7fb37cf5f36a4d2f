"""``manage.py forget``: forget the citizen who wrote one report, because they ask for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access import audit
from geoplatform.errors import GeoplatformError
from ingest.keeping import retention


class Command(BaseCommand):
    help = (
        "Forget the citizen of one report, at once: words, contact, links, payloads. What the city did stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", help="the feed that the report came by, such as qlue")
        parser.add_argument("id", help="what that channel calls it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            number, emptied = retention.forget(
                options["channel"], options["id"], timezone.now(), audit.operator()
            )
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"report {number}: its citizen is forgotten, {emptied} payloads emptied")
