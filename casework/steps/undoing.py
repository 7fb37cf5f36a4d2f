"""Taking back a step that one has just taken, as long as its citizen has heard nothing of it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from access import audit
from casework.duplicates import clusters
from casework.escalation import notices
from casework.models import Change, Follower, Notice
from casework.steps import permitted, telling, workflow
from casework.steps.workflow import REASONS, Refused, Step
from geoplatform.errors import InvalidRequest
from reports import outbox
from reports.models import Outgoing, Report
from staff.models import User

UNDO = "undo"  # the permission of the way back, which nobody has: it needs a step of one's own
WITHIN = timedelta(minutes=10)
MOST = 500  # cases at a time
WHY: Mapping[str, str] = {
    "absent": REASONS["absent"],
    "busy": REASONS["busy"],
    "moved": "the step that was seen is not its last one",
    "not_yours": "somebody else took the step",
    "too_late": "the step was taken more than 10 minutes ago",
    "no_way_back": "a step from {from_state} to {to_state} is not undone: take the next one",
    "told": "its citizen was told already",
}


@transaction.atomic
def undo(user: User, wanted: Mapping[int, int], who: audit.Origin, at: datetime) -> list[Refused]:
    """Take back the last step of cases, each on its own; returns those that were refused.

    The step back is appended: history tells both. What waits to be sent to the citizen is withdrawn; where it
    is on its way, or arrived, the step stays.

    Parameters
    ----------
    wanted
        By case: the id of the change that is seen as the last.

    Raises
    ------
    InvalidRequest
        Too many cases at a time.
    """
    if len(wanted) > MOST:
        raise InvalidRequest(f"{len(wanted)} cases: at most {MOST} at a time")
    held = permitted.hold(user, wanted)
    seen = permitted.theirs(user, wanted)
    last = {one.case_id: one for one in Change.objects.filter(case__in=held).order_by("case", "id")}
    back = set(workflow.allowed_by(UNDO))
    codes = {id: _code(id in seen, last.get(id), change, user, at, back) for id, change in wanted.items()}
    codes |= {id: "busy" for id in seen - held}
    steps = [last[id] for id, code in codes.items() if not code]
    codes |= {one.case_id: "told" for one in steps if not _withdraw(one)}
    steps = [one for one in steps if not codes[one.case_id]]
    taken = [Step(one.case_id, one.from_state_id, seen=one.to_state_id) for one in steps]
    refused = workflow.change(taken, user.mark, {UNDO}, at)
    lost = {one.report_id for one in refused}
    audit.record_all(
        "case.undo",
        who,
        at,
        [
            (f"report:{one.case_id}", {"from": one.to_state_id, "to": one.from_state_id})
            for one in steps
            if one.case_id not in lost
        ],
    )
    return refused + [Refused(id, code, _reason(code, last.get(id))) for id, code in codes.items() if code]


def _code(
    is_seen: bool,
    last: Change | None,
    change: int,
    user: User,
    at: datetime,
    back: Collection[tuple[str, str]],
) -> str:
    """Return why a step cannot be taken back; empty where it can."""
    if not is_seen:
        return "absent"
    if last is None or last.pk != change:
        return "moved"
    if last.by != user.mark:
        return "not_yours"
    if at - last.at > WITHIN:
        return "too_late"
    if last.permission == UNDO or (last.to_state_id, last.from_state_id) not in back:
        return "no_way_back"
    return ""


def _withdraw(step: Change) -> bool:
    """Take back what a step put down for its citizens; False where one of them has heard it, or may have."""
    if not step.text:
        return True
    messages = Outgoing.objects.filter(pk__in=[one.pk for one in _messages(step)])
    # Both are locked before one is deleted: where either is on its way, all stay.
    is_held = _hold(messages, outbox.waiting()) and _hold(_mails(step), notices.waiting())
    if is_held:
        messages.delete()
        _mails(step).delete()
    return is_held


def _hold(put: QuerySet[Any], waiting: QuerySet[Any]) -> bool:
    """Lock what was put down; False where some of it was sent, given up, or is on its way."""
    free = waiting.filter(pk__in=put.values("pk"), attempts=0).select_for_update(skip_locked=True)
    return len(free) == put.count()


def _mails(step: Change) -> QuerySet[Notice]:
    """Return the mails that a step put down, to whoever wrote a report of its cluster and gave an address.

    They are known by its instant: their text is a whole letter.
    """
    authors = [str(id) for id in clusters.ever(step.case_id)]
    return Notice.objects.filter(channel=Notice.REPLY, address__in=authors, created_at=step.at)


def _messages(step: Change) -> Iterator[Outgoing]:
    """Yield what was put down with the words of a step, for its author and all who follow."""
    report = Report.objects.get(pk=step.case_id)
    pairs = {(report.channel, report.external_id)}
    if telling.is_crowded(step.case_id):
        told = clusters.ever(step.case_id)
        pairs |= set(Report.objects.filter(pk__in=told).values_list("channel", "external_id"))
        pairs |= set(Follower.objects.filter(report__in=told).values_list("channel", "external_id"))
    for channel, external_id in sorted(pairs):
        own = Outgoing.objects.filter(channel=channel, external_id=external_id, kind=outbox.STATUS)
        yield from own.filter(body__at=step.at.isoformat(), body__text=step.text.strip())


def _reason(code: str, last: Change | None) -> str:
    states = {"from_state": last.from_state_id, "to_state": last.to_state_id} if last else {}
    return WHY[code].format(**states)
