"""``manage.py bounces``: read the mailbox to which notices come back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from geoplatform.errors import GeoplatformError
from ingest.outgoing import bounces


class Command(BaseCommand):
    help = "Read what mail servers report back of notices, as the worker does every five minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            box = bounces.mailbox()
            if box is None:
                raise CommandError(f"{bounces.URL} is not set: no mailbox is read")
            found = bounces.read(box, timezone.now())
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{found.messages} messages, {found.reports} of them on notices: news for {found.news}"
        )
