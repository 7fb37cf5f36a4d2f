"""Editions of boundaries: sent, checked, compared with the one in force, put in force, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, JsonResponse

from api import params
from api.casework.door import Asked, door, only
from boundaries import editions, errands, lookup, tasks, uploads
from boundaries.models import Boundary, Edition, Errand
from geoplatform import trail
from geoplatform.errors import Conflict, NotFound, TooLarge, Unsupported
from reports import activation
from reports import tasks as placing

MANAGE, VIEW = "boundaries.manage_boundaries", "casework.view_case"
ACCEPTED = 202
RECENT = 20


def everything(asked: Asked) -> Any:
    """``GET /api/staff/admin/editions``: every edition, with what was found when it was loaded."""
    params.only(asked.request, set())
    today = lookup.city_day(asked.at)
    counts: dict[int, dict[str, int]] = {}
    tiers = Boundary.objects.values("edition", "level").annotate(count=Count("id")).order_by()
    for row in tiers:
        counts.setdefault(row["edition"], {})[row["level"]] = row["count"]
    return {
        "editions": [
            {**_edition(one, today), "counts": counts.get(one.pk, {}), "checks": one.checks}
            for one in Edition.objects.defer("sea").order_by("-id")
        ],
        "errands": [shown(one, asked) for one in errands.listed()[:RECENT]],
    }


def upload(asked: Asked) -> Any:
    """``POST /api/staff/admin/editions``: send a file; a worker reads it, and it is not in force."""
    said = {name: asked.said[name] for name in uploads.SAID if name in asked.said}
    errand = uploads.receive(
        asked.said.get("file", ""), asked.said["content"], said, asked.user.mark, asked.at
    )
    tasks.load_edition.defer(errand=errand.pk, **trail.carried())
    asked.record("edition.upload", f"errand:{errand.pk}", bytes=len(asked.said["content"]), **errand.said)
    return _accepted(errand, asked)


def preview(asked: Asked, id: int) -> Any:
    """``GET /api/staff/admin/editions/{id}/preview``: which areas and open reports it would change."""
    params.only(asked.request, {"from"})
    since = params.day("from", asked.request.GET["from"]) if asked.request.GET.get("from") else None
    edition = _find(id)
    former = editions.in_force(lookup.city_day(asked.at))
    former_id = former.pk if former else None
    told, moves = activation.look(id, since)
    return {
        "edition": _edition(edition, lookup.city_day(asked.at)),
        "former": former and _edition(former, lookup.city_day(asked.at)),
        "areas": [{**asdict(one), "kind": one.kind} for one in editions.compare(id, former_id)],
        **asdict(told),
        "moves": _named(moves, former_id, id),
    }


def activate(asked: Asked, id: int) -> Any:
    """``POST /api/staff/admin/editions/{id}/activate``: let a worker put it in force."""
    only(asked, {"from"})
    since = asked.day("from")
    edition = _find(id)
    if other := errands.under_way("activate", asked.at):
        raise Conflict(f"errand {other.pk} puts edition {other.edition_id} in force: wait until it is done")
    errand = errands.ask("activate", asked.user.mark, asked.at, {"from": str(since or "")}, edition=edition)
    placing.activate_edition.defer(errand=errand.pk, **trail.carried())
    asked.record("edition.activate", f"edition:{id}", since=str(since or ""), errand=errand.pk)
    return _accepted(errand, asked)


def errand(asked: Asked, id: int) -> Any:
    """``GET /api/staff/admin/errands/{id}``: how far it is, and how it ended."""
    params.only(asked.request, set())
    return shown(errands.find(id), asked)


def shown(one: Errand, asked: Asked) -> dict[str, Any]:
    """Return an errand as people see it."""
    return {
        "id": one.pk, "kind": one.kind, "by": one.by, "asked_at": one.asked_at, "said": one.said,
        "state": errands.state(one, asked.at), "step": one.step, "done": one.done, "of": one.of,
        "edition": one.edition_id, "ended_at": one.ended_at, "result": one.result, "error": one.error,
    }  # fmt: skip


def _accepted(errand: Errand, asked: Asked) -> JsonResponse:
    return JsonResponse(shown(errand, asked), status=ACCEPTED)


def _file(request: HttpRequest) -> Mapping[str, Any]:
    """Read a file as it is sent, and of the address what it is."""
    if (request.content_type or "").lower() != "application/octet-stream":
        raise Unsupported(f"Content-Type {request.content_type!r}, expected application/octet-stream")
    params.only(request, {"file", *uploads.SAID})
    content = request.read(uploads.MOST_BYTES + 1)
    if len(content) > uploads.MOST_BYTES:
        raise TooLarge(f"more than {uploads.MOST_BYTES} bytes")
    return {**request.GET.dict(), "content": content}


def _find(id: int) -> Edition:
    edition = Edition.objects.filter(pk=id).first()
    if edition is None:
        raise NotFound(f"no edition {id}")
    return edition


def _edition(one: Edition, today: date) -> dict[str, Any]:
    validity = one.validity
    until = validity.upper - timedelta(days=1) if validity and validity.upper else None
    return {
        "id": one.pk, "name": one.name, "source": one.source, "publisher": one.publisher,
        "licence": one.licence, "attribution": one.attribution, "is_schematic": one.schematic,
        "loaded_at": one.loaded_at, "sha256": one.sha256, "has_validity": validity is not None,
        "since": validity.lower if validity else None, "until": until,
        "is_in_force": validity is not None and today in validity,
    }  # fmt: skip


def _named(moves: list[activation.Move], former: int | None, now: int) -> list[dict[str, Any]]:
    """Return from where to where reports go, with the names of both."""
    names = {
        "former": lookup.names(former, [one.former for one in moves if one.former]) if former else {},
        "code": lookup.names(now, [one.code for one in moves if one.code]),
    }
    return [
        {
            **asdict(one),
            "former_name": _name(names["former"].get(one.former or "")),
            "name": _name(names["code"].get(one.code or "")),
        }
        for one in moves
    ]


def _name(area: Any) -> str | None:
    return area.name if area else None


editions_door = door(_file, GET=(VIEW, everything), POST=(MANAGE, upload))
preview_door = door(GET=(MANAGE, preview))
activate_door = door(POST=(MANAGE, activate))
errand_door = door(GET=(VIEW, errand))
