"""Citizens who gave an address are answered there, over a real SMTP server: once, and until they say no."""

import re
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from casework import mail, tasks
from casework.citizens import links, replies
from casework.duplicates import clusters, merging
from casework.escalation import notices, receipts
from casework.models import Case, Link, Notice
from casework.routing import turns
from casework.steps import telling, workflow
from casework.steps.workflow import Step
from geoplatform.errors import Forbidden
from layers.models import FeedState
from reports import intake, sealing
from reports.models import Contact, Report
from tests.casework.escalation.test_notices import HEADERS
from tests.casework.escalation.test_notices import report as delivery_report
from tests.casework.mail_server import Handler, serving
from tests.conftest import NOON

HOME = "https://laporan.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE = "Lurah Gambir"
WORDS = "Lubangnya sudah kami tambal. Terima kasih & salam <hormat>"


@pytest.fixture
def server(settings) -> Iterator[Handler]:
    settings.PUBLIC_URL = HOME
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    with serving(settings) as handler:
        settings.NOTICE_CHANNELS = {"reply": "casework.citizens.replies.send"}
        yield handler


@pytest.fixture
def address(request) -> str:
    """An address of this test alone: receipts are counted for a day, whatever is rolled back."""
    return f"warga.{zlib.crc32(request.node.name.encode())}@contoh.example"


@pytest.fixture
def report(city, server, submission, address) -> Callable[..., int]:
    """Receive a report by e-mail, and open its case."""

    def make(id: str = "1@contoh.example", simulated: bool = False, **parts: object) -> int:
        said = {"channel": "email", "author": f"Budi Contoh <{address}>"} | parts
        intake.receive([submission(id, **said)], simulated=simulated)
        workflow.collect(NOON)
        turns.begin()
        return Report.objects.get(external_id=id).pk

    return make


def answer(id: int, words: str = WORDS, at=NOON + HOUR) -> None:
    """Let an office answer a case, by the step that the console takes."""
    workflow.change_one(Step(id, "answered", words), "user:1", {"answer"}, at)
    telling.steps({id: ("answered", words)}, OFFICE, at)


def came(server: Handler, at=NOON + HOUR) -> list[EmailMessage]:
    """Let the minute's task run, and return what arrived."""
    before = len(server.taken)
    notices.send_due(at)
    return server.taken[before:]


def token_in(letter: EmailMessage) -> str:
    return re.search(rf"{HOME}/answers/([\w-]+)", letter.get_content())[1]


def test_an_answer_comes_to_who_reported_by_e_mail_once_below_what_they_wrote(server, report, address):
    id = report()
    answer(id)
    telling.steps({id: ("answered", WORDS)}, OFFICE, NOON + HOUR)  # the same again
    (letter,) = came(server)
    assert (letter["To"], letter["Subject"]) == (address, f"Jawaban untuk laporan Anda nomor {id}")
    assert letter["In-Reply-To"] == letter["References"] == "<1@contoh.example>"
    text = letter.get_content()
    for said in (f"{OFFICE} menulis", WORDS, f"{HOME}/reports/{id}", "Belum beres?", "In English"):
        assert said in text
    assert came(server, NOON + 2 * DAY) == []


def test_the_link_disputes_and_the_second_answer_comes_with_another_one(server, report):
    id = report()
    answer(id)
    first = token_in(came(server)[0])
    said = {"act": "dispute", "text": "Masih berlubang"}
    assert Client().post(f"/answers/{first}", said).status_code == 200
    assert Case.objects.get().state_id == "disputed"
    answer(id, "Sekarang benar-benar beres", timezone.now())
    (letter,) = came(server, timezone.now())
    assert "Sekarang benar-benar beres" in letter.get_content()
    assert token_in(letter) != first
    assert links.report_of(token_in(letter), timezone.now()) == id


def test_no_row_holds_an_address_or_a_token(server, report, address):
    id = report()
    answer(id)
    token = token_in(came(server)[0])
    for model in (Link, Notice, Contact):
        rows = str(list(model.objects.values()))
        assert token not in rows and address not in rows
    assert links.report_of(token, timezone.now()) == id
    with pytest.raises(Forbidden, match="none of ours, or too old"):
        links.report_of(token[:-1] + ("A" if token[-1] != "A" else "B"), timezone.now())


@pytest.mark.parametrize(
    ("contact", "is_told"),
    [
        ("warga@contoh.example", True),
        ("WA 0812 3456 7890 atau warga@contoh.example.", True),
        ("0812 3456 7890", False),
        ("warga@contoh", False),
    ],
)
def test_who_wrote_an_address_on_the_form_is_answered_there(server, report, contact, is_told):
    id = report("key-1", channel="web", author="", contact=sealing.seal(contact))
    answer(id)
    letters = came(server)
    assert [one["To"] for one in letters] == (["warga@contoh.example"] if is_told else [])
    assert all(one["References"] is None for one in letters)


def test_an_account_that_looks_like_an_address_is_not_written_to(server, report):
    answer(report("4711", channel="qlue", author="warga@contoh.example"))
    assert came(server) == []


def test_a_channel_that_takes_answers_tells_its_citizens_itself(server, report):
    FeedState.objects.create(
        feed="email", title="E-mail", owner="", enabled=True, simulated=False, cadence_s=60,
        takes_answers=True,
    )  # fmt: skip
    answer(report())
    assert not Notice.objects.filter(channel=Notice.REPLY).exists()


def test_no_citizen_of_the_simulated_city_gets_a_mail(server, report):
    answer(report(simulated=True))
    assert came(server) == []


def test_everyone_of_a_cluster_is_told_each_by_the_link_of_their_own_report(server, report):
    lead, other = report(), report("2@contoh.example")
    merging.merge([other], lead, clusters.UNIT, {"triage"}, "Masalah yang sama", NOON + HOUR)
    assert [one["Subject"] for one in came(server)] == [f"Jawaban untuk laporan Anda nomor {other}"]
    assert [one.channel for one in telling.answer(other, WORDS, OFFICE, NOON + 2 * HOUR)] == ["reply"] * 2
    told = {links.report_of(token_in(one), timezone.now()) for one in came(server, NOON + 2 * HOUR)}
    assert told == {lead, other}


def test_one_click_ends_it_for_good_and_a_mail_that_waits_is_not_sent(server, report):
    id = report()
    answer(id)
    letter = came(server)[0]
    assert letter["List-Unsubscribe"].strip() == f"<{HOME}/answers/{token_in(letter)}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    telling.answer(id, "Sekali lagi", OFFICE, NOON + 2 * HOUR)
    where = letter["List-Unsubscribe"].strip(" <>").removeprefix(HOME)
    assert Client().post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert came(server, NOON + 2 * HOUR) == []
    assert telling.answer(id, "Dan lagi", OFFICE, NOON + 3 * HOUR) == []


def test_an_address_that_is_refused_for_ever_gets_nothing_more(server, report, address):
    id = report()
    server.to_recipient[address] = "550 5.1.1 no such user"
    answer(id)
    assert (came(server), Link.objects.count()) == ([], 0)
    assert Contact.objects.get().bounced_at
    assert Notice.objects.get().dead_at
    assert telling.answer(id, "Sekali lagi", OFFICE, NOON + 2 * HOUR) == []


def test_a_mail_that_comes_back_ends_its_link_and_is_news_once(server, report):
    id = report()
    answer(id)
    token = token_in(came(server)[0])
    document = delivery_report(Notice.objects.get(), "failed", "5.1.1", "550 User unknown", **HEADERS)
    assert [receipts.take(document, NOON + n * HOUR) for n in (2, 3)] == [1, 0]
    with pytest.raises(Forbidden):
        links.report_of(token, NOON + 2 * HOUR)
    assert telling.answer(id, "Sekali lagi", OFFICE, NOON + 4 * HOUR) == []


def test_a_server_that_is_busy_gets_the_same_mail_again(server, report, address):
    server.to_recipient[address] = "450 4.2.1 mailbox busy"
    answer(report())
    assert came(server) == []
    notice = Notice.objects.get()
    server.to_recipient.clear()
    (letter,) = came(server, notice.next_at)
    assert letter["Message-ID"] == mail.message_id(notice.number)
    assert links.report_of(token_in(letter), timezone.now())


def test_who_writes_hears_once_that_it_came_and_whose_it_is(server, city, submission, address, settings):
    settings.EMAIL_REPLY_TO = "dki@jakarta.example"
    now = timezone.now()
    sent = {"channel": "email", "author": f"Budi <{address}>"}
    intake.receive([submission("9@contoh.example", submitted_at=now, **sent)], simulated=False)
    for _ in range(2):
        tasks.open_cases(0)
    (letter,) = came(server, timezone.now())
    id = Report.objects.get().pk
    assert (letter["Subject"], letter["Reply-To"]) == (
        f"Laporan Anda kami terima: nomor {id}",
        "dki@jakarta.example",
    )
    assert OFFICE in letter.get_content() and "Balas saja" in letter.get_content()


def test_an_old_mailbox_is_read_without_a_word_to_anybody(server, city, submission, address):
    old = submission("9@contoh.example", channel="email", author=f"Budi <{address}>")
    intake.receive([old], simulated=False)
    tasks.open_cases(0)
    assert came(server, timezone.now()) == []


def test_one_address_gets_so_many_receipts_a_day_whoever_writes_in_its_name(
    server, city, submission, address, monkeypatch
):
    monkeypatch.setattr(replies, "RECEIPTS_A_DAY", 2)
    now = timezone.now()
    sent = {"channel": "email", "author": f"Budi <{address}>", "submitted_at": now}
    intake.receive([submission(f"{n}@contoh.example", **sent) for n in range(3)], simulated=False)
    tasks.open_cases(0)
    assert len(came(server, timezone.now())) == 2


def test_mails_that_were_sent_and_links_that_expired_are_forgotten(server, report, settings):
    settings.LINK_DAYS = 30
    answer(report())
    came(server)
    replies.forget(NOON + 6 * DAY)
    assert Notice.objects.count() == 1
    replies.forget(NOON + 8 * DAY + HOUR)
    assert (Notice.objects.count(), Link.objects.count()) == (0, 1)
    replies.forget(timezone.now() + 31 * DAY)
    assert not Link.objects.exists()


def test_a_key_that_is_lost_stops_no_step(server, report, settings, caplog):
    id = report()
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    answer(id)
    assert came(server) == []
    assert "a key that is not here any more" in caplog.text
