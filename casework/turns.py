"""Whose turn it is to answer a case: the first office by the rules, the next by what became of it."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from casework import dues
from casework.models import Turn
from geoplatform import sql
from reports.models import NEAR_BORDER_M

MOST = 50_000  # cases in one statement


def begin(after: int = 0) -> int:
    """Begin the first turn of each case that has none; returns how many began.

    It begins when the case was opened, at whoever held the office that day in the city; in a vacant post at
    nobody. Where no rule or no office is found it is the unit's, and the explanation says why.

    Parameters
    ----------
    after
        Only reports with a greater id are looked at: those of late are few, all of them millions.
    """
    begun = 0
    while True:
        opened, last = _begin(after)
        begun += opened
        if last is None:
            return begun
        after = last


@transaction.atomic
def _begin(after: int) -> tuple[int, int | None]:
    params = {"after": after, "limit": MOST, "near_m": NEAR_BORDER_M, "zone": settings.CITY_TIME_ZONE}
    ((opened, last),) = sql.rows("casework/open_turns", params)
    if opened:
        dues.fill()
    return opened, last


@transaction.atomic
def again(cases: Sequence[int] | None = None) -> int:
    """Begin the next turn of cases that a citizen disputes, or that are closed no longer; returns how many.

    Parameters
    ----------
    cases
        Ids of reports; None: all.
    """
    params = {"cases": None if cases is None else list(cases), "zone": settings.CITY_TIME_ZONE}
    began: int = sql.scalar("casework/again", params)
    if began:
        dues.fill(cases)
    return began


def running(report_id: int) -> Turn | None:
    """Return the turn whose clock runs, or whose office answered; None where it ended."""
    return Turn.objects.filter(case_id=report_id, began_at__isnull=False, ended_at=None).first()


def offered(report_id: int) -> Turn | None:
    """Return the turn that an office is asked to take and has not yet."""
    return Turn.objects.filter(case_id=report_id, began_at=None, ended_at=None).first()


def overdue(at: datetime) -> int:
    """Return how many answers were due by an instant and have not come."""
    return Turn.objects.filter(answered_at=None, ended_at=None, due_at__lt=at).count()
