"""Whose turn it is: begun at once, ended by what becomes of the case, and guarded by the database."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from boundaries.models import Office, Official, Term
from casework import tasks
from casework.models import Case, Change, Turn
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step, change_one
from reports import intake
from reports.models import Report
from tests.conftest import NOON

ALL = {"triage", "decide", "answer", "dispute", "supervise", "follow"}
HOUR = timedelta(hours=1)


@pytest.fixture
def open_turn(receive_one):
    """Receive a report, open its case and its first turn; returns the id."""

    def opened(**parts: object) -> int:
        report = receive_one(**parts)
        workflow.collect(NOON)
        turns.begin()
        return report.id

    return opened


def step(id: int, to_state: str, after: timedelta = timedelta(), permissions=ALL) -> None:
    change_one(Step(id, to_state, "Sudah kami tangani"), "user:1", permissions, NOON + after)


def of(id: int) -> list[Turn]:
    return list(Turn.objects.filter(case_id=id).order_by("number"))


def test_each_case_has_a_turn_at_once_however_often_they_are_begun(receive_one):
    for number in range(3):
        receive_one(external_id=str(number))
    workflow.collect(NOON)
    assert [turns.begin(), turns.begin()] == [3, 0]
    assert {(turn.number, turn.hop, turn.began_at) for turn in Turn.objects.all()} == {(0, 0, NOON)}


def test_the_turn_is_the_reports_office_at_its_holder(open_turn):
    id = open_turn()
    (turn,) = of(id)
    report = Report.objects.get(id=id)
    assert (turn.office_id, turn.official_id) == (report.office_id, report.official_id)
    assert turn.office.title == "Lurah Gambir"


def test_the_answer_is_due_when_the_governor_says(open_turn):
    (turn,) = of(open_turn())
    assert (turn.due_at, turn.due_is_sure) == (NOON + 24 * HOUR, True)


def test_an_acting_holder_is_marked_and_a_vacant_post_has_none(open_turn):
    first = open_turn(external_id="1")
    term = Term.objects.get(office_id=of(first)[0].office_id, during__contains=NOON.date())
    Term.objects.filter(id=term.id).update(acting=True)
    second = open_turn(external_id="2")
    term.delete()
    third = open_turn(external_id="3")
    assert [(of(id)[0].acting, of(id)[0].official_id) for id in (first, second, third)] == [
        (False, term.official_id),
        (True, term.official_id),
        (False, None),
    ]


def test_the_holder_is_that_of_the_day_in_the_city_on_which_the_answer_is_due(receive_one):
    """At 17:00 UTC a day ends in Jakarta, and who is due then is late on the next one."""
    office = receive_one().office_id
    Term.objects.filter(office=office).delete()
    new = Official.objects.create(name="Contoh Baru")
    Term.objects.create(
        office_id=office, official=new, during=(NOON.date() + timedelta(days=2), None), acting=False
    )
    id = receive_one(external_id="2").id
    workflow.collect(NOON.replace(hour=17))
    late = receive_one(external_id="3").id
    workflow.collect(NOON.replace(hour=17, minute=1))
    turns.begin()
    assert [of(id)[0].official_id, of(late)[0].official_id] == [None, new.id]


def test_a_report_that_lies_nowhere_is_the_units_and_says_why(open_turn):
    (turn,) = of(open_turn(point=None))
    assert (turn.office_id, turn.official_id) == (None, None)
    assert turn.explanation["unit_because"] == "no_place"
    assert turn.due_at == NOON + 24 * HOUR


def test_an_answer_is_told_to_the_turn_once(open_turn):
    id = open_turn()
    for number, state in enumerate(["answered", "resolved"]):
        step(id, state, HOUR * (number + 1))
    (turn,) = of(id)
    assert (turn.answered_at, turn.ended_at, turn.ended_by) == (NOON + HOUR, NOON + 2 * HOUR, "resolved")


def test_a_problem_that_is_solved_at_once_was_answered_then(open_turn):
    id = open_turn()
    step(id, "resolved", HOUR)
    (turn,) = of(id)
    assert (turn.answered_at, turn.ended_at) == (NOON + HOUR, NOON + HOUR)


def test_a_case_that_the_unit_closes_was_not_answered_by_the_office(open_turn):
    id = open_turn()
    step(id, "not_ours", HOUR)
    (turn,) = of(id)
    assert (turn.answered_at, turn.ended_at, turn.ended_by) == (None, NOON + HOUR, "closed")


@pytest.mark.parametrize("states", [["answered", "disputed"], ["resolved", "disputed"]])
def test_a_dispute_begins_the_same_offices_next_turn_with_another_clock(open_turn, states):
    id = open_turn()
    for number, state in enumerate(states):
        step(id, state, HOUR * (number + 1))
    first, second = of(id)
    assert first.ended_by == ("disputed" if states[0] == "answered" else "resolved")
    assert (second.number, second.hop, second.office_id) == (1, first.hop, first.office_id)
    assert (second.began_at, second.due_at) == (NOON + 2 * HOUR, NOON + 26 * HOUR)
    assert (second.answered_at, second.ended_at) == (None, None)
    assert second.explanation["again"] == "disputed"


@pytest.mark.parametrize("at_a_time", [1, 2, 99])
def test_each_night_all_that_is_open_without_a_turn_has_one_however_many_are_read_at_a_time(
    open_turn, monkeypatch, at_a_time
):
    ids = [open_turn(external_id=str(number)) for number in range(4)]
    resting = ids[::2]
    Turn.objects.filter(case__in=resting).update(ended_at=NOON + HOUR, ended_by="closed")
    monkeypatch.setattr(turns, "MOST", at_a_time)
    assert (turns.again(), turns.again()) == (2, 0)
    assert {id: Turn.objects.filter(case=id, ended_at=None).count() for id in ids} == dict.fromkeys(ids, 1)
    assert Turn.objects.filter(number=1, due_at__isnull=False).count() == 2


def test_a_case_that_is_closed_no_longer_has_a_turn_again(open_turn):
    id = open_turn()
    step(id, "no_problem", HOUR)
    step(id, "selected", 2 * HOUR)
    assert [(turn.number, turn.ended_by) for turn in of(id)] == [(0, "closed"), (1, None)]


def test_what_a_supervisor_calls_resolved_is_not_the_offices_answer(open_turn):
    id = open_turn()
    for number, state in enumerate(["resolved", "disputed"]):
        step(id, state, HOUR * number)
    step(id, "resolved", 3 * HOUR, {"supervise"})
    last = of(id)[-1]
    assert (last.answered_at, last.ended_at, last.ended_by) == (None, NOON + 3 * HOUR, "resolved")


def test_a_case_that_took_steps_before_it_had_a_turn_is_told_of_them(receive_one):
    report = receive_one()
    Report.objects.filter(id=report.id).update(received_at=NOON - HOUR)
    workflow.collect(NOON)
    for number, state in enumerate(["answered", "resolved"]):
        step(report.id, state, HOUR * (number + 1))
    turns.begin()
    (turn,) = of(report.id)
    assert (turn.began_at, turn.answered_at, turn.ended_at, turn.ended_by) == (
        NOON - HOUR,
        NOON + HOUR,
        NOON + 2 * HOUR,
        "resolved",
    )


def test_what_an_office_says_on_its_channel_answers_its_turn(open_turn):
    id = open_turn()
    Report.objects.filter(id=id).update(status="done")
    workflow.follow(NOON + HOUR)
    (turn,) = of(id)
    assert (turn.answered_at, turn.ended_by) == (NOON + HOUR, "resolved")


def test_a_report_that_its_author_deletes_is_nobodys_turn_until_it_is_there_again(open_turn):
    id = open_turn()
    for hours, status in ((1, "withdrawn"), (2, "withdrawn"), (3, "waiting")):
        Report.objects.filter(id=id).update(status=status)
        workflow.follow(NOON + hours * HOUR)
    first, second = of(id)
    assert (first.answered_at, first.ended_at, first.ended_by) == (None, NOON + HOUR, "closed")
    assert (second.began_at, second.due_at) == (NOON + 3 * HOUR, NOON + 27 * HOUR)
    assert Case.objects.get().state_id == "selected"


def test_what_was_resolved_stays_so_when_its_report_is_deleted(open_turn):
    id = open_turn()
    step(id, "resolved", HOUR)
    Report.objects.filter(id=id).update(status="withdrawn")
    assert workflow.follow(NOON + 2 * HOUR) == 0


def test_a_dispute_that_was_written_by_sql_has_its_turn_by_the_next_night(open_turn):
    id = open_turn()
    step(id, "resolved", HOUR)
    Change.objects.create(
        case_id=id,
        from_state_id="resolved",
        to_state_id="disputed",
        permission="dispute",
        by="x",
        at=NOON + 2 * HOUR,
        text="Masih rusak",
    )
    assert len(of(id)) == 1
    tasks.open_all_cases(timestamp=0)
    assert of(id)[-1].began_at == NOON + 2 * HOUR


def test_the_worker_begins_turns_with_the_cases_it_opens(receive_one):
    Report.objects.filter(id=receive_one().id).update(status="done")
    tasks.open_cases(timestamp=0)
    tasks.open_all_cases(timestamp=0)
    turn = Turn.objects.get()
    assert turn.ended_by == "resolved"
    assert turn.began_at <= turn.answered_at
    assert Case.objects.get().state_id == "resolved"


def test_turns_are_begun_by_the_statement_and_not_by_the_report(
    city, submission, django_assert_max_num_queries
):
    """However many: the same statements."""
    intake.receive([submission(external_id=str(number)) for number in range(200)], simulated=False)
    workflow.collect(NOON)
    with django_assert_max_num_queries(20):
        assert turns.begin() == 200


WORDS = "stays|its times are set once|no change of case"
REFUSED_BY_THE_DATABASE = {
    "another office": "UPDATE casework_turn SET office_id = 'kota-31.71'",
    "another explanation": "UPDATE casework_turn SET explanation = '{}'",
    "another number": "UPDATE casework_turn SET number = 7",
    "a later beginning": "UPDATE casework_turn SET began_at = began_at + interval '1 hour'",
    "no beginning": "UPDATE casework_turn SET began_at = NULL",
    "a later answer": "UPDATE casework_turn SET answered_at = answered_at + interval '1 hour'",
    "an answer before any word": "UPDATE casework_turn SET answered_at = answered_at - interval '1 hour'",
    "no answer": "UPDATE casework_turn SET answered_at = NULL",
    "an end that is undone": "UPDATE casework_turn SET ended_at = NULL, ended_by = NULL",
    "another end": "UPDATE casework_turn SET ended_by = 'closed'",
    "another official": "UPDATE casework_turn SET official_id = NULL",
    "fewer turns": "DELETE FROM casework_turn",
    "an end without why": "UPDATE casework_turn SET ended_by = NULL",
}


@pytest.mark.parametrize("statement", REFUSED_BY_THE_DATABASE.values(), ids=REFUSED_BY_THE_DATABASE)
def test_the_database_refuses(open_turn, statement):
    id = open_turn()
    step(id, "resolved", HOUR)
    with pytest.raises(DatabaseError, match=WORDS), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert of(id)[0].ended_by == "resolved"


def test_two_clocks_of_one_case_do_not_run_at_a_time(open_turn):
    (turn,) = of(open_turn())
    with pytest.raises(DatabaseError, match="turn_running"), transaction.atomic():
        Turn.objects.create(
            case_id=turn.case_id,
            number=1,
            explanation={},
            offered_at=NOON,
            began_at=NOON,
            office_id=turn.office_id,
        )


def test_an_answer_written_by_whomever_is_told_to_the_turn(open_turn):
    """The trigger, and not the function, says so."""
    id = open_turn()
    Change.objects.create(
        case_id=id,
        from_state_id="collected",
        to_state_id="answered",
        permission="follow",
        by="x",
        at=NOON + HOUR,
    )
    assert of(id)[0].answered_at == NOON + HOUR


def test_an_office_of_the_province_has_a_home_beside_the_317(city):
    Office.objects.create(code="provinsi-31", level="provinsi", boundary_code="31", title="Gubernur")
    territorial = Office.objects.filter(level__in=["kelurahan", "kecamatan", "kota"])
    assert territorial.count() == 317
