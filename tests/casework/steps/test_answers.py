"""When an office answered: since its source says so, whenever we hear of it, whatever was done meanwhile."""

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from boundaries.models import Office
from casework.board import outcomes
from casework.board.periods import period
from casework.escalation import runs
from casework.models import Case, Change, Turn
from casework.routing import turns
from casework.steps import passing, workflow
from casework.steps.workflow import Step
from reports.models import Report, SourceUpdate
from tests.casework.routing.test_turns import HOUR, of, open_turn, step
from tests.casework.steps.test_workflow import says
from tests.conftest import NOON

__all__ = ["open_turn"]
DUE = NOON + 24 * HOUR
POLL = NOON + 90 * HOUR


def other(id: int) -> str:
    """Return the code of an office that has not had the case."""
    asked = [turn.office_id for turn in of(id)]
    return Office.objects.filter(level="kelurahan").exclude(code__in=asked).order_by("code")[0].code


def give(id: int, hours: int) -> None:
    assert turns.give([turns.by_unit(id, other(id), "user:1")], NOON + hours * HOUR) == [id]


def hand_over(id: int, hours: int) -> None:
    passing.pass_on(id, other(id), "user:1", "Bukan kewenangan kami", NOON + (hours - 1) * HOUR)
    passing.accept(id, "user:2", NOON + hours * HOUR)


def history(id: int) -> list[tuple[str, int]]:
    """Return the states that a case reached, and after how many hours their source says so."""
    changes = Change.objects.filter(case_id=id).order_by("id")
    return [(one.to_state_id, (one.said_at - NOON) // HOUR) for one in changes if one.said_at]


def test_a_click_of_the_unit_between_an_answer_and_our_poll_makes_it_not_late(open_turn):
    id = open_turn()
    says(id, (DUE - HOUR, "in_progress"))
    step(id, "selected", 25 * HOUR)
    workflow.follow(POLL)
    told = Change.objects.get(to_state="answered")
    assert (told.at, told.said_at) == (DUE + HOUR, DUE - HOUR)
    assert of(id)[0].answered_at == DUE - HOUR
    (row,) = [row for row in outcomes.board(period("2026-05"), POLL).rows if row.counts["turns"]]
    assert (row.counts["answered_in_time"], row.counts["answered_late"]) == (1, 0)


def test_an_answer_behind_its_deadline_is_late_whatever_was_clicked_before(open_turn):
    id = open_turn()
    step(id, "selected", HOUR)
    says(id, (DUE + HOUR, "in_progress"))
    workflow.follow(POLL)
    assert of(id)[0].answered_at == DUE + HOUR


def test_what_staff_do_here_has_no_time_of_a_source(open_turn):
    step(open_turn(), "answered", HOUR)
    assert Change.objects.get().said_at is None


def test_a_source_whose_clock_says_the_future_says_when_we_hear_of_it(open_turn):
    id = open_turn()
    says(id, (POLL + HOUR, "in_progress"), (POLL + 2 * HOUR, "done"))
    workflow.follow(POLL)
    workflow.follow(POLL)
    told = Change.objects.get()
    assert (told.to_state_id, told.said_at, told.at, of(id)[0].answered_at) == ("resolved", POLL, POLL, POLL)


def fetched(id: int, status: str, said: datetime, at: datetime) -> None:
    """Let a step of a report's trace be fetched at an instant, whatever its source says of when it was."""
    own = Report.objects.get(id=id)
    SourceUpdate.objects.create(
        channel=own.channel, external_id=own.external_id, digest=f"{said}".encode(), at=said, status=status,
        fetched_at=at,
    )  # fmt: skip
    Report.objects.filter(id=id).update(status=status)


AHEAD = pytest.mark.parametrize("ahead", [7 * HOUR, 8760 * HOUR], ids=["of WIB as UTC", "of the next year"])


@AHEAD
@pytest.mark.parametrize("back", ["disputed", "answered"])
def test_a_clock_that_is_ahead_undoes_nothing_that_was_said_since_we_heard_of_it(open_turn, ahead, back):
    id = open_turn()
    fetched(id, "done", NOON + 3 * HOUR + ahead, NOON + 3 * HOUR)
    workflow.follow(NOON + 3 * HOUR)
    step(id, "disputed", 4 * HOUR)
    if back == "answered":
        step(id, "answered", 5 * HOUR)
    for hours in (6, 20, 9000):
        workflow.follow(NOON + hours * HOUR)
        assert Case.objects.get(pk=id).state_id == back


@AHEAD
def test_what_a_clock_ahead_says_behind_a_dispute_counts_since_we_heard_of_it(open_turn, ahead):
    id = open_turn()
    fetched(id, "done", NOON + 3 * HOUR + ahead, NOON + 3 * HOUR)
    workflow.follow(NOON + 3 * HOUR)
    step(id, "disputed", 4 * HOUR)
    fetched(id, "in_progress", NOON + 5 * HOUR + ahead, NOON + 5 * HOUR)
    workflow.follow(NOON + 30 * HOUR)
    assert history(id) == [("resolved", 3), ("answered", 5)]
    assert of(id)[-1].answered_at == NOON + 5 * HOUR


@pytest.mark.parametrize("away", [give, hand_over])
def test_who_answered_before_the_case_went_to_another_office_has_answered(open_turn, away):
    id = open_turn()
    says(id, (NOON + HOUR, "in_progress"))
    away(id, 30)
    workflow.follow(POLL)
    first, second = of(id)
    assert (first.answered_at, first.ended_at) == (NOON + HOUR, NOON + 30 * HOUR)
    # It came answered to the next one: that is told by an answer which is no later than the beginning.
    assert second.answered_at == second.began_at == NOON + 30 * HOUR


def test_an_office_between_found_the_case_answered(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "in_progress"))
    give(id, 3)
    give(id, 40)
    workflow.follow(POLL)
    answered = [(turn.answered_at - turn.began_at) // HOUR for turn in of(id)]
    assert answered == [1, 0, 0]


@pytest.mark.parametrize("away", [give, hand_over])
def test_who_had_the_case_no_more_when_the_channel_said_so_has_not_answered(open_turn, away):
    id = open_turn()
    away(id, 3)
    says(id, (NOON + 5 * HOUR, "in_progress"))
    workflow.follow(POLL)
    assert [turn.answered_at for turn in of(id)] == [None, NOON + 5 * HOUR]


@pytest.mark.parametrize("state", ["not_ours", "duplicate", "no_problem"])
def test_who_answered_before_the_unit_closed_the_case_has_answered(open_turn, state):
    id = open_turn()
    says(id, (NOON + HOUR, "in_progress"))
    step(id, state, 2 * HOUR)
    assert workflow.follow(POLL) == 0
    (turn,) = of(id)
    assert (turn.answered_at, turn.ended_by) == (NOON + HOUR, "closed")


def test_an_answer_behind_the_end_of_a_case_is_none(open_turn):
    id = open_turn()
    step(id, "not_ours", HOUR)
    says(id, (NOON + 2 * HOUR, "in_progress"))
    workflow.follow(POLL)
    assert of(id)[0].answered_at is None


def test_what_was_said_before_a_dispute_answers_nothing_however_the_unit_went_on(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "done"))
    workflow.follow(NOON + 2 * HOUR)
    step(id, "disputed", 3 * HOUR)
    step(id, "proposed", 4 * HOUR)
    workflow.follow(POLL)
    assert (Case.objects.get().state_id, of(id)[1].answered_at) == ("proposed", None)
    says(id, (NOON + 5 * HOUR, "in_progress"))
    workflow.follow(POLL)
    assert (Case.objects.get().state_id, of(id)[1].answered_at) == ("answered", NOON + 5 * HOUR)


def test_an_answer_and_a_resolution_of_one_poll_each_have_their_time(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "in_progress"), (NOON + 50 * HOUR, "done"))
    assert [workflow.follow(POLL), workflow.follow(POLL)] == [2, 0]
    assert history(id) == [("answered", 1), ("resolved", 50)]
    (turn,) = of(id)
    assert (turn.answered_at, turn.ended_at) == (NOON + HOUR, NOON + 50 * HOUR)


@pytest.mark.parametrize("polls", [(POLL,), (NOON + 4 * HOUR, POLL)], ids=["one poll", "told of the first"])
def test_done_reopened_and_done_again_is_disputed_and_answered_twice(open_turn, polls):
    id = open_turn()
    says(id, (NOON + 2 * HOUR, "done"))
    for poll in polls[:-1]:
        workflow.follow(poll)
    says(id, (NOON + 5 * HOUR, "waiting"), (NOON + 7 * HOUR, "in_progress"), (NOON + 8 * HOUR, "done"))
    workflow.follow(polls[-1])
    assert history(id) == [("resolved", 2), ("disputed", 5), ("answered", 7), ("resolved", 8)]
    first, second = of(id)
    assert (first.answered_at, first.ended_at) == (NOON + 2 * HOUR, NOON + 2 * HOUR)
    assert (second.began_at, second.answered_at) == (NOON + 5 * HOUR, NOON + 7 * HOUR)
    assert second.ended_at == NOON + 8 * HOUR


def test_a_reopening_that_is_heard_late_is_due_by_when_we_heard_of_it(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "done"))
    workflow.follow(NOON + 2 * HOUR)
    says(id, (NOON + 10 * HOUR, "waiting"))
    workflow.follow(POLL)
    _, second = of(id)
    assert (second.began_at, second.offered_at, second.due_at) == (NOON + 10 * HOUR, POLL, POLL + 24 * HOUR)
    assert runs.escalate(POLL + 23 * HOUR).rungs == []
    # What the office had answered meanwhile counts since its source says so.
    says(id, (NOON + 30 * HOUR, "in_progress"))
    workflow.follow(POLL + HOUR)
    assert of(id)[1].answered_at == NOON + 30 * HOUR


def test_a_dispute_that_staff_write_down_is_due_by_that_instant(open_turn):
    id = open_turn()
    for hours, state in enumerate(("answered", "resolved", "disputed"), start=1):
        step(id, state, hours * HOUR)
    _, second = of(id)
    assert (second.began_at, second.offered_at, second.due_at) == (NOON + 3 * HOUR,) * 2 + (NOON + 27 * HOUR,)


def test_only_steps_of_late_are_looked_at_where_the_state_is_what_the_channel_says(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "done"))
    workflow.follow(NOON + 2 * HOUR)
    says(id, (NOON + 3 * HOUR, "waiting"), (NOON + 4 * HOUR, "done"))
    newest = workflow.recent() + workflow.RECENT
    assert [workflow.follow(POLL, after=newest), workflow.follow(POLL)] == [0, 2]


def test_who_answered_before_the_author_deleted_the_report_has_answered(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "in_progress"), (NOON + 2 * HOUR, "withdrawn"), (NOON + 3 * HOUR, "done"))
    workflow.follow(POLL)
    assert history(id) == [("answered", 1), ("withdrawn", 2)]
    assert of(id)[0].answered_at == NOON + HOUR


def test_a_case_begins_when_its_report_came_and_not_when_a_worker_looks(receive_one):
    id = receive_one(submitted_at=NOON - 9 * HOUR).id
    Report.objects.filter(id=id).update(received_at=NOON - 5 * HOUR)
    workflow.collect(NOON)
    turns.begin()
    assert Case.objects.get().since == of(id)[0].began_at == NOON - 5 * HOUR


@pytest.mark.parametrize("status", ["in_progress", "done"])
def test_what_came_answered_is_answered_as_it_begins(receive_one, status):
    id = receive_one(submitted_at=NOON - 9 * HOUR).id
    Report.objects.filter(id=id).update(received_at=NOON - 5 * HOUR)
    says(id, (NOON - 6 * HOUR, status))
    workflow.collect(NOON)
    turns.begin()
    workflow.follow(NOON)
    (turn,) = of(id)
    assert turn.began_at == turn.answered_at == NOON - 5 * HOUR


def test_what_was_answered_before_a_worker_looked_but_not_before_it_came_took_so_long(receive_one):
    id = receive_one(submitted_at=NOON - 9 * HOUR).id
    Report.objects.filter(id=id).update(received_at=NOON - 5 * HOUR)
    says(id, (NOON - 3 * HOUR, "in_progress"))
    workflow.collect(NOON)
    turns.begin()
    workflow.follow(NOON)
    assert of(id)[0].answered_at == NOON - 3 * HOUR


def test_a_case_that_was_answered_before_it_had_a_turn_was_so_when_its_source_says(receive_one):
    id = receive_one(submitted_at=NOON - 9 * HOUR).id
    Report.objects.filter(id=id).update(received_at=NOON - 5 * HOUR)
    workflow.collect(NOON)
    says(id, (NOON - 3 * HOUR, "in_progress"), (NOON - HOUR, "done"))
    step(id, "selected", HOUR)
    workflow.follow(POLL)
    turns.begin()
    (turn,) = of(id)
    assert (turn.began_at, turn.answered_at) == (NOON - 5 * HOUR, NOON - 3 * HOUR)


def test_the_database_refuses_a_source_that_says_the_future(open_turn):
    id = open_turn()
    with pytest.raises(DatabaseError, match="change_said_before_it_counts"), transaction.atomic():
        Change.objects.create(
            case_id=id, from_state_id="collected", to_state_id="answered", permission="follow", by="x",
            at=NOON, said_at=NOON + HOUR,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "answered"),
    [(5, 5), (1, 2)],
    ids=["behind the end of the turn", "at another time than its source says"],
)
def test_the_database_refuses_an_answer_by_hand_that_the_trace_does_not_bear_out(open_turn, said, answered):
    id = open_turn()
    step(id, "not_ours", 3 * HOUR)
    says(id, (NOON + said * HOUR, "in_progress"))
    with pytest.raises(DatabaseError, match=f"no change of case {id} says"), transaction.atomic():
        Turn.objects.filter(case_id=id).update(answered_at=NOON + answered * HOUR)


def test_the_database_refuses_to_answer_a_turn_by_what_was_disputed(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "in_progress"))
    workflow.follow(NOON + 2 * HOUR)
    step(id, "disputed", 3 * HOUR)
    step(id, "proposed", 4 * HOUR)
    with pytest.raises(DatabaseError, match="says that it was answered"), transaction.atomic():
        Turn.objects.filter(case_id=id, number=1).update(answered_at=NOON + 3 * HOUR)


def test_a_change_keeps_what_its_source_said(open_turn):
    id = open_turn()
    says(id, (NOON + HOUR, "in_progress"))
    workflow.follow(POLL)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE casework_change SET said_at = NULL WHERE case_id = %s", [id])
    assert workflow.change([Step(id, "resolved", "Selesai")], "user:1", {"answer"}, POLL) == []
    assert history(id) == [("answered", 1)]
