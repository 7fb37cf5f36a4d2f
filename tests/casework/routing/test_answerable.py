"""Who answers for a turn when the office changes hands in the midst of it."""

import io
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from boundaries import terms
from boundaries.models import Official, Term
from casework import tasks
from casework.board import outcomes
from casework.board.outcomes import Row
from casework.board.periods import period
from casework.clock import dues
from casework.escalation import runs
from casework.migrations import _settled
from casework.migrations._holders import FILL
from casework.models import Change, Escalation, Holiday, Turn
from casework.routing import answerable, turns
from casework.steps import pauses, workflow
from casework.steps.workflow import Step, change_one
from tests.casework.ruled import answer_within
from tests.conftest import NOON, triggers_at_rest

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GAMBIR = "kelurahan-31.71.01.1001"
FORMER, NEXT = "Contoh Lurah Lama", "Contoh Lurah Baru"
MAY = period("2026-05")
TODAY = date(2026, 5, 14)  # of NOON; the answer is due a day later


@pytest.fixture
def case(receive_one) -> int:
    """A case of Gambir, begun at noon under the former lurah, and due at noon of the next day."""
    Term.objects.filter(office=GAMBIR).delete()
    terms.begin(GAMBIR, FORMER, date(2026, 1, 1), None, acting=False)
    written()
    id = receive_one().id
    workflow.collect(NOON)
    turns.begin()
    return id


@pytest.fixture
def last_day(city) -> date:
    """Let answers take whole days, three of them: the last one of a case that began at noon."""
    answer_within("lapor_verify", category="road")
    return date(2026, 5, 20)


def written() -> None:
    """Let happen what happens when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def hand_over(on: date, acting: bool = False, gap: int = 0) -> None:
    """Let the former lurah's term end, and the next one's begin, so many days later."""
    terms.end(Term.objects.get(office=GAMBIR).id, on - DAY)
    terms.begin(GAMBIR, NEXT, on + gap * DAY, None, acting)
    written()


def rows(at: datetime) -> dict[str, dict[str, int]]:
    """What the board says of each person at an instant, but for what is nothing."""
    return {row.name: counts for row in outcomes.board(MAY, at, GAMBIR).rows if (counts := told(row))}


def told(row: Row) -> dict[str, int]:
    wanted = ("answered_in_time", "answered_late", "unanswered", "vacant", "running", "rung_1", "paused")
    return {column: count for column in wanted if (count := row.counts[column])}


def step(case: int, at: datetime) -> None:
    change_one(Step(case, "answered", "Sudah kami tangani"), "user:1", {"answer"}, at)


def test_who_left_before_the_answer_was_due_is_not_blamed_for_it(case):
    hand_over(TODAY + DAY)
    assert rows(NOON + 2 * DAY) == {NEXT: {"unanswered": 1}}


def test_who_left_on_the_day_after_it_was_due_is(case):
    hand_over(TODAY + 2 * DAY)
    assert rows(NOON + 3 * DAY) == {FORMER: {"unanswered": 1}}


@pytest.mark.parametrize(
    ("since", "blamed"), [(0, NEXT), (1, FORMER)], ids=["on the last day", "on the day behind it"]
)
def test_a_deadline_of_whole_days_is_that_of_who_held_the_office_on_the_last_one(
    last_day, case, since, blamed
):
    """It ends at 24.00, which is the first instant of whoever comes the day after."""
    hand_over(last_day + since * DAY)
    due = Turn.objects.get().due_at
    assert due.isoformat() == "2026-05-20T17:00:00+00:00"
    for at in (due + HOUR, due + 5 * DAY):
        assert rows(at) == {blamed: {"unanswered": 1}}
        turn = Turn.objects.select_related("official").get()
        assert answerable.of([turn], at)[turn.id].now.name == blamed


def test_a_post_that_is_vacant_behind_the_last_day_excuses_nobody(last_day, case):
    hand_over(last_day + DAY, gap=3)
    assert rows(NOON + 10 * DAY) == {FORMER: {"unanswered": 1}}


def test_an_answer_in_the_instant_of_the_deadline_is_that_of_who_came_with_it(last_day, case):
    hand_over(last_day + DAY)
    step(case, Turn.objects.get().due_at)
    assert rows(NOON + 10 * DAY) == {NEXT: {"answered_in_time": 1}}


def test_a_rung_is_that_of_who_holds_the_office_until_it_is_due_again_after_a_holiday(last_day, case):
    due = Turn.objects.get().due_at
    hand_over(last_day + 3 * DAY)
    runs.escalate(due + HOUR)
    assert rows(due + 2 * HOUR) == {FORMER: {"unanswered": 1, "rung_1": 1}}
    for day in range(1, 10):  # a long leave, of which we hear late
        Holiday.objects.get_or_create(on=TODAY + day * DAY, defaults={"name": "Cuti", "source": "a test"})
    dues.renew(due + 2 * HOUR)
    made = outcomes.board(MAY, due + 3 * HOUR, GAMBIR)
    assert {row.name: told(row) for row in made.rows if told(row)} == {FORMER: {"running": 1, "rung_1": 1}}
    for row in made.rows:
        assert len(outcomes.cell(row.cell("rung_1"), MAY, due + 3 * HOUR)[0]) == row.counts["rung_1"]


def test_a_late_answer_is_held_against_who_held_the_office_when_it_was_due(case):
    hand_over(TODAY + 2 * DAY)
    step(case, NOON + 3 * DAY)
    assert rows(NOON + 4 * DAY) == {FORMER: {"answered_late": 1}}


def test_an_answer_in_time_is_that_of_who_gave_it(case):
    step(case, NOON + HOUR)
    hand_over(TODAY + DAY)
    assert rows(NOON + 4 * DAY) == {FORMER: {"answered_in_time": 1}}


def test_a_post_that_is_filled_before_the_answer_is_due_is_not_vacant_any_more(receive_one):
    Term.objects.filter(office=GAMBIR).delete()
    written()
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    assert Turn.objects.get().official is None
    terms.begin(GAMBIR, NEXT, TODAY + DAY, None, acting=True)
    written()
    turn = Turn.objects.get()
    assert (turn.official.name, turn.acting) == (NEXT, True)
    assert rows(NOON + 2 * DAY) == {NEXT: {"unanswered": 1}}


def test_a_post_that_nobody_holds_on_the_day_it_is_due_is_vacant_whoever_came_later(case):
    hand_over(TODAY + DAY, gap=1)
    assert rows(NOON + 2 * DAY) == {"": {"vacant": 1}}


def test_who_is_blamed_has_a_name_though_they_came_behind_the_time_that_is_looked_at(receive_one):
    """A turn of May falls due in June, under who came with it; until then they are no row of May."""
    Term.objects.filter(office=GAMBIR).delete()
    terms.begin(GAMBIR, FORMER, date(2026, 1, 1), None, acting=False)
    receive_one(submitted_at=NOON + 17 * DAY)
    workflow.collect(NOON + 17 * DAY)
    turns.begin()
    hand_over(date(2026, 6, 1), acting=True)
    held = {row.name: row for row in outcomes.board(MAY, NOON + 17 * DAY, GAMBIR).rows}
    assert held.keys() == {FORMER}
    blamed = {row.name: row for row in outcomes.board(MAY, NOON + 27 * DAY, GAMBIR).rows}
    assert (blamed.keys(), blamed[NEXT].counts["unanswered"]) == ({FORMER, NEXT}, 1)
    assert [(one.since, one.acting) for one in blamed[NEXT].terms] == [(date(2026, 6, 1), True)]


def test_who_answered_keeps_their_name_on_the_board_though_their_term_is_taken_back(case):
    step(case, NOON + HOUR)
    terms.drop(Term.objects.get(office=GAMBIR).id)
    written()
    assert rows(NOON + 2 * DAY) == {FORMER: {"answered_in_time": 1}}


def test_while_the_answer_is_not_due_it_runs_under_who_holds_the_office_then(case):
    """The board of an instant is the same before and after the office changes hands."""
    at = NOON + HOUR
    before = outcomes.board(MAY, at)
    hand_over(TODAY + DAY)
    assert rows(at) == {FORMER: {"running": 1}}
    after = outcomes.board(MAY, at)
    assert [told(row) for row in after.rows] == [told(row) for row in before.rows]
    (whole,) = [row for row in after.rows if row.name == FORMER]
    turned, _ = outcomes.cell(whole.cell("running"), MAY, at)
    assert [one.report_id for one in turned] == [case]


def test_a_pause_moves_who_answers_with_the_due_date(case):
    hand_over(TODAY + 2 * DAY)
    pauses.pause(case, "weather", NOON + 2 * DAY, "user:1", NOON + HOUR)
    assert Turn.objects.get().official.name == NEXT
    assert rows(NOON + 2 * HOUR) == {FORMER: {"paused": 1}}
    assert outcomes.board(MAY, NOON + 2 * HOUR).paused_days == {"weather": pytest.approx(1 / 24)}


def test_a_term_that_is_known_too_late_is_followed_with_its_rungs_while_nobody_answered(case):
    """Somebody else held the office long before, and the table of officials says so only now."""
    runs.escalate(NOON + DAY)
    assert rows(NOON + 2 * DAY) == {FORMER: {"unanswered": 1, "rung_1": 1}}
    hand_over(TODAY)
    assert rows(NOON + 2 * DAY) == {NEXT: {"unanswered": 1, "rung_1": 1}}
    assert Escalation.objects.get().official.name == FORMER  # who was told stays who was told


def test_behind_an_answer_nobody_answers_for_it_anew(case):
    step(case, NOON + HOUR)
    hand_over(date(2026, 3, 1))
    dues.renew(NOON + 2 * DAY, settled=True)
    assert Turn.objects.get().official.name == FORMER


def test_officials_that_are_loaded_anew_move_nothing_but_what_they_change(case):
    turn = Turn.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin FROM casework_turn")
        before = cursor.fetchall()
        Term.objects.filter(office=GAMBIR).delete()
        Term.objects.create(
            office_id=GAMBIR, official=turn.official, during=(date(2026, 1, 1), None), acting=False
        )
        written()
        cursor.execute("SELECT xmin FROM casework_turn")
        assert cursor.fetchall() == before


@pytest.mark.parametrize(
    ("on", "answered", "expected"),
    [
        (TODAY - DAY, False, (NEXT, None)),
        (TODAY + DAY, False, (NEXT, "due")),
        (TODAY + 4 * DAY, False, (FORMER, None)),
        (TODAY + DAY, True, (NEXT, "answered")),
    ],
    ids=["before it began", "before it was due", "later", "before it was answered"],
)
def test_a_turn_tells_under_whom_it_began_and_who_answers_for_it(case, on, answered, expected):
    hand_over(on)
    if answered:
        step(case, NOON + 20 * HOUR)
    turn = Turn.objects.select_related("official").get()
    found = answerable.of([turn], NOON + 2 * DAY)[turn.id]
    assert (found.now and found.now.name, found.handed_over) == expected
    out = io.StringIO()
    call_command("turns", str(case), stdout=out)
    assert ("; began under" in out.getvalue()) == bool(expected[1])


def test_before_it_is_due_the_case_is_with_who_holds_the_office_now(case):
    hand_over(TODAY + DAY)
    turn = Turn.objects.select_related("official").get()
    now = answerable.of([turn], NOON + HOUR)[turn.id]
    assert (now.now and now.now.name, now.handed_over) == (FORMER, None)
    morning = answerable.of([turn], NOON + 20 * HOUR)[turn.id]
    assert (morning.now and morning.now.name, morning.handed_over) == (NEXT, "now")


def test_turns_of_old_are_given_to_whom_the_terms_say_with_their_rungs(case):
    """What the migration does with rows that are there."""
    runs.escalate(NOON + DAY)
    step(case, NOON + 2 * DAY)
    written()
    with triggers_at_rest():
        Turn.objects.update(official=None)
        Escalation.objects.update(turn_official=None)
    with connection.cursor() as cursor:
        cursor.execute(FILL)
    assert (Turn.objects.get().official.name, Escalation.objects.get().turn_official.name) == (FORMER, FORMER)
    assert rows(NOON + 3 * DAY) == {FORMER: {"answered_late": 1, "rung_1": 1}}


def test_a_turn_that_began_while_its_office_was_handed_over_is_put_right_at_night(case):
    """Neither transaction sees the other: the term is the next one's, and the turn the former's."""
    runs.escalate(NOON + DAY)
    former = Official.objects.get(name=FORMER)
    hand_over(TODAY + DAY)
    with triggers_at_rest():
        Turn.objects.update(official=former)
        Escalation.objects.update(turn_official=former)
    tasks.reckon_dues(timestamp=0)
    assert rows(NOON + 2 * DAY) == {NEXT: {"unanswered": 1, "rung_1": 1}}
    assert Escalation.objects.get().turn_official.name == NEXT
    assert answerable.renew() == 0


def test_one_that_is_answered_before_the_night_is_put_right_by_that(case):
    runs.escalate(NOON + DAY)
    former = Official.objects.get(name=FORMER)
    hand_over(TODAY + DAY)
    with triggers_at_rest():
        Turn.objects.update(official=former)
        Escalation.objects.update(turn_official=former)
    step(case, NOON + DAY + HOUR)
    assert rows(NOON + 2 * DAY) == {NEXT: {"answered_late": 1, "rung_1": 1}}


def test_of_turns_of_old_those_are_given_back_that_were_counted_a_day_late(last_day, receive_one, case):
    """What the migration does: whom an answer names stays, whatever the terms said since."""
    answered = receive_one(external_id="2").id
    workflow.collect(NOON)
    turns.begin()
    step(answered, NOON + HOUR)
    hand_over(last_day + DAY)
    other = Official.objects.get(name=NEXT)
    with triggers_at_rest():
        Turn.objects.update(official=other)
    with connection.cursor() as cursor:
        cursor.execute(_settled.FILL)
    named = dict(Turn.objects.values_list("case_id", "official__name"))
    assert named == {case: FORMER, answered: NEXT}


def test_an_answer_that_is_heard_of_behind_the_end_is_that_of_who_gave_it(case):
    """The day is another one: so is who answers for it."""
    turn = Turn.objects.get()
    hand_over(TODAY + DAY)
    turns.give([turns.by_unit(case, "kecamatan-31.71.01", "user:1")], NOON + 2 * DAY)
    Change.objects.create(
        case_id=case, from_state_id="collected", to_state_id="answered", permission="follow", by="x",
        at=NOON + 2 * DAY + HOUR, said_at=NOON + HOUR,
    )  # fmt: skip
    turn.refresh_from_db()
    assert (turn.official.name, turn.ended_by) == (NEXT, "rerouted")
    Turn.objects.filter(id=turn.id).update(answered_at=NOON + HOUR)
    turn.refresh_from_db()
    assert turn.official.name == FORMER


WRITTEN = {
    "of an open turn": "UPDATE casework_turn SET official_id = {other}",
    "of a rung": "UPDATE casework_escalation SET turn_official_id = {other}",
    "of whom a rung told": "UPDATE casework_escalation SET official_id = {other}",
}


@pytest.mark.parametrize("statement", WRITTEN.values(), ids=WRITTEN)
def test_the_database_refuses_another_person_than_the_terms_say(case, statement):
    runs.escalate(NOON + DAY)
    other = Official.objects.create(name="Contoh Lain")
    with (
        pytest.raises(DatabaseError, match=r"follows from the terms|is not that of official|never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(other=other.id))


def test_functions_of_the_database_know_the_citys_time_zone_from_one_place(city, settings):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosrc ~ 'AT TIME ZONE ''(?!UTC'')' ORDER BY proname"
        )
        assert cursor.fetchall() == [("casework_city_day",)]
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'casework_city_day'")
        assert f"'{settings.CITY_TIME_ZONE}'" in cursor.fetchone()[0]
