"""``manage.py migrate`` holds nobody up, and goes on behind one that was killed."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from geoplatform import sql


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return cursor.fetchone()[0]


def index(name: str) -> bool | None:
    """Whether an index is valid; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [name])
        found = cursor.fetchone()
        return found and found[0]


def test_a_migrate_that_finds_another_one_under_way_does_nothing_and_says_so(transactional_city):
    with sql.connect() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('migrate', 0))")
        with pytest.raises(CommandError, match="another migrate is under way"):
            call_command("migrate", verbosity=0)


def test_a_table_that_is_not_free_is_not_waited_for_and_the_next_migrate_goes_on(transactional_city):
    with sql.connect() as reader:
        reader.execute("BEGIN")
        reader.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CommandError, match=r"not free for 0\.05 s"):
            call_command("migrate", verbosity=0, lock_timeout=0.05)
        reader.execute("ROLLBACK")
    assert shown("lock_timeout") == "0"
    call_command("migrate", verbosity=0)


def test_an_index_that_a_killed_migrate_left_half_built_is_dropped_before_it_is_built_anew(
    transactional_city,
):
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX half_built ON reports_report (id)")
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half_built'::regclass")
    assert index("half_built") is False
    call_command("migrate", verbosity=0)
    assert index("half_built") is None
    assert index("reports_report_pkey") is True
