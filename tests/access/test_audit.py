"""The audit: every line is bound to the one before, and whoever tampers is named."""

import io
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from access import audit, tasks
from access.audit import Origin
from access.models import Entry
from geoplatform.errors import Conflict, InvalidRequest
from tests.conftest import NOON

BUDI = Origin("user:12", "192.0.2.7", "Firefox")


def typed(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("audit", *words, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def eight(db) -> str:
    """Eight lines; returns the head."""
    for number in range(8):
        audit.record("case.step", BUDI, NOON + timedelta(minutes=number), f"report:{number}", to="selected")
    return str(audit.head())


def tamper(*statements: str) -> None:
    """Do what only the owner of the table can: to switch the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE access_entry DISABLE TRIGGER ALL")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE access_entry ENABLE TRIGGER ALL")


# The content of a line and its hash made to fit, as somebody would who knows how.
FITTING = """UPDATE access_entry AS entry SET hash = sha256(
    coalesce((SELECT former.hash FROM access_entry AS former WHERE former.id = entry.id - 1), '')
    || access_content(entry)) WHERE entry.id = %d"""


def test_lines_are_numbered_without_a_gap_and_say_who_what_when_and_from_where(eight):
    assert list(Entry.objects.order_by("id").values_list("id", flat=True)) == list(range(1, 9))
    last = Entry.objects.get(id=8)
    assert (last.by, last.action, last.subject, last.details) == (
        "user:12",
        "case.step",
        "report:7",
        {"to": "selected"},
    )
    assert (last.address, last.agent, last.at) == ("192.0.2.7", "Firefox", NOON + timedelta(minutes=7))
    assert audit.faults(eight) == []


def test_whoever_inserts_cannot_choose_number_or_hash(eight):
    Entry.objects.create(id=3, hash=b"mine", at=NOON, action="x")
    assert Entry.objects.order_by("-id").first().id == 9
    assert audit.faults() == []


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE access_entry SET by = 'user:13' WHERE id = 4"], ["entry 4 was changed"]),
        (
            ["UPDATE access_entry SET at = at + interval '1 us' WHERE id = 1"],
            ["entry 1 was changed"],
        ),
        (
            ["UPDATE access_entry SET details = '{}' WHERE id = 8"],
            ["entry 8 was changed"],
        ),
        (
            ["UPDATE access_entry SET subject = 'report:9' WHERE id = 4", FITTING % 4],
            ["entry 5 was changed or put in, or 4 was and its hash with it"],
        ),
        (["DELETE FROM access_entry WHERE id = 5"], ["entry 5 is missing, before 6"]),
        (["DELETE FROM access_entry WHERE id < 4"], ["entry 1 to 3 is missing, before 4"]),
        (
            [
                "UPDATE access_entry SET id = -id WHERE id > 5",
                "UPDATE access_entry SET id = 1 - id WHERE id < 0",
                """INSERT INTO access_entry (id, at, by, action, subject, address, agent, hash)
                   SELECT 6, at, by, action, subject, address, agent, hash FROM access_entry WHERE id = 5""",
                FITTING % 6,
            ],
            ["entry 7 was changed", "entry 8 was changed", "entry 9 was changed"],
        ),
    ],
    ids=["changed", "by a microsecond", "the last", "with its hash", "removed", "the first", "inserted"],
)
def test_a_line_that_was_changed_removed_or_put_in_is_found_and_named(eight, statements, expected):
    tamper(*statements)
    found = audit.faults()
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected
    with pytest.raises(CommandError, match=f"the audit does not hold:\n{expected[0]}"):
        typed("--verify")
    with pytest.raises(Conflict, match=f"the audit does not hold: {expected[0]}"):
        tasks.verify_audit(0)  # as each night, when the job fails


def test_of_an_audit_that_holds_nothing_is_said_at_night(eight):
    tasks.verify_audit(0)


def test_what_was_cut_off_or_written_anew_is_found_by_a_head_that_was_kept_elsewhere(eight):
    tamper("DELETE FROM access_entry WHERE id = 8")
    assert audit.faults() == []
    assert audit.faults(eight) == ["entry 8, which was the head, is missing"]
    audit.record("case.step", BUDI, NOON, "report:99")
    assert audit.faults(eight) == [
        "entry 8 has another hash than it had as the head: it or one before was changed"
    ]


def test_an_earlier_head_stays_right_as_the_chain_grows(eight):
    audit.record("login", BUDI, NOON)
    assert typed("--verify", "--expect", eight)[0] == "9 entries, unbroken"
    assert audit.faults("0:" + "0" * 64) == []
    with pytest.raises(InvalidRequest, match="head '8:xyz' is not"):
        audit.faults("8:xyz")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_entry SET by = 'x' WHERE id = 1",
        "DELETE FROM access_entry WHERE id = 1",
        "SET LOCAL access.may_empty = ''; TRUNCATE access_entry",
    ],
)
def test_the_database_refuses_to_change_it(eight, statement):
    with pytest.raises(DatabaseError, match="access_entry is appended"), transaction.atomic():
        connection.cursor().execute(statement)
    assert audit.faults(eight) == []


def test_five_hundred_lines_are_one_statement(db, django_assert_num_queries):
    things = [(f"report:{number}", {"to": "selected"}) for number in range(500)]
    with django_assert_num_queries(1):
        ids = audit.record_all("case.step", BUDI, NOON, things)
    assert ids == list(range(1, 501))
    assert [one.subject for one in Entry.objects.order_by("id")] == [name for name, _ in things]
    assert audit.faults() == []
    assert audit.record_all("case.step", BUDI, NOON, []) == []


@pytest.mark.django_db(transaction=True)
def test_two_at_a_time_make_one_chain():
    begin = threading.Barrier(2, timeout=120)

    def append() -> None:
        try:
            for _ in range(20):
                begin.wait()
                audit.record("login", BUDI, NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=append) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Entry.objects.order_by("id").values_list("id", flat=True)) == list(range(1, 41))
    assert audit.faults() == []


def test_where_a_request_comes_from_is_told_by_trusted_proxies_alone(rf: RequestFactory):
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="10.1.2.3, 192.0.2.7")
    assert audit.origin(request).address == "192.0.2.7"
    request = rf.get("/", REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert audit.origin(request).address == "198.51.100.1"
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_USER_AGENT="Fire\nfox\0" + "x" * 500)
    assert audit.origin(request, "user:1") == Origin("user:1", "local", "Firefox" + "x" * 113)


def test_the_command_shows_who_did_what_and_the_head(eight):
    audit.record("login", Origin("user:3", "192.0.2.9"), NOON)
    lines = typed("--limit", "2")
    assert [line.split()[0] for line in lines[:2]] == ["8", "9"]
    assert lines[-1] == f"head {audit.head()}"
    assert len(typed("--by", "user:12")) == 9
    assert typed("--subject", "report:3")[0].split()[-1] == "to=selected"
    assert len(typed("--action", "login")) == 2
    with pytest.raises(CommandError, match="--expect belongs to --verify"):
        typed("--expect", eight)


def test_keys_made_and_revoked_are_recorded(db):
    call_command("key", "create", "Contoh", "--scope", "write", stdout=io.StringIO())
    id = Entry.objects.get().subject.removeprefix("key:")
    call_command("key", "revoke", id, stdout=io.StringIO())
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == ["key.create", "key.revoke"]
    assert Entry.objects.order_by("id").first().by.startswith("command:")
