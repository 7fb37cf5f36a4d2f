"""Which steps a case may take, and taking them: the states and transitions are data, history is appended."""

import csv
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from casework.escalation import reopening
from casework.models import Alternative, Case, Choice, State, Transition
from casework.routing import turns
from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest, NotFound, Refusal
from reports.models import SourceUpdate

HERE = Path(__file__).parent
STATES, TRANSITIONS = HERE / "states.csv", HERE / "transitions.csv"
MOST = 2000  # steps at a time
RECENT = 5000  # steps of traces: days of the city's, and what a feed sends after an outage
DISPUTED = "disputed"  # the office that answered is told
FOLLOW = "follow"  # the permission of the platform itself
REASONS: Mapping[str, str] = {
    "absent": "there is no such case",
    "busy": "somebody else has it in hand",
    "moved": "it is no longer {seen} but {from_state}",
    "no_transition": "no step leads from {from_state} to {to_state}",
    "merged": "it was merged into another: it leaves by undoing that",
    "not_permitted": "who asks may not take it from {from_state} to {to_state}",
    "no_text": "the citizen is owed words for the step from {from_state} to {to_state}",
    "no_choice": "no alternative was chosen since they were proposed",
    "leads": "others were merged into it, and would be nobody's: it is merged itself, or that is undone",
    "no_offer": "it was offered to no office that could accept it",
    "offered": "it is offered to their office, which accepts it first or passes it on",
}


@dataclass(frozen=True)
class Step:
    """A step that somebody wants a case to take.

    ``text`` is what the citizen reads; ``seen`` the state in which whoever asks saw the case, if it matters;
    ``at`` when its source says that it was taken, if one does (``casework/change``).
    """

    report_id: int
    to_state: str
    text: str = ""
    seen: str | None = None
    at: datetime | None = None


class Refused(NamedTuple):
    """A step that was not taken: a code of ``REASONS``, and the same in words."""

    report_id: int
    code: str
    reason: str


@transaction.atomic
def load() -> None:
    """Insert or update states and transitions; those that an operator added stay."""
    states = [State(**row) for row in _rows(STATES)]
    others = [field.name for field in State._meta.fields if field.name != "code"]
    State.objects.bulk_create(states, update_conflicts=True, unique_fields=["code"], update_fields=others)
    Transition.objects.bulk_create(
        [
            Transition(
                from_state_id=row["from_state"],
                to_state_id=row["to_state"],
                permission=row["permission"],
                needs_text=row["needs_text"] == "yes",
            )
            for row in _rows(TRANSITIONS)
        ],
        update_conflicts=True,
        unique_fields=["from_state", "to_state", "permission"],
        update_fields=["needs_text"],
    )


def collect(at: datetime, after: int = 0) -> int:
    """Open a case for each report that has none, since the report came; returns how many.

    Parameters
    ----------
    after
        Only reports with a greater id are looked at: those of late are few, all of them millions.
    """
    opened: int = sql.scalar("casework/collect", {"after": after, "at": at})
    return opened


def follow(at: datetime, after: int = 0) -> int:
    """Take the steps that follow from what the channels say, one by one and in order; returns how many.

    Each counts since its source says so: a poll that comes late makes no answer late. What somebody has in
    hand is left for the next time.

    Parameters
    ----------
    after
        Of traces only steps with a greater id are looked at, beside cases whose state is not what their
        channel says: those of late are few.
    """
    taken = 0
    while told := sql.rows("casework/told", {"limit": MOST, "after": after, "at": at}):
        refused = 0
        for channel in sorted({channel for *_, channel, _ in told}):
            steps = [Step(id, to, seen=seen, at=said) for id, to, seen, own, said in told if own == channel]
            refused += len(change(steps, f"feed:{channel}", {FOLLOW}, at))
        taken += len(told) - refused
        if refused:
            break
    turns.credit(after)
    return taken


def recent() -> int:
    """Return the id behind which the steps of traces lie that came of late."""
    newest = SourceUpdate.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return max(0, newest - RECENT)


@transaction.atomic
def change(steps: Sequence[Step], by: str, permissions: Collection[str], at: datetime) -> list[Refused]:
    """Take steps with cases, each on its own; returns those that were refused, in no order.

    Nobody is waited for: a case that somebody else has in hand is refused.

    Parameters
    ----------
    by
        Who takes them, as the history names it: ``user:12``, ``feed:qlue``.
    permissions
        Codes of ``Case``'s permissions that they have.

    Raises
    ------
    InvalidRequest
        Too many steps at a time, or two with one case.
    """
    if len(steps) > MOST:
        raise InvalidRequest(f"{len(steps)} steps: at most {MOST} at a time")
    wanted = {step.report_id: step for step in steps}
    if len(wanted) < len(steps):
        raise InvalidRequest("steps: one case is named twice")
    params = {
        "batch": json.dumps([asdict(step) for step in steps], default=datetime.isoformat),
        "by": by,
        "permissions": sorted(permissions),
        "at": at,
    }
    judged = sql.rows("casework/change", params)
    taken = [id for id, _, _, code in judged if not code]
    if taken:
        turns.again(taken, at)
        turns.take(taken, at)
        turns.follow_choices(taken, at)
    if reopened := [id for id in taken if wanted[id].to_state == DISPUTED]:
        reopening.tell(reopened, at)
    return [
        Refused(id, code, _reason(wanted[id], code, from_state)) for id, from_state, _, code in judged if code
    ]


def change_one(step: Step, by: str, permissions: Collection[str], at: datetime) -> None:
    """Take one step.

    Raises
    ------
    NotFound
        There is no such case.
    Refusal
        It was refused, and why.
    """
    for refused in change([step], by, permissions, at):
        raise error_of(refused)


def error_of(refused: Refused) -> NotFound | Refusal:
    """Return what is raised where a single step is refused."""
    said = f"case {refused.report_id}: {refused.reason}"
    return NotFound(said) if refused.code == "absent" else Refusal(said, refused.code)


@transaction.atomic
def choose(alternative_id: int, by: str, why: str, at: datetime) -> Choice:
    """Choose an alternative of a case that is proposed; the step to ``decided`` is another one.

    Raises
    ------
    NotFound
        There is no such alternative.
    InvalidRequest
        No reason is given.
    Conflict
        Its case is in another state, or somebody else has it in hand.
    """
    if not why.strip():
        raise InvalidRequest("why: a choice has a reason")
    alternative = Alternative.objects.filter(id=alternative_id).first()
    if alternative is None:
        raise NotFound(f"no alternative {alternative_id}")
    turns.hold(alternative.case_id)
    case = Case.objects.get(report_id=alternative.case_id)
    if case.state_id != "proposed":
        raise Conflict(f"case {case.report_id} is {case.state_id}: what is chosen is what is proposed")
    return Choice.objects.create(alternative=alternative, by=by, why=why.strip(), at=at)


def allowed_by(permission: str) -> list[tuple[str, str]]:
    """Return the steps that a permission alone allows, from where to where."""
    return list(Transition.objects.filter(permission=permission).values_list("from_state_id", "to_state_id"))


def _reason(step: Step, code: str, from_state: str | None) -> str:
    return REASONS[code].format(from_state=from_state, to_state=step.to_state, seen=step.seen)


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
