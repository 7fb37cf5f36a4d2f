"""``manage.py cases``: how many cases there are in each state, or the history of one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from access import audit
from casework.duplicates import clusters
from casework.models import Case, Change, State
from casework.steps import telling, workflow
from casework.steps.workflow import Step
from geoplatform.errors import GeoplatformError

MINUTE = "%Y-%m-%d %H:%MZ"


class Command(BaseCommand):
    help = "Count the cases by state; with an id show a case's history, or take a step with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, nargs="?", help="of the report")
        parser.add_argument("--to", help="the state that the case is to have")
        parser.add_argument("--text", default="", help="what the citizen reads")
        parser.add_argument("--by", help="who takes the step, as the history names it")

    def handle(self, *args: Any, **options: Any) -> None:
        id, to_state = options["id"], options["to"]
        if id is None:
            self._count()
            return
        if to_state:
            self._take(Step(id, to_state, options["text"]), options["by"])
        self._show(id)

    def _count(self) -> None:
        found = dict(Case.objects.values_list("state").annotate(count=Count("report_id")))
        for state in State.objects.order_by("-open311", "code"):
            if state.code in found:
                words = f"{state.code:<11} {state.jakarta:<11} {state.name_en}"
                self.stdout.write(f"{found[state.code]:>9}  {words}")
        self.stdout.write(f"{sum(found.values()):>9}  in all")

    def _take(self, step: Step, by: str | None) -> None:
        if not by:
            raise CommandError("--to needs --by: the history says who")
        every = {codename for codename, _ in Case._meta.permissions}
        at = timezone.now()
        try:
            with transaction.atomic():
                # Who may run commands on this machine may do all that a person may.
                workflow.change_one(step, by, every - {workflow.FOLLOW}, at)
                subject = f"report:{step.report_id}"
                telling.steps({step.report_id: (step.to_state, step.text)}, clusters.UNIT, at)
                audit.record("case.step", audit.operator(), at, subject, to=step.to_state, said_by=by)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error

    def _show(self, id: int) -> None:
        case = Case.objects.filter(report_id=id).first()
        if case is None:
            raise CommandError(f"no case {id}")
        for change in Change.objects.filter(case=case).order_by("id"):
            step = f"{change.from_state_id} -> {change.to_state_id}"
            self.stdout.write(f"{change.at:{MINUTE}}  {step}  {change.by}  {change.text}".rstrip())
        state = State.objects.get(code=case.state_id)
        self.stdout.write(f"case {id} is {state.code} ({state.jakarta}) since {case.since:{MINUTE}}")
