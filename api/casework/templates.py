"""Words with which an answer to a citizen may begin."""

from dataclasses import asdict
from typing import Any

from api import params
from api.casework import one
from api.casework.door import LAST_ID, Asked, door
from casework.models import State
from casework.steps import answer_templates
from geoplatform.errors import InvalidRequest
from reports.models import Category


def _templates(asked: Asked) -> Any:
    """``GET /api/staff/answer-templates``: for a category and a step, filled in for a case."""
    given = asked.request.GET
    params.only(asked.request, {"category", "to", "case"})
    category, to_state = given.get("category"), given.get("to")
    if category is not None and not Category.objects.filter(code=category).exists():
        raise InvalidRequest(f"category {category!r} is none that there is")
    if to_state is not None and not State.objects.filter(code=to_state).exists():
        raise InvalidRequest(f"to {to_state!r} is no state that there is")
    case = None
    if "case" in given:
        case = one.find(asked, params.whole(asked.request, "case", default=0, least=0, most=LAST_ID))
        category = category or case.report.category_id
    return {"templates": [asdict(found) for found in answer_templates.of(category, to_state, case)]}


templates = door(GET=("casework.view_case", _templates))
