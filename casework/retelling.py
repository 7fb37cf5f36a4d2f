"""Rungs of which nobody was told, for their notice was withdrawn, and that are so again: a run tells them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from casework import rungs, withdrawals
from casework.holders import Whom
from casework.models import Escalation
from casework.rungs import EARLY, UNHEARD
from casework.standing import ENDED
from geoplatform import sql

#: For what a notice was withdrawn that may be so again: a merge, or a step, can be undone, and time goes on.
MAY_BE_SO_AGAIN = (EARLY, ENDED, UNHEARD)


@dataclass(frozen=True)
class Unsaid:
    """A rung to be told anew, as ``casework/sql/unsaid.sql`` has it."""

    id: int
    report_id: int
    turn_id: int
    number: int
    due_at: datetime
    tier: str | None
    office: str | None
    official_id: int | None


def unsaid(at: datetime, escalations: Collection[int] | None = None) -> list[Unsaid]:
    """Return the rungs that are to be told anew, of some escalations or of all."""
    params = {
        "at": at,
        "notes": list(MAY_BE_SO_AGAIN),
        "escalations": None if escalations is None else list(escalations),
    }
    found = [Unsaid(**row) for row in sql.dicts("casework/unsaid", params)]
    not_yet = rungs.why_not([one.id for one in found], at)
    return [one for one in found if not not_yet[one.id]]


def take(wanted: Mapping[int, Whom], at: datetime) -> dict[int, Whom]:
    """Return who is told anew of which escalations, and write down who follows whom, in one transaction.

    What another run tells meanwhile is left to it: a rung is locked, and looked at again, before it is taken.
    """
    locked = Escalation.objects.select_for_update(skip_locked=True).filter(id__in=wanted).order_by("id")
    held = [one.id for one in locked]
    former = {one.id: one.official_id for one in unsaid(at, held)} if held else {}
    told = {id: wanted[id] for id in former}
    withdrawals.succeed({id: one for id, one in told.items() if one.official_id != former[id]}, at)
    withdrawals.fail(told, at)
    return told
