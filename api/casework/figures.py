"""Figures of the analysis that somebody keeps under a name."""

from typing import Any

from django.http import JsonResponse

from api import params
from api.casework.door import Asked, door, only
from casework.board import savedfigures
from casework.models import SavedFigure


def _figures(asked: Asked) -> Any:
    """``GET /api/staff/figures``: those of the account, by name."""
    params.only(asked.request, set())
    return {"figures": [_told(one) for one in savedfigures.of(asked.user)]}


def _keep(asked: Asked) -> Any:
    """``POST /api/staff/figures``: keep ``query`` under ``name``; one of that name is replaced."""
    only(asked, {"name", "query"})
    made = savedfigures.keep(asked.user, asked.text("name"), asked.text("query"), asked.at)
    return JsonResponse(_told(made), status=201)


def _forget(asked: Asked, id: int) -> Any:
    """``DELETE /api/staff/figures/{id}``: forget a figure of one's own."""
    params.only(asked.request, set())
    savedfigures.forget(asked.user, id)
    return {"id": id}


def _told(one: SavedFigure) -> dict[str, Any]:
    return {"id": one.pk, "name": one.name, "query": one.query, "at": one.at}


all_figures = door(GET=("casework.view_board", _figures), POST=("casework.view_board", _keep))
one_figure = door(DELETE=("casework.view_board", _forget))
