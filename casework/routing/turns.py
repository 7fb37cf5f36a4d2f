"""Whose turn it is to answer a case: the first office by the rules, the next by what became of it."""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from psycopg.errors import RestrictViolation

from boundaries.models import Office
from casework.clock import dues
from casework.models import Case, Turn
from geoplatform import sql
from geoplatform.errors import Conflict, NotFound
from reports.models import NEAR_BORDER_M, SourceUpdate

logger = logging.getLogger(__name__)
MOST = 50_000  # cases in one statement


@dataclass(frozen=True)
class Given:
    """A case that goes to an office (None: the unit), by a rule or by somebody, and why."""

    case_id: int
    office_id: str | None
    rule_id: int | None
    explanation: dict[str, Any]


def begin(after: int = 0) -> int:
    """Begin the first turn of each case that has none; returns how many began.

    It begins when the report came. Where no rule or no office is found it is the unit's, and the explanation
    says why.

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
    params = {
        "after": after,
        "limit": MOST,
        "near_m": NEAR_BORDER_M,
    }
    ((opened, last),) = sql.rows("casework/open_turns", params)
    if opened:
        dues.fill()
    return opened, last


def again(cases: Sequence[int] | None = None, at: datetime | None = None) -> int:
    """Begin the next turn of cases that a citizen disputes, or that are closed no longer; returns how many.

    Parameters
    ----------
    cases
        Ids of reports; None: all, so many at a time.
    at
        When we heard of it, if that may be later than it was said: what is due is due by then.
    """
    began, last = 0, 0
    while True:
        begun, read_to = _again(cases, last, at)
        began += begun
        if read_to is None or cases is not None:
            return began
        last = read_to


@transaction.atomic
def _again(cases: Sequence[int] | None, after: int, at: datetime | None) -> tuple[int, int | None]:
    params = {
        "cases": None if cases is None else list(cases),
        "after": after,
        "limit": MOST,
        "at": at,
    }
    ((began, last),) = sql.rows("casework/again", params)
    if began:
        dues.fill(cases)
    return began, last


@transaction.atomic
def give(cases: Iterable[Given], at: datetime) -> list[int]:
    """End what turns cases have and begin that of another office; returns the ids of those that were given.

    A case that somebody has in hand is left alone, and one that was answered meanwhile.
    """
    batch = json.dumps([asdict(one) for one in cases])
    given = sql.rows("casework/give", {"batch": batch, "at": at})
    ids = [id for (id,) in given]
    if ids:
        dues.fill(ids)
    return ids


def reroute(at: datetime) -> int:
    """Give the cases to another office whose report lies elsewhere now, or is of another kind.

    Returns how many. Only what nobody answered, and what rules decided: a case that people gave to an office
    stays there.
    """
    rerouted = 0
    while found := sql.dicts("casework/redecided", {"near_m": NEAR_BORDER_M, "limit": MOST}):
        given = len(
            give([Given(**{**row, "explanation": json.loads(row["explanation"])}) for row in found], at)
        )
        rerouted += given
        if given < MOST:
            break
    return rerouted


def credit(after: int = 0) -> int:
    """Let turns be answered that had ended when we heard of it, or sooner than we knew; returns how many.

    Parameters
    ----------
    after
        Only of reports whose trace has steps with a greater id.
    """
    newest = SourceUpdate.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return _credit(after, newest) if after < newest else 0


def _credit(after: int, until: int) -> int:
    """Credit what some steps say; what the database refuses is told and left for the next run, and no other.

    It refuses an answer where a merge is undone between finding its word and writing it.
    """
    try:
        with transaction.atomic():
            credited: int = sql.scalar("casework/credit", {"after": after, "until": until})
            return credited
    except IntegrityError as error:
        if not isinstance(error.__cause__, RestrictViolation):
            raise
        refused = error
    if until - after == 1:
        logger.warning("an answer is refused, left for the next run step=%d: %s", until, _first_line(refused))
        return 0
    middle = (after + until) // 2
    return _credit(after, middle) + _credit(middle, until)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@transaction.atomic
def take(cases: Sequence[int], at: datetime) -> int:
    """Begin the clocks of those who have just accepted one of some cases; returns how many."""
    begun: int = sql.scalar("casework/taken", {"cases": list(cases), "at": at})
    if begun:
        dues.fill(cases)
    return begun


def follow_choices(cases: Sequence[int], at: datetime) -> list[int]:
    """Give cases that were assigned to the office that the chosen alternative names, if it is another one."""
    found = sql.dicts("casework/chosen", {"cases": list(cases)})
    return give([by_unit(row["case_id"], row["office_id"], row["by"]) for row in found], at)


def by_unit(case_id: int, office_id: str, by: str) -> Given:
    """Return a case as somebody of the unit gives it to an office."""
    return Given(case_id, office_id, None, explain(last(case_id), office_id, decided_by="unit", by=by))


def explain(former: Turn, office_id: str | None, **said: Any) -> dict[str, Any]:
    """Return why an office has a case that people gave to it: where it lies is as before, no rule decided."""
    office = Office.objects.get(code=office_id).title if office_id else None
    of_rules = {"rule": None, "second": None, "unit_because": None}
    return {**former.explanation, **of_rules, "office": office, **said}


def hold(report_id: int) -> None:
    """Lock a case until the transaction ends; nobody is waited for.

    Raises
    ------
    NotFound
        There is no such case.
    Conflict
        Somebody else has it in hand.
    """
    if Case.objects.select_for_update(skip_locked=True).filter(report_id=report_id).exists():
        return
    if Case.objects.filter(report_id=report_id).exists():
        raise Conflict(f"case {report_id}: somebody else has it in hand")
    raise NotFound(f"no case {report_id}")


def last(report_id: int) -> Turn:
    """Return the last turn of a case that has one."""
    return Turn.objects.filter(case_id=report_id).latest("number")


def running(report_id: int) -> Turn | None:
    """Return the turn whose clock runs, or whose office answered; None where it ended."""
    return Turn.objects.filter(case_id=report_id, began_at__isnull=False, ended_at=None).first()


def offered(report_id: int) -> Turn | None:
    """Return the turn that an office is asked to take and has not yet."""
    return Turn.objects.filter(case_id=report_id, began_at=None, ended_at=None).first()


def overdue(at: datetime) -> int:
    """Return how many answers were due by an instant and have not come."""
    return Turn.objects.filter(answered_at=None, ended_at=None, due_at__lt=at).count()
