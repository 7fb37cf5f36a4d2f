"""Rungs of which nobody was told, and somebody can be by now: a run tells them.

Their notice was withdrawn, and they are so again; or no address was known, and one is.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from casework.escalation import rungs, withdrawals
from casework.escalation.holders import Whom
from casework.escalation.rungs import EARLY, UNHEARD
from casework.escalation.standing import ENDED
from casework.models import Escalation
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
    is_nowhere: bool


def unsaid(
    at: datetime, whom: Callable[[Unsaid], Whom], escalations: Collection[int] | None = None
) -> dict[Unsaid, Whom]:
    """Return the rungs that are to be told anew, of some escalations or of all, and whom each tells.

    Parameters
    ----------
    whom
        Who is told of a rung at the instant.
    """
    params = {
        "at": at,
        "notes": list(MAY_BE_SO_AGAIN),
        "nowhere": withdrawals.NO_ADDRESS,
        "escalations": None if escalations is None else list(escalations),
    }
    known = {one: whom(one) for one in (Unsaid(**row) for row in sql.dicts("casework/unsaid", params))}
    # That it cannot be told is known already where no address was.
    found = {one: told for one, told in known.items() if told.addresses or not one.is_nowhere}
    not_yet = rungs.why_not([one.id for one in found], at)
    return {one: told for one, told in found.items() if not not_yet[one.id]}


def take(wanted: Mapping[int, Whom], at: datetime) -> dict[int, Whom]:
    """Return who is told anew of which escalations, and write down who follows whom, in one transaction.

    What another run tells meanwhile is left to it: a rung is locked, and looked at again, before it is taken.
    """
    locked = Escalation.objects.select_for_update(skip_locked=True).filter(id__in=wanted).order_by("id")
    held = [one.id for one in locked]
    found = unsaid(at, lambda one: wanted[one.id], held) if held else {}
    told = {one.id: whom for one, whom in found.items()}
    others = {one.id: whom for one, whom in found.items() if whom.official_id != one.official_id}
    withdrawals.succeed(others, at)
    withdrawals.fail(told, at)
    return told
