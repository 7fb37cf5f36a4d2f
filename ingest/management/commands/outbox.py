"""``manage.py outbox``: what the city answered and did not arrive yet."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from geoplatform.errors import GeoplatformError
from reports import outbox
from reports.models import Outgoing


class Command(BaseCommand):
    help = "List the answers and statuses that wait to be sent, and those that were given up; no texts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--retry", type=int, nargs="+", metavar="ID", help="send these again that were given up"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"]:
            try:
                outbox.retry(options["retry"])
            except GeoplatformError as error:
                raise CommandError(str(error)) from error
        self._show("waiting", outbox.waiting())
        self._show("dead", outbox.dead())

    def _show(self, state: str, messages: QuerySet[Outgoing]) -> None:
        self.stdout.write(f"{state}: {messages.count()}")
        for message in messages.iterator():
            when = message.dead_at or message.next_at
            self.stdout.write(
                f"{message.id:>6}  {message.channel} {message.external_id}  {message.kind}  "
                f"attempts {message.attempts}  {when:%Y-%m-%d %H:%M:%SZ}  {message.error}".rstrip()
            )
