"""Where citizens are answered by the deadline and where not, by the kelurahan in which their reports lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from casework.board import survival
from casework.board.cells import Cell
from casework.board.figures import times
from casework.board.periods import Period
from casework.board.survival import Interval
from geoplatform import sql

ANSWERED, FEW, NO_DATA = "answered", "few", "no_data"


@dataclass(frozen=True)
class Where:
    """The turns of the reports of a kelurahan in a time; columns as the board has them."""

    code: str
    turns: int
    due: int
    kept: int
    no_data: int

    @property
    def share(self) -> Interval | None:
        """Where the share answered by the deadline lies; None where nothing was due."""
        return survival.wilson(self.kept, self.due)

    def kind(self, minimum: int) -> str:
        """Say whether its share tells something: ``answered``, ``few`` were due, or ``no_data``."""
        if self.due >= minimum:
            return ANSWERED
        return NO_DATA if self.no_data > self.due else FEW

    def cell(self, column: str) -> Cell:
        """Return the selector of one of its figures."""
        return Cell("all", None, column, self.code)


def of(period: Period, at: datetime, category: str | None = None) -> Mapping[str, Where]:
    """Return by code every kelurahan of which a turn began in a time, as it was known at an instant."""
    params = times(period, at) | {"category": category}
    return {row["code"]: Where(**row) for row in sql.dicts("casework/answered_where", params)}
