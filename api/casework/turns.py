"""Whose turn it is: passed on, accepted, given to an office, paused."""

from typing import Any

from api import params
from api.casework import citizens, history, one
from api.casework.door import Asked, door, only
from casework.models import Case, PauseReason
from casework.routing import turns
from casework.steps import passing, pauses, permitted, telling
from geoplatform.errors import Forbidden


def _pass_on(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/pass-on``: say that it is not one's own, and perhaps whose."""
    only(asked, {"office", "text"})
    _of_own_office(asked, one.hold(asked, id))
    to_office = asked.text("office") if asked.said.get("office") is not None else None
    made = passing.pass_on(id, to_office, asked.user.mark, asked.text("text"), asked.at)
    telling.steps({id: ("returned", asked.text("text"))}, citizens.speaker(asked), asked.at)
    asked.record("case.pass_on", f"report:{id}", hop=made.hop, office=made.office_id)
    return _told(asked, id)


def _accept(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/accept``: take a case that is offered."""
    only(asked, set())
    _of_own_office(asked, one.hold(asked, id))
    offer = turns.offered(id)
    # What is offered to an office is taken by it, what is offered to the unit by the unit.
    if offer:
        permitted.require(asked.user, "casework.answer" if offer.office_id else "casework.triage")
    made = passing.accept(id, asked.user.mark, asked.at)
    asked.record("case.accept", f"report:{id}", hop=made.hop, office=made.office_id)
    return _told(asked, id)


def _assign(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/assign``: give a case to an office, which has it at once."""
    only(asked, {"office", "text"})
    one.find(asked, id)
    words = asked.text("text", "")
    made = passing.assign(id, asked.text("office"), asked.user.mark, asked.at, words)
    telling.steps({id: ("assigned", words)}, citizens.speaker(asked), asked.at)
    asked.record("case.assign", f"report:{id}", office=made.office_id)
    return _told(asked, id)


def _pause(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/pause``: stop the clock until an instant, for a reason of the table."""
    only(asked, {"reason", "until"})
    one.find(asked, id)
    until = params.instant("until", asked.text("until"))
    made = pauses.pause(id, asked.text("reason"), until, asked.user.mark, asked.at)
    asked.record("case.pause", f"report:{id}", reason=made.reason, until=made.until.isoformat())
    return _told(asked, id)


def _resume(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/resume``: let the clock run on sooner."""
    only(asked, set())
    one.find(asked, id)
    pauses.resume(id, asked.user.mark, asked.at)
    asked.record("case.resume", f"report:{id}")
    return _told(asked, id)


def _reasons(asked: Asked) -> Any:
    """``GET /api/staff/cases/pause-reasons``: for what a clock may stand still, and for how long."""
    params.only(asked.request, set())
    return {
        "reasons": [
            {
                "code": row.code, "name": {"id": row.name_id, "en": row.name_en},
                "most_days": row.most_days, "source": row.source,
            }
            for row in PauseReason.objects.order_by("code")
        ]
    }  # fmt: skip


def _of_own_office(asked: Asked, case: Case) -> None:
    """Refuse who sees one office's cases where it is another one's turn to say something."""
    if permitted.may(asked.user, "casework.see_all"):
        return
    whose = turns.offered(case.pk) or turns.running(case.pk)
    if whose is None or whose.office_id != asked.user.office_id:
        raise Forbidden(f"case {case.pk}: it is another office's turn")


def _told(asked: Asked, id: int) -> dict[str, Any]:
    """Return whose turn it is now; who gave a case away sees no more of it."""
    return {"id": id, "turns": history.turns(id, asked.at), "pauses": history.pauses(id)}


pass_on = door(POST=("casework.answer", _pass_on))
accept = door(POST=("casework.answer|casework.triage", _accept))
assign = door(POST=("casework.decide", _assign))
pause = door(POST=("casework.supervise", _pause))
resume = door(POST=("casework.supervise", _resume))
reasons = door(GET=("casework.view_case", _reasons))
