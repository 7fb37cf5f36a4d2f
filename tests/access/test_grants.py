"""The role that the platform runs as: a real one, which does all that it must and cannot touch the audit."""

import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from access import audit, grants
from access.audit import Origin
from access.models import ApiKey, Entry
from casework.models import Case
from casework.steps import permitted, workflow
from casework.steps.workflow import Step
from geoplatform.errors import Conflict, InvalidRequest
from reports import intake
from staff import accounts
from tests.conftest import NOON, database_url

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "sumur-resapan-12"


@pytest.fixture
def role(transactional_city, monkeypatch) -> Iterator[str]:
    name = f"app_of_the_tests_{re.sub(r'[^a-z0-9]', '', connection.settings_dict['NAME'][-4:])}"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    out = io.StringIO()
    call_command("app_role", role=name, password_stdin=True, stdout=out)
    assert out.getvalue() == f"role {name} may run the platform\n"
    yield name
    grants.drop(name)


@pytest.fixture
def as_role(role) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        yield
        cursor.execute("RESET ROLE")


@pytest.fixture
def app(role) -> Iterator[psycopg.Connection]:
    """Log in as the role; what it writes is taken back."""
    with psycopg.connect(database_url(), user=role, password=PASSWORD) as own:
        yield own
        own.rollback()


APPEND = """INSERT INTO access_entry (at, action, by, subject, address, agent)
    VALUES (now(), 'x', '', '', '', '')"""
FORBIDDEN = (
    "UPDATE access_entry SET by = 'x'",
    "DELETE FROM access_entry",
    "TRUNCATE access_entry",
    "TRUNCATE reports_report CASCADE",
    "ALTER TABLE access_entry DISABLE TRIGGER ALL",
    "ALTER TABLE casework_change DISABLE TRIGGER append_only",
    "DROP TRIGGER append_only ON access_entry",
    "DROP TABLE access_entry",
    "CREATE OR REPLACE FUNCTION access_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE TRIGGER mine BEFORE INSERT ON access_entry FOR EACH ROW EXECUTE FUNCTION access_link()",
    "SET session_replication_role = 'replica'",
    "DELETE FROM django_migrations",
    "CREATE TABLE mine (a int)",
    "ALTER TABLE layers_jam DETACH PARTITION layers_jam_rest",
    "DROP TABLE layers_jam_rest",
    "CREATE ROLE mine",
)


def test_it_makes_months_of_traffic_and_detaches_them_by_the_owners_functions_alone(app):
    assert app.execute("SELECT layers_make_month('layers_jam', '2026-05-14')").fetchone() == (True,)
    month = ("layers_jam", "layers_jam_2026_05")
    with pytest.raises(psycopg.errors.RestrictViolation), app.transaction():
        app.execute("SELECT layers_detach(%s, %s, '2026-05-31')", month)
    assert app.execute("SELECT layers_detach(%s, %s, '2026-06-01')", month).fetchone() == (True,)
    assert app.execute("SELECT count(*) FROM detached.layers_jam_2026_05").fetchone() == (0,)
    app.execute("SELECT layers_drop('layers_jam_2026_05', 0)")


def test_where_a_dump_was_restored_without_rights_nobody_else_drops_months_any_more(role):
    held = "SELECT has_function_privilege('public', 'layers_drop(text, bigint)', 'EXECUTE')"
    with connection.cursor() as owner:
        # As pg_restore leaves it.
        owner.execute("GRANT EXECUTE ON FUNCTION layers_drop(text, bigint) TO PUBLIC")
        grants.make(role, None)
        owner.execute(held)
        assert owner.fetchone() == (False,)


def test_it_appends_to_the_audit_and_reads_it_and_can_do_nothing_else_to_it(app):
    app.execute(APPEND)
    assert app.execute("SELECT count(*) FROM access_entry WHERE action = 'x'").fetchone() == (1,)
    for statement in FORBIDDEN:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(statement)


# Whose rows nobody ever changes; of the others some words are struck out when a citizen is forgotten.
HISTORY = (
    "casework_doubt", "casework_evidence", "casework_member", "casework_proof", "casework_notice_escalations",
    "casework_notice_turns", "casework_succession", "reports_assignment",
)  # fmt: skip


def test_history_is_appended_by_right_and_by_trigger_each_by_itself(app, transactional_city):
    for table in HISTORY:
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(statement)
    # Of a rung it may still be written what became of it; that it was reached stays.
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
        app.execute("DELETE FROM casework_escalation")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
        assert set(HISTORY) < {table for (table,) in cursor.fetchall()}


def test_the_platform_works_as_this_role(role, as_role, submission):
    user = accounts.create("budi", ["triage"], None, NOON)
    intake.receive([submission(external_id="7")], simulated=False)
    workflow.collect(NOON)
    id = Case.objects.get().pk
    who = Origin(user.mark)
    assert permitted.take(user, [Step(id, "no_problem", "Bukan masalah")], who, NOON) == []
    ApiKey.objects.create(title="x", digest=b"x", start="x", scopes=["write"], created_at=NOON)
    assert Entry.objects.filter(subject=f"report:{id}").exists()
    assert audit.faults() == []


def test_the_metrics_tell_it_of_sessions_of_others_and_of_nothing_that_they_say(app, transactional_city):
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT 'Ratnaningsih'")
        pid = other.info.backend_pid
        told = "SELECT state FROM pg_stat_activity WHERE pid = %s"
        assert app.execute(told, [pid]).fetchone() == (None,)
        states = [state for state, _ in app.execute("SELECT * FROM api_sessions()")]
        assert states.count("idle in transaction") >= 1
        assert app.execute("SELECT count(*) FROM api_standbys()").fetchone()


def kept(role: str) -> str | None:
    """Return what the server keeps of a role's password."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role])
        return cursor.fetchone()[0]


def test_made_again_after_a_release_it_keeps_its_password_and_may_read_statistics(role):
    before = kept(role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT pg_read_all_stats TO {role}")
    call_command("app_role", role=role, stdout=io.StringIO())
    assert before and kept(role) == before
    grants.make(role, f"{PASSWORD}-anew")
    assert kept(role) not in (before, None)


@pytest.fixture
def plain_owner(transactional_city, monkeypatch) -> Iterator[str]:
    """Have the roles made by who owns the tables and is no superuser; those of PostGIS are another's."""
    suffix = re.sub(r"[^a-z0-9]", "", connection.settings_dict["NAME"][-4:])
    owner, others = f"owner_of_the_tests_{suffix}", f"who_has_postgis_{suffix}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        ((us,),) = cursor.fetchall()
        # A member of a superuser owns what that one owns, and is none.
        cursor.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD '{PASSWORD}' IN ROLE \"{us}\"")
        cursor.execute(f"CREATE ROLE {others}; ALTER TABLE spatial_ref_sys OWNER TO {others}")
        connect = partial(psycopg.connect, database_url(), user=owner, password=PASSWORD)
        monkeypatch.setattr(grants.sql, "connect", connect)
        yield owner
        monkeypatch.undo()
        cursor.execute(f'ALTER TABLE spatial_ref_sys OWNER TO "{us}"')
        cursor.execute(f"DROP OWNED BY {owner}; DROP ROLE {owner}, {others}")


def test_an_owner_who_is_no_superuser_makes_it_again_and_takes_it_away(plain_owner):
    made = f"made_by_{plain_owner}"
    grants.make(made, PASSWORD)
    grants.make(made, f"{PASSWORD}-anew")
    with psycopg.connect(database_url(), user=made, password=f"{PASSWORD}-anew") as app:
        app.execute(APPEND)
        assert app.execute("SELECT count(*) FROM spatial_ref_sys").fetchone() != (0,)
        for statement in ("DELETE FROM access_entry", "DELETE FROM reports_assignment"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(statement)
        app.rollback()
    with psycopg.connect(database_url(), user=plain_owner, password=PASSWORD) as owner:
        owner.execute("CREATE TABLE later (a int)")  # as a release does
        later = "SELECT has_table_privilege(%s, 'later', 'INSERT')"
        assert owner.execute(later, [made]).fetchone() == (True,)
        grants.make(made, None, is_worker=True)
        owner.rollback()
    grants.drop(made)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [made])
        assert cursor.fetchone() == (0,)


def test_a_role_that_is_a_member_of_another_is_somebody_elses(role):
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT pg_monitor TO {role}")
        try:
            with pytest.raises(Conflict, match="exists and may do more than this"):
                grants.make(role, None)
        finally:
            cursor.execute(f"REVOKE pg_monitor FROM {role}")


def test_of_a_statement_that_fails_the_log_of_postgresql_has_neither_text_nor_row(app, transactional_city):
    log = Path(connection.settings_dict["HOST"], "postgres.log")
    if not log.is_file():
        pytest.skip("these tests' database is none of their own")
    before = log.stat().st_size
    name = "Ratnaningsih-Wirokusumo"
    with connection.cursor() as owner:
        for run in (app.execute, owner.execute):
            run("CREATE TEMPORARY TABLE told (name text PRIMARY KEY, said text CHECK (said <> name))")
            with pytest.raises((psycopg.Error, DatabaseError)):
                run(f"INSERT INTO told VALUES ('{name}', '{name}')")
            app.rollback()
    said = log.read_bytes()[before:].decode(errors="replace")
    assert said.count("violates check constraint") >= 2
    assert name not in said


def test_who_makes_the_role_hears_what_a_superuser_has_to_set(role):
    assert grants.logged(role) == []
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {role} SET log_error_verbosity = 'default'")
    assert grants.logged(role) == ["log_error_verbosity = terse"]


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("Robert'); DROP TABLE students", PASSWORD, "a lower-case name"),
        ("app_of_tests", "short", "a password of at least 12"),
    ],
)
def test_a_name_or_password_that_cannot_be_used_is_refused(name, password, said):
    with pytest.raises(InvalidRequest, match=said):
        grants.make(name, password)


def test_the_owner_is_not_made_the_role():
    with pytest.raises(CommandError, match="exists and may do more than this"):
        call_command("app_role", role=connection.settings_dict["USER"], stdout=io.StringIO())
    with pytest.raises(CommandError, match="there is no role 'nobody_here'"):
        call_command("app_role", role="nobody_here", drop=True, stdout=io.StringIO())
