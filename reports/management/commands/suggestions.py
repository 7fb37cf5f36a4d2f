"""``manage.py suggestions``: reports without a place, and where their words may mean."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reports.models import Report, Suggestion

SHOWN = 100  # characters of a report's public text


class Command(BaseCommand):
    help = "List the reports that nobody placed and whose words suggest a place, the surest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many at most; 20")
        parser.add_argument("--channel", help="of this channel alone")

    def handle(self, *args: Any, **options: Any) -> None:
        best = Suggestion.objects.filter(rank=1, report__placed_by=None).order_by("-score", "report_id")
        if options["channel"]:
            best = best.filter(report__channel=options["channel"])
        ids = list(best.values_list("report_id", flat=True)[: options["limit"]])
        reports = Report.objects.in_bulk(ids)
        candidates: dict[int, list[Suggestion]] = {id: [] for id in ids}
        for one in Suggestion.objects.filter(report_id__in=ids).order_by("report_id", "rank"):
            candidates[one.report_id].append(one)
        for id in ids:
            text = " ".join(reports[id].public_text.split())
            self.stdout.write(
                f"{id}  {reports[id].channel}  {text[:SHOWN]}{'...' if len(text) > SHOWN else ''}"
            )
            for one in candidates[id]:
                words = ", ".join(map(str, one.words))
                self.stdout.write(f"    {one.score:.2f}  {one.code:<14} {one.level:<10} {words}")
        self.stdout.write(f"{len(ids)} of {best.count()} reports that wait for a place")
