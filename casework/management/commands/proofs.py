"""``manage.py proofs``: the resolutions whose photos are doubted, and what a second person says of one."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.duplicates import clusters
from casework.steps import proof, telling
from casework.steps.proof import Doubted
from geoplatform.errors import GeoplatformError

MINUTE = "%Y-%m-%d %H:%MZ"


class Command(BaseCommand):
    help = "List the resolutions whose photos are doubted; with an id confirm one, or refuse it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, nargs="?", help="of the report")
        said = parser.add_mutually_exclusive_group()
        said.add_argument("--confirm", action="store_true", help="it is solved, whatever is doubted")
        said.add_argument("--refuse", action="store_true", help="it is not: the office has it again")
        parser.add_argument("--by", help="who says so, as the history names it; not who resolved it")
        parser.add_argument("--text", default="", help="why; of a refusal the citizen reads it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["confirm"] or options["refuse"]:
            self._say(options)
            return
        # What came within the last minute, the worker may not have seen yet.
        proof.judge(timezone.now(), proof.recent())
        flagged = proof.flagged(None if options["id"] is None else [options["id"]])
        for one in flagged:
            self.stdout.write(_line(one))
        self.stdout.write(f"{len(flagged)} doubts of {len({one.report_id for one in flagged})} resolutions")

    def _say(self, options: dict[str, Any]) -> None:
        if options["id"] is None or not options["by"]:
            raise CommandError("--confirm and --refuse need an id and --by: the history says who")
        try:
            self._judge(
                options["id"], options["by"], options["text"], bool(options["confirm"]), timezone.now()
            )
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"case {options['id']}: {'confirmed' if options['confirm'] else 'refused'}")

    @transaction.atomic
    def _judge(self, id: int, by: str, text: str, is_confirmed: bool, at: datetime) -> None:
        say = proof.confirm if is_confirmed else proof.refuse
        say(id, by, {proof.SUPERVISE}, text, at)
        if not is_confirmed:
            telling.steps({id: ("disputed", text)}, clusters.UNIT, at)
        subject = f"report:{id}"
        audit.record("case.verdict", audit.operator(), at, subject, is_confirmed=is_confirmed, said_by=by)


def _line(one: Doubted) -> str:
    earlier = ""
    if one.earlier_at is not None:
        earlier = f", shown for report {one.earlier_report_id} on {one.earlier_at:{MINUTE}}"
    return (
        f"{one.report_id}  {one.kind}: {one.amount:g} {one.unit}, {one.most:g} are allowed{earlier}; "
        f"resolved by {one.resolved_by} on {one.resolved_at:{MINUTE}}"
    )
