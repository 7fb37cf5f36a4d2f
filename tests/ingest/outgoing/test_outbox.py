"""Replies on their way to LAPOR!: over real HTTP, with every fault, and with a worker that is killed."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from casework.citizens import links
from fixtures import faults
from fixtures.sources.lapor import ADDSTREAM, received
from ingest import feeds, tasks
from ingest.outgoing import outbox
from reports import outbox as reports_outbox
from reports.models import Outgoing, Report
from tests.conftest import NOON, ROOT, database_url
from tests.ingest.test_kill import LONGEST_S, kill, wait_until
from tests.ingest.test_pipeline import read

WORDS = "Sudah diperbaiki, terima kasih Bapak Contoh 🌳 <selesai>"


def put(report: Report, kind: str = "answer", **parts) -> Outgoing:
    said = {"by": "Kelurahan Menteng", "at": NOON} | (
        {"text": WORDS} if kind == "answer" else {"status": "done"}
    )
    return reports_outbox.put(report, kind, **(said | parts))


@pytest.fixture
def laporan(city, sources) -> list[Report]:
    """Three reports of the simulated LAPOR!, whose addstream knows them."""
    read("lapor")
    sources.clear()
    return list(Report.objects.order_by("id")[:3])


def later() -> None:
    """Let every pause be over."""
    Outgoing.objects.update(next_at=NOON)


@pytest.mark.parametrize("is_private", [False, True])
def test_the_link_that_speaks_for_the_author_goes_where_nobody_else_reads_it(
    laporan, sources, monkeypatch, settings, is_private
):
    settings.PUBLIC_URL = "https://peta.example"
    read = feeds.feed
    monkeypatch.setattr(feeds, "feed", lambda name: replace(read(name), private_answers=is_private))
    put(laporan[0], below={"words": "Bantah", "report": laporan[0].pk})
    assert outbox.send_due() == 1
    ((copy, *_),) = received(sources.requests).values()
    said, _, link = (copy.findtext("isi") or "").partition("\n\nBantah: https://peta.example/answers/")
    assert (said, bool(link)) == (WORDS, is_private)
    if is_private:
        assert links.report_of(link, timezone.now()) == laporan[0].pk
        assert link not in str(list(Outgoing.objects.values("body")))


def test_an_answer_and_a_status_arrive_and_bear_the_reference(laporan, sources):
    put(laporan[0])
    put(laporan[0], "status", text="Sudah rapi.")
    assert outbox.send_due() == 2
    answer, status = (copies[0] for copies in received(sources.requests).values())
    assert (answer.get("trackingid"), answer.findtext("isi")) == (laporan[0].external_id, WORDS)
    assert answer.find("status") is None
    assert (status.findtext("status"), status.findtext("isi")) == ("selesai", "Sudah rapi.")
    for message in Outgoing.objects.all():
        assert message.sent_at
        assert len(message.reference) == 12
    assert sources.requests[0].headers["content-type"] == "text/xml; charset=UTF8"
    assert outbox.send_due() == 0
    assert len(sources.requests) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.status(500), "status 500"),
        (faults.status(503), "status 503"),
        (faults.status(401), "status 401: the token is missing, wrong or expired"),
        (faults.status(403), "status 403"),
        (faults.too_many_requests(), "status 429"),
        (faults.dropped(), "no whole answer"),
        (faults.empty(), "no XML that can be read"),
        (faults.wrong_content(), "no XML that can be read"),
        (faults.truncated(), "no XML that can be read"),
        (faults.instead("<lapor/>"), "the receipt has no <trackingid> or no <transaksiid>"),
        (
            faults.instead("<lapor><trackingid>0</trackingid><transaksiid>7</transaksiid></lapor>"),
            "another report",
        ),
    ],
)
def test_a_fault_is_noted_and_the_same_message_comes_again_later(laporan, sources, fault, error):
    put(laporan[0])
    sources.fail(ADDSTREAM, fault)
    assert outbox.send_due() == 0
    message = Outgoing.objects.get()
    assert error in message.error
    assert message.sent_at is message.dead_at is None
    assert message.next_at > timezone.now() + timedelta(minutes=2)
    assert outbox.send_due() == 0
    later()
    assert outbox.send_due() == 1
    (copies,) = received(sources.requests).values()
    assert len(copies) == 2
    assert Outgoing.objects.get().error == ""


def test_a_server_that_says_nothing_may_have_got_it_and_gets_the_same_key_again(
    laporan, sources, settings, tmp_path
):
    settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
    (tmp_path / "feeds.toml").write_text("[lapor]\ntimeout_s = 0.2\n")
    put(laporan[0])
    sources.fail(ADDSTREAM, faults.slow(at_most_s=5))
    assert outbox.send_due() == 0
    assert "no whole answer (ReadTimeout)" in Outgoing.objects.get().error
    later()
    assert outbox.send_due() == 1
    assert [len(copies) for copies in received(sources.requests).values()] == [2]


def test_a_reply_to_what_lapor_does_not_have_is_a_dead_letter_at_once(laporan, sources, caplog):
    Report.objects.filter(id=laporan[0].id).update(external_id="17")
    put(Report.objects.get(id=laporan[0].id))
    put(laporan[1])
    assert outbox.send_due() == 1
    dead = reports_outbox.dead().get()
    assert dead.error == "lapor: api/stream/addstream: status 404: there is nothing at this address"
    assert (dead.attempts, "dead letter" in caplog.text, "terima kasih" in caplog.text) == (1, True, False)


def test_a_server_that_fails_is_asked_once_a_round_and_given_up_after_eight(laporan, sources):
    for report in laporan:
        put(report)
    sources.fail(ADDSTREAM, faults.status(500), times=None)
    for _ in range(3 * reports_outbox.MOST_ATTEMPTS):
        later()
        before = len(sources.requests)
        assert outbox.send_due() == 0
        assert len(sources.requests) == before + 1
    assert reports_outbox.dead().count() == 3
    assert reports_outbox.waiting().count() == 0
    sources.clear()
    reports_outbox.retry([message.id for message in reports_outbox.dead()])
    assert outbox.send_due() == 3


def test_a_server_that_asks_for_a_rest_is_left_alone_so_long(laporan, sources):
    put(laporan[0])
    put(laporan[1])
    sources.fail(ADDSTREAM, faults.too_many_requests(7200))
    now = timezone.now()
    assert outbox.send_due(now) == 0
    assert outbox.send_due(now + timedelta(seconds=7190)) == 0
    assert len(sources.requests) == 1
    assert outbox.send_due(now + timedelta(hours=7)) == 2


def test_the_token_stands_in_no_error_and_no_log(laporan, sources, monkeypatch, caplog):
    monkeypatch.setattr(feeds, "SIMULATED", "rahasia-sekali")
    caplog.set_level("DEBUG")
    put(laporan[0])
    assert outbox.send_due() == 0
    assert "status 401" in Outgoing.objects.get().error
    assert "rahasia-sekali" not in Outgoing.objects.get().error + caplog.text


def test_a_channel_that_takes_no_answers_is_said_so(receive_one, sources):
    put(receive_one(channel="qlue"))
    assert outbox.send_due() == 0
    assert reports_outbox.dead().get().error == "qlue: this channel takes no answers"


def test_a_feed_that_there_is_no_more_is_waited_for(receive_one):
    put(receive_one(channel="former_feed"))
    assert outbox.send_due() == 0
    assert reports_outbox.waiting().get().error.startswith("no feed 'former_feed'")


def test_no_citizen_of_the_simulated_city_gets_a_real_answer(laporan, sources, settings):
    put(laporan[0])
    settings.SIMULATED_CITY_URL = ""
    assert outbox.send_due() == 0
    assert reports_outbox.dead().get().error == "lapor: the report is not one of this real feed"
    assert sources.requests == []


def test_replies_go_to_their_own_address_and_those_of_the_simulated_city_never(
    settings, monkeypatch, sources
):
    monkeypatch.setenv("GEOPLATFORM_FEED_LAPOR_TOKEN", "guid")
    assert outbox._door(feeds.feed("lapor")).url == f"{sources.url}/lapor"
    settings.SIMULATED_CITY_URL = ""
    assert feeds.feed("lapor").url.startswith("file:///")
    assert outbox._door(feeds.feed("lapor")).url == "https://www.lapor.go.id"


def test_without_a_token_nothing_is_sent_and_the_setting_is_named(receive_one, settings, tmp_path, sources):
    settings.SIMULATED_CITY_URL = ""
    settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
    (tmp_path / "feeds.toml").write_text(f'[lapor.options]\nsend_url = "{sources.url}/lapor"\n')
    put(receive_one(channel="lapor"))
    assert outbox.send_due() == 0
    assert reports_outbox.waiting().get().error == "GEOPLATFORM_FEED_LAPOR_TOKEN is not set"


def test_a_worker_that_is_killed_between_sending_and_noting_sends_it_again_with_the_same_key(
    transactional_city, sources
):
    """The one duplicate that no sender can avoid: the receiver drops it by its key."""
    read("lapor")
    sources.clear()
    put(Report.objects.order_by("id")[0])
    held = threading.Event()
    sources.fail(ADDSTREAM, faults.slow(held, at_most_s=LONGEST_S))
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "GEOPLATFORM_SIMULATED_CITY_URL": sources.url,
        "GEOPLATFORM_DEBUG": "1",
    }
    sends = "from ingest.outgoing import outbox; outbox.send_due()"
    command = [sys.executable, "manage.py", "shell", "-c", sends]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: bool(received(sources.requests)))
        kill(process)
    finally:
        held.set()
        process.kill()
        process.wait()
    message = Outgoing.objects.get()
    assert (message.attempts, message.sent_at) == (1, None)
    assert outbox.send_due() == 0
    later()
    assert outbox.send_due() == 1
    assert [len(copies) for copies in received(sources.requests).values()] == [2]
    assert Outgoing.objects.get().attempts == 2


def test_the_queue_sends_each_minute(laporan, sources):
    put(laporan[0])
    tasks.deliver(0)
    assert Outgoing.objects.get().sent_at
    assert not ProcrastinateJob.objects.filter(status="failed").exists()


def test_the_command_lists_what_waits_and_what_was_given_up_without_a_word_of_it(laporan, sources, capsys):
    waits, dead = put(laporan[0]), put(laporan[1])
    reports_outbox.bury(dead, "status 404", timezone.now())
    call_command("outbox")
    told = capsys.readouterr().out
    assert told.splitlines()[0] == "waiting: 1"
    assert f"{waits.id}  lapor {waits.external_id}  answer  attempts 0" in told
    assert "dead: 1" in told
    assert told.rstrip().endswith("status 404")
    assert "terima kasih" not in told
    assert "Menteng" not in told
    call_command("outbox", "--retry", str(dead.id))
    assert "waiting: 2\n" in capsys.readouterr().out


def test_the_command_says_what_cannot_be_sent_again(laporan, sources):
    with pytest.raises(CommandError, match=r"message \d+ waits to be sent"):
        call_command("outbox", "--retry", str(put(laporan[0]).id))
