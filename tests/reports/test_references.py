"""What reports and assignments refer to is there, and stays, though no foreign key says so."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from boundaries.models import Official, Term
from casework.models import AnswerTemplate
from reports.models import Assignment, Category, Report


def run(statement: str, *params: object) -> None:
    """Run a statement in a transaction of its own, and look at all that waits for its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def assigned(receive_one) -> Assignment:
    report = receive_one()
    return Assignment.objects.get(report=report)


@pytest.mark.parametrize(
    ("column", "value"), [("office_id", "'no such'"), ("official_id", "-1"), ("edition_id", "-1")]
)
def test_an_assignment_to_what_there_is_not_is_refused(assigned, column, value):
    others = {"office_id", "official_id", "edition_id"} - {column}
    with pytest.raises(IntegrityError, match="no such office"):
        run(
            f"INSERT INTO reports_assignment (report_id, assigned_at, {column}, {', '.join(sorted(others))}) "
            f"SELECT report_id, now(), {value}, {', '.join(sorted(others))} FROM reports_assignment"
        )


def test_an_assignment_to_nobody_is_taken(assigned):
    Assignment.objects.create(report=assigned.report, assigned_at=assigned.assigned_at)
    assert Assignment.objects.filter(office=None, official=None).count() == 1


def test_one_wrong_row_among_many_is_found(assigned):
    with pytest.raises(IntegrityError, match="official -5"):
        run(
            "INSERT INTO reports_assignment (report_id, assigned_at, official_id) "
            "SELECT report_id, now(), CASE number WHEN 40 THEN -5 ELSE official_id END "
            "FROM reports_assignment, generate_series(1, 50) AS number"
        )
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [
        ("boundaries_office", "code", "office_id"),
        ("boundaries_official", "id", "official_id"),
        ("boundaries_edition", "id", "edition_id"),
    ],
)
def test_what_an_assignment_names_cannot_be_deleted_nor_renamed(assigned, table, key, column):
    named = getattr(assigned, column)
    other = "'x'" if key == "code" else "-7"
    with pytest.raises(IntegrityError):
        run(f"DELETE FROM {table} WHERE {key} = %s", named)
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table} SET {key} = {other} WHERE {key} = %s", named)


def test_the_official_of_history_stays_though_the_term_is_gone(assigned):
    Term.objects.filter(official_id=assigned.official_id).delete()
    with pytest.raises(IntegrityError, match="assignments name this row of boundaries_official"):
        run("DELETE FROM boundaries_official WHERE id = %s", assigned.official_id)


def test_an_official_whom_no_assignment_names_may_go(assigned):
    free = Official.objects.create(name="Contoh Bebas")
    run("DELETE FROM boundaries_official WHERE id = %s", free.id)
    assert not Official.objects.filter(id=free.id).exists()


def test_the_category_of_a_report_cannot_be_deleted_nor_renamed(assigned):
    code = assigned.report.category_id
    AnswerTemplate.objects.all().delete()  # which hold it as well
    for statement in ("DELETE FROM reports_category WHERE code = %s",
                      "UPDATE reports_category SET code = 'x' WHERE code = %s"):  # fmt: skip
        with pytest.raises(IntegrityError, match=f"reports are of category {code}"):
            run(statement, code)
    unused = Category.objects.exclude(code=code).first()
    run("DELETE FROM reports_category WHERE code = %s", unused.code)


def test_a_report_is_given_no_category_that_there_is_not(assigned):
    with pytest.raises(IntegrityError, match="there is no category no such"):
        run("UPDATE reports_report SET category_id = 'no such'")
    assert Report.objects.get().category_id == assigned.report.category_id


def test_a_category_made_after_the_transaction_began_to_look_is_known(assigned, receive_one):
    """The text of all categories is read once; what is not in it is looked for again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('reports.veils', E'\\nroad\\n', true)")
    assert receive_one(external_id="2", category="tree").category_id == "tree"
    assert receive_one(external_id="3", category="public_order").public_point is not None
