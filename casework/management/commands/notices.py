"""``manage.py notices``: what officials were told and did not arrive yet."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from casework.escalation import notices, receipts
from casework.models import Evidence, Notice
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "List the notices that wait to be sent and those that were given up; no texts and no addresses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--retry", type=int, nargs="+", metavar="ID", help="send these again that were given up"
        )
        parser.add_argument(
            "--receipt",
            metavar="FILE",
            help="take what a mail server reports back (RFC 3464); - reads it from stdin",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            notices.retry(options["retry"] or [])
            if options["receipt"]:
                self._take(options["receipt"])
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self._show("waiting", notices.waiting())
        self._show("dead", notices.dead())
        for kind, _ in Evidence._meta.get_field("kind").choices or ():
            self.stdout.write(
                f"{kind}: {Evidence.objects.filter(kind=kind, notice=None).count()} escalations"
            )

    def _take(self, file: str) -> None:
        try:
            document = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        told = receipts.take(document, timezone.now())
        self.stdout.write(f"news for {told} escalations")

    def _show(self, state: str, found: QuerySet[Notice]) -> None:
        self.stdout.write(f"{state}: {found.count()}")
        for notice in found.iterator():
            when = notice.dead_at or notice.next_at
            self.stdout.write(
                f"{notice.id:>6}  {notice.channel}  escalations {notice.escalations.count()}  "
                f"attempts {notice.attempts}  {when:%Y-%m-%d %H:%M:%SZ}  {notice.error}".rstrip()
            )
