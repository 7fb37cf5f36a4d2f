"""When the clock of a case stands still: its pauses, and while a merge that was undone had closed it."""

from casework.clock.reckoning import Pause
from geoplatform import sql


def of(report_id: int) -> list[Pause]:
    """Return the times in which the clock of a case stood still, or will, in order; they may overlap."""
    return [Pause(**row) for row in sql.dicts("casework/stops", {"id": report_id})]
