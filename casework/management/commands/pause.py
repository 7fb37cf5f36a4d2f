"""``manage.py pause``: stop the clock of a case for a while, or let it run on sooner."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.clock import norms
from casework.models import PauseReason
from casework.routing import turns
from casework.steps import pauses
from geoplatform.errors import GeoplatformError, InvalidRequest

MINUTE = "%Y-%m-%d %H:%MZ"


class Command(BaseCommand):
    help = "Stop the clock of a case for a reason, or let it run on; without an id show the reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, nargs="?", help="of the report")
        parser.add_argument("--reason", help="a code of the list")
        parser.add_argument(
            "--until", help="the last day (YYYY-MM-DD), or an instant with its offset from UTC"
        )
        parser.add_argument("--resume", action="store_true", help="end what pauses there are now")
        parser.add_argument("--by", help="who says so, as the history names it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["id"] is None:
            for one in PauseReason.objects.order_by("code"):
                self.stdout.write(
                    f"{one.code:<12} {one.most_days:>3} days at most  {one.name_id}; {one.name_en}"
                )
            return
        try:
            self._take(options)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        turn = turns.running(options["id"])
        if turn and turn.due_at:
            self.stdout.write(f"the answer is due {turn.due_at:{MINUTE}}")

    @transaction.atomic
    def _take(self, options: dict[str, Any]) -> None:
        id, by, at = options["id"], options["by"], timezone.now()
        if not by:
            raise InvalidRequest("--by: the history says who")
        if options["resume"]:
            count = pauses.resume(id, by, at)
            audit.record("case.resume", audit.operator(), at, f"report:{id}", said_by=by)
            self.stdout.write(f"{count} pauses ended")
            return
        if not (options["reason"] and options["until"]):
            raise InvalidRequest("a pause has a --reason and an --until")
        made = pauses.pause(id, options["reason"], _instant(options["until"]), by, at)
        audit.record("case.pause", audit.operator(), at, f"report:{id}", reason=made.reason, said_by=by)
        self.stdout.write(f"paused until {made.until:{MINUTE}}")


def _instant(text: str) -> datetime:
    """Return an instant, or the end of a day in the city."""
    try:
        return norms.calendar().end(date.fromisoformat(text))
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"--until {text!r} is neither a day nor an instant") from None
    if at.tzinfo is None:
        raise InvalidRequest(f"--until {text!r} has no offset from UTC")
    return at.astimezone(UTC)
