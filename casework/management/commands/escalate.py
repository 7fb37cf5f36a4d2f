"""``manage.py escalate``: take unanswered cases up their ladder, or say which would go."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from casework.escalation import runs
from casework.escalation.letters import ACTING
from casework.escalation.runs import Planned

MINUTE = "%Y-%m-%d %H:%MZ"


class Command(BaseCommand):
    help = "Write down each rung that an unanswered case has reached, and the notices to those who are told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be written")
        parser.add_argument("--at", help="the instant, ISO 8601; Jakarta time where it names no zone; now")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        at = self._instant(options["at"]) if options["at"] else now
        if at > now and not options["dry_run"]:
            raise CommandError(f"--at {options['at']}: only --dry-run looks ahead")
        past = at < now
        dry = options["dry_run"]
        found = runs.plan(at, past, now) if dry else runs.escalate(at, past)
        for rung in found.rungs:
            self.stdout.write(line(rung))
        for rung in found.anew.values():
            self.stdout.write(f"{line(rung)}  told anew")
        vacant = sum(rung.whom.is_vacant for rung in found.rungs)
        silent = sum(not (rung.whom.is_vacant or rung.whom.addresses) for rung in found.rungs)
        self.stdout.write(
            f"{len(found.rungs)} rungs at {at:{MINUTE}}: {vacant} vacant, {silent} without an address; "
            f"{found.held} cases held until holidays are known"
            + (f", {len(found.anew)} told anew" if found.anew else "")
            + "".join(f", {turns} while {feed} is silent" for feed, turns in found.unheard.items())
        )

    def _instant(self, text: str) -> datetime:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise CommandError(f"--at {text}: no instant (ISO 8601)") from None
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(settings.CITY_TIME_ZONE))).astimezone(UTC)


def line(rung: Planned) -> str:
    """Return a rung in words: the case, the rung, when it was due, and whom it tells how."""
    whom = rung.whom
    if whom.is_vacant:
        told = "vacant"
    else:
        how = " ".join(channel for channel, _ in whom.addresses) or "no address"
        told = f"{whom.name or '-'}{(whom.acting and f', {ACTING}') or ''}  {how}"
    return (
        f"case {rung.report_id:>7}  turn {rung.turn_id:>7}  rung {rung.number}  due {rung.due_at:{MINUTE}}  "
        f"{whom.title}  {told}"
    )
