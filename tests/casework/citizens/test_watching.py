"""Following by e-mail, to a real SMTP server: begun by a link, ended by one click, forgotten."""

import re
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from cryptography.fernet import Fernet
from shapely import Polygon

from casework.citizens import bulletins, watching
from casework.citizens.watching import Wish
from casework.duplicates import merging
from casework.escalation import notices
from casework.models import Notice
from casework.routing import turns
from casework.steps import workflow
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports import intake, sealing
from reports.models import Report
from reports.record import Update, Updates
from subscriptions.choice import Choice
from subscriptions.models import Watch
from tests.casework.mail_server import Handler, serving
from tests.conftest import NOON

HOME = "https://laporan.example"
GAMBIR = Choice(places=("31.71.01",))
MINUTE = timedelta(minutes=1)
SQUARE = Polygon([(106.82, -6.18), (106.83, -6.18), (106.83, -6.17), (106.82, -6.17)])


@pytest.fixture
def server(settings) -> Iterator[Handler]:
    settings.PUBLIC_URL = HOME
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    with serving(settings) as handler:
        settings.NOTICE_CHANNELS = {"watch": "casework.citizens.bulletins.send"}
        yield handler


@pytest.fixture
def address(request) -> str:
    """An address of this test alone: how often one is asked is counted for a day, whatever is rolled back."""
    return f"warga.{zlib.crc32(request.node.name.encode())}@contoh.example"


@pytest.fixture
def report(city, submission) -> Callable[..., Report]:
    """Receive a report at an instant, as it was received then."""

    def receive(external_id: str, at, **parts: object) -> Report:
        sent = submission(external_id, submitted_at=at, updated_at=at, **parts)
        intake.receive([sent], simulated=False)
        Report.objects.filter(external_id=external_id).update(received_at=at)
        return Report.objects.get(external_id=external_id)

    return receive


@pytest.fixture
def follow(city, server, address) -> Callable[..., Watch]:
    """Ask, and follow the link of the mail that comes."""

    def begin(choice: Choice = GAMBIR, at=NOON, **parts: object) -> Watch:
        watching.ask(Wish(address, choice, **parts), at)
        notices.send_due(at)
        return watching.confirm(token_in(server.taken.pop(), "confirm"), at)

    return begin


def token_in(mail: EmailMessage, page: str) -> str:
    return re.search(rf"{HOME}/follow/{page}/([^\s?]+)", mail.get_content())[1]


def told(server: Handler, at) -> list[EmailMessage]:
    """Let the minute's tasks run, and return what arrived."""
    before = len(server.taken)
    bulletins.collect(at)
    notices.send_due(at)
    return server.taken[before:]


def test_nothing_comes_before_the_link_of_the_first_mail_was_followed(server, report, address):
    watching.ask(Wish(address, GAMBIR), NOON)
    report("early", NOON + MINUTE)
    (mail,) = told(server, NOON + 2 * MINUTE)
    assert mail["To"] == address
    assert mail["Subject"] == "Konfirmasi: kabar laporan warga Jakarta"
    watching.confirm(token_in(mail, "confirm"), NOON + 3 * MINUTE)
    assert told(server, NOON + 4 * MINUTE) == []


def test_a_new_report_is_told_within_five_minutes_and_once(follow, server, report):
    follow()
    new = report("new", NOON + MINUTE)
    (mail,) = told(server, NOON + 2 * MINUTE)
    assert mail["Subject"] == "1 laporan baru yang Anda ikuti"
    said = mail.get_content().replace("\r\n", "\n")
    assert f"- Jalan rusak, Kelurahan Gambir (laporan {new.pk})\n  {HOME}/reports/{new.pk}" in said
    assert told(server, NOON + 20 * MINUTE) == []


def test_no_word_of_a_citizen_is_in_a_mail(follow, server, report):
    follow()
    report("new", NOON + MINUTE, description="Kata Budi, 0812 3456 7890", author="Budi Contoh")
    (mail,) = told(server, NOON + 2 * MINUTE)
    assert not re.search("Budi|0812|Kata", mail.as_string())


def test_an_edit_is_no_news_and_what_lies_elsewhere_is_not_told(follow, server, report):
    follow()
    report("old", NOON - 60 * MINUTE)
    report("elsewhere", NOON + MINUTE, point=None)
    assert told(server, NOON + 2 * MINUTE) == []


def test_more_reports_within_the_pace_come_together(follow, server, report):
    follow()
    report("first", NOON + MINUTE)
    assert len(told(server, NOON + 2 * MINUTE)) == 1
    report("second", NOON + 3 * MINUTE)
    report("third", NOON + 4 * MINUTE)
    assert told(server, NOON + 5 * MINUTE) == []
    (mail,) = told(server, NOON + 7 * MINUTE)
    assert mail["Subject"] == "2 laporan baru yang Anda ikuti"


def test_of_very_many_a_mail_names_some_and_says_how_many_more(follow, server, report, monkeypatch):
    monkeypatch.setattr(bulletins, "MOST", 2)
    follow()
    for number in range(5):
        report(f"many-{number}", NOON + MINUTE)
    (mail,) = told(server, NOON + 2 * MINUTE)
    assert mail["Subject"] == "5 laporan baru yang Anda ikuti"
    assert mail.get_content().count("/reports/") == 2
    assert "Dan 3 laporan lain" in mail.get_content()
    assert told(server, NOON + 10 * MINUTE) == []


@pytest.mark.parametrize(
    ("choice", "hears"),
    [
        (Choice(places=("31.71.01.1001",)), True),
        (Choice(places=("31.74",)), False),
        (Choice(categories=("road",)), True),
        (Choice(categories=("tree",)), False),
        (Choice(area=SQUARE), True),
        (Choice(offices=("kelurahan-31.71.01.1001",)), True),
        (Choice(offices=("kelurahan-31.71.01.1002",)), False),
    ],
    ids=["kelurahan", "other kota", "category", "other category", "polygon", "office", "other office"],
)
def test_a_place_a_kind_an_area_or_an_office_can_be_followed(follow, server, report, choice, hears):
    follow(choice)
    report("new", NOON + MINUTE)
    assert len(told(server, NOON + 2 * MINUTE)) == hears


def test_of_one_report_each_step_is_told(follow, server, report):
    one = report("one", NOON - MINUTE)
    follow(Choice(reports=(one.pk,)), language="en")
    assert told(server, NOON + MINUTE) == []
    steps = (Update(NOON + MINUTE, "in_progress", "Kelurahan Gambir", "Petugas menuju lokasi"),)
    intake.receive([Updates("qlue", "one", steps)], simulated=False)
    (mail,) = told(server, NOON + 2 * MINUTE)
    assert mail["Subject"] == f"Report {one.pk}: In progress"
    assert f"{HOME}/reports/{one.pk}?lang=en" in mail.get_content()
    assert told(server, NOON + 60 * MINUTE) == []


def test_who_follows_a_report_that_is_merged_follows_the_one_that_leads(follow, server, report):
    lead, same = report("lead", NOON - 2 * MINUTE), report("same", NOON - MINUTE)
    workflow.collect(NOON)
    turns.begin()
    follow(Choice(reports=(same.pk,)))
    merging.merge([same.pk], lead.pk, "unit", {"triage"}, "Laporan yang sama", NOON + MINUTE)
    (mail,) = told(server, NOON + 2 * MINUTE)
    assert f"digabung dengan laporan {lead.pk}" in mail.get_content()
    steps = (Update(NOON + 3 * MINUTE, "in_progress", "Kelurahan Gambir", ""),)
    intake.receive([Updates("qlue", "lead", steps)], simulated=False)
    assert len(told(server, NOON + 10 * MINUTE)) == 1


def test_one_click_of_a_mail_program_ends_it_and_nothing_is_kept(follow, server, report, client):
    follow()
    report("new", NOON + MINUTE)
    (mail,) = told(server, NOON + 2 * MINUTE)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip(" <>").removeprefix(HOME)
    for _ in range(2):
        answer = client.post(address, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.cookies) == (200, {})
    assert not Watch.objects.exists()
    assert not Notice.objects.exists()
    report("later", NOON + 20 * MINUTE)
    assert told(server, NOON + 21 * MINUTE) == []


def test_a_mail_that_waits_when_its_reader_stops_is_not_sent(follow, server, report):
    watch = follow()
    report("new", NOON + MINUTE)
    bulletins.collect(NOON + 2 * MINUTE)
    watching.stop(bulletins.stop_link(watch).rpartition("/")[2])
    assert notices.send_due(NOON + 2 * MINUTE) == 0
    assert server.taken == []


def test_an_address_is_kept_sealed_and_sealed_anew_with_a_newer_key(follow, settings, address):
    watch = follow()
    kept = b"".join(bytes(value) for value in Watch.objects.values_list("sealed", "address_hash").get())
    assert b"warga" not in kept
    assert address not in str(list(Notice.objects.values()))
    settings.CONTACT_KEYS = f"{Fernet.generate_key().decode()},{settings.CONTACT_KEYS}"
    assert sealing.rotate() == (1, 0)
    settings.CONTACT_KEYS = settings.CONTACT_KEYS.partition(",")[0]
    watch.refresh_from_db()
    assert sealing.keys().decrypt(bytes(watch.sealed)).decode() == address


def test_what_nobody_confirms_is_forgotten_and_its_link_with_it(server, city, address):
    watching.ask(Wish(address, GAMBIR), NOON)
    notices.send_due(NOON)
    assert watching.forget(NOON + timedelta(hours=47)) == 0
    assert watching.forget(NOON + timedelta(hours=49)) == 1
    assert not Notice.objects.exists()
    with pytest.raises(NotFound):
        watching.confirm(token_in(server.taken[0], "confirm"), NOON)


def test_an_address_is_asked_so_often_a_day_and_no_more_whoever_asks(server, city, address):
    for hour in range(5):
        watching.ask(Wish(address, GAMBIR), NOON + timedelta(hours=hour))
    assert Notice.objects.count() == watching.ASKED_A_DAY


def test_the_same_asked_for_twice_is_told_once(follow, server, report):
    follow()
    follow()
    assert Watch.objects.count() == 1
    report("new", NOON + MINUTE)
    assert len(told(server, NOON + 2 * MINUTE)) == 1


@pytest.mark.parametrize(
    "wish",
    [
        Wish("budi", GAMBIR),
        Wish("a@b.example\nBcc: c@d.example", GAMBIR),
        Wish("a@b.example", GAMBIR, language="fr"),
        Wish("a@b.example", GAMBIR, pace="always"),
        Wish("a@b.example", Choice()),
        Wish("a@b.example", Choice(places=("31.71",), reports=(1,))),
    ],
    ids=["no address", "header", "language", "pace", "nothing chosen", "report and place"],
)
def test_what_cannot_be_is_refused(server, city, wish):
    with pytest.raises(InvalidRequest):
        watching.ask(wish, NOON)
    assert not Watch.objects.exists()


def test_a_report_that_there_is_not_cannot_be_followed(server, city, address):
    with pytest.raises(NotFound):
        watching.ask(Wish(address, Choice(reports=(1,))), NOON)


def test_where_no_mail_can_be_sent_none_is_promised(server, city, settings, address):
    settings.PUBLIC_URL = ""
    with pytest.raises(Conflict):
        watching.ask(Wish(address, GAMBIR), NOON)


def test_a_link_of_another_kind_confirms_nothing(follow):
    watch = follow()
    with pytest.raises(NotFound):
        watching.confirm(bulletins.stop_link(watch).rpartition("/")[2], NOON)


def test_an_address_that_is_refused_for_ever_is_forgotten(follow, server, report, address):
    follow()
    report("new", NOON + MINUTE)
    server.to_recipient[address] = "550 no such mailbox"
    assert told(server, NOON + 2 * MINUTE) == []
    assert notices.dead().count() == 1
    assert not Watch.objects.exists()
    watching.forget(NOON + timedelta(days=8))
    assert not Notice.objects.exists()
