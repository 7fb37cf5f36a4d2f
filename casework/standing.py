"""Whether a notice still tells what is so, to whom it should: looked at before each attempt to send it."""

from dataclasses import dataclass
from datetime import datetime

from geoplatform import sql

ANSWERED, ENDED, EARLY, REPLACED = "answered", "ended", "early", "replaced"


@dataclass(frozen=True)
class Addressed:
    """One thing that a notice tells, and of whom, as ``casework/sql/told_by_notice.sql`` has it."""

    escalation_id: int | None
    turn_id: int
    case_id: int
    tier: str | None
    office: str | None
    answered_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    official_id: int | None
    holder_id: int | None
    is_told: bool

    def why_not(self, at: datetime) -> str:
        """Say why it is not to be told at an instant; empty: it is."""
        why = why_not(self.answered_at, self.ended_at, self.official_id, self.holder_id, at)
        is_early = self.due_at is not None and self.due_at > at  # as where a holiday was loaded late
        return EARLY if is_early and why in ("", REPLACED) else why

    def since(self, at: datetime) -> datetime:
        """Return from when on it is so, at an instant or behind it."""
        return max(self.due_at, at) if self.due_at else at


def of(notice: int, at: datetime) -> list[Addressed]:
    """Return how it stands with all that a notice tells; nothing of mails to who follows."""
    return [Addressed(**row) for row in sql.dicts("casework/told_by_notice", {"notice": notice, "at": at})]


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
