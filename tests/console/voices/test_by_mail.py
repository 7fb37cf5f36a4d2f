"""A citizen who writes an e-mail: received, answered, not solved, answered again; over real IMAP and SMTP."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import expect

from api.words import words
from casework import tasks
from casework.escalation import notices
from casework.models import Case
from casework.steps import telling, workflow
from casework.steps.workflow import Step
from ingest import pipeline
from reports.models import Report, SourceUpdate
from tests.casework.mail_server import Handler, serving
from tests.ingest.mail_servers import PASSWORD, dovecot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]
SAID = words("answers", "id")
CITIZEN = "budi.errand@contoh.example"
OWN = "dki@jakarta.go.id"


@pytest.fixture
def post(settings, tmp_path, monkeypatch, live_server):
    """Begin the city's mailbox and its mail server; returns both."""
    with serving(settings) as server, dovecot() as mailbox:
        box = mailbox.fresh()
        facts = tmp_path / "feeds.toml"
        facts.write_text(f'[email]\nurl = "{box.url()}"\nallow_hosts = ["127.0.0.1"]\n')
        monkeypatch.setenv("GEOPLATFORM_FEED_EMAIL_TOKEN", PASSWORD)
        settings.FEEDS_FILE = str(facts)
        settings.PUBLIC_URL = live_server.url
        settings.CONTACT_KEYS = Fernet.generate_key().decode()
        settings.NOTICE_CHANNELS = {"reply": "casework.citizens.replies.send"}
        settings.EMAIL_REPLY_TO = OWN
        yield box, server


def written(text: str, subject: str, answers: EmailMessage | None = None) -> bytes:
    """Return a mail of the citizen's, as their program writes it."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = f"Budi Contoh <{CITIZEN}>", OWN, subject
    letter["Date"], letter["Message-ID"] = format_datetime(datetime.now(UTC)), f"<{len(text)}@contoh.example>"
    if answers:
        letter["In-Reply-To"] = answers["Message-ID"]
        letter["References"] = f"{answers['References']} {answers['Message-ID']}"
    letter.set_content(text)
    return letter.as_bytes()


def minute(server: Handler) -> EmailMessage:
    """Let the feed be read and the minute's tasks run; returns the one mail that comes of it."""
    before = len(server.taken)
    pipeline.run("email")
    tasks.open_cases(0)
    notices.send_due()
    (letter,) = server.taken[before:]
    return letter


def answer(server: Handler, id: int, text: str) -> EmailMessage:
    """Let an office answer; returns the mail that comes of it."""
    at = datetime.now(UTC)
    workflow.change_one(Step(id, "answered", text), "user:1", {"answer"}, at)
    telling.steps({id: ("answered", text)}, "Lurah Gambir", at)
    return minute(server)


def link(letter: EmailMessage) -> str:
    return re.search(r"/answers/[\w-]+", letter.get_content())[0]


def test_an_e_mail_is_received_answered_disputed_and_answered_again(transactional_city, post, phone):
    box, server = post
    box.deliver(written("Jalan berlubang di depan Stasiun Gambir, sudah dua minggu.", "Jalan rusak"))
    receipt = minute(server)
    report = Report.objects.get()
    assert receipt["Subject"] == f"Laporan Anda kami terima: nomor {report.pk}"
    assert (receipt["To"], receipt["Reply-To"]) == (CITIZEN, OWN)
    phone = phone()
    page = phone(link(receipt))
    expect(page.get_by_text(SAID["nothing_said"])).to_be_visible()
    assert phone.faults() == []

    first = answer(server, report.pk, "Lubang sudah kami tambal.")
    page = phone(link(first))
    expect(page.get_by_text("Lubang sudah kami tambal.")).to_be_visible()
    assert phone.faults() == []
    page.get_by_label(SAID["text"]).fill("Masih berlubang")
    page.get_by_role("button", name=SAID["dispute"]).click()
    expect(page.get_by_text(SAID["thanks"])).to_be_visible()
    assert phone.faults() == []
    assert Case.objects.get().state_id == "disputed"

    second = answer(server, report.pk, "Sekarang sudah diaspal ulang.")
    assert link(second) != link(first)
    page = phone(f"{link(second)}?lang=en")
    expect(page.get_by_text("Sekarang sudah diaspal ulang.")).to_be_visible()
    page.get_by_role("button", name=words("answers", "en")["stop"]).click()
    expect(page.get_by_text(words("answers", "en")["stopped"])).to_be_visible()

    # What they answer to our mail belongs to their report, and is no other one.
    box.deliver(written("Terima kasih, sudah beres sekarang.", "Re: Jawaban", second))
    pipeline.run("email")
    assert Report.objects.count() == 1
    assert "sudah beres sekarang" in SourceUpdate.objects.latest("id").note
