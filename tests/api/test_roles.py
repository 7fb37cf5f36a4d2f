"""What the role for analysts can read, and that it can do nothing else."""

import io
import re
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from api.collections import catalogue
from tests.conftest import database_url

pytestmark = pytest.mark.django_db(transaction=True)
OPEN = {"spatial_ref_sys", "geometry_columns", "geography_columns"}  # PostGIS's own, for every client
ROLE = "analyst_of_the_tests"


@pytest.fixture
def said(transactional_city) -> Iterator[str]:
    """Make the role, and return what the command prints."""
    name = connection.settings_dict["NAME"]
    role = f"{ROLE}_{re.sub(r'[^a-z0-9]', '', name[-4:])}"
    out = io.StringIO()
    call_command("analyst", role=role, timeout=120, stdout=out)
    yield out.getvalue()
    call_command("analyst", role=role, drop=True, stdout=io.StringIO())


def service(said: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in said.splitlines() if re.match(r"\w+=", line))


@pytest.fixture
def analyst(said) -> Iterator[psycopg.Connection]:
    """Connect as the command says."""
    given = service(said)
    with psycopg.connect(database_url(), user=given["user"], password=given["password"]) as own:
        own.autocommit = True
        yield own


def test_every_view_can_be_read(analyst):
    for name in catalogue():
        assert analyst.execute(f"SELECT count(*) FROM analyst.{name}").fetchone()
    assert analyst.execute("SELECT count(*) FROM kota").fetchone() == (6,)


def test_nothing_else_can_be_read(analyst):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', nspname, relname), relname FROM pg_class"
            " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE relkind IN ('r', 'v', 'm', 'p', 'f', 'S')"
            " AND nspname NOT IN ('analyst', 'pg_catalog', 'information_schema', 'pg_toast')"
        )
        others = [table for table, name in cursor.fetchall() if name not in OPEN]
    assert len(others) > 40
    for table in others:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            analyst.execute(f"SELECT * FROM {table} LIMIT 0")


FORBIDDEN = (
    "DELETE FROM analyst.kota",
    "UPDATE analyst.reports SET text = 'x'",
    "CREATE TABLE analyst.mine (a int)",
    "CREATE TABLE public.mine (a int)",
    "CREATE TEMPORARY TABLE mine (a int)",
    "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true'",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "COPY analyst.kota TO PROGRAM 'cat'",
    "COPY analyst.kota TO '/tmp/kota.csv'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT passwd FROM pg_shadow",
    "SET ROLE geoplatform",
)


def test_nothing_can_be_written_and_no_file_read_even_where_the_session_says_it_may(analyst):
    analyst.execute("SET default_transaction_read_only = off")
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
    for statement in FORBIDDEN:
        with pytest.raises(refused):
            analyst.execute(statement)


def test_a_statement_that_takes_too_long_is_ended(analyst):
    assert analyst.execute("SHOW statement_timeout").fetchone() == ("2min",)
    analyst.execute("SET statement_timeout = '20ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        analyst.execute("SELECT pg_sleep(300)")


def test_the_password_is_known_to_nobody_but_who_is_told(said):
    password = service(said)["password"]
    assert len(password) >= 24
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [service(said)["user"]])
        ((stored,),) = cursor.fetchall()
    assert stored.startswith("SCRAM-SHA-256$")
    assert password not in stored


def test_renewed_the_role_has_another_password_and_one_of_a_file_is_not_printed(said, tmp_path):
    given = service(said)
    file = tmp_path / "password"
    file.write_text("a password of twelve and more\n")
    out = io.StringIO()
    call_command("analyst", role=given["user"], password_file=file, timeout=9, stdout=out)
    assert "twelve" not in out.getvalue()
    with psycopg.connect(database_url(), user=given["user"], password="a password of twelve and more") as own:
        assert own.execute("SHOW statement_timeout").fetchone() == ("9s",)


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"role": "postgres; DROP"}, "a lower-case name"),
        ({"role": "Robert"}, "a lower-case name"),
        ({"role": "geoplatform"}, "exists and may do more than read"),
        ({"role": "nobody_of_this_name", "drop": True}, "there is no role"),
        ({"role": ROLE, "timeout": 0}, "at least 1 is wanted"),
    ],
)
def test_what_cannot_be_made_is_said_in_a_line(transactional_city, options, detail):
    with pytest.raises(CommandError, match=detail):
        call_command("analyst", **options)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [ROLE])
        assert cursor.fetchone() == (0,)


def test_a_short_password_is_refused(transactional_city, tmp_path):
    file = tmp_path / "password"
    file.write_text("short\n")
    with pytest.raises(CommandError, match="at least 12 printable characters"):
        call_command("analyst", role=ROLE, password_file=file)
