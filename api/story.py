"""What the city did about a report, as far as the public may know it: deadline, steps, its cluster."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import params
from api.casework import shown as cases
from api.listing import shown
from api.public import document, public
from casework.citizens.links import DISPUTE
from casework.duplicates import clusters
from casework.models import Change, Turn
from geoplatform.errors import NotFound
from reports.models import Report
from reports.privacy import public_text

FOLLOW = "follow"  # what a channel said: the trace has it


@public
def story(request: HttpRequest, id: int) -> HttpResponse:
    """``GET /api/reports/{id}/story``: what the city did about a report."""
    params.only(request, set())
    if not shown().filter(pk=id).exists():
        raise NotFound(f"no report {id}")
    return document(request, told(id, timezone.now()))


def told(report_id: int, at: datetime) -> dict[str, Any]:
    """Return the story of a report at an instant; without a case all of it is empty."""
    turns = list(
        Turn.objects.filter(case=report_id, began_at__isnull=False)
        .select_related("office")
        .order_by("number")
    )
    return {
        "answer": _answer(turns[-1], at) if turns else None,
        "steps": _steps(report_id, turns),
        "cluster": _cluster(report_id),
    }


def _answer(turn: Turn, at: datetime) -> dict[str, Any]:
    """Return whose turn it is or was last, until when an answer was due, and how long it took or takes.

    A deadline that hangs on holidays which nobody knows yet is none. What came answered took the office no
    time that we know of.
    """
    ended = turn.answered_at or turn.ended_at or at
    taken = ended - turn.began_at if turn.began_at else timedelta()
    came_answered = turn.answered_at is not None and not taken
    due_at = turn.due_at if turn.due_is_sure else None
    return {
        "office": cases.office(turn.office),
        "began_at": turn.began_at,
        "due_at": due_at,
        "answered_at": turn.answered_at,
        "came_answered": came_answered,
        "is_open": turn.answered_at is None and turn.ended_at is None,
        "is_late": due_at is not None and ended > due_at,
        "taken_s": None if came_answered else round(taken.total_seconds()),
    }


def _steps(report_id: int, turns: list[Turn]) -> list[dict[str, Any]]:
    """Return the steps that staff took, oldest first, with the words that the citizen was owed, masked."""
    found = Change.objects.filter(case=report_id).exclude(permission=FOLLOW).select_related("to_state")
    return [
        {
            "at": one.at,
            "state": cases.state(one.to_state),
            "by": _by(one, turns),
            # Not the words of a dispute: the office must answer them, and anybody may have written them.
            "text": "" if one.permission == DISPUTE else public_text(one.text, ""),
        }
        for one in found.order_by("id")
    ]


def _by(change: Change, turns: list[Turn]) -> dict[str, Any]:
    """Return in whose name a step was taken: never whose account it was."""
    if change.permission == DISPUTE:
        return {"kind": "citizen", "title": None}
    if change.permission == "answer":
        held = [turn for turn in turns if turn.office and turn.began_at and turn.began_at <= change.at]
        if held and held[-1].office:
            return {"kind": "office", "title": held[-1].office.title}
    return {"kind": "unit", "title": clusters.UNIT}


def _cluster(report_id: int) -> dict[str, Any]:
    """Return the reports of the same problem, without those that their authors withdrew."""
    members = [one.report_id for one in clusters.cluster(report_id)]
    public = set(shown().filter(pk__in=members).values_list("pk", flat=True))
    return {"lead": clusters.lead_of(report_id), "reports": [id for id in members if id in public]}


def find(report_id: int) -> Report | None:
    """Return a report that the public sees, with what its page shows of it; None: there is none."""
    one: Report | None = (
        shown()
        .select_related("category", "case__state", "office", "official", "edition")
        .filter(pk=report_id)
        .first()
    )
    return one
