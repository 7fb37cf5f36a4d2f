"""What a citizen was told of a report, by whom and when, as the public may read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from casework.duplicates.clusters import UNIT
from casework.models import Change, Turn
from reports import outbox
from reports.models import Outgoing, Report, SourceUpdate
from reports.privacy import public_text


@dataclass(frozen=True)
class Said:
    """Words for a citizen, and who says so: an office or the unit, never an account."""

    at: datetime
    by: str
    text: str


def said(lead_id: int) -> list[Said]:
    """Return what was said of a case, oldest first: by its steps, beside them, and on its channel.

    What the citizen said themselves, in a dispute, is not among it.
    """
    report = Report.objects.get(pk=lead_id)
    return sorted({*_by_steps(lead_id), *_beside(report), *_on_channel(report)}, key=lambda one: one.at)


def _by_steps(case_id: int) -> Iterator[Said]:
    steps = Change.objects.filter(case=case_id).exclude(permission="dispute").exclude(text="")
    turns = list(
        Turn.objects.filter(case=case_id, began_at__isnull=False).select_related("office").order_by("number")
    )
    for step in steps:
        whose = [one.office for one in turns if _held(one, step.at)]
        office = whose[-1] if whose and step.permission == "answer" else None
        yield Said(step.at, office.title if office else UNIT, public_text(step.text, ""))


def _held(turn: Turn, at: datetime) -> bool:
    return bool(turn.began_at and turn.began_at <= at <= (turn.ended_at or at))


def _beside(report: Report) -> Iterator[Said]:
    own = Outgoing.objects.filter(channel=report.channel, external_id=report.external_id, kind=outbox.ANSWER)
    # Of those whose citizen was forgotten nothing is left.
    for message in own.filter(body__has_key="text"):
        at = datetime.fromisoformat(message.body["at"])
        yield Said(at, message.body["by"], public_text(message.body["text"], ""))


def _on_channel(report: Report) -> Iterator[Said]:
    steps = SourceUpdate.objects.filter(channel=report.channel, external_id=report.external_id)
    for step in steps.filter(status__isnull=False).exclude(public_note=""):
        yield Said(step.at, step.public_by, step.public_note)
