"""``manage.py rejections``: what a feed sent and we could not use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Min, QuerySet

from ingest import feeds
from ingest.models import Payload, Rejection, Waiting


class Command(BaseCommand):
    help = "List the payloads of a feed that were set aside, each with its reason, and those not used yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feed", choices=feeds.names())
        parser.add_argument("--reasons", action="store_true", help="how many have the same reason")
        parser.add_argument("--payload", type=int, metavar="ID", help="print this one as it was sent")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["feed"]
        if options["payload"] is not None:
            self._print(name, options["payload"])
            return
        found = Rejection.objects.filter(payload__feed=name)
        if options["reasons"]:
            self._count(found)
        else:
            self._list(found)
        waiting = Waiting.objects.filter(payload__feed=name)
        oldest = waiting.aggregate(at=Min("payload__fetched_at"))["at"]
        since = f", the oldest since {oldest:%Y-%m-%d %H:%M}Z" if oldest else ""
        self.stdout.write(f"{name}: rejected {found.count()}, kept and not used yet {waiting.count()}{since}")

    def _list(self, found: QuerySet[Rejection]) -> None:
        for one in found.select_related("payload").defer("payload__body").order_by("payload_id").iterator():
            expired = "  (expired)" if one.payload.expired_at else ""
            line = f"{one.payload_id:>8}  {one.payload.fetched_at:%Y-%m-%d %H:%M}Z  {one.reason}{expired}"
            self.stdout.write(line)

    def _count(self, found: QuerySet[Rejection]) -> None:
        for reason, count in (
            found.values_list("reason").annotate(count=Count("id")).order_by("-count", "reason")
        ):
            self.stdout.write(f"{count:>8}  {reason}")

    def _print(self, name: str, id: int) -> None:
        payload = Payload.objects.filter(feed=name, id=id).first()
        if payload is None:
            raise CommandError(f"feed {name} has no payload {id}")
        if payload.expired_at:
            raise CommandError(f"payload {id} expired on {payload.expired_at:%Y-%m-%d}")
        self.stdout.write(payload.body)
