"""A report that was merged after its deadline: which turn tells of the deadline that was missed."""

from datetime import datetime, timedelta

import pytest

from casework.board import outcomes
from casework.board.cells import Cell
from casework.board.periods import period
from casework.duplicates import merging
from casework.escalation import runs
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step, change_one
from tests.conftest import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY = period("2026-05")
HERE, THERE = "kelurahan-31.71.01.1001", "kelurahan-31.71.01.1002"
ALL = {"triage", "answer", "dispute", "supervise"}
SHOWN = ("unanswered", "duplicate", "kept", "answered_late", "running", "due")


@pytest.fixture
def report(receive_one):
    """Receive a report, whose turn begins so many hours after noon and is due a day later; returns its id."""

    def make(name: str, hours: float = 0, office: str = HERE) -> int:
        at = NOON + hours * HOUR
        id = receive_one(external_id=name, submitted_at=at).id
        workflow.collect(at)
        turns.begin()
        if office != HERE:
            turns.give([turns.Given(id, office, None, {})], at)
        return id

    return make


def step(id: int, state: str, hours: float) -> None:
    change_one(Step(id, state, "Kata-kata"), "user:1", ALL, NOON + hours * HOUR)


def merge(*ids: int, into: int, hours: float) -> int:
    return merging.merge(ids, into, "user:1", {"triage"}, "Sama", NOON + hours * HOUR).id


def shown(hours: float, office: str = HERE) -> dict[str, int]:
    at: datetime = NOON + hours * HOUR
    (row,) = outcomes.board(MAY, at, office=office).rows
    for column in SHOWN:
        assert len(outcomes.cell(row.cell(column), MAY, at)[0]) == row.counts[column]
    return {column: row.counts[column] for column in SHOWN if row.counts[column]}


def test_what_was_merged_before_its_deadline_is_a_duplicate(report):
    lead, other = report("1"), report("2", 1)
    merge(other, into=lead, hours=5)
    assert shown(48) == {"unanswered": 1, "duplicate": 1, "due": 1}


@pytest.mark.parametrize("is_lead_older", [True, False])
def test_of_two_reports_that_missed_their_deadline_the_lead_tells_it_once(report, is_lead_older):
    older, younger = report("1"), report("2", 10)
    lead, other = (older, younger) if is_lead_older else (younger, older)
    merge(other, into=lead, hours=40)
    assert shown(39) == {"unanswered": 2, "due": 2}
    assert shown(41) == {"unanswered": 1, "duplicate": 1, "due": 1}


def test_a_missed_deadline_is_not_wiped_by_merging_into_a_younger_report(report):
    other, lead = report("1"), report("2", 20)
    merge(other, into=lead, hours=30)
    assert shown(31) == {"unanswered": 1, "running": 1, "due": 1}
    step(lead, "answered", 32)
    assert shown(60) == {"unanswered": 1, "kept": 1, "due": 2}


def test_whose_problem_was_answered_in_time_misses_no_deadline_of_the_second_report(report):
    lead, other = report("1"), report("2", 10)
    step(lead, "answered", 12)
    merge(other, into=lead, hours=40)
    assert shown(41) == {"kept": 1, "duplicate": 1, "due": 1}


def test_of_many_that_were_merged_into_a_younger_one_the_first_tells_it(report):
    first, second, third, lead = (report(str(number), number) for number in range(4))
    step(lead, "answered", 25.5)
    merge(third, second, into=lead, hours=40)
    merge(first, into=lead, hours=41)
    assert shown(42) == {"unanswered": 1, "duplicate": 2, "kept": 1, "due": 2}


def test_another_office_misses_a_deadline_of_its_own(report):
    lead, other = report("1"), report("2", 0, THERE)
    merge(other, into=lead, hours=40)
    assert shown(41) == {"unanswered": 1, "due": 1}
    assert shown(41, THERE) == {"unanswered": 1, "due": 1}


def test_a_problem_that_was_resolved_and_came_again_is_missed_anew(report):
    lead = report("1")
    step(lead, "answered", 1)
    step(lead, "resolved", 2)
    other = report("2", 3)
    merge(other, into=lead, hours=40)
    assert shown(41) == {"unanswered": 1, "kept": 1, "due": 2}


def test_a_duplicate_of_nothing_that_somebody_named_keeps_its_missed_deadline(report):
    step(report("1"), "duplicate", 30)
    step(report("2"), "duplicate", 3)
    assert shown(41) == {"unanswered": 1, "duplicate": 1, "due": 1}


def test_undoing_the_merge_gives_the_deadline_back(report):
    lead, other = report("1"), report("2", 1)
    merged = merge(other, into=lead, hours=40)
    merging.unmerge(merged, "user:1", {"triage"}, "Tidak sama", NOON + 50 * HOUR)
    assert shown(51) == {"unanswered": 2, "due": 2}


def test_a_deadline_that_passed_while_a_wrong_merge_had_closed_the_case_is_held_against_nobody(report):
    lead, other = report("1"), report("2")
    step(lead, "answered", 1)
    merged = merge(other, into=lead, hours=2)
    merging.unmerge(merged, "user:1", {"triage"}, "Tidak sama", NOON + 30 * HOUR)
    assert runs.escalate(NOON + 30 * HOUR).rungs == []
    assert shown(31) == {"kept": 1, "running": 1, "due": 1}
    # 22 of its hours were left.
    assert [rung.due_at for rung in runs.escalate(NOON + 52 * HOUR).rungs] == [NOON + 52 * HOUR]
    assert shown(53) == {"kept": 1, "unanswered": 1, "due": 2}


def test_what_was_overdue_climbs_no_further_while_a_wrong_merge_had_closed_it(report):
    lead, other = report("1"), report("2")
    step(lead, "answered", 1)
    runs.escalate(NOON + 30 * HOUR)
    merged = merge(other, into=lead, hours=30)
    merging.unmerge(merged, "user:1", {"triage"}, "Tidak sama", NOON + 60 * HOUR)
    assert runs.escalate(NOON + 60 * HOUR).rungs == []
    (rung,) = runs.escalate(NOON + 78 * HOUR).rungs
    assert (rung.number, rung.due_at) == (2, NOON + 78 * HOUR)
    assert shown(78) == {"kept": 1, "unanswered": 1, "due": 2}


def test_the_total_and_its_cell_say_the_same(report):
    lead, other = report("1"), report("2", 1)
    merge(other, into=lead, hours=40)
    at = NOON + 41 * HOUR
    made = outcomes.board(MAY, at)
    assert (made.totals["unanswered"], made.totals["duplicate"]) == (1, 1)
    assert len(outcomes.cell(Cell("all", None, "unanswered"), MAY, at)[0]) == 1
