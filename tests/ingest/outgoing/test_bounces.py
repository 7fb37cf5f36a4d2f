"""What comes back of notices is read from a real mailbox, once; whatever else lies there is left alone."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from casework.models import Evidence, Notice
from geoplatform.errors import FeedUnavailable
from ingest.models import Run
from ingest.outgoing import bounces
from ingest.outgoing.bounces import Found
from tests.casework.escalation.test_notices import HEADERS, report
from tests.conftest import NOON
from tests.ingest.mail_servers import PASSWORD

HOUR = timedelta(hours=1)
LETTER = (
    b"From: warga@contoh.example\r\nSubject: Jalan rusak\r\nMessage-ID: <1@contoh.example>\r\n\r\nHalo\r\n"
)


@pytest.fixture
def notice(db) -> Notice:
    """A notice that was sent."""
    return Notice.objects.create(
        channel="email", address="lurah@city.example", subject="Belum dijawab", text="...", created_at=NOON,
        next_at=NOON, sent_at=NOON,
    )  # fmt: skip


@pytest.fixture
def box(dovecot, monkeypatch):
    """The mailbox that the settings name."""
    monkeypatch.setenv(bounces.URL, dovecot.url())
    monkeypatch.setenv(bounces.PASSWORD, PASSWORD)
    return bounces.mailbox()


def test_a_bounce_becomes_evidence_that_the_notice_was_not_delivered(dovecot, box, notice):
    dovecot.deliver(LETTER, report(notice, "failed", "5.1.1", "550 5.1.1 User unknown"))
    assert bounces.read(box, NOON + HOUR) == Found(messages=2, reports=1, news=1)
    found = Evidence.objects.get()
    assert (found.notice, found.kind, found.at) == (notice, "failed", NOON + HOUR)
    assert found.note == "5.1.1 smtp; 550 5.1.1 User unknown"


@pytest.mark.parametrize("header", [b"charset=x-nothing", b"charset=utf-16", b"charset=\xff"])
def test_a_mail_that_nobody_can_read_stops_nothing(dovecot, box, notice, header):
    kind = HEADERS["kind"].encode()
    broken = report(notice, "failed", "5.1.1", "550 User unknown", **HEADERS).replace(
        kind, kind + b"; " + header
    )
    assert header in broken
    dovecot.deliver(broken, report(notice, "failed", "5.1.1", "550 5.1.1 User unknown"))
    assert bounces.read(box, NOON + HOUR).messages == 2
    assert Evidence.objects.filter(kind="failed").count() == 1
    assert bounces.read(box, NOON + 2 * HOUR) == Found()


def test_what_was_read_is_not_read_again_and_what_comes_later_is(dovecot, box, notice):
    dovecot.deliver(report(notice, "delivered", "2.0.0", "250 2.0.0 Ok: saved"))
    bounces.read(box, NOON + HOUR)
    assert bounces.read(box, NOON + 2 * HOUR) == Found()
    dovecot.deliver(report(notice, "failed", "5.2.2", "552 5.2.2 Mailbox full"))
    assert bounces.read(box, NOON + 3 * HOUR) == Found(messages=1, reports=1, news=1)
    assert set(Evidence.objects.values_list("kind", flat=True)) == {"delivered", "failed"}


def test_a_folder_that_is_numbered_anew_is_read_again_and_doubles_nothing(dovecot, box, notice):
    dovecot.deliver(report(notice, "failed", "5.1.1", "550 5.1.1 User unknown"))
    bounces.read(box, NOON + HOUR)
    Run.objects.update(cursor={"uidvalidity": 1, "uid": 99})
    assert bounces.read(box, NOON + 2 * HOUR) == Found(messages=1, reports=1, news=0)
    assert Evidence.objects.count() == 1


def test_nothing_in_the_mailbox_is_marked_as_seen(dovecot, box, notice):
    dovecot.deliver(report(notice, "failed", "5.1.1", "550 5.1.1 User unknown"))
    before = dovecot.flags()
    bounces.read(box, NOON)
    assert dovecot.flags() == before


def test_a_mailbox_that_cannot_be_read_is_a_run_that_failed(dovecot, notice, monkeypatch):
    monkeypatch.setenv(bounces.URL, dovecot.url())
    monkeypatch.setenv(bounces.PASSWORD, "wrong")
    with pytest.raises(FeedUnavailable, match="GEOPLATFORM_FEED_BOUNCES_TOKEN"):
        bounces.read(bounces.mailbox(), NOON)
    run = Run.objects.get()
    assert (run.outcome, run.finished_at) == ("failed", NOON)
    assert PASSWORD not in run.error


def test_in_the_clear_it_is_read_on_this_machine_alone(monkeypatch):
    for url, hosts in (
        ("imap://x@127.0.0.1/INBOX", ("127.0.0.1",)),
        ("imaps://x@mail.city.example/INBOX", ("mail.city.example",)),
        ("imap://x@mail.city.example/INBOX", ()),
    ):
        monkeypatch.setenv(bounces.URL, url)
        assert bounces.mailbox().allow_hosts == hosts


def test_the_command_says_what_was_found_or_that_no_mailbox_is_named(dovecot, box, notice, monkeypatch):
    dovecot.deliver(LETTER, report(notice, "failed", "5.1.1", "550 5.1.1 User unknown"))
    out = io.StringIO()
    call_command("bounces", stdout=out)
    assert out.getvalue() == "2 messages, 1 of them on notices: news for 1\n"
    monkeypatch.delenv(bounces.URL)
    with pytest.raises(CommandError, match="GEOPLATFORM_FEED_BOUNCES_URL is not set"):
        call_command("bounces")
