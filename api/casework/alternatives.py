"""What could be done about a case, put down and chosen."""

from typing import Any

from django.http import JsonResponse

from api import params
from api.casework import history, one
from api.casework.door import Asked, door, only
from casework.steps import alternatives, permitted, precedents
from casework.steps.alternatives import Proposal
from geoplatform.errors import InvalidRequest, NotFound

MEMBERS = {"what", "office", "cost_idr", "days", "evidence", "consequences", "precedent"}


def _listed(asked: Asked, id: int) -> Any:
    """``GET /api/staff/cases/{id}/alternatives``: what was put down, the rejected ones too."""
    params.only(asked.request, set())
    one.find(asked, id)
    return {"alternatives": history.alternatives(id)}


def _propose(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/alternatives``: put one down, or take over what worked before."""
    only(asked, MEMBERS)
    one.find(asked, id)
    known = asked.whole("precedent")
    if known is not None:
        if set(asked.said) != {"precedent"}:
            raise InvalidRequest("precedent: what worked before is taken over as it is")
        made = precedents.adopt(id, known, asked.user.mark, asked.at)
    else:
        made = alternatives.propose(id, _proposal(asked), asked.user.mark, asked.at)
    asked.record("case.alternative", f"report:{id}", alternative=made.id, is_suggested=made.is_suggested)
    return JsonResponse(history.alternative(made), status=201)


def _proposal(asked: Asked) -> Proposal:
    office = asked.said.get("office")
    return Proposal(
        asked.text("what"),
        asked.text("office") if office is not None else None,
        asked.whole("cost_idr"),
        asked.whole("days"),
        asked.text("evidence", ""),
        asked.text("consequences", ""),
    )


def _choose(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/choice``: choose one of the case's alternatives, and say why."""
    only(asked, {"alternative", "why"})
    case = one.find(asked, id)
    chosen = asked.whole("alternative")
    if chosen is None:
        raise InvalidRequest("alternative: its number is wanted")
    if not case.alternative_set.filter(pk=chosen).exists():
        raise NotFound(f"case {id} has no alternative {chosen}")
    made = permitted.choose(asked.user, chosen, asked.text("why"), asked.who, asked.at)
    return JsonResponse({"alternative": chosen, "by": made.by, "at": made.at, "why": made.why}, status=201)


all_of_case = door(GET=("casework.view_case", _listed), POST=("casework.triage|casework.decide", _propose))
choice = door(POST=("casework.decide", _choose))
