"""One case, all of it: for the official whose it is, and for those who see all."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from api import params
from api.casework import calls, history, shown, why
from api.casework.door import Asked, door
from api.casework.veil import veil
from casework.desk import context, priority
from casework.desk.context import Context, Part
from casework.duplicates import clusters
from casework.models import Case
from casework.routing import turns
from casework.steps import permitted, precedents
from geoplatform.errors import Forbidden, NotFound
from reports.models import Report

NEAR = ("jams", "alerts", "petrol_stations", "hospitals", "reports")


def find(asked: Asked, id: int) -> Case:
    """Return a case that who asks may see; of every other one they hear that there is none."""
    return _first(permitted.cases_of(asked.user), id)


def look(asked: Asked, id: int) -> Case:
    """Return a case to look at, and to do nothing about: one of which their office was told as well."""
    return _first(permitted.readable_by(asked.user), id)


def _first(found: QuerySet[Case], id: int) -> Case:
    case = found.filter(pk=id).select_related("state", "report__category", "report__edition").first()
    if case is None:
        raise NotFound(f"no case {id}")
    return case


def hold(asked: Asked, id: int) -> Case:
    """Return a case as ``find`` does, locked: nobody else moves it until what is asked for is done.

    It is looked at again behind the lock: it may have become another office's meanwhile.
    """
    find(asked, id)
    turns.hold(id)
    return find(asked, id)


def hold_own(asked: Asked, id: int) -> Case:
    """Return a case as ``hold`` does; who sees one office's cases has it while it is that office's turn."""
    case = hold(asked, id)
    if not permitted.may(asked.user, "casework.see_all"):
        running = turns.running(id)
        if running is None or running.office_id != asked.user.office_id:
            raise Forbidden(f"case {id}: it is another office's turn")
    return case


def _one(asked: Asked, id: int) -> Any:
    """``GET /api/staff/cases/{id}``: a case, all of it; to see unmasked words is recorded."""
    params.only(asked.request, set())
    return told(asked, id)


def told(asked: Asked, id: int) -> dict[str, Any]:
    """Return a case as ``GET /api/staff/cases/{id}`` does, and record who looks at a citizen's own words."""
    case = look(asked, id)
    is_own = permitted.cases_of(asked.user).filter(pk=id).exists()
    is_whole = permitted.personal_of(asked.user).filter(pk=id).exists()
    weighed = priority.of(id, asked.at)
    made = {
        "id": id,
        "state": shown.state_of(case),
        "since": case.since,
        "report": shown.report(case.report, is_whole),
        "place": shown.place(case.report, is_whole),
        "priority": shown.priority(weighed) if weighed else None,
        "turns": history.turns(id, asked.at),
        "ladder": _ladder(case, asked.at),
        "pauses": history.pauses(id),
        "changes": history.changes(id, is_own),
        "trace": history.trace(case.report, is_whole),
        "alternatives": history.alternatives(id),
        "duplicates": history.duplicates(id),
        "cluster": history.cluster(id),
        "doubts": history.doubts(id),
        "steps": _steps(asked, case) if is_own else [],
    }
    if is_whole:
        asked.record("case.look", f"report:{id}")
    if not is_exact(asked, case):
        return dict(veil(made))
    _veil_others(asked, made)
    return made


def _steps(asked: Asked, case: Case) -> list[dict[str, Any]]:
    """Return the steps that who asks may take, by their permissions and by whose turn it is.

    A report that was merged takes none: it leaves by undoing that.
    """
    if clusters.lead_of(case.pk) != case.pk:
        return []
    office = None if permitted.may(asked.user, "casework.see_all") else asked.user.office_id
    calls_open = calls.open_to(office, turns.running(case.pk), turns.offered(case.pk))
    found = history.steps(case.state_id, permitted.permissions(asked.user))
    # One that leads others is merged, and closed as a duplicate by nobody.
    closed = {"duplicate"} if clusters.leads(case.pk) else set()
    return [step for step in found if step["call"] in calls_open and step["to"]["code"] not in closed]


def _veil_others(asked: Asked, made: dict[str, Any]) -> None:
    """Strike out of a pair or a cluster how far a sensitive report lies that somebody may not see whole."""
    pairs, members = made["duplicates"], made["cluster"]["members"]
    ids = {one["id"] for one in pairs} | {one["case"] for one in members}
    seen = permitted.personal_of(asked.user).filter(pk__in=ids).values("pk")
    sensitive = Report.objects.filter(id__in=ids, public_point__isnull=False)
    hidden = set(sensitive.exclude(id__in=seen).values_list("id", flat=True))
    made["duplicates"] = [veil(one) if one["id"] in hidden else one for one in pairs]
    # A member's score is that of its pair, whichever that is.
    if hidden & {one["case"] for one in members}:
        made["cluster"]["members"] = veil(members)


def is_exact(asked: Asked, case: Case) -> bool:
    """Say whether somebody may learn to the metre where a report is: a sensitive one, who sees it whole."""
    is_veiled = case.report.public_point is not None
    return not is_veiled or permitted.personal_of(asked.user).filter(pk=case.pk).exists()


def _ladder(case: Case, at: datetime) -> dict[str, Any] | None:
    """Return the ladder of the turn that runs: what it reached, and what is to come and when."""
    turn = turns.running(case.pk)
    reached = history.escalations(case.pk).get(turn.pk, []) if turn else []
    return why.ladder(turn, case.report.category_id, at, reached)


def _precedents(asked: Asked, id: int) -> Any:
    """``GET /api/staff/cases/{id}/precedents``: what worked before; nothing of it is chosen."""
    params.only(asked.request, set())
    look(asked, id)
    found = precedents.suggest(id, asked.at)
    return {
        "precedents": [
            {
                "alternative": one.alternative_id,
                "what": one.what,
                "office": {"code": one.office_id, "title": one.office} if one.office_id else None,
                "cost_idr": one.cost_idr,
                "days": round(one.days, 2),
                "times": one.times,
                "near": one.near,
                # Of another office's cases an official hears how many there are.
                "cases": sorted(permitted.theirs(asked.user, one.cases), reverse=True),
            }
            for one in found
        ]
    }


def _context(asked: Asked, id: int) -> Any:
    """``GET /api/staff/cases/{id}/context``: what else was known about the place and the hour of a report."""
    params.only(asked.request, set())
    found = around(asked, look(asked, id))
    return {kind: _part(getattr(found, kind)) for kind in NEAR}


def around(asked: Asked, case: Case) -> Context:
    """Return what is near a report: near the point that all may see, for who may not see the true one."""
    return context.context(case.pk, asked.at, is_exact(asked, case))


def _part(part: Part) -> dict[str, Any]:
    return {
        "is_known": part.is_known,
        "as_of": part.as_of,
        "found": [
            {"id": near.id, "what": near.what, "distance_m": near.distance_m, "age_s": near.age_s}
            for near in part.found
        ],
    }


case = door(GET=("casework.view_case", _one))
near = door(GET=("casework.view_case", _context))
worked = door(GET=("casework.view_case", _precedents))
