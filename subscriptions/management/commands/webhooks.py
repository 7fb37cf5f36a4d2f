"""``manage.py webhooks``: whom the platform tells of reports, and what did not arrive."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geoplatform.errors import GeoplatformError
from subscriptions import deliveries, subscribers
from subscriptions.models import State, Subscription


class Command(BaseCommand):
    help = "List the subscriptions and the messages that were given up; no texts of reports."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--retry", type=int, nargs="+", metavar="ID", help="send these again that were given up"
        )
        parser.add_argument("--end", type=int, metavar="SUBSCRIPTION", help="tell this one nothing more")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            deliveries.retry(options["retry"] or [])
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        if options["end"] is not None:
            self._end(options["end"])
        for one in Subscription.objects.exclude(state=State.ENDED).select_related("key").order_by("id"):
            waits = deliveries.waiting().filter(subscription=one).count()
            self.stdout.write(
                f"{one.id:>6}  {one.state:<10}  waiting {waits}  {one.key.title}  {one.url}  "
                f"{one.error}".rstrip()
            )
        self.stdout.write(f"dead: {deliveries.dead().count()}")
        for message in deliveries.dead().iterator():
            self.stdout.write(
                f"{message.id:>6}  subscription {message.subscription_id}  attempts {message.attempts}  "
                f"{message.dead_at:%Y-%m-%d %H:%M:%SZ}  {message.error}"
            )

    def _end(self, id: int) -> None:
        one = Subscription.objects.filter(id=id).exclude(state=State.ENDED).first()
        if one is None:
            raise CommandError(f"no subscription {id}")
        subscribers.end(one)
