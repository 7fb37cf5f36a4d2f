"""Which steps a case may take: what the tables say holds, whoever writes to the database."""

import io
import threading
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from boundaries.models import Office
from casework import tasks
from casework.models import Alternative, Case, Change, Choice, State, Transition, Turn
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Refused, Step, change, change_one
from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports import intake
from reports.models import Report
from reports.record import Update, Updates
from tests.conftest import NOON

ALL = {"triage", "decide", "answer", "dispute", "supervise"}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def open_case(receive_one):
    """Receive a report and open its case; returns the id."""

    def opened(**parts: object) -> int:
        report = receive_one(**parts)
        workflow.collect(NOON)
        return report.id

    return opened


def go(id: int, *states: str, text: str = "Sudah kami tangani") -> None:
    for number, state in enumerate(states):
        if state == "decided":
            alternative = Alternative.objects.create(case_id=id, what="Tambal", by="user:1", at=NOON)
            workflow.choose(alternative.id, "user:1", "termurah", NOON + MINUTE * number)
        change_one(Step(id, state, text), "user:1", ALL, NOON + MINUTE * number)


def state(id: int) -> str:
    return Case.objects.get(report_id=id).state_id


def test_every_report_has_one_case_however_often_they_are_collected(receive_one):
    for number in range(3):
        receive_one(external_id=str(number))
    assert [workflow.collect(NOON), workflow.collect(NOON)] == [3, 0]
    assert set(Case.objects.values_list("state", flat=True)) == {"collected"}


def test_a_report_that_its_author_deleted_is_no_case(receive_one):
    Report.objects.filter(id=receive_one().id).update(status="withdrawn")
    assert workflow.collect(NOON) == 0


def test_a_case_goes_from_new_to_resolved_and_its_history_tells_how(open_case):
    id = open_case()
    path = ["selected", "proposed", "decided", "assigned", "answered", "resolved"]
    go(id, *path)
    assert state(id) == "resolved"
    history = Change.objects.filter(case=id).order_by("id").values_list("from_state", "to_state")
    assert list(history) == list(zip(["collected", *path], path, strict=False))


def test_a_step_that_the_table_has_not_is_refused_in_words(open_case):
    id = open_case()
    with pytest.raises(Conflict, match=f"case {id}: no step leads from collected to assigned"):
        change_one(Step(id, "assigned", "x"), "user:1", ALL, NOON)


def test_a_step_without_its_permission_is_refused(open_case):
    id = open_case()
    with pytest.raises(Conflict, match="who asks may not take it from collected to selected"):
        change_one(Step(id, "selected"), "user:1", {"answer"}, NOON)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_citizen_is_owed_words_for_a_case_that_is_closed(open_case, text):
    id = open_case()
    with pytest.raises(Conflict, match="the citizen is owed words for the step from collected to not_ours"):
        change_one(Step(id, "not_ours", text), "user:1", ALL, NOON)


def test_a_case_that_is_not_there_is_not_found(city):
    with pytest.raises(NotFound, match="case 4711: there is no such case"):
        change_one(Step(4711, "selected"), "user:1", ALL, NOON)


def test_who_saw_another_state_is_told_so(open_case):
    id = open_case()
    go(id, "selected")
    with pytest.raises(Conflict, match="it is no longer collected but selected"):
        change_one(Step(id, "proposed", seen="collected"), "user:2", ALL, NOON)


def test_a_case_cannot_be_decided_without_a_chosen_alternative(open_case):
    id = open_case()
    go(id, "selected", "proposed")
    with pytest.raises(Conflict, match="no alternative was chosen since they were proposed"):
        change_one(Step(id, "decided"), "user:1", ALL, NOON + MINUTE)


def test_a_choice_of_an_earlier_round_does_not_count(open_case):
    id = open_case()
    go(id, "selected", "proposed")
    alternative = Alternative.objects.create(case_id=id, what="Tambal", by="user:1", at=NOON)
    workflow.choose(alternative.id, "user:1", "termurah", NOON + MINUTE)
    for number, step in enumerate(("selected", "proposed")):
        change_one(Step(id, step), "user:1", ALL, NOON + MINUTE * (2 + number))
    with pytest.raises(Conflict, match="no alternative was chosen"):
        change_one(Step(id, "decided"), "user:1", ALL, NOON + MINUTE * 9)


def test_the_database_takes_no_choice_behind_the_decision(open_case):
    id = open_case()
    go(id, "selected", "proposed", "decided")
    late = Alternative.objects.create(case_id=id, what="Aspal ulang", by="user:2", at=NOON)
    with (
        pytest.raises(IntegrityError, match=f"case {id} is decided: what is chosen is what is proposed"),
        transaction.atomic(),
    ):
        Choice.objects.create(alternative=late, by="user:2", why="lebih lama", at=NOON + HOUR)


def test_a_choice_needs_a_reason_and_a_case_that_is_proposed(open_case):
    id = open_case()
    alternative = Alternative.objects.create(case_id=id, what="Tambal", by="user:1", at=NOON)
    with pytest.raises(InvalidRequest, match="why: a choice has a reason"):
        workflow.choose(alternative.id, "user:1", " ", NOON)
    with pytest.raises(Conflict, match=f"case {id} is collected"):
        workflow.choose(alternative.id, "user:1", "termurah", NOON)
    with pytest.raises(NotFound, match="no alternative 4711"):
        workflow.choose(4711, "user:1", "termurah", NOON)


def test_five_hundred_steps_are_taken_or_named_each_with_its_reason(city, submission):
    intake.receive([submission(external_id=str(number)) for number in range(500)], simulated=False)
    workflow.collect(NOON)
    ids = list(Case.objects.order_by("report_id").values_list("report_id", flat=True))
    go(ids[0], "selected")
    steps = [Step(id, "selected") for id in ids[:499]] + [Step(ids[499], "no_problem"), Step(0, "selected")]
    refused = {one.report_id: one.code for one in change(steps, "user:1", {"triage"}, NOON)}
    assert refused == {ids[0]: "no_transition", ids[499]: "no_text", 0: "absent"}
    assert Change.objects.filter(to_state="selected").count() == 499


def test_too_many_steps_and_two_with_one_case_are_refused_whole(open_case):
    id = open_case()
    with pytest.raises(InvalidRequest, match="steps: one case is named twice"):
        change([Step(id, "selected"), Step(id, "no_problem", "x")], "user:1", ALL, NOON)
    with pytest.raises(InvalidRequest, match="2001 steps: at most 2000 at a time"):
        change([Step(number, "selected") for number in range(2001)], "user:1", ALL, NOON)


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_a_time_one_commits_and_the_other_does_not_wait(transactional_city, submission):
    intake.receive([submission()], simulated=False)
    workflow.collect(NOON)
    id = Case.objects.get().report_id
    held, free = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                change_one(Step(id, "selected"), "user:1", ALL, NOON)
                held.set()
                free.wait(120)
        finally:
            held.set()
            connection.close()

    operator = threading.Thread(target=first)
    operator.start()
    held.wait(120)
    refused = change([Step(id, "selected")], "user:2", ALL, NOON)
    free.set()
    operator.join()
    assert refused == [Refused(id, "busy", "somebody else has it in hand")]
    assert list(Change.objects.values_list("by", flat=True)) == ["user:1"]


REFUSED_BY_THE_DATABASE = {
    "a state that no change led to": "UPDATE casework_case SET state_id = 'resolved'",
    "a change that is no transition": """INSERT INTO casework_change
        (case_id, from_state_id, to_state_id, permission, by, at, text)
        SELECT report_id, state_id, 'resolved', 'triage', 'x', now(), 'x' FROM casework_case;
        SET CONSTRAINTS ALL IMMEDIATE""",
    "a change from another state": """INSERT INTO casework_change
        (case_id, from_state_id, to_state_id, permission, by, at, text)
        SELECT report_id, 'assigned', 'answered', 'answer', 'x', now(), 'x' FROM casework_case""",
    "a change without the words that are owed": """INSERT INTO casework_change
        (case_id, from_state_id, to_state_id, permission, by, at, text)
        SELECT report_id, state_id, 'not_ours', 'triage', 'x', now(), ' ' FROM casework_case""",
    "another history": "UPDATE casework_change SET text = 'x'",
    "less history": "DELETE FROM casework_change",
    "another alternative": "UPDATE casework_alternative SET what = 'x'",
    "fewer alternatives": "DELETE FROM casework_alternative",
    "another choice": "UPDATE casework_choice SET why = 'x'",
    "a case that begins at its end": """INSERT INTO casework_case (report_id, state_id, since)
        SELECT report_id + 1, 'resolved', now() FROM casework_case""",
}


@pytest.mark.parametrize("statement", REFUSED_BY_THE_DATABASE.values(), ids=REFUSED_BY_THE_DATABASE)
def test_the_database_itself_refuses(open_case, statement):
    id = open_case()
    go(id, "selected", "proposed", "decided", "assigned", "returned", "proposed")
    go(id, "selected")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert state(id) == "selected"


def test_a_decision_without_a_choice_is_refused_by_the_database_too(open_case):
    id = open_case()
    go(id, "selected", "proposed")
    with pytest.raises(DatabaseError, match="no alternative was chosen"), transaction.atomic():
        Change.objects.create(
            case_id=id, from_state_id="proposed", to_state_id="decided", permission="decide", by="x", at=NOON
        )
    assert not Choice.objects.exists()


def test_every_state_is_reached_and_every_open_one_can_be_left(city):
    steps = list(Transition.objects.values_list("from_state", "to_state"))
    states = State.objects.all()
    assert {to for _, to in steps} | {"collected"} == {one.code for one in states}
    left = {frm for frm, _ in steps}
    assert {one.code for one in states if one.open311 == "open"} <= left
    assert {one.colour for one in states if one.jakarta == "Menunggu"} == {"red"}
    assert {one.colour for one in states if one.jakarta == "Selesai"} == {"green", "grey"}


def test_states_that_look_alike_by_colour_differ_by_shape(city):
    looks = {}
    for one in State.objects.all():
        looks.setdefault((one.colour, one.shape), set()).add(one.family)
    assert all(len(families) <= 2 for families in looks.values())


def test_collecting_looks_only_behind_an_id(receive_one):
    first, second = receive_one(external_id="1"), receive_one(external_id="2")
    assert sql.scalar("casework/collect", {"after": first.id, "at": NOON}) == 1
    assert Case.objects.get().report_id == second.id


@pytest.mark.parametrize(
    ("status", "expected"), [("waiting", "collected"), ("in_progress", "answered"), ("done", "resolved")]
)
def test_what_an_office_says_on_its_own_channel_counts(open_case, status, expected):
    id = open_case()
    Report.objects.filter(id=id).update(status=status)
    assert [workflow.follow(NOON), workflow.follow(NOON)] == [int(status != "waiting"), 0]
    assert state(id) == expected
    assert set(Change.objects.values_list("by", flat=True)) <= {"feed:qlue"}


def says(id: int, *steps: tuple[datetime, str]) -> None:
    """Let the channel of a report say which steps were taken there, and when."""
    report = Report.objects.get(id=id)
    updates = tuple(Update(at, status, "Lurah Gambir", f"{status} {at}") for at, status in steps)
    intake.receive([Updates(report.channel, report.external_id, updates)], simulated=False)


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        (NOON + 2 * HOUR, NOON + 2 * HOUR),
        (NOON - HOUR, NOON),  # before there was a case
        (NOON + 90 * HOUR, NOON + 9 * HOUR),  # by a clock that is wrong
    ],
    ids=["late poll", "before the case", "in the future"],
)
def test_an_answer_on_a_channel_counts_since_its_source_says_within_reason(open_case, said, counted):
    id = open_case()
    turns.begin()
    says(id, (said, "in_progress"))
    assert workflow.follow(NOON + 9 * HOUR) == 1
    assert (Change.objects.get().at, Turn.objects.get().answered_at) == (counted, counted)


def test_a_poll_that_comes_late_makes_no_answer_late(open_case):
    id = open_case()
    turns.begin()
    due = Turn.objects.get().due_at
    says(id, (due - HOUR, "in_progress"))
    workflow.follow(due + HOUR)
    assert Turn.objects.get().answered_at == due - HOUR


def test_an_answer_does_not_count_before_the_turn_of_its_office_began(open_case):
    id = open_case()
    turns.begin()
    other = Office.objects.filter(level="kelurahan").exclude(code=Turn.objects.get().office_id)[0]
    turns.give([turns.by_unit(id, other.code, "user:1")], NOON + 3 * HOUR)
    says(id, (NOON + HOUR, "in_progress"))
    workflow.follow(NOON + 9 * HOUR)
    assert Turn.objects.get(office=other).answered_at == NOON + 3 * HOUR


def test_each_step_of_a_trace_is_taken_once_and_in_order_however_many_a_poll_brings(open_case):
    id = open_case()
    says(id, (NOON + HOUR, "in_progress"), (NOON + 2 * HOUR, "in_progress"), (NOON + 3 * HOUR, "done"))
    workflow.follow(NOON + 9 * HOUR)
    says(id, (NOON + 11 * HOUR, "in_progress"), (NOON + 12 * HOUR, "in_progress"))
    workflow.follow(NOON + 19 * HOUR)
    says(id, (NOON + 21 * HOUR, "done"))
    workflow.follow(NOON + 29 * HOUR)
    assert list(Change.objects.order_by("id").values_list("to_state", "at")) == [
        ("answered", NOON + HOUR),
        ("resolved", NOON + 3 * HOUR),
        ("disputed", NOON + 11 * HOUR),
        ("answered", NOON + 12 * HOUR),
        ("resolved", NOON + 21 * HOUR),
    ]


def test_who_reopens_a_report_on_its_channel_disputes_what_the_channel_said(open_case):
    id = open_case()
    for status in ("done", "in_progress"):
        Report.objects.filter(id=id).update(status=status)
        workflow.follow(NOON)
    assert state(id) == "disputed"


def test_what_the_unit_resolved_is_not_undone_by_a_channel(open_case):
    id = open_case()
    go(id, "selected", "proposed", "decided", "assigned", "answered", "resolved")
    Report.objects.filter(id=id).update(status="waiting")
    assert workflow.follow(NOON) == 0
    assert state(id) == "resolved"


def test_a_case_that_a_citizen_disputes_is_not_resolved_by_its_channel(open_case):
    id = open_case()
    Report.objects.filter(id=id).update(status="done")
    workflow.follow(NOON)
    change_one(Step(id, "disputed", "Masih rusak"), "citizen", {"dispute"}, NOON)
    assert workflow.follow(NOON) == 0


def test_the_worker_opens_cases_and_follows_their_channels(receive_one):
    Report.objects.filter(id=receive_one().id).update(status="done")
    tasks.open_cases(timestamp=0)
    tasks.open_all_cases(timestamp=0)
    assert Case.objects.get().state_id == "resolved"


def typed(*words: object) -> list[str]:
    out = io.StringIO()
    call_command("cases", *map(str, words), stdout=out)
    return out.getvalue().splitlines()


def test_the_command_counts_cases_takes_a_step_and_shows_the_history(open_case):
    id = open_case()
    assert typed()[0].split() == ["1", "collected", "Menunggu", "New"]
    lines = typed(id, "--to", "no_problem", "--text", "Bukan masalah", "--by", "Budi")
    assert lines[0].endswith("Z  collected -> no_problem  Budi  Bukan masalah")
    assert lines[1].startswith(f"case {id} is no_problem (Selesai) since 20")
    with pytest.raises(CommandError, match="no step leads from no_problem to resolved"):
        typed(id, "--to", "resolved", "--text", "x", "--by", "Budi")
    with pytest.raises(CommandError, match="--to needs --by"):
        typed(id, "--to", "selected")
    with pytest.raises(CommandError, match="no case 4711"):
        typed(4711)
