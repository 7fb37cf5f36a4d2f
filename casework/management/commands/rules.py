"""``manage.py rules``: which office answers for what, what cannot work, and what they say of one place."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from boundaries import lookup
from boundaries.models import Term
from casework.routing import checks, faults, rules
from casework.routing.rules import Decision
from geoplatform.errors import GeoplatformError, NotFound
from layers.record import LonLat
from reports.models import Category, Report

UNIT = {
    "no_place": "nobody knows where it is",
    "no_rule": "no rule fits",
    "no_office": "the rule leads to no office",
}
SECOND = {"across_the_border": "across the nearest border", "next_rule": "by the next rule that fits"}


class Command(BaseCommand):
    help = "Show the rules that say which office answers, and what of them cannot work; load or try them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--load", type=Path, metavar="FILE", help="make the rules those of this CSV")
        parser.add_argument(
            "--try", type=int, dest="id", metavar="REPORT_ID", help="a report; nothing is stored"
        )
        parser.add_argument(
            "--at", type=float, nargs=2, metavar=("LON", "LAT"), help="a point, with --category"
        )
        parser.add_argument("--category", help="the kind of problem at the point")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["id"] is not None:
                self._try_report(options["id"])
            elif options["at"]:
                self._try_point(LonLat(*options["at"]), options["category"])
            else:
                self._list(options["load"])
        except GeoplatformError as error:
            raise CommandError(str(error)) from error

    def _list(self, file: Path | None) -> None:
        if file:
            with transaction.atomic():
                count = rules.replace(file, timezone.now())
                audit.record("rules.load", audit.operator(), timezone.now(), rows=count)
            self.stdout.write(f"{count} rules loaded")
        checks.run(timezone.now())
        for rule in rules.lasting():
            rests = "" if rule.is_active else "  (rests)"
            self.stdout.write(f"{rule.number:>7}  {rules.words(rule)}  [{rule.name}]{rests}")
        for fault in faults.lasting():
            self.stdout.write(f"fault since {fault.found_at:%Y-%m-%d %H:%MZ}: {fault.words}")

    def _try_report(self, id: int) -> None:
        report = Report.objects.filter(id=id).first()
        if report is None:
            raise NotFound(f"no report {id}")
        decision = rules.decide(
            report.category_id, report.kelurahan_code, report.neighbour_code, report.border_m
        )
        self._show(decision)
        if decision.office != report.office_id:
            self.stdout.write(
                f"the report itself names {report.office_id or 'no office'}, by its category alone"
            )

    def _try_point(self, point: LonLat, category: str | None) -> None:
        if not Category.objects.filter(code=category).exists():
            known = ", ".join(Category.objects.order_by("code").values_list("code", flat=True))
            raise NotFound(f"--category {category!r} is none of {known}")
        place = lookup.at(point, lookup.today())
        self.stdout.write(
            f"{place.kelurahan.code} {place.kelurahan.name}" if place.kelurahan else "outside the province"
        )
        code = place.kelurahan.code if place.kelurahan else None
        neighbour = place.neighbour.code if place.neighbour else None
        self._show(rules.decide(str(category), code, neighbour, place.border_m))

    def _show(self, decision: Decision) -> None:
        said = decision.said
        if rule := said["rule"]:
            self.stdout.write(f"rule {rule['number']}: {rule['name']} ({rule['source']})")
        if decision.office:
            self.stdout.write(f"{said['office']} ({decision.office}): {self._holder(decision.office)}")
        else:
            self.stdout.write(f"the unit: {UNIT[said['unit_because']]}")
        if second := said["second"]:
            self.stdout.write(f"else {second['office']} ({second['code']}), {SECOND[second['why']]}")

    def _holder(self, office: str) -> str:
        term = Term.objects.filter(office=office, during__contains=lookup.today()).first()
        if term is None:
            return "vacant today"
        return f"{term.official.name}{', acting' if term.acting else ''}"
