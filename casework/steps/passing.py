""" "Not mine" (bukan kewenangan): a case goes on to another office, whose clock begins when it accepts."""

from datetime import datetime

from django.db import transaction

from boundaries.models import Office
from casework.models import Turn
from casework.routing import turns
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Conflict, InvalidRequest, NotFound

MOST_HOPS = 2  # issue 6, part 4: more go to the unit


@transaction.atomic
def pass_on(report_id: int, to_office: str | None, by: str, words: str, at: datetime) -> Turn:
    """Say that a case is not one's own, and offer it to another office; returns the turn that is offered.

    The clock of the office that had it runs on until another one accepts. Who was offered it declines by
    passing it on in turn.

    Parameters
    ----------
    to_office
        Code of the office whose it is; None: whoever passes it on does not know, and the unit shall say. More
        than two hops go to the unit as well.
    words
        What the citizen reads.

    Raises
    ------
    NotFound
        There is no such case, or no such office.
    InvalidRequest
        That office was asked before.
    Conflict
        The case cannot be returned in its state, somebody else has it in hand, no words were given, or it is
        the unit's turn.
    """
    if to_office is not None and not Office.objects.filter(code=to_office).exists():
        raise NotFound(f"no office {to_office!r}")
    change_one(Step(report_id, "returned", words), by, {"answer"}, at)
    former = _last(report_id)
    if former.office_id is None:
        raise Conflict(f"case {report_id} is the unit's: it is assigned, not passed on")
    if to_office and to_office in _asked(former):
        raise InvalidRequest(f"to_office {to_office!r} was asked before: leave it to the unit")
    hop = former.hop + 1
    office = to_office if hop <= MOST_HOPS else None
    return Turn.objects.create(
        case_id=report_id,
        number=former.number + 1,
        hop=hop,
        office_id=office,
        explanation=turns.explain(
            former, office, decided_by="office", passed_by=former.office_id, named=to_office
        ),
        offered_at=at,
    )


@transaction.atomic
def accept(report_id: int, by: str, at: datetime) -> Turn:
    """Take a case that was offered: the clock of the one before ends, and one's own begins.

    Raises
    ------
    NotFound
        There is no such case.
    Conflict
        Nothing is offered, or somebody else has the case in hand.
    """
    turns.hold(report_id)
    offer = turns.offered(report_id)
    if offer is None:
        raise Conflict(f"case {report_id}: it is offered to nobody")
    # An office has it then; the unit looks at it anew. The clocks follow from the step.
    step, permission = ("assigned", "answer") if offer.office_id else ("selected", "triage")
    change_one(Step(report_id, step), by, {permission}, at)
    return turns.last(report_id)


@transaction.atomic
def assign(report_id: int, office: str, by: str, at: datetime, words: str = "") -> Turn:
    """Give a case to an office, which has it at once; returns its turn.

    The office that had it, if it is another one, is rerouted; the hops count anew.

    Parameters
    ----------
    words
        What the citizen reads: owed where the case was returned, for no choice says why the next office has
        it (ADR 0095).

    Raises
    ------
    NotFound
        There is no such case, or no such office.
    Conflict
        The case cannot be assigned in its state, words are owed and none were given, or somebody else has it
        in hand.
    """
    if not Office.objects.filter(code=office).exists():
        raise NotFound(f"no office {office!r}")
    turns.hold(report_id)
    # Else the unit would assign it to whomever it is offered to.
    offer = Turn.objects.filter(case_id=report_id, began_at=None, ended_at=None)
    offer.update(ended_at=at, ended_by="not_taken")
    change_one(Step(report_id, "assigned", words), by, {"decide"}, at)
    current = turns.running(report_id)
    if current is None or current.office_id != office or current.passed_at:
        turns.give([turns.by_unit(report_id, office, by)], at)
    return turns.last(report_id)


def _last(report_id: int) -> Turn:
    try:
        return turns.last(report_id)
    except Turn.DoesNotExist:
        raise Conflict(f"case {report_id}: it is nobody's turn yet") from None


def _asked(former: Turn) -> set[str]:
    """Return the offices that were asked since the case was decided last."""
    of_case = Turn.objects.filter(case=former.case_id, number__lte=former.number)
    first = of_case.filter(hop=0).latest("number")
    return set(of_case.filter(number__gte=first.number).values_list("office_id", flat=True))
