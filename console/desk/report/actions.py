"""What somebody may do about a case now: the API decides, this leaves out what it would refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.duplicates.merging import MERGEABLE
from casework.steps import permitted
from casework.steps.alternatives import STATES as OPEN_TO_ALTERNATIVES
from staff.models import User

Json = Mapping[str, Any]
# The way of a case from its report to its end; the other states lie beside it.
WAY = ("collected", "selected", "proposed", "decided", "assigned", "answered", "resolved")
AGAIN = "selected"  # what a case is again when it is reopened, or thought over


@dataclass(frozen=True)
class Actions:
    """The steps of a case that are open to somebody, and which of the other calls are."""

    steps: Sequence[Json]
    accept: bool
    pass_on: bool
    assign: bool
    place: bool
    merge: bool
    unmerge: bool
    propose: bool
    choose: bool
    pause: bool
    resume: bool
    answer: bool
    judge: bool
    show: bool

    @property
    def undoable(self) -> str:
        """The states to which a step leads that can be taken back, with spaces between."""
        return " ".join(step["to"]["code"] for step in self.steps if step["can_undo"])

    @property
    def any(self) -> bool:
        """Say whether there is anything to do at all."""
        return any(bool(value) for name, value in vars(self).items() if name != "unmerge")


def of(user: User, case: Json, at: datetime) -> Actions:
    """Return what somebody may do about a case, as the API tells of it."""

    def may(*names: str) -> bool:
        return any(permitted.may(user, f"casework.{name}") for name in names)

    state = case["state"]["code"]
    calls = {step["call"] for step in case["steps"]}
    running, offered = _turns(case["turns"])
    is_mine = may("see_all") or _office(offered or running) == user.office_id
    is_paused = any((one["ended_at"] or one["until"]) > at for one in case["pauses"])
    may_talk = may("triage", "supervise") or (may("answer") and _office(running) == user.office_id)
    return Actions(
        steps=_steps(case),
        accept=bool(offered) and is_mine and may("answer" if _office(offered) else "triage"),
        pass_on="pass-on" in calls,
        assign=may("decide") and any(step["to"]["code"] == "assigned" for step in case["steps"]),
        place=may("triage"),
        merge=may("triage") and state in MERGEABLE,
        unmerge=may("triage"),
        propose=may("triage", "decide") and state in OPEN_TO_ALTERNATIVES,
        choose=may("decide") and state == "proposed",
        pause=may("supervise") and bool(running and not running["answered_at"]) and not is_paused,
        resume=may("supervise") and is_paused,
        answer=may_talk,
        show=may_talk and case["state"]["open311"] == "open",
        judge=may("supervise") and any(one["resolved_by"] != user.mark for one in case["doubts"]),
    )


def _turns(turns: Sequence[Json]) -> tuple[Json | None, Json | None]:
    """Return the turn whose clock runs, and the one that is offered."""
    open_ones = [one for one in turns if one["ended_at"] is None]
    running = next((one for one in open_ones if one["began_at"]), None)
    return running, next((one for one in open_ones if not one["began_at"]), None)


def _office(turn: Json | None) -> str | None:
    return turn["office"]["code"] if turn and turn["office"] else None


def _steps(case: Json) -> list[Json]:
    """Return the steps that a call of theirs takes; not those to which another call leads."""
    kept = [
        step
        for step in case["steps"]
        if step["call"] == "steps" and (step["to"]["code"] != "decided" or _is_chosen(case))
    ]
    return _ordered(case["state"]["code"], kept)


def _ordered(state: str, steps: list[Json]) -> list[Json]:
    """Return steps as their buttons stand: the next on the way first, and what leads back said so."""
    at = WAY.index(state) if state in WAY else 0

    def place(step: Json) -> int:
        code = step["to"]["code"]
        return WAY.index(code) if code in WAY and WAY.index(code) > at else len(WAY)

    ordered = sorted(steps, key=place)
    return [
        {
            **step,
            "key": _key(step["to"]["code"], state),
            "is_forward": place(step) < len(WAY),
            "is_next": not number and place(step) < len(WAY),
        }
        for number, step in enumerate(ordered)
    ]


def _key(code: str, state: str) -> str:
    """Return by what the words know a step: what is selected for the first time, or once again."""
    return f"{code}_again" if code == AGAIN and state != WAY[0] else code


def _is_chosen(case: Json) -> bool:
    """Say whether an alternative was chosen since alternatives were proposed last."""
    proposed = max((one["at"] for one in case["changes"] if one["to"] == "proposed"), default=None)
    chosen = [choice["at"] for one in case["alternatives"] for choice in one["choices"]]
    return bool(proposed and any(at >= proposed for at in chosen))
