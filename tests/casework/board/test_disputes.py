"""Disputed answers on the board: shown beside what else the turn is, and open to whoever asks for them."""

from datetime import datetime, timedelta

import pytest

from casework.board import outcomes
from casework.board.cells import cell
from casework.board.periods import period
from casework.citizens import links
from casework.duplicates import merging
from casework.models import Change, Turn
from casework.routing import turns
from casework.steps import disputes, workflow
from casework.steps.workflow import Step, change_one
from reports import intake
from reports.record import Update, Updates
from tests.conftest import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY = period("2026-05")
GAMBIR = "kelurahan-31.71.01.1001"


@pytest.fixture
def opened(receive_one):
    """Receive a report and begin its turn at noon; returns what takes steps with it, an hour each."""

    def make(name: str, *states: str, by: str = "answer") -> int:
        id = receive_one(external_id=name).id
        workflow.collect(NOON)
        turns.begin()
        for number, state in enumerate(states, start=1):
            permission = "dispute" if state == "disputed" else by
            change_one(Step(id, state, "Kata-kata"), "user:1", {permission}, NOON + number * HOUR)
        return id

    return make


def counts(at: datetime) -> dict[str, int]:
    (row,) = outcomes.board(MAY, at, office=GAMBIR).rows
    return dict(row.counts)


@pytest.mark.parametrize("states", [("answered", "disputed"), ("answered", "resolved", "disputed")])
def test_a_disputed_answer_is_counted_as_disputed_and_as_the_answer_that_it_was(opened, states):
    opened("1", *states)
    found = counts(NOON + 2 * DAY)
    assert (found["disputed"], found["answered_in_time"], found["kept"], found["turns"]) == (1, 1, 1, 2)


def test_a_dispute_counts_from_when_it_was_said(opened):
    opened("1", "answered", "disputed")
    assert [counts(NOON + hours * HOUR)["disputed"] for hours in (1.9, 2)] == [0, 1]


def test_two_disputes_of_one_case_are_those_of_two_answers(opened):
    id = opened("1", "answered", "disputed", "answered", "disputed", "answered")
    assert counts(NOON + DAY)["disputed"] == 2
    found, _ = outcomes.cell(cell("all:all:disputed"), MAY, NOON + DAY)
    assert [(one.report_id, one.number) for one in found] == [(id, 0), (id, 1)]


def test_what_a_supervisor_called_resolved_is_no_answer_that_could_be_disputed(opened):
    id = opened("1", "answered", "disputed")
    change_one(Step(id, "resolved", "Sudah"), "user:9", {"supervise"}, NOON + 3 * HOUR)
    change_one(Step(id, "disputed", "Belum"), "citizen:1", {"dispute"}, NOON + 4 * HOUR)
    assert counts(NOON + DAY)["disputed"] == 1


def test_a_case_that_is_disputed_again_because_a_merge_was_undone_is_disputed_once(opened):
    lead, other = opened("1"), opened("2", "answered", "disputed")
    merged = merging.merge([other], lead, "user:1", {"triage"}, "Sama", NOON + 5 * HOUR)
    merging.unmerge(merged.id, "user:1", {"triage"}, "Tidak sama", NOON + 6 * HOUR)
    assert counts(NOON + DAY)["disputed"] == 1


def test_answers_that_are_disputed_at_one_instant_are_as_many_as_the_figure_opens(receive_one):
    lead = receive_one(external_id="1", channel="qlue").id
    other = receive_one(external_id="2", channel="lapor").id
    workflow.collect(NOON)
    turns.begin()
    merged = merging.merge([other], lead, "user:1", {"triage"}, "Sama", NOON + HOUR)
    words = enumerate(("done", "waiting", "done", "waiting"), start=2)
    trace = tuple(Update(at=NOON + hour * HOUR, status=word, by="Lurah", note="") for hour, word in words)
    intake.receive([Updates("lapor", "2", trace)], simulated=False)
    workflow.follow(NOON + 6 * HOUR)
    merging.unmerge(merged.id, "user:1", {"triage"}, "Tidak sama", NOON + 8 * HOUR)
    workflow.follow(NOON + 9 * HOUR)
    again = Change.objects.filter(case=other, to_state="disputed").values_list("at", flat=True)
    assert list(again) == [NOON + 8 * HOUR] * 2
    (row,) = outcomes.board(MAY, NOON + DAY, office=GAMBIR).rows
    found, _ = outcomes.cell(row.cell("disputed"), MAY, NOON + DAY)
    assert {one.report_id for one in found} == {lead, other}
    assert row.counts["disputed"] == outcomes.count(row.cell("disputed"), MAY, NOON + DAY) == len(found) == 4


@pytest.mark.parametrize("answers", [1, 2])
def test_an_answer_that_is_disputed_at_the_instant_at_which_its_turn_began_is_counted(receive_one, answers):
    id = receive_one(external_id="1").id
    workflow.collect(NOON)
    turns.begin()
    for _ in range(answers):
        change_one(Step(id, "answered", "Sudah"), "user:1", {"answer"}, NOON)
        change_one(Step(id, "disputed", "Belum"), "citizen:1", {"dispute"}, NOON)
    change_one(Step(id, "answered", "Sudah"), "user:1", {"answer"}, NOON)
    assert counts(NOON + DAY)["disputed"] == answers
    found, _ = outcomes.cell(cell("all:all:disputed"), MAY, NOON + DAY)
    assert [one.number for one in found] == list(range(answers))


def test_the_figure_opens_its_reports_for_all_and_for_one_official(opened):
    disputed = opened("1")
    opened("2", "answered", "resolved")
    change_one(Step(disputed, "answered", "Sudah"), "user:1", {"answer"}, NOON + HOUR)
    disputes.by_token(links.token(disputed, NOON), "Masih rusak", NOON + 2 * HOUR)
    (row,) = outcomes.board(MAY, NOON + DAY, office=GAMBIR).rows
    for chosen in (row.cell("disputed"), cell("all:all:disputed"), cell(f"{GAMBIR}:all:disputed")):
        found, _ = outcomes.cell(chosen, MAY, NOON + DAY)
        assert [one.report_id for one in found] == [disputed]
    assert Turn.objects.filter(case=disputed).count() == 2
