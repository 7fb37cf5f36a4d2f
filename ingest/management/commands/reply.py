"""``manage.py reply``: put an answer or a status of the city down, for the channel of a report."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from geoplatform.errors import GeoplatformError
from ingest import feeds
from ingest.management.options import instant
from reports import outbox
from reports.models import Report


class Command(BaseCommand):
    help = "Answer a report on the channel that it came by; the worker sends it within a minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", choices=feeds.names())
        parser.add_argument("external_id", help="what the channel calls the report")
        parser.add_argument("--by", required=True, metavar="OFFICE", help="who says so, for the citizen")
        parser.add_argument("--text", default="", help="words for the citizen")
        parser.add_argument("--status", default="", help="how far it is: waiting, in_progress or done")
        parser.add_argument(
            "--at", type=instant, help="when it was said (ISO 8601; by default Jakarta time); now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        channel, id = options["channel"], options["external_id"]
        report = Report.objects.filter(channel=channel, external_id=id).first()
        if report is None:
            raise CommandError(f"{channel} has no report {id!r}")
        if not hasattr(feeds.adapter(channel), "send"):
            raise CommandError(f"{channel}: this channel takes no answers")
        kind = outbox.STATUS if options["status"] else outbox.ANSWER
        at = options["at"] or timezone.now()
        said = {"by": options["by"], "text": options["text"], "status": options["status"]}
        try:
            message = outbox.put(report, kind, at=at, **said)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{kind} {message.id} to {channel} {id}: {_state(message)}")


def _state(message: Any) -> str:
    if message.sent_at:
        return "was sent before"
    return "was given up before: manage.py outbox" if message.dead_at else "waits to be sent"
