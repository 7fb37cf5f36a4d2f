"""``manage.py turns``: whose turn it was to answer a case, and why; or how many answers are waited for."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from casework.models import Pause, Turn
from casework.routing import answerable, turns
from casework.routing.answerable import Answerable, Holder

MINUTE = "%Y-%m-%d %H:%MZ"


class Command(BaseCommand):
    help = "Say how many answers are waited for; with an id tell whose turn its case was, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, nargs="?", help="of the report")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["id"] is None:
            waiting = Turn.objects.filter(answered_at=None, ended_at=None, began_at__isnull=False)
            self.stdout.write(f"{waiting.count():>9}  answers are waited for")
            self.stdout.write(f"{turns.overdue(timezone.now()):>9}  of them are overdue")
            self.stdout.write(f"{waiting.filter(office=None).count():>9}  of them are the unit's own")
            self.stdout.write(
                f"{waiting.filter(due_is_sure=False).count():>9}  are due on a day that is not sure yet"
            )
            return
        self._tell(options["id"])

    def _tell(self, id: int) -> None:
        of_case = Turn.objects.filter(case_id=id).select_related("office", "official").order_by("number")
        if not of_case:
            raise CommandError(f"case {id}: it is nobody's turn yet")
        held = answerable.of(of_case, timezone.now())
        for turn in of_case:
            self.stdout.write(f"turn {turn.number}, hop {turn.hop}: {_who(turn, held[turn.id])}")
            self.stdout.write(f"    {_why(turn.explanation)}")
            for words, at in _times(turn):
                self.stdout.write(f"    {at:{MINUTE}}  {words}")
        for pause in Pause.objects.filter(case_id=id).order_by("id"):
            until = pause.ended_at or pause.until
            self.stdout.write(f"pause {pause.since:{MINUTE}} to {until:{MINUTE}}: {pause.reason}, {pause.by}")


def _who(turn: Turn, held: Answerable) -> str:
    if turn.office is None:
        return "the unit"
    if turn.began_at is None:
        return f"{turn.office.title}, asked whether it takes the case"
    began = f"; began under {_named(held.began_under)}" if held.handed_over else ""
    return f"{turn.office.title}, {_named(held.now)}{began}"


def _named(holder: Holder | None) -> str:
    return f"{holder.name}{' (acting)' if holder.acting else ''}" if holder else "vacant"


def _why(said: dict[str, Any]) -> str:
    if "decided_by" not in said:
        # Of the simulated year, whose turns no rule decided.
        return f"as {said.get('rule', 'somebody')} has it"
    decided = _decided(said)
    place = f"in {said['polygon']} of edition {said['edition']}" if said["polygon"] else "lies nowhere"
    border = (
        f", {said['border_m']} m from {said['neighbour'] or 'the edge'}"
        if said["border_m"] is not None
        else ""
    )
    again = f"; again, for it is {said['again']}" if "again" in said else ""
    second = f"; else {said['second']['office']}" if said["second"] else ""
    return f"{decided}; {said['category']} {place}{border}{second}{again}"


def _decided(said: dict[str, Any]) -> str:
    match said["decided_by"]:
        case "unit":
            return f"given by {said['by']}"
        case "office":
            return f"passed on by {said['passed_by']}"
        case _:
            return (
                f"rule {said['rule']['number']}: {said['rule']['name']}" if said["rule"] else "no rule fits"
            )


def _times(turn: Turn) -> Iterator[tuple[str, datetime]]:
    """Yield what happened, in words, in order."""
    unsure = "" if turn.due_is_sure else ", not sure: the holidays are not known yet"
    is_offer = turn.began_at is None or turn.offered_at < turn.began_at
    asked_at = turn.offered_at if turn.offered_at != turn.began_at else None
    told = [
        ("offered" if is_offer else "heard of", asked_at),
        ("accepted" if is_offer else "began", turn.began_at),
        (f"due{unsure}", turn.due_at),
        ("said: not mine", turn.passed_at),
        ("answered", turn.answered_at),
        (f"ended: {turn.ended_by}", turn.ended_at),
    ]
    happened = [(words, at) for words, at in told if at]
    yield from sorted(happened, key=lambda one: one[1])
