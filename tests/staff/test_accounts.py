"""Accounts of staff: by the command, as an administrator types it."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from boundaries.models import Office
from geoplatform.errors import Conflict
from staff import accounts
from staff.models import User
from tests.staff.conftest import PASSWORD


@pytest.fixture
def typed(city, monkeypatch):
    """Run the command; what is typed behind it is its standard input."""

    def run(*words: str, sent: str = "") -> str:
        out = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(sent))
        call_command("staff", *words, stdout=out)
        return out.getvalue()

    return run


def create(typed, *words: str, sent: str = f"{PASSWORD}\n") -> str:
    return typed("create", *words, "--password-stdin", sent=sent)


def test_an_account_is_made_listed_ended_and_reopened(typed):
    assert create(typed, "Budi", "--role", "triage", "--name", "Budi S") == "account budi: triage\n"
    user = User.objects.get()
    assert (user.username, user.name, user.check_password(PASSWORD)) == ("budi", "Budi S", True)
    assert typed("list").split() == [str(user.id), "budi", "active", "triage", "never", "seen", "-"]
    assert typed("disable", "BUDI") == "account budi is disabled\n"
    assert "disabled" in typed("list")
    assert typed("enable", "budi") == "account budi is active\n"
    typed("password", "budi", "--password-stdin", sent="lampu-jalan-mati-9\n")
    assert User.objects.get().check_password("lampu-jalan-mati-9")


def test_an_official_has_an_office(typed):
    code = Office.objects.filter(level="kelurahan").order_by("code").first().code
    with pytest.raises(CommandError, match="sees the cases of an office, and none is named"):
        create(typed, "lurah", "--role", "official")
    with pytest.raises(CommandError, match="no office 'nowhere'"):
        create(typed, "lurah", "--role", "official", "--office", "nowhere")
    create(typed, "lurah", "--role", "official", "--office", code)
    assert User.objects.get().office_id == code


def test_an_account_without_a_password_cannot_be_entered_by_one(typed):
    typed("create", "sso", "--role", "triage", "--no-password")
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize(
    ("words", "sent", "said"),
    [
        (["budi", "--role", "triage"], "12345\n", "password: This password is too short"),
        (["budisantoso", "--role", "triage"], "budisantoso1\n", "password: "),
        (["budi", "--role", "triage"], "\n", "password: "),
        (["budi", "--role", "king"], f"{PASSWORD}\n", "role king: known are administrator, auditor, "),
        (["budi"], f"{PASSWORD}\n", "create wants a --role"),
        (["bu di", "--role", "triage"], f"{PASSWORD}\n", "username 'bu di'"),
        (["budi", "--role", "triage", "--email", "x"], f"{PASSWORD}\n", "email 'x' is no address"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(typed, words, sent, said):
    with pytest.raises(CommandError, match=said):
        create(typed, *words, sent=sent)
    assert not User.objects.exists()


def test_a_password_is_never_an_argument_and_never_made_up(typed):
    with pytest.raises(CommandError, match="no terminal to ask for the password"):
        typed("create", "budi", "--role", "triage")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["disable", "nobody"], "no account 'nobody'"),
        (["enable", "budi"], "account 'budi' is active already"),
        (["list", "budi"], "list wants no username"),
        (["disable"], "every other verb wants one"),
    ],
)
def test_a_verb_that_does_not_fit_is_refused(typed, words, said):
    create(typed, "budi", "--role", "triage")
    with pytest.raises(CommandError, match=said):
        typed(*words)


def test_one_name_is_one_account_however_it_is_capitalised(typed):
    create(typed, "budi", "--role", "triage")
    with pytest.raises(CommandError, match="there is an account 'budi'"):
        create(typed, "Budi", "--role", "auditor")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="budi").update(username="Budi")
    assert User.objects.get_by_natural_key("BUDI").username == "budi"


def test_one_address_is_one_active_account_however_it_is_capitalised(typed):
    said = "email 'BUDI@contoh.go.id': account 'budi' has this address"
    create(typed, "budi", "--role", "triage", "--email", "budi@contoh.go.id")
    with pytest.raises(CommandError, match=said):
        create(typed, "other", "--role", "triage", "--email", "BUDI@contoh.go.id")
    create(typed, "other", "--role", "triage")
    with pytest.raises(Conflict, match=said):
        accounts.change("other", ["triage"], email="BUDI@contoh.go.id")
    accounts.change("budi", ["triage"], email="budi@contoh.go.id")
    # Who has left leaves the address to the next one, and comes back with another.
    typed("disable", "budi")
    accounts.change("other", ["triage"], email="BUDI@contoh.go.id")
    with pytest.raises(CommandError, match="account 'other' has this address"):
        typed("enable", "budi")
    assert not accounts.find("budi").is_active
