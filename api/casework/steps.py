"""Steps that cases take: one, or many at a time, each taken or named with its reason."""

from collections.abc import Mapping
from typing import Any

from api.casework import calls, citizens, one
from api.casework.door import LAST_ID, LONGEST, Asked, door, only
from casework.models import Case, Change
from casework.steps import permitted, telling, undoing, workflow
from casework.steps.workflow import MOST, Refused, Step
from geoplatform.errors import InvalidRequest, Refusal

MEMBERS = {"to", "text", "seen"}
# More goes with these than a step: an office that is offered the case, or whose clock begins.
OWN_CALLS = {"returned": "pass-on"}


def _steps(asked: Asked) -> Any:
    """``POST /api/staff/cases/steps``: take a step with each of many cases; says which were refused."""
    only(asked, {"steps"})
    said = asked.said.get("steps")
    if not isinstance(said, list) or not said:
        raise InvalidRequest("steps: a list of objects is wanted")
    if len(said) > MOST:
        raise InvalidRequest(f"{len(said)} steps: at most {MOST} at a time")
    steps = [_step(item) for item in said]
    if len({step.report_id for step in steps}) < len(steps):
        raise InvalidRequest("steps: one case is named twice")
    refused = _take(asked, steps)
    lost = {one.report_id for one in refused}
    taken = [step.report_id for step in steps if step.report_id not in lost]
    made = Change.objects.filter(case__in=taken, by=asked.user.mark, at=asked.at).order_by("case")
    back = set(workflow.allowed_by(undoing.UNDO))
    return {
        "taken": len(taken),
        "refused": _named(refused),
        # What /undo takes, as it is.
        "undo": [
            {"id": one.case_id, "seen": one.pk}
            for one in made
            if (one.to_state_id, one.from_state_id) in back
        ],
    }


def _undo_many(asked: Asked) -> Any:
    """``POST /api/staff/cases/undo``: take back the last step of many cases; says which were refused."""
    only(asked, {"undo"})
    wanted = _wanted(asked.said.get("undo"))
    refused = undoing.undo(asked.user, wanted, asked.who, asked.at)
    return {"undone": len(wanted) - len(refused), "refused": _named(refused)}


def _wanted(said: Any) -> dict[int, int]:
    """Return by case the change that is to be taken back."""
    if not isinstance(said, list) or not said:
        raise InvalidRequest("undo: a list of objects with id and seen is wanted")
    for item in said:
        if not isinstance(item, dict) or set(item) != {"id", "seen"}:
            raise InvalidRequest("undo: a list of objects with id and seen is wanted")
        if not all(type(number) is int and 0 <= number <= LAST_ID for number in item.values()):
            raise InvalidRequest("undo: id is the number of a case, seen that of its last change")
    return {item["id"]: item["seen"] for item in said}


def _undo(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/undo``: take back the step that one has just taken; returns the case."""
    only(asked, {"seen"})
    one.find(asked, id)
    seen = asked.whole("seen")
    if seen is None:
        raise InvalidRequest("seen: the id of the last change is wanted")
    for lost in undoing.undo(asked.user, {id: seen}, asked.who, asked.at):
        raise Refusal(f"case {lost.report_id}: {lost.reason}", lost.code)
    return one.told(asked, id)


def _named(refused: list[Refused]) -> list[dict[str, Any]]:
    return [
        {"id": lost.report_id, "code": lost.code, "reason": lost.reason}
        for lost in sorted(refused, key=lambda lost: lost.report_id)
    ]


def _one_step(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/steps``: take one step; returns the case as it is then."""
    only(asked, MEMBERS)
    one.find(asked, id)
    for lost in _take(asked, [_step({**asked.said, "id": id})]):
        raise workflow.error_of(lost)
    return one.told(asked, id)


def _take(asked: Asked, steps: list[Step]) -> list[Refused]:
    """Take steps, and put down what their citizens read."""
    # Locked first: what is returned, and to whom it is offered, must not change behind the look.
    held = permitted.hold(asked.user, (step.report_id for step in steps))
    early = _another_call([step for step in steps if step.report_id in held])
    left = [step for step in steps if step.report_id not in {lost.report_id for lost in early}]
    refused = early + permitted.take(asked.user, left, asked.who, asked.at)
    lost = {one.report_id for one in refused}
    texts = {step.report_id: (step.to_state, step.text) for step in steps if step.report_id not in lost}
    telling.steps(texts, citizens.speaker(asked), asked.at)
    return refused


def _another_call(steps: list[Step]) -> list[Refused]:
    """Return the steps that leave open which office has a case then: another call says."""
    returned = _returned([step.report_id for step in steps])
    return [
        Refused(step.report_id, "own_call", calls.RETURNED)
        for step in steps
        if step.to_state == "assigned" and step.report_id in returned
    ]


def _returned(ids: list[int]) -> set[int]:
    return set(Case.objects.filter(pk__in=ids, state="returned").values_list("pk", flat=True))


def _step(item: Any) -> Step:
    if not isinstance(item, Mapping) or set(item) - MEMBERS - {"id"}:
        raise InvalidRequest(f"a step has id, {', '.join(sorted(MEMBERS))} and nothing else")
    id, to_state, text, seen = item.get("id"), item.get("to"), item.get("text", ""), item.get("seen")
    if type(id) is not int or not 0 <= id <= LAST_ID:
        raise InvalidRequest(f"id {id!r}: the number of a case is wanted")
    if not isinstance(to_state, str) or not isinstance(text, str) or not isinstance(seen, str | None):
        raise InvalidRequest(f"step of case {id}: to, text and seen are texts")
    if len(text) > LONGEST or "\0" in f"{to_state}{text}{seen}":
        raise InvalidRequest(f"step of case {id}: text has at most {LONGEST} characters, none of them NUL")
    if to_state in OWN_CALLS:
        raise InvalidRequest(f"step of case {id} to {to_state!r}: use /{OWN_CALLS[to_state]} for it")
    return Step(id, to_state, text, seen)


ANY = "casework.triage|casework.decide|casework.answer|casework.dispute|casework.supervise"
many = door(POST=(ANY, _steps))
single = door(POST=(ANY, _one_step))
undo_many = door(POST=(ANY, _undo_many))
undo = door(POST=(ANY, _undo))
