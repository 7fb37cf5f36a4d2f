"""Keys: made, shown once, found, revoked."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from access import keys
from access.models import ApiKey
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NoKey, NotFound


@pytest.fixture(autouse=True)
def known_to_nobody():
    keys.forget()
    yield
    keys.forget()


def test_a_key_is_found_by_its_text(db):
    key, text = keys.create("Contoh", ["write"])
    assert keys.find(text) == (key.id, "Contoh", {"write"})


def test_the_text_of_a_key_is_nowhere_in_the_database(db):
    _, text = keys.create("Contoh", ["write", "limits"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(access_apikey)::text FROM access_apikey")
        ((row,),) = cursor.fetchall()
    assert text not in row and text[keys.START :] not in row
    assert re.fullmatch(r"gp_[\w-]{43}", text)


def test_two_keys_are_never_the_same(db):
    assert len({keys.create("Contoh", ["write"])[1] for _ in range(20)}) == 20


@pytest.mark.parametrize("text", ["", "gp_", "x" * 10_000, "gp_' OR 1=1 --", "\0", "\ud800", "kunci %s"])
def test_what_is_no_key_is_nobodys(db, text):
    keys.create("Contoh", ["write"])
    with pytest.raises(NoKey):
        keys.find(text)


def test_a_revoked_key_is_nobodys_at_once_in_this_process(db):
    key, text = keys.create("Contoh", ["write"])
    keys.find(text)
    keys.revoke(key.id)
    with pytest.raises(NoKey):
        keys.find(text)
    with pytest.raises(Conflict):
        keys.revoke(key.id)


def test_what_another_process_revokes_is_known_for_seconds_alone(db, monkeypatch):
    monkeypatch.setattr(keys, "KNOWN_S", 3_600.0)
    key, text = keys.create("Contoh", ["write"])
    keys.find(text)
    ApiKey.objects.filter(id=key.id).update(revoked_at=timezone.now())
    assert keys.find(text)
    later = keys.time.monotonic() + keys.KNOWN_S
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    with pytest.raises(NoKey):
        keys.find(text)


def test_an_expired_key_is_nobodys(db):
    key, text = keys.create("Contoh", ["write"], timezone.now() + timedelta(days=1))
    ApiKey.objects.filter(id=key.id).update(expires_at=timezone.now())
    with pytest.raises(NoKey):
        keys.find(text)


def test_it_is_noted_when_a_key_was_used_last(db):
    key, text = keys.create("Contoh", ["write"])
    keys.find(text)
    key.refresh_from_db()
    assert timezone.now() - key.last_used_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("title", "scopes", "expires_at"),
    [
        ("", ["write"], None),
        (" ", ["write"], None),
        ("Contoh", [], None),
        ("Contoh", ["read"], None),
        ("Contoh", ["write"], timezone.now() - timedelta(days=1)),
    ],
)
def test_a_key_without_title_scope_or_future_is_not_made(db, title, scopes, expires_at):
    with pytest.raises(InvalidRequest):
        keys.create(title, scopes, expires_at)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{"HTTP_AUTHORIZATION": "Bearer {}"}, {"HTTP_AUTHORIZATION": "bearer {}"}, {"HTTP_X_API_KEY": "{}"}],
)
def test_a_request_bears_its_key_in_either_header(db, rf, headers):
    _, text = keys.create("Contoh", ["write"])
    request = rf.post("/", **{name: value.format(text) for name, value in headers.items()})
    assert keys.require(request, "write").title == "Contoh"


def test_a_request_without_a_key_or_with_one_for_something_else_is_refused(db, rf):
    _, text = keys.create("Contoh", ["limits"])
    with pytest.raises(NoKey):
        keys.require(rf.post("/"), "write")
    with pytest.raises(NoKey):
        keys.require(rf.post("/", HTTP_AUTHORIZATION="Basic Z3A6"), "write")
    with pytest.raises(Forbidden):
        keys.require(rf.post("/", HTTP_X_API_KEY=text), "write")


def ask(*args: str) -> str:
    out = StringIO()
    call_command("key", *args, stdout=out)
    return out.getvalue()


def test_the_command_makes_lists_and_revokes(db):
    said = ask("create", "Contoh", "--scope", "write", "--scope", "limits", "--expires", "2099-12-31")
    text = re.search(r"gp_[\w-]+", said)[0]
    key = ApiKey.objects.get()
    assert keys.find(text).scopes == {"write", "limits"}
    assert key.expires_at.isoformat() == "2099-12-31T17:00:00+00:00"  # the day is over in the city
    listed = ask("list")
    assert "Contoh" in listed and "valid" in listed and text not in listed
    ask("revoke", str(key.id))
    assert "revoked" in ask("list")


@pytest.mark.parametrize(
    "args",
    [
        ("create",),
        ("create", "Contoh"),
        ("create", "Contoh", "--scope", "write", "--expires", "besok"),
        ("list", "Contoh"),
        ("revoke",),
        ("revoke", "'; DROP TABLE access_apikey"),
        ("revoke", "4711"),
    ],
)
def test_the_command_says_what_it_cannot_do(db, args):
    with pytest.raises(CommandError):
        ask(*args)


def test_a_key_that_is_not_there_cannot_be_revoked(db):
    with pytest.raises(NotFound):
        keys.revoke(4711)
