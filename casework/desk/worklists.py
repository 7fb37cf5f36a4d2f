"""The work lists of the unit: which cases want somebody's attention, and why; counted at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from psycopg import sql as compose

from casework.models import Case, Change, Doubt, DuplicateCandidate, State, Transition, Turn, Verdict
from casework.steps.passing import MOST_HOPS
from geoplatform import sql
from geoplatform.errors import NotFound
from layers.models import FeedState
from reports.models import NEAR_BORDER_M

SOON = timedelta(hours=24)
Condition = Callable[[datetime], Q]


@dataclass(frozen=True)
class WorkList:
    """Cases that want attention for one reason; ``condition`` says at an instant which they are.

    ``tells_place``: that a case is in it tells how near to a border its report lies.
    """

    code: str
    name_id: str
    name_en: str
    condition: Condition
    tells_place: bool = False


def find(code: str) -> WorkList:
    """Return a work list, or raise NotFound."""
    if code not in LISTS:
        raise NotFound(f"work list {code!r}: known are {', '.join(LISTS)}")
    return LISTS[code]


def within(code: str, at: datetime, is_whole: bool = True) -> Q:
    """Return the condition of the cases of a work list at an instant; NotFound where there is no such list.

    Parameters
    ----------
    is_whole
        Whether who asks may learn where a sensitive report lies: else a list that tells is without them.
    """
    chosen = find(code)
    veiled = Q() if is_whole or not chosen.tells_place else Q(report__public_point=None)
    return chosen.condition(at) & veiled


def cases(code: str, at: datetime, is_whole: bool = True) -> QuerySet[Case]:
    """Return the cases of a work list at an instant, as ``within`` says."""
    return Case.objects.filter(within(code, at, is_whole))


def counts(of: Q, at: datetime, is_whole: bool = True) -> dict[str, int]:
    """Return how many cases each work list has at an instant, by one statement.

    Parameters
    ----------
    of
        The condition of the cases that count: ``permitted.condition`` of who asks.
    is_whole
        As ``within`` takes it.
    """
    found = dict.fromkeys(LISTS, 0)
    parts: list[compose.Composed] = []
    params: list[Any] = []
    for code in LISTS:
        try:
            found_by = cases(code, at, is_whole).filter(of).order_by().values("pk").query
            text, values = found_by.sql_with_params()
        except EmptyResultSet:  # of a condition that nothing fulfils Django makes no statement
            continue
        part = compose.SQL("(SELECT count(*) FROM ({}) AS listed) AS {}")
        parts.append(part.format(compose.SQL(text), compose.Identifier(code)))
        params += values
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(compose.SQL("SELECT {}").format(compose.SQL(", ").join(parts)), params)
            codes = [column.name for column in cursor.description]
            found.update(zip(codes, cursor.fetchone(), strict=True))
    return found


def open_states() -> list[str]:
    """Return the states in which a case is open, for Open311 and for us."""
    return list(State.objects.filter(open311="open").order_by("code").values_list("code", flat=True))


def states_before(to_state: str, permission: str) -> list[str]:
    """Return the states from which a permission leads to another one."""
    steps = Transition.objects.filter(to_state=to_state, permission=permission)
    return list(steps.order_by("from_state").values_list("from_state", flat=True))


def _is(state: str) -> Condition:
    return lambda at: Q(state=state)


def _no_place(at: datetime) -> Q:
    return Q(state__in=open_states(), report__kelurahan_code__isnull=True)


def _near_border(at: datetime) -> Q:
    """Return those near a border of which nobody has looked at alternatives yet."""
    return Q(state__in=["collected", "selected"], report__border_m__lte=NEAR_BORDER_M)


def _duplicates(at: datetime) -> Q:
    """Return those that may tell of the same as another one, and can still be closed for it."""
    # One look-up for each case by both indexes: of two EXISTS each would read all the pairs there are.
    of_case = Q(first=OuterRef("pk")) | Q(second=OuterRef("pk"))
    pairs = DuplicateCandidate.objects.filter(of_case, apart_at=None)
    return Q(Exists(pairs), state__in=states_before("duplicate", "triage"))


def _stale_feed(at: datetime) -> Q:
    """Return those of which nobody knows what the office said since: a feed that speaks for them is silent.

    What its author deleted is closed within the minute, unless it leads others.
    """
    stale = FeedState.objects.filter(enabled=True, stale_at__lt=at).values_list("feed", flat=True)
    own = ~Q(report__status="done") & Q(report__channel__in=list(stale))
    of_members = Q(pk__in=[id for (id,) in sql.rows("casework/silent_leads", {"at": at})])
    return Q(state__in=open_states()) & (own | of_members)


def _hops(at: datetime) -> Q:
    return _has(Turn.objects.filter(office=None, ended_at=None, hop__gt=MOST_HOPS))


def _overdue(at: datetime) -> Q:
    return _has(_waiting().filter(due_at__lt=at))


def _soon(at: datetime) -> Q:
    return _has(_waiting().filter(due_at__gte=at, due_at__lt=at + SOON))


def _flagged(at: datetime) -> Q:
    """Return those that are resolved, which is doubted, and of which no second person has spoken."""
    spoken = Verdict.objects.filter(change=OuterRef("proof__change"), at__gte=OuterRef("proof__at"))
    doubted = Doubt.objects.filter(~Exists(spoken))
    last = Change.objects.filter(case=OuterRef("pk")).order_by("-id").values("pk")[:1]
    cases = Case.objects.filter(pk__in=doubted.values("proof__change__case"), state="resolved")
    current = cases.annotate(last=Subquery(last)).filter(last__in=doubted.values("proof__change"))
    return Q(pk__in=current.values("pk"))


def _waiting() -> QuerySet[Turn]:
    return Turn.objects.filter(answered_at=None, ended_at=None)


def _has(turns: QuerySet[Turn]) -> Q:
    return Q(pk__in=turns.values("case"))


LISTS: Mapping[str, WorkList] = {
    one.code: one
    for one in (
        WorkList("new", "Laporan baru", "New", _is("collected")),
        WorkList("no_place", "Belum ada lokasi", "Without a place", _no_place),
        WorkList("near_border", "Dekat batas wilayah", "Near a border", _near_border, tells_place=True),
        WorkList("duplicates", "Mungkin laporan ganda", "Possible duplicates", _duplicates),
        WorkList("stale_feed", "Kanal tidak terdengar", "Stale feed", _stale_feed),
        WorkList("returned", "Bukan kewenangan", "Returned: not theirs", _is("returned")),
        WorkList("hops", "Lebih dari dua kali dioper", "With the unit after two hops", _hops),
        WorkList("disputed", "Dibantah warga", "Disputed", _is("disputed")),
        WorkList("flagged", "Selesai yang diragukan", "Doubted resolutions", _flagged),
        WorkList("overdue", "Jawaban terlambat", "Overdue", _overdue),
        WorkList("soon", "Jatuh tempo dalam 24 jam", "Due within 24 hours", _soon),
    )
}
