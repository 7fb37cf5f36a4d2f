"""What could be done about a case: put down beside each other before one is chosen (``workflow.choose``)."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from boundaries.models import Office
from casework.models import Alternative, Case
from geoplatform.errors import Conflict, InvalidRequest, NotFound

STATES = ("collected", "selected", "proposed", "returned", "disputed")  # in which nothing is decided
LONGEST = 2000  # characters of what people write
MOST_IDR = 10**15
MOST_DAYS = 3650


@dataclass(frozen=True)
class Proposal:
    """One thing that could be done: what, by which office, at what cost in rupiah, in how many days.

    ``evidence`` is what speaks for it, ``consequences`` what follows from it.
    """

    what: str
    who_id: str | None = None
    cost_idr: int | None = None
    days: int | None = None
    evidence: str = ""
    consequences: str = ""


@transaction.atomic
def propose(
    report_id: int, proposal: Proposal, by: str, at: datetime, is_suggested: bool = False
) -> Alternative:
    """Append an alternative to a case of which nothing is decided.

    Raises
    ------
    NotFound
        There is no such case, or no such office.
    InvalidRequest
        It says nothing, or too much, or a cost or time that there is not.
    Conflict
        It is decided already, or somebody else has the case in hand.
    """
    _check(proposal)
    case = _held(report_id)
    if case.state_id not in STATES:
        raise Conflict(f"case {report_id} is {case.state_id}: alternatives are put down before it is decided")
    return Alternative.objects.create(
        case=case,
        by=by,
        at=at,
        is_suggested=is_suggested,
        **asdict(proposal) | {"what": proposal.what.strip()},
    )


def _held(report_id: int) -> Case:
    case = Case.objects.select_for_update(skip_locked=True).filter(report_id=report_id).first()
    if case is None and Case.objects.filter(report_id=report_id).exists():
        raise Conflict(f"case {report_id}: somebody else has it in hand")
    if case is None:
        raise NotFound(f"no case {report_id}")
    return case


def _check(proposal: Proposal) -> None:
    if not proposal.what.strip():
        raise InvalidRequest("what: an alternative says what could be done")
    for name in ("what", "evidence", "consequences"):
        if len(getattr(proposal, name)) > LONGEST:
            raise InvalidRequest(f"{name}: at most {LONGEST} characters")
    for name, most in (("cost_idr", MOST_IDR), ("days", MOST_DAYS)):
        value = getattr(proposal, name)
        if value is not None and not 0 <= value <= most:
            raise InvalidRequest(f"{name} {value}: it must lie between 0 and {most}")
    if proposal.who_id is not None and not Office.objects.filter(code=proposal.who_id).exists():
        raise NotFound(f"no office {proposal.who_id!r}")
