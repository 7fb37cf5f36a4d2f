"""What worked before about cases of the same kind nearby: offered as alternatives, never chosen by itself."""

from dataclasses import dataclass
from datetime import datetime

from casework.models import Alternative
from casework.steps import alternatives
from geoplatform import sql
from geoplatform.errors import NotFound

MOST = 5


@dataclass(frozen=True)
class Precedent:
    """An alternative that was chosen elsewhere, after which the case was resolved and never disputed.

    ``alternative_id`` is the newest of ``times`` such, ``near`` the tier that it shares with the case:
    ``kelurahan`` or ``kecamatan``; ``days`` the median from the choice to the resolution, ``cost_idr`` the
    median of what they cost, where it was said; ``cases`` some of their ids, the newest first.
    """

    alternative_id: int
    what: str
    office_id: str | None
    office: str | None
    cost_idr: int | None
    days: float
    times: int
    near: str
    cases: tuple[int, ...]

    @property
    def evidence(self) -> str:
        """Return what speaks for it, as the alternative will say."""
        cases = ", ".join(map(str, self.cases))
        often = "once" if self.times == 1 else f"{self.times} times"
        return f"worked {often} in the same {self.near}, in {self.days:.1f} days (median): cases {cases}"


def suggest(report_id: int, at: datetime, limit: int = MOST) -> list[Precedent]:
    """Return what worked before for a case: in its kelurahan first, then in its kecamatan.

    Nothing for a report of which nobody knows where it is.

    Parameters
    ----------
    at
        Only what was resolved by then.
    """
    found = sql.dicts("casework/precedents", {"id": report_id, "at": at, "limit": limit})
    return [Precedent(**{**row, "cases": tuple(row["cases"])}) for row in found]


def adopt(report_id: int, alternative_id: int, by: str, at: datetime) -> Alternative:
    """Store what worked elsewhere as an alternative of a case, marked as suggested; somebody must choose it.

    Parameters
    ----------
    alternative_id
        That of a precedent, as ``suggest`` returned it.

    Raises
    ------
    NotFound
        There is no such case, or that alternative is no precedent for it (any more).
    Conflict
        The case takes no alternatives.
    """
    found = {one.alternative_id: one for one in suggest(report_id, at)}
    if alternative_id not in found:
        raise NotFound(f"alternative {alternative_id} is no precedent for case {report_id}")
    one = found[alternative_id]
    proposal = alternatives.Proposal(
        one.what, one.office_id, one.cost_idr, max(1, round(one.days)), one.evidence
    )
    return alternatives.propose(report_id, proposal, by, at, is_suggested=True)
