"""Contacts of citizens: sealed in the table, opened with a key alone, sealed anew when keys change."""

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from geoplatform.errors import BadSettings, Conflict
from reports import intake, sealing
from reports.models import Contact

AUTHOR = "Ratnaningsih Wirokusumo"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def typed(*words: str) -> str:
    out = io.StringIO()
    call_command("contacts", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def sealed(settings, receive_one) -> Contact:
    settings.CONTACT_KEYS = OLD
    receive_one(author=AUTHOR)
    return Contact.objects.get()


def test_a_name_is_sealed_and_opened(sealed):
    assert AUTHOR.encode() not in bytes(sealed.sealed)
    assert sealing.read("qlue", "1") == {"name": AUTHOR}
    assert sealing.read("qlue", "2") == {}


def test_without_a_key_no_contact_is_kept(settings, receive_one):
    settings.CONTACT_KEYS = ""
    receive_one(author=AUTHOR)
    assert not Contact.objects.exists()
    with pytest.raises(CommandError, match="GEOPLATFORM_CONTACT_KEYS: no key is set"):
        typed("rotate")


def test_who_wrote_is_what_the_channel_said_last_and_nobody_where_it_says_none(sealed, submission):
    intake.receive([submission(author="Lain"), submission("2"), submission("3", author=" ")], simulated=False)
    assert sealing.read("qlue", "1") == {"name": "Lain"}
    assert Contact.objects.count() == 1


def test_keys_are_changed_in_two_steps_and_nothing_is_lost_between(sealed, settings):
    settings.CONTACT_KEYS = f"{NEW},{OLD}"
    assert sealing.read("qlue", "1") == {"name": AUTHOR}
    assert typed("rotate") == "1 contacts sealed with the newest key, 0 that no key opens\n"
    settings.CONTACT_KEYS = NEW
    assert sealing.read("qlue", "1") == {"name": AUTHOR}


def test_what_no_key_opens_is_said_and_stays(sealed, settings):
    settings.CONTACT_KEYS = NEW
    with pytest.raises(Conflict, match="sealed with a key that is not here"):
        sealing.read("qlue", "1")
    assert typed("rotate") == "0 contacts sealed with the newest key, 1 that no key opens\n"
    assert bytes(Contact.objects.get().sealed) == bytes(sealed.sealed)


def test_what_is_no_key_is_refused_and_not_shown(settings, db):
    settings.CONTACT_KEYS = "secret-but-wrong"
    with pytest.raises(BadSettings, match="one is no key") as refused:
        sealing.keys()
    assert "secret" not in str(refused.value)


def test_the_command_makes_a_key():
    Fernet(typed("new-key").strip())
