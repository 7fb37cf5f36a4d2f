"""Views of lists and map that somebody keeps under a name."""

from typing import Any

from django.http import JsonResponse

from api import params
from api.casework.door import Asked, door, only
from casework.desk import savedviews
from casework.models import SavedView
from geoplatform.errors import InvalidRequest


def _views(asked: Asked) -> Any:
    """``GET /api/staff/views``: those that everybody has, and those of the account."""
    params.only(asked.request, set())
    return {
        "shipped": [
            {"code": one.code, "name": {"id": one.name_id, "en": one.name_en}, "query": one.query}
            for one in savedviews.shipped()
        ],
        "own": [_told(one) for one in savedviews.of(asked.user)],
    }


def _keep(asked: Asked) -> Any:
    """``POST /api/staff/views``: keep ``query`` under ``name``; one of that name is replaced."""
    only(asked, {"name", "query"})
    query = asked.said.get("query")
    if not isinstance(query, dict):
        raise InvalidRequest("query: an object is wanted")
    made = savedviews.keep(asked.user, asked.text("name"), query, asked.at)
    return JsonResponse(_told(made), status=201)


def _forget(asked: Asked, id: int) -> Any:
    """``DELETE /api/staff/views/{id}``: forget a view of one's own."""
    params.only(asked.request, set())
    savedviews.forget(asked.user, id)
    return {"id": id}


def _told(one: SavedView) -> dict[str, Any]:
    return {"id": one.pk, "name": one.name, "query": one.query}


all_views = door(GET=("casework.view_case", _views), POST=("casework.view_case", _keep))
one_view = door(DELETE=("casework.view_case", _forget))
