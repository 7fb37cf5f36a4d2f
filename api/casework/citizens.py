"""What a citizen is told of a case, beside the words of its steps."""

from typing import Any

from django.http import JsonResponse

from api.casework import one
from api.casework.door import Asked, door, only
from casework.duplicates import clusters
from casework.steps import telling
from geoplatform.errors import Conflict


def speaker(asked: Asked) -> str:
    """Return who says something to a citizen, as they may read it: an office, never an account."""
    return asked.user.office.title if asked.user.office else clusters.UNIT


def _answer(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/answers``: say something to the citizen, by the channel of the report."""
    only(asked, {"text"})
    one.hold_own(asked, id)
    made = telling.answer(id, asked.text("text"), speaker(asked), asked.at)
    if not made:
        raise Conflict(
            f"case {id}: no channel of those who follow it takes answers; a step tells all who look"
        )
    asked.record("case.answer", f"report:{id}", messages=[one.id for one in made])
    told = [{"id": one.id, "channel": one.channel} for one in made]
    return JsonResponse({"by": speaker(asked), "told": told}, status=202)


answers = door(POST=("casework.answer|casework.triage|casework.supervise", _answer))
