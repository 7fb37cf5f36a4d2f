"""History stays: the database lets nobody empty it, nor write an answer that no step gave."""

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg.sql import SQL, Identifier

from casework.models import Turn
from casework.routing import turns
from casework.steps import workflow
from tests.conftest import NOON

GUARDED = """
SELECT held.tgrelid::regclass::text FROM pg_trigger AS held
WHERE held.tgname IN ('append_only', 'guarded') GROUP BY 1 ORDER BY 1
"""


@pytest.fixture
def history(db) -> list[str]:
    """The tables whose lines the database refuses to change."""
    with connection.cursor() as cursor:
        cursor.execute(GUARDED)
        return [name for (name,) in cursor.fetchall()]


def test_no_table_of_history_can_be_emptied_not_even_by_its_owner(history):
    assert {"access_entry", "casework_change", "casework_evidence", "casework_pause", "casework_turn",
            "reports_assignment", "reports_sourceupdate"} <= set(history)  # fmt: skip
    for table in history:
        with (
            pytest.raises(DatabaseError, match="is appended"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET LOCAL access.may_empty = ''")
            cursor.execute(SQL("TRUNCATE {} CASCADE").format(Identifier(table)))


def test_who_empties_the_reports_is_refused_for_their_history(receive_one):
    receive_one()
    with (
        pytest.raises(DatabaseError, match="is appended"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL access.may_empty = ''")
        cursor.execute("TRUNCATE reports_report CASCADE")


@pytest.fixture
def turn(receive_one) -> Turn:
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    return Turn.objects.get()


def test_nobody_writes_an_answer_into_a_turn_that_no_step_gave(turn):
    with pytest.raises(DatabaseError, match=f"no change of case {turn.case_id} says"), transaction.atomic():
        Turn.objects.filter(id=turn.id).update(answered_at=NOON)


def test_an_answered_turn_is_not_made_by_hand_either(turn):
    with pytest.raises(DatabaseError, match="says that it was answered"), transaction.atomic():
        Turn.objects.create(
            case_id=turn.case_id, number=1, office_id=turn.office_id, explanation={}, offered_at=NOON,
            began_at=NOON, answered_at=NOON, ended_at=NOON, ended_by="resolved",
        )  # fmt: skip


def test_the_step_that_answers_writes_it(turn):
    step = workflow.Step(turn.case_id, "answered", "Sudah kami tangani")
    workflow.change_one(step, "user:1", {"answer"}, NOON)
    assert Turn.objects.get().answered_at == NOON
