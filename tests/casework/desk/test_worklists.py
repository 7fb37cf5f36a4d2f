"""Which cases want attention: each list has what it says, and counts what who asks may see."""

from datetime import timedelta

import pytest
from django.db.models import Q

from boundaries.models import Border, Office
from casework.desk import worklists
from casework.models import Case, DuplicateCandidate
from casework.routing import turns
from casework.steps import permitted, workflow
from casework.steps.passing import pass_on
from casework.steps.workflow import Step, change_one
from geoplatform.errors import NotFound
from layers.models import FeedState
from reports import intake
from reports.models import Report
from staff import accounts
from tests.conftest import NOON

ALL = {"triage", "decide", "answer", "dispute", "supervise", "follow"}
HOUR = timedelta(hours=1)


@pytest.fixture
def case(city, submission):
    """Open a case and its turn; returns its id."""
    made = iter(range(1000))

    def opened(**parts: object) -> int:
        sent = submission(external_id=f"w{next(made)}", **parts)
        intake.receive([sent], simulated=False)
        workflow.collect(NOON)
        turns.begin()
        return Report.objects.get(channel=sent.channel, external_id=sent.external_id).id

    return opened


def step(id: int, *states: str) -> None:
    for state in states:
        change_one(Step(id, state, "Sudah kami tangani"), "user:1", ALL, NOON)


def listed(code: str, at=NOON) -> set[int]:
    return set(worklists.cases(code, at).values_list("pk", flat=True))


def test_new_is_what_nobody_selected(case):
    new, seen = case(), case()
    step(seen, "selected")
    assert listed("new") == {new}


def test_without_a_place_is_what_is_open_and_nowhere(case):
    nowhere, closed, _ = case(point=None), case(point=None), case()
    step(closed, "no_problem")
    assert listed("no_place") == {nowhere}


def test_near_a_border_is_what_lies_within_25_m_and_is_not_decided(case, shared_edge):
    border = Border.objects.filter(right_code__isnull=False).order_by("id")[0]
    near, _ = case(point=shared_edge(border.left_code, border.right_code)), case()
    assert listed("near_border") == {near}
    step(near, "selected", "proposed")
    assert listed("near_border") == set()


def test_possible_duplicates_are_both_of_a_pair_while_they_can_be_closed_for_it(case):
    one, two, _ = case(), case(), case()
    DuplicateCandidate.objects.create(
        first_id=one, second_id=two, score=0.9, parts={}, rule="x", found_at=NOON
    )
    assert listed("duplicates") == {one, two}
    step(two, "duplicate")
    assert listed("duplicates") == {one}


def test_of_a_silent_feed_is_what_is_open(case):
    from_qlue, _ = case(), case(channel="jaki")
    step(case(), "no_problem")
    FeedState.objects.create(
        feed="qlue",
        title="Qlue",
        owner="x",
        enabled=True,
        simulated=False,
        cadence_s=300,
        stale_at=NOON + HOUR,
    )
    assert (listed("stale_feed"), listed("stale_feed", NOON + 2 * HOUR)) == (set(), {from_qlue})


def test_returned_and_more_than_two_hops_are_the_units(case):
    id = case()
    offices = list(
        Office.objects.filter(level="kelurahan").order_by("-code").values_list("code", flat=True)[:3]
    )
    pass_on(id, offices[0], "user:1", "Bukan kewenangan kami", NOON)
    assert (listed("returned"), listed("hops")) == ({id}, set())
    pass_on(id, offices[1], "user:2", "Bukan kewenangan kami", NOON)
    pass_on(id, offices[2], "user:3", "Bukan kewenangan kami", NOON)
    assert (listed("returned"), listed("hops")) == ({id}, {id})


def test_disputed_is_what_the_citizen_disputes(case):
    id, _ = case(), case()
    step(id, "resolved", "disputed")
    assert listed("disputed") == {id}


def test_overdue_is_what_is_late_and_soon_what_is_due_within_a_day(case):
    waiting, answered = case(), case()
    step(answered, "answered")
    assert (listed("soon", NOON + HOUR), listed("overdue", NOON + HOUR)) == ({waiting}, set())
    assert (listed("soon", NOON + 25 * HOUR), listed("overdue", NOON + 25 * HOUR)) == (set(), {waiting})


def test_what_is_no_list_is_not_found(city):
    with pytest.raises(NotFound, match="work list 'late': known are new, no_place"):
        worklists.cases("late", NOON)


def test_all_lists_are_counted_by_one_statement_and_as_they_are_listed(case, django_assert_num_queries):
    for kind in ({}, {"point": None}, {"channel": "jaki"}):
        case(**kind)
    step(case(), "resolved", "disputed")
    at = NOON + HOUR
    # Three small tables of words, whose feeds are silent, and one statement for all the cases.
    with django_assert_num_queries(6):
        found = worklists.counts(Q(), at)
    assert found == {code: len(listed(code, at)) for code in worklists.LISTS}
    assert (found["new"], found["no_place"], found["disputed"]) == (3, 1, 1)


def test_an_official_counts_the_cases_of_the_own_office_alone(case):
    mine = case()
    office = turns.last(mine).office_id
    case(point=None)
    user = accounts.create("lurah", ["official"], None, NOON, office=office)
    found = worklists.counts(permitted.condition(user), NOON)
    assert (found["new"], found["no_place"]) == (1, 0)


def test_who_may_see_nothing_counts_nothing(case):
    case()
    assert set(worklists.counts(Q(pk__in=[]), NOON).values()) == {0}
    assert Case.objects.count() == 1
