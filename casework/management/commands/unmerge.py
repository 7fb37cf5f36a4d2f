"""``manage.py unmerge``: undo a merge."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.duplicates import merging
from casework.models import Case, Unmerge
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Undo a merge: each report has the state again that it had, and its turn goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("merge", type=int, help="its number, as manage.py merge and duplicates say it")
        parser.add_argument("--by", required=True, help="who undoes it, as the history names it")
        parser.add_argument("--text", required=True, help="what the citizens read")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            undone = self._unmerge(options, timezone.now())
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        for case in Case.objects.filter(member__merge=undone.merge_id).order_by("report_id"):
            self.stdout.write(f"case {case.report_id} is {case.state_id} again")

    @transaction.atomic
    def _unmerge(self, options: dict[str, Any], at: datetime) -> Unmerge:
        number, by = options["merge"], options["by"]
        undone = merging.unmerge(number, by, {merging.TRIAGE}, options["text"], at)
        subject = f"report:{undone.merge.into_id}"
        audit.record("case.unmerge", audit.operator(), at, subject, merge=number, said_by=by)
        return undone
