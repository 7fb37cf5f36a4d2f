"""Distinct problems on the board: each once, however many reports and turns stand behind it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from boundaries.models import Official, Term
from casework.board import outcomes
from casework.board.cells import Cell, cell
from casework.board.periods import period
from casework.brief import contents
from casework.duplicates import clusters, merging
from casework.duplicates.clusters import Counted
from casework.models import Member, Merge
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step, change_one
from tests.conftest import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY = period("2026-05")
HERE, THERE = "kelurahan-31.71.01.1001", "kelurahan-31.71.01.1002"
PLACES = {HERE: "31.71.01.1001", THERE: "31.71.01.1002"}
LATER = NOON + 2 * DAY
ALL = {"triage", "answer", "dispute", "supervise"}


@pytest.fixture
def report(receive_one):
    """Receive a report at an office, and begin its turn; returns its id."""

    def make(name: str, office: str = HERE) -> int:
        id = receive_one(external_id=name).id
        workflow.collect(NOON)
        turns.begin()
        if office != HERE:
            turns.give([turns.Given(id, office, None, {})], NOON + HOUR / 2)
        return id

    return make


def step(id: int, *states: str, hours: float = 1) -> None:
    for number, state in enumerate(states):
        change_one(Step(id, state, "Kata-kata"), "user:1", ALL, NOON + (hours + number) * HOUR)


def merge(*ids: int, into: int, hours: float = 5) -> int:
    return merging.merge(ids, into, "user:1", {"triage"}, "Sama", NOON + hours * HOUR).id


def shown(at: datetime = LATER) -> dict[str | None, int]:
    """The problems of each office, and under None those of all; what opens each says as many."""
    made = outcomes.board(MAY, at)
    found = {row.office: row.counts["problems"] for row in made.rows if row.counts["turns"]}
    for office, count in found.items():
        assert len(outcomes.cell(Cell(office, None, "problems"), MAY, at)[0]) == count
    assert len(outcomes.cell(cell("all:all:problems"), MAY, at)[0]) == made.totals["problems"]
    return found | {None: made.totals["problems"]}


def test_a_case_that_was_disputed_has_two_turns_and_is_one_problem(report):
    step(report("1"), "answered", "disputed", "answered", "disputed")
    report("2")
    assert shown() == {HERE: 2, None: 2}


def test_a_case_that_two_offices_had_is_a_problem_of_each_and_one_of_all(report):
    report("1", THERE)
    report("2", THERE)
    assert shown() == {HERE: 2, THERE: 2, None: 2}


@pytest.mark.parametrize("states", [(), ("answered",), ("answered", "resolved")])
def test_what_was_merged_is_one_problem_whatever_it_was_before(report, states):
    lead, other = report("1"), report("2")
    step(other, *states)
    merge(other, into=lead)
    assert shown() == {HERE: 1, None: 1}
    assert shown(NOON + 4 * HOUR) == {HERE: 2, None: 2}


def test_a_member_and_its_lead_at_two_offices_are_a_problem_of_each_and_one_of_all(report):
    first, second, third = report("1"), report("2", THERE), report("3", THERE)
    merge(third, into=second)
    merge(second, into=first, hours=6)
    assert shown(NOON + 4 * HOUR) == {HERE: 3, THERE: 2, None: 3}
    assert shown(NOON + 5.5 * HOUR) == {HERE: 2, THERE: 1, None: 2}
    assert shown() == {HERE: 1, THERE: 1, None: 1}


def test_undoing_a_merge_counts_two_again_and_changes_nothing_that_was_known_before(report):
    lead, other = report("1"), report("2")
    merging.unmerge(merge(other, into=lead), "user:1", {"triage"}, "Tidak sama", NOON + 6 * HOUR)
    assert [shown(NOON + hours * HOUR)[None] for hours in (4, 5, 6)] == [2, 1, 2]


def test_a_duplicate_that_nobody_merged_is_no_problem_of_its_own_while_it_is_closed(report):
    report("1")
    other = report("2")
    step(other, "duplicate", hours=1)
    step(other, "selected", hours=3)
    assert [shown(NOON + hours * HOUR)[None] for hours in (0.9, 1, 2.9, 3)] == [2, 1, 1, 2]


def test_a_lead_that_was_closed_as_a_duplicate_is_its_clusters_problem_once(report):
    lead, other = report("1"), report("2")
    report("3")
    step(lead, "duplicate", hours=1)
    # As it could be before leads were kept open.
    joined = Merge.objects.create(into_id=lead, by="user:1", at=NOON + 2 * HOUR, words="Sama")
    Member.objects.create(merge=joined, case_id=other, state_id="collected", since=NOON)
    assert clusters.count(NOON - DAY, LATER, LATER) == Counted(3, 2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT problem FROM casework_problems(%s, %s, %s) WHERE case_id = %s", [NOON, LATER, LATER, lead]
        )
        assert cursor.fetchall() == [(lead,)]
    assert shown() == {HERE: 2, None: 2}


def test_two_holders_of_a_post_have_a_problem_each_where_each_had_a_turn_of_it(report):
    id = report("1")
    step(id, "answered")
    Term.objects.filter(office=HERE).delete()
    Term.objects.create(
        office_id=HERE, official=Official.objects.create(name="Contoh Baru"), during="[,)", acting=False
    )
    step(id, "disputed", hours=3)
    made = outcomes.board(MAY, LATER, office=HERE)
    assert [row.counts["problems"] for row in made.rows if row.counts["turns"]] == [1, 1]
    assert made.totals["problems"] == 1


def test_the_brief_the_board_and_the_clusters_count_the_same_problems(report):
    first, second, _, disputed, alone = (report(name) for name in "12345")
    step(disputed, "answered", "disputed")
    merge(second, into=first)
    step(alone, "duplicate")
    problems = contents.make(LATER).figures[0]
    assert (str(problems.cell), problems.value) == ("all:all:problems", 3)
    assert clusters.count(NOON - DAY, LATER, LATER) == Counted(5, 3)
    assert shown()[None] == 3
