"""``manage.py duplicates``: look for reports that tell of the same event; show those of one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from casework import tasks
from casework.duplicates import candidates, clusters
from casework.duplicates.clusters import InCluster
from casework.models import Case, Clue, DuplicateCandidate


class Command(BaseCommand):
    help = "Look anew for candidates of duplicates among the reports of some days, or show what joins one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "id", type=int, nargs="?", help="of a report: its cluster, and what could be merged"
        )
        parser.add_argument("--days", type=int, default=tasks.DAYS, help="how many days back; 30")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["id"] is not None:
            self._show(options["id"])
            return
        if not 1 <= options["days"] <= 36_500:
            raise CommandError(f"--days {options['days']}: from 1 to 36500")
        since = candidates.window(timezone.now(), options["days"])
        Clue.objects.filter(report__submitted_at__gte=since).update(version=b"")
        found = candidates.find(since)
        total = DuplicateCandidate.objects.filter(second__submitted_at__gte=since).count()
        self.stdout.write(
            f"{found.reports} reports, {found.compared} pairs compared, "
            f"{found.stored} candidates new or changed, "
            f"{total} in all"
        )
        now = timezone.now()
        counted = clusters.count(since, now, now)
        self.stdout.write(f"{counted.reports} reports tell of {counted.problems} distinct problems")

    def _show(self, id: int) -> None:
        if not Case.objects.filter(report_id=id).exists():
            raise CommandError(f"no case {id}")
        crowd = clusters.crowd(id)
        self.stdout.write(f"cluster of {crowd.reports} reports, {crowd.citizens} citizens")
        for one in clusters.cluster(id):
            self.stdout.write(f"  {_line(one)}")
        others = clusters.proposed(id)[1:]
        self.stdout.write(f"{len(others)} more that candidates join to it")
        for one in others:
            self.stdout.write(f"  {_line(one)}")


def _line(one: InCluster) -> str:
    if one.depth == 0:
        return f"{one.report_id}  leads"
    by = f"merge {one.merge_id}" if one.merge_id else f"{one.depth} candidates away"
    parts = " ".join(f"{name}={value}" for name, value in (one.parts or {}).items())
    score = "by a person alone" if one.score is None else f"score {one.score:.2f}"
    return f"{one.report_id}  {by}, {score}  {parts}".rstrip()
