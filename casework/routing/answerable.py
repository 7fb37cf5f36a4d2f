"""Who answers for a turn: whoever held the office on the day on which it was answered, fell due or ended.

The database writes that down (``Turn.official``), and derives it anew while the turn is open: when its due
date or the terms of the office change, and each night. Until that day it is whoever holds the office now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from boundaries.lookup import city_day
from boundaries.models import Term
from casework.models import Turn
from geoplatform import sql


@dataclass(frozen=True)
class Holder:
    """Who holds an office, and whether for a time."""

    official_id: int
    name: str
    acting: bool


@dataclass(frozen=True)
class Answerable:
    """Who answers for a turn as it is known, and under whom it began; None: nobody holds the post.

    ``by`` says why it is they: it was ``answered`` or ``ended`` under them, or fell ``due``; ``now``: they
    hold the office today, and none of that has come.
    """

    now: Holder | None
    began_under: Holder | None
    by: str = "now"

    @property
    def handed_over(self) -> str | None:
        """Why somebody else answers for it than under whom it began; None: it is in the same hands."""
        return self.by if self.now != self.began_under else None


def renew() -> int:
    """Give each open turn to whom the terms say; returns how many were somebody else's.

    There are none, but those that began while another transaction handed their office over.
    """
    given: int = sql.scalar("casework/held_anew", {})
    return given


def of(found: Iterable[Turn], at: datetime) -> dict[int, Answerable]:
    """Return who answers for each of some turns at an instant, by its id.

    Parameters
    ----------
    found
        Each with its official.
    """
    turns = list(found)
    terms: dict[str, list[Term]] = {}
    offices = {turn.office_id for turn in turns if turn.office_id}
    for term in Term.objects.filter(office__in=offices).select_related("official"):
        terms.setdefault(term.office_id, []).append(term)
    return {turn.id: _of(turn, terms.get(turn.office_id or "", ()), at) for turn in turns}


def _of(turn: Turn, terms: Sequence[Term], at: datetime) -> Answerable:
    if turn.began_at is None:
        return Answerable(None, None)
    began_under = _holder(terms, city_day(turn.began_at))
    # A due date that is not sure settles nothing. Of an answer that is the end, too, the answer is said.
    due_at = turn.due_at if turn.due_is_sure else None
    ends = {"answered": turn.answered_at, "due": due_at, "ended": turn.ended_at}
    settled = {by: end for by, end in ends.items() if end and end <= at}
    if not settled:
        return Answerable(_holder(terms, city_day(at)), began_under)
    by = min(settled, key=settled.__getitem__)
    held = Holder(turn.official.id, turn.official.name, turn.acting) if turn.official else None
    return Answerable(held, began_under, by)


def _holder(terms: Sequence[Term], on: date) -> Holder | None:
    found = (
        Holder(term.official.id, term.official.name, term.acting)
        for term in terms
        if (term.during.lower or on) <= on and (term.during.upper is None or on < term.during.upper)
    )
    return next(found, None)
