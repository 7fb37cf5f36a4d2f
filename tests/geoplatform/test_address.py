"""What is said of an address where no database can be had: one line, on the command line."""

import os
import subprocess
import sys

import psycopg
import pytest
from psycopg import sql

from geoplatform import address
from geoplatform.database import ROOT
from geoplatform.errors import BadSettings
from tests.conftest import database_url

NOWHERE = "postgresql:///nope?host=/nonexistent"
SET_UP = (
    ". script/_setup && install_requirements() { :; } && set_up requirements.txt postgres && echo went on"
)


def said(*command: str, url: str) -> tuple[int, str]:
    environment = os.environ | {"DATABASE_URL": url, "GEOPLATFORM_SECRET_KEY": "for this test only"}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240
    )
    return ended.returncode, ended.stdout + ended.stderr


def python(*arguments: str, url: str) -> tuple[int, str]:
    return said(sys.executable, *arguments, url=url)


PREPARE, OTHER, ADDRESS = "manage.py prepare", "manage.py load_officials README.md", "-m geoplatform.address"


# What Django has to begin for is asked of one command each: they differ only in where the error comes from.
@pytest.mark.parametrize(
    ("url", "reason", "commands"),
    [
        (
            NOWHERE,
            'socket "/nonexistent/.s.PGSQL.5432" failed: No such file or directory',
            [PREPARE, ADDRESS],
        ),
        ("postgresql://localhost:1/nope", "port 1 failed: Connection refused", [OTHER, ADDRESS]),
        (
            "garbage",
            'is no libpq URI, such as postgresql:///geoplatform: missing "=" after "..."',
            [PREPARE, OTHER, ADDRESS],
        ),
        ("postgresql:///nope?hots=/tmp", "invalid URI query parameter", [PREPARE, OTHER, ADDRESS]),
    ],
    ids=["no socket", "no server", "garbage", "a misspelt part"],
)
def test_a_wrong_address_is_one_line_that_names_the_setting_and_the_reason(url, reason, commands):
    for command in commands:
        _is_one_line(*python(*command.split(), url=url), reason)


def _is_one_line(code: int, words: str, reason: str) -> None:
    assert code == 1
    assert words.count("\n") == 1
    assert "DATABASE_URL" in words
    assert reason in words


@pytest.mark.parametrize("url", [NOWHERE, "garbage"])
def test_the_scripts_say_it_before_they_start_anything(url):
    code, words = said("bash", "-c", SET_UP, url=url)
    assert code == 1
    assert words.count("\n") == 1
    assert "DATABASE_URL" in words


def test_where_the_database_answers_nothing_is_said(db):
    assert python("-m", "geoplatform.address", url=database_url()) == (0, "")
    assert said("bash", "-c", SET_UP, url=database_url()) == (0, "went on\n")


def test_a_server_is_enough_where_the_database_is_still_to_be_made(db):
    unmade = database_url().replace("postgresql:///", "postgresql:///not_made_", 1)
    assert python("-m", "geoplatform.address", url=unmade) == (0, "")
    code, words = python("manage.py", "migrate", url=unmade)
    assert (code, words.count("\n")) == (1, 1)
    assert "does not exist" in words


@pytest.fixture(scope="module")
def empty(django_db_setup, django_db_blocker):
    """Make a database without tables; returns its address."""
    with django_db_blocker.unblock():
        here = database_url()
    name = sql.Identifier(f"{psycopg.conninfo.conninfo_to_dict(here)['dbname']}_empty")
    with psycopg.connect(here, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield here.replace("?", "_empty?", 1)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


# As typed one behind the other, in one process: that Django begins is what takes the time.
TYPED = """
import sys, manage
for words in sys.argv[1:]:
    sys.argv = ["manage.py", *words.split()]
    try:
        manage.main()
    except SystemExit as ended:
        print(words, "->", ended.code)
"""


def test_a_database_without_tables_is_one_line_that_says_what_makes_them(empty):
    commands = [
        "editions", "feeds", "ingest qlue", "replay qlue", "load_officials fixtures/officials.csv",
        "load_categories",
    ]  # fmt: skip
    line = "manage.py: this database has no tables yet, or old ones: manage.py prepare makes them"
    assert python("-c", TYPED, *commands, url=empty) == (
        0, "".join(f"{words} -> {line}\n" for words in commands)
    )  # fmt: skip
    assert python("manage.py", "feeds", url=empty) == (1, f"{line}\n")


def test_a_table_that_lacks_in_a_database_that_is_up_to_date_is_a_fault_of_ours(transactional_db):
    code, words = python(
        "manage.py", "shell", "-v0", "-c",
        "from django.db import connection; connection.cursor().execute('SELECT FROM misspelt')",
        url=database_url(),
    )  # fmt: skip
    assert code == 1
    assert "Traceback" in words
    assert "misspelt" in words


def test_no_password_is_repeated(monkeypatch):
    for url in (
        "postgresql://city:secret%zz@localhost/x",
        "city:secret@localhost",
        "postgresql://c:secret@[x/y",
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        with pytest.raises(BadSettings) as caught:
            address.read()
        assert "secret" not in str(caught.value)


def test_an_address_that_is_not_set_is_called_so(monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("PGHOST", "/nonexistent")
    assert address.wrong().startswith("DATABASE_URL (not set: postgresql:///geoplatform): ")


def test_what_an_address_says_of_the_connection_is_taken_in_the_place_of_ours():
    code, words = python(
        "manage.py", "shell", "-v0", "-c",
        "from django.db import connection; print(connection.get_connection_params())",
        url="postgresql://a,b/x?target_session_attrs=read-write&connect_timeout=2&tcp_user_timeout=2000",
    )  # fmt: skip
    assert code == 0, words
    for said in (
        "'host': 'a,b'",
        "'connect_timeout': '2'",
        "'tcp_user_timeout': '2000'",
        "'keepalives_idle': 3",
    ):
        assert said in words
