"""Whether a notice still tells what is so, to whom it should: looked at before each attempt to send it."""

from dataclasses import dataclass
from datetime import datetime

from casework.escalation import rungs
from geoplatform import sql

ANSWERED, ENDED, REPLACED = "answered", "ended", "replaced"


@dataclass(frozen=True)
class Addressed:
    """One thing that a notice tells, and of whom, as ``casework/sql/told_by_notice.sql`` has it.

    ``not_yet`` says why it waits, as ``casework.escalation.rungs.why_not`` has it.
    """

    escalation_id: int | None
    turn_id: int
    case_id: int
    tier: str | None
    office: str | None
    answered_at: datetime | None
    ended_at: datetime | None
    official_id: int | None
    holder_id: int | None
    is_told: bool
    not_yet: str = ""

    def why_not(self, at: datetime) -> str:
        """Say why it is not to be told at an instant; empty: it is."""
        why = why_not(self.answered_at, self.ended_at, self.official_id, self.holder_id, at)
        return self.not_yet if self.not_yet and why in ("", REPLACED) else why


def of(notice: int, at: datetime) -> list[Addressed]:
    """Return how it stands with all that a notice tells; nothing of mails to who follows."""
    rows = sql.dicts("casework/told_by_notice", {"notice": notice, "at": at})
    not_yet = rungs.why_not([row["escalation_id"] for row in rows if row["escalation_id"]], at)
    return [Addressed(**row, not_yet=not_yet.get(row["escalation_id"], "")) for row in rows]


def why_not(
    answered_at: datetime | None,
    ended_at: datetime | None,
    told: object,
    holder: object,
    at: datetime,
) -> str:
    """Say why somebody is not to be told that a turn is unanswered; empty: they are. Pure.

    Parameters
    ----------
    told, holder
        Who would be told, and who holds their office at ``at``; None: nobody.
    """
    if answered_at and answered_at <= at:
        return ANSWERED
    if ended_at and ended_at <= at:
        return ENDED
    return "" if told == holder else REPLACED
