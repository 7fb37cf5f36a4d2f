"""``manage.py merge``: close reports as duplicates of one that leads them."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from casework.duplicates import clusters, merging
from casework.models import Merge
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Merge reports of one problem into one of them; manage.py unmerge undoes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", type=int, nargs="+", help="of the reports that are closed as duplicates")
        parser.add_argument("--into", type=int, required=True, help="of the report that leads them")
        parser.add_argument("--by", required=True, help="who merges them, as the history names it")
        parser.add_argument("--text", required=True, help="what the citizens read")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            merged = self._merge(options, timezone.now())
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        crowd = clusters.crowd(merged.into_id)
        self.stdout.write(
            f"merge {merged.id}: {merged.member_set.count()} into {merged.into_id}, "
            f"which leads {crowd.reports} reports of {crowd.citizens} citizens"
        )

    @transaction.atomic
    def _merge(self, options: dict[str, Any], at: datetime) -> Merge:
        ids, into, by = options["ids"], options["into"], options["by"]
        merged = merging.merge(ids, into, by, {merging.TRIAGE}, options["text"], at)
        cases = sorted(set(ids))
        audit.record(
            "case.merge", audit.operator(), at, f"report:{into}", merge=merged.id, cases=cases, said_by=by
        )
        return merged
