"""Notices by e-mail to a real SMTP server, what comes back of them, and channels that join."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.core.management import CommandError, call_command

from boundaries.models import Official
from casework import mail
from casework.escalation import notices, receipts, runs
from casework.models import Contact, Escalation, Evidence, Notice
from casework.routing import turns
from casework.steps import workflow
from geoplatform.errors import InvalidRequest, NotFound, Undeliverable
from reports import intake
from tests.casework.mail_server import Handler, serving
from tests.conftest import NOON, ROOT, database_url
from tests.ports import free_port

HOUR = timedelta(hours=1)
DUE = NOON + 24 * HOUR
LURAH = "kelurahan-31.71.01.1001"
LURAHS = "lurah.gambir@city.example"
kept: list[Notice] = []


def keep(notice: Notice) -> None:
    """A channel that joined: it takes all but one thing."""
    if "gubernur" in notice.address:
        raise Undeliverable("not to the governor")
    kept.append(notice)


@pytest.fixture
def server(settings) -> Iterator[Handler]:
    with serving(settings) as handler:
        yield handler


@pytest.fixture
def told(city, submission) -> Callable[..., list[Notice]]:
    """Let cases of some offices be overdue, and put down what their officials are told."""

    def tell(addresses: dict[str, str], cases: int = 1, **parts: object) -> list[Notice]:
        for office, address in addresses.items():
            Contact.objects.create(office_id=office, channel="email", address=address)
        sent = [submission(external_id=str(number), **parts) for number in range(cases)]
        intake.receive(sent, simulated=False)
        workflow.collect(NOON)
        turns.begin()
        runs.escalate(DUE)
        return list(Notice.objects.order_by("id"))

    return tell


def evidence(*kinds: str) -> list[tuple[str, str]]:
    return list(Evidence.objects.filter(kind__in=kinds).order_by("id").values_list("kind", "note"))


def typed(*words: object) -> str:
    out = io.StringIO()
    call_command("notices", *map(str, words), stdout=out)
    return out.getvalue()


def test_a_notice_arrives_in_bahasa_indonesia_and_that_it_was_sent_is_evidence(told, server):
    (notice,) = told({LURAH: LURAHS})
    assert notices.send_due(DUE) == 1
    (taken,) = server.taken
    case = Escalation.objects.get().turn.case_id
    assert taken["To"] == LURAHS
    assert taken["Subject"] == f"Belum dijawab: laporan {case} (Jalan rusak), batas 15 Mei 2026 12.00 WIB"
    assert (taken["Auto-Submitted"], taken["Message-ID"]) == (
        "auto-generated",
        f"<{notice.number}@city.example>",
    )
    text = taken.get_content()
    assert text.replace("\r\n", "\n").startswith(
        "Yth. Lurah Gambir,\n\nSampai 15 Mei 2026 12.00 WIB laporan warga berikut belum dijawab.\n\n"
        f"Yang harus Anda jawab:\n\n- Laporan {case}: Jalan rusak, Kelurahan Gambir.\n"
        "  Batas jawaban 15 Mei 2026 12.00 WIB.\n"
    )
    assert evidence("sent", "failed") == [("sent", "")]
    assert notices.send_due(DUE + HOUR) == 0


def test_who_is_above_reads_whose_case_it_is_and_that_it_was_passed_on(told, server):
    told({"kecamatan-31.71.01": "camat@city.example"})
    turn = Escalation.objects.get().turn
    type(turn).objects.filter(id=turn.id).update(passed_at=NOON + 3 * HOUR)
    runs.escalate(DUE + 24 * HOUR)
    notices.send_due(DUE + 24 * HOUR)
    text = " ".join(server.taken[0].get_content().split())
    assert "Yang belum dijawab oleh kantor di bawah Anda: - Laporan" in text
    assert "Lurah Gambir (Contoh Lurah Gambir). Batas jawaban 15 Mei 2026 12.00 WIB." in text
    assert "Dinyatakan bukan kewenangan 14 Mei 2026 15.00 WIB; belum ada kantor lain yang menerima." in text


def test_a_notice_says_nothing_of_the_citizen_nor_their_words(told):
    (notice,) = told(
        {LURAH: LURAHS}, description="Telepon Budi 0812 3456 7890 di rumah nomor 4", author="Budi Santoso"
    )
    for word in ("Budi", "0812", "rumah", "Telepon", "106.8", "-6.17"):
        assert word not in notice.subject + notice.text


def test_more_cases_than_a_person_reads_are_counted(told, monkeypatch):
    monkeypatch.setattr("casework.escalation.letters.MOST", 2)
    (notice,) = told({LURAH: LURAHS}, cases=5)
    assert (notice.text.count("- Laporan"), "Dan 3 laporan lain." in notice.text) == (2, True)
    assert notice.subject.startswith("Belum dijawab: 5 laporan; terlama laporan ")


def test_a_subject_is_one_line_whatever_the_tables_say(told, server):
    from reports.models import Category

    Category.objects.filter(code="road").update(name_id="Jalan\r\nBcc: x@x.example")
    told({LURAH: LURAHS})
    assert notices.send_due(DUE) == 1
    assert server.taken[0]["Bcc"] is None


def test_what_the_server_does_not_take_now_comes_again_later_and_holds_nothing_up(told, server):
    server.to_recipient[LURAHS] = "450 4.2.1 mailbox busy"
    (first,) = told({LURAH: LURAHS, "kecamatan-31.71.01": "camat@city.example"}, cases=2)
    runs.escalate(DUE + 24 * HOUR)
    assert notices.send_due(DUE + 24 * HOUR) == 1
    first.refresh_from_db()
    assert (first.attempts, first.sent_at, first.dead_at) == (1, None, None)
    assert first.error == "the mail server says 450 4.2.1 mailbox busy"
    assert notices.send_due(first.next_at - timedelta(seconds=1)) == 0
    server.to_recipient.clear()
    assert notices.send_due(first.next_at) == 1
    assert [kind for kind, _ in evidence("sent", "failed")] == ["sent"] * 4


def test_what_the_server_refuses_for_ever_is_a_dead_letter_until_a_person_takes_it_up(told, server):
    server.to_recipient[LURAHS] = "550 5.1.1 no such user"
    (notice,) = told({LURAH: LURAHS})
    assert notices.send_due(DUE) == 0
    assert evidence("sent", "failed") == [("failed", "the mail server says 550 5.1.1 no such user")]
    shown = typed()
    assert "waiting: 0\ndead: 1\n" in shown
    assert LURAHS not in shown
    assert notices.send_due(DUE + 48 * HOUR) == 0
    Contact.objects.update(address="gambir@city.example")
    shown = typed("--retry", notice.id)
    assert (shown.startswith("waiting: 1\n"), "\ndead: 0\n" in shown) == (True, True)
    assert notices.send_due(DUE + 48 * HOUR) == 1
    assert [kind for kind, _ in evidence("sent", "failed")] == ["failed", "sent"]
    assert server.taken[0]["To"] == "gambir@city.example"
    with pytest.raises(CommandError, match=f"notice {notice.id} was sent"):
        typed("--retry", notice.id)
    with pytest.raises(CommandError, match="no notice 4711"):
        typed("--retry", 4711)


def test_a_notice_that_tells_of_no_escalation_is_sent_again_to_where_it_was_to_go(city, server):
    said = {"channel": "email", "address": LURAHS, "subject": "Dibantah", "text": "x", "created_at": DUE}
    notice = Notice.objects.create(**said, next_at=DUE, dead_at=DUE)
    notices.retry([notice.id])
    assert notices.send_due(DUE) == 1
    assert server.taken[0]["To"] == LURAHS


@pytest.mark.parametrize(
    ("answer", "is_dead"), [("554 5.7.1 refused as spam", True), ("451 4.3.0 try again", False)]
)
def test_a_mail_is_refused_by_its_content_too(told, server, answer, is_dead):
    server.to_mail = answer
    (notice,) = told({LURAH: LURAHS})
    notices.send_due(DUE)
    notice.refresh_from_db()
    assert (bool(notice.dead_at), notice.error) == (is_dead, f"the mail server says {answer}")


@pytest.mark.parametrize("answer", ["550 5.7.1 not this sender", "421 4.3.2 closing"])
def test_where_we_are_refused_no_notice_is_given_up_and_the_others_are_not_tried(
    told, server, answer, caplog
):
    server.to_sender = answer
    told({LURAH: LURAHS, "kecamatan-31.71.01": "camat@city.example"})
    runs.escalate(DUE + 24 * HOUR)
    notices.send_due(DUE + 24 * HOUR)
    assert len(server.senders) == 1
    assert [one.attempts for one in notices.waiting()] == [1, 0]
    assert f"channel email takes no notices: the mail server says {answer}" in caplog.text


def test_where_no_server_listens_notices_wait_and_the_others_are_not_tried(told, server, settings):
    settings.EMAIL_PORT = free_port()
    told({LURAH: LURAHS, "kecamatan-31.71.01": "camat@city.example"})
    runs.escalate(DUE + 24 * HOUR)
    notices.send_due(DUE + 24 * HOUR)
    first, second = notices.waiting()
    assert (first.attempts, second.attempts) == (1, 0)
    assert "ConnectionRefusedError" in first.error


def test_after_eight_attempts_a_notice_is_given_up(told, server):
    server.to_recipient[LURAHS] = "450 4.2.1 mailbox busy"
    (notice,) = told({LURAH: LURAHS})
    now = DUE
    for _ in range(notices.MOST_ATTEMPTS):
        assert notice.dead_at is None
        notices.send_due(now)
        notice.refresh_from_db()
        now = notice.next_at
    assert notice.dead_at
    assert timedelta(hours=5) < notice.dead_at - DUE < timedelta(hours=12)
    assert len(server.senders) == notices.MOST_ATTEMPTS


def test_an_attempt_that_never_ended_is_counted_and_the_last_of_them_gives_up(told):
    (notice,) = told({LURAH: LURAHS})
    now = DUE
    for _ in range(notices.MOST_ATTEMPTS):
        assert notices.claim("email", now).id == notice.id
        assert notices.claim("email", now) is None
        notice.refresh_from_db()
        now = notice.next_at
    assert notices.claim("email", now) is None
    notice.refresh_from_db()
    assert (bool(notice.dead_at), notice.error) == (True, "the last attempt did not end")


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_is_killed_after_the_server_took_the_mail_sends_it_again_by_the_same_id(
    transactional_city, submission, server
):
    Contact.objects.create(office_id=LURAH, channel="email", address=LURAHS)
    intake.receive([submission()], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    runs.escalate(DUE)
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "geoplatform.settings",
        "GEOPLATFORM_DEBUG": "1",
        "GEOPLATFORM_EMAIL_HOST": "127.0.0.1",
        "GEOPLATFORM_EMAIL_PORT": str(_port()),
        "GEOPLATFORM_EMAIL_SECURITY": "none",
        "GEOPLATFORM_EMAIL_FROM": "lapor@city.example",
    }
    program = "import django; django.setup(); from casework.escalation import notices; notices.send_due()"
    victim = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment)
    server.on_data = victim.kill
    assert victim.wait(240) == -signal.SIGKILL
    server.on_data = lambda: None
    (notice,) = Notice.objects.all()
    assert (notice.attempts, notice.sent_at) == (1, None)
    assert notices.send_due(notice.next_at) == 1
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"] == mail.message_id(notice.number)
    assert (first["Date"], first.get_content()) == (second["Date"], second.get_content())
    assert [kind for kind, _ in evidence("sent", "failed")] == ["sent"]


def _port() -> int:
    from django.conf import settings

    return settings.EMAIL_PORT


def test_the_server_takes_a_name_and_a_password_and_says_no_to_a_wrong_one(told, server, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "lapor", "salah"
    (notice,) = told({LURAH: LURAHS})
    assert notices.send_due(DUE) == 0
    notice.refresh_from_db()
    assert (notice.dead_at, notice.error[:27]) == (None, "the mail server says 535 5.")
    settings.EMAIL_HOST_PASSWORD = "rahasia"
    assert notices.send_due(notice.next_at) == 1


def test_a_channel_that_is_not_set_up_keeps_its_notices(told, settings, caplog):
    settings.NOTICE_CHANNELS = {}
    told({LURAH: LURAHS})
    assert notices.send_due(DUE) == 0
    assert notices.waiting().count() == 1
    assert "notices wait for a channel that is not set up=1" in caplog.text


def test_another_channel_joins_by_its_name_and_one_function(told, server, settings):
    settings.NOTICE_CHANNELS |= {"whatsapp": f"{__name__}.keep"}
    kept.clear()
    Contact.objects.create(office_id=LURAH, channel="whatsapp", address="+62000")
    Contact.objects.create(channel="whatsapp", address="gubernur")
    told({LURAH: LURAHS})
    runs.escalate(NOON + timedelta(days=90))
    assert notices.send_due(NOON + timedelta(days=90)) == 2
    assert [notice.address for notice in kept] == ["+62000"]
    assert sorted(Evidence.objects.filter(kind="sent").values_list("channel", flat=True)) == [
        "email",
        "whatsapp",
    ]
    assert ("failed", "not to the governor") in evidence("failed")


def test_an_officials_own_address_comes_before_that_of_the_office(told):
    lurah = Official.objects.get(name="Contoh Lurah Gambir")
    Contact.objects.create(official=lurah, channel="email", address="pribadi@city.example")
    (notice,) = told({LURAH: LURAHS})
    assert notice.address == "pribadi@city.example"


def test_a_server_that_can_is_asked_to_report_whether_a_mail_was_delivered(told, server):
    server.extensions = ["DSN"]
    told({LURAH: LURAHS})
    assert notices.send_due(DUE) == 1
    sender, recipient = server.asked
    assert "RET=HDRS" in sender
    assert recipient == f"TO:<{LURAHS}> NOTIFY=SUCCESS,FAILURE"


# What mail servers report back, as they write it: RFC 3464, in the forms of Postfix and of Exim.
REPORT = """\
Return-Path: <>
Date: Fri, 15 May 2026 05:01:12 +0000 (UTC)
From: MAILER-DAEMON@mx.city.example (Mail Delivery System)
Subject: {subject}
To: lapor@city.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4Xk1Qz2bTzz9s.1778821272/mx.city.example"
Message-Id: <20260515050112.4Xk1Qz2bTzz9s@mx.city.example>

This is a MIME-encapsulated message.

--4Xk1Qz2bTzz9s.1778821272/mx.city.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.city.example.

<lurah.gambir@city.example>: {words}

--4Xk1Qz2bTzz9s.1778821272/mx.city.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.city.example
X-Postfix-Queue-ID: 4Xk1Qz2bTzz9s
X-Postfix-Sender: rfc822; lapor@city.example
Arrival-Date: Fri, 15 May 2026 05:00:58 +0000 (UTC)

Final-Recipient: rfc822; lurah.gambir@city.example
Original-Recipient: rfc822;lurah.gambir@city.example
Action: {action}
Status: {status}
Remote-MTA: dns; mailbox.city.example
Diagnostic-Code: smtp; {words}

--4Xk1Qz2bTzz9s.1778821272/mx.city.example
Content-Description: {what}
Content-Type: {kind}

Received: by mx.city.example (Postfix, from userid 33)
\tid 4Xk1Qz2bTzz9s; Fri, 15 May 2026 05:00:58 +0000 (UTC)
Subject: Belum dijawab
From: lapor@city.example
To: lurah.gambir@city.example
Message-ID: {id}
{body}
--4Xk1Qz2bTzz9s.1778821272/mx.city.example--
"""
WHOLE = {"what": "Undelivered Message", "kind": "message/rfc822", "body": "\nYth. Lurah Gambir,\n"}
HEADERS = {"what": "Message Headers", "kind": "text/rfc822-headers", "body": ""}


def report(notice: Notice, action: str, status: str, words: str, **parts: str) -> bytes:
    said = {
        "subject": "Report",
        "action": action,
        "status": status,
        "words": words,
        "id": mail.message_id(notice.number),
    }
    return REPORT.format(**{**said, **HEADERS, **parts}).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("form", [WHOLE, HEADERS], ids=["whole", "headers"])
@pytest.mark.parametrize(
    ("action", "status", "words", "kind"),
    [
        ("failed", "5.1.1", "550 5.1.1 User unknown", "failed"),
        ("delivered", "2.0.0", "250 2.0.0 Ok: saved", "delivered"),
        ("relayed", "2.0.0", "250 2.0.0 Ok: queued as 8F1", "delivered"),
    ],
)
def test_what_a_mail_server_reports_back_is_evidence_once(told, server, form, action, status, words, kind):
    (notice,) = told({LURAH: LURAHS}, cases=2)
    notices.send_due(DUE)
    document = report(notice, action, status, words, **form)
    assert [receipts.take(document, DUE + HOUR), receipts.take(document, DUE + 2 * HOUR)] == [2, 0]
    assert evidence("delivered", "failed") == [(kind, f"{status} smtp; {words}")] * 2
    assert {one.at for one in Evidence.objects.filter(kind=kind)} == {DUE + HOUR}


def test_a_delay_is_no_news(told, server):
    (notice,) = told({LURAH: LURAHS})
    assert receipts.take(report(notice, "delayed", "4.4.1", "connect timed out"), DUE) == 0
    assert evidence("delivered", "failed") == []


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (
            lambda text: b"Subject: Saya sedang cuti\r\n\r\nSampai Senin.",
            InvalidRequest,
            "no delivery status",
        ),
        (lambda text: b"\xff\xfe\x00", InvalidRequest, "no delivery status"),
        (
            lambda text: text.replace(b"text/rfc822-headers", b"text/plain"),
            InvalidRequest,
            "does not hold the mail",
        ),
        (
            lambda text: text.replace(b"Message-ID: <", b"Message-ID: <x"),
            InvalidRequest,
            "no Message-ID of ours",
        ),
        (lambda text: text.replace(b"Message-ID: ", b"X-Other: "), InvalidRequest, "no Message-ID of ours"),
    ],
)
def test_what_is_no_report_on_a_notice_is_refused(told, spoil, error, says):
    (notice,) = told({LURAH: LURAHS})
    with pytest.raises(error, match=says):
        receipts.take(spoil(report(notice, "failed", "5.1.1", "unknown")), DUE)


def test_a_report_on_a_notice_that_is_not_ours_is_refused(city):
    with pytest.raises(NotFound, match="no such notice"):
        receipts.take(report(Notice(number=uuid4()), "failed", "5.1.1", "unknown"), DUE)


def test_a_mail_nested_without_end_is_no_notification(city):
    with pytest.raises(InvalidRequest, match="nested more deeply"):
        receipts.take(b"Content-Type: message/rfc822\n\n" * 3000 + b"Subject: x\n\nx", DUE)


def test_the_command_takes_a_report_out_of_a_file(told, tmp_path):
    (notice,) = told({LURAH: LURAHS})
    file = tmp_path / "report.eml"
    file.write_bytes(report(notice, "failed", "5.1.1", "550 5.1.1 User unknown"))
    shown = typed("--receipt", file)
    assert shown.startswith("news for 1 escalations\n")
    assert "failed: 1 escalations" in shown
    with pytest.raises(CommandError, match="No such file"):
        typed("--receipt", tmp_path / "other.eml")


def test_who_follows_the_signed_link_has_seen_the_notice_and_the_first_time_counts(told, settings):
    settings.PUBLIC_URL = "https://peta.example"
    (notice,) = told({LURAH: LURAHS}, cases=2)
    (line,) = [line for line in notice.text.splitlines() if "https://" in line]
    token = line.rpartition("/")[2]
    for hours in (1, 2):
        assert receipts.see(token, DUE + hours * HOUR).id == notice.id
    assert [one.at for one in Evidence.objects.filter(kind="seen")] == [DUE + HOUR] * 2
    forged = signing.dumps(notice.number.hex, key="another key", salt=receipts.SALT)
    for wrong in (
        forged,
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        signing.dumps(notice.number.hex),
        "",
    ):
        with pytest.raises(NotFound, match="no such notice"):
            receipts.see(wrong, DUE)


def test_without_an_address_of_the_platform_a_notice_has_no_link(told, settings):
    settings.PUBLIC_URL = ""
    (notice,) = told({LURAH: LURAHS})
    assert "Tandai" not in notice.text
    assert "https" not in notice.text
