"""What PostgreSQL's own tools write of the database they can read again: pg_dump, and so pg_upgrade."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from casework.steps import workflow
from geoplatform import postgres
from layers import partitions
from reports import intake
from tests.conftest import NOON, database_url

pytestmark = pytest.mark.django_db(transaction=True)
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
"""
COUNTS = """
SELECT relname, query_to_xml(format('SELECT count(*) AS rows FROM %I', relname), false, true, '')::text
FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1
"""


@pytest.fixture
def second(transactional_city) -> Iterator[str]:
    """Make an empty database beside that of the tests; returns its address."""
    name = f"{connection.settings_dict['NAME']}_again"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield database_url().replace(f"/{connection.settings_dict['NAME']}?", f"/{name}?")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(program: str, *arguments: str) -> None:
    host = Path(str(connection.settings_dict["HOST"]))
    if not host.is_absolute():
        pytest.skip("these tests' database is none of their own")
    command = [postgres.program(program, host), *arguments]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{program}: {done.stderr}"


def test_a_dump_is_restored_whole_to_the_last_row_and_trigger(second, submission, tmp_path):
    intake.receive([submission(str(number)) for number in range(20)], simulated=False)
    workflow.collect(NOON)
    partitions.make_months(NOON)
    dump = str(tmp_path / "dump")
    run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={database_url()}")
    run("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={second}", dump)
    with psycopg.connect(database_url()) as first, psycopg.connect(second) as again:
        for what in (TRIGGERS, COUNTS):
            found = first.execute(what).fetchall()
            assert len(found) > 20 and again.execute(what).fetchall() == found
