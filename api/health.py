"""Whether the process lives, and whether it can do its work."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from api.public import public
from boundaries import editions, lookup
from geoplatform import tables
from layers import live


@public
def health(request: HttpRequest) -> HttpResponse:
    """``GET /health``: the process serves; nothing else is asked."""
    return _now({"status": "ok"})


@public
def ready(request: HttpRequest) -> HttpResponse:
    """``GET /ready``: database, migrations and boundaries are there; 503 and which one lacks otherwise."""
    lacking = _lacking()
    return _now({"ready": not lacking, "lacking": lacking}, 503 if lacking else 200)


def _now(said: dict[str, Any], status: int = 200) -> HttpResponse:
    response = JsonResponse(said, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _lacking() -> list[str]:
    try:
        if tables.are_missing():
            return ["migrations"]
        lacking = [] if editions.in_force(lookup.today()) else ["boundaries"]
        return [*lacking, "changes"] if live.is_blind() else lacking
    except DatabaseError:
        return ["database"]
