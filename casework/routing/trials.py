"""What a change of the rules would come to, before anybody makes it: made, looked at, taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from boundaries import lookup
from casework.routing import checks
from casework.routing.faults import Found
from geoplatform import sql
from reports.models import NEAR_BORDER_M


@dataclass(frozen=True)
class Move:
    """How many open cases the rules would give to another office; None is the unit."""

    former: str | None
    office: str | None
    cases: int
    example: int


@dataclass(frozen=True)
class Trial:
    """What a change would do: cases decided otherwise than they are without it, and faults that it brings."""

    moves: tuple[Move, ...]
    faults: tuple[Found, ...]


@transaction.atomic
def run(change: Callable[[], object], at: datetime) -> Trial:
    """Say what would be after a change of the rules, and leave everything as it is."""
    on = lookup.city_day(at)
    before, known = {(one.former, one.office): one for one in _moves()}, set(checks.find(on))
    with transaction.atomic():
        change()
        moves, faults = _moves(), list(checks.find(on))
        transaction.set_rollback(True)
    return Trial(
        tuple(one for one in moves if before.get((one.former, one.office)) != one),
        tuple(one for one in faults if one not in known),
    )


def _moves() -> list[Move]:
    return [Move(**row) for row in sql.dicts("casework/would_decide", {"near_m": NEAR_BORDER_M})]
