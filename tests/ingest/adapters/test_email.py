"""E-mails from a mailbox into the database: reports, threads, photos, and nothing twice."""

import itertools
import math
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from PIL import Image

from boundaries.lookup import at
from fixtures.mail import Folder
from fixtures.wire.email import position
from geoplatform.errors import FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.models import Payload, Rejection, Run
from ingest.reading.transports import Messages
from reports import photos
from reports.models import Photo, Report, SourceUpdate
from reports.record import Submission, Updates
from tests.conftest import MONAS, NOON, ROOT, database_url
from tests.ingest.mail.test_mime import b64, multi, part, raw
from tests.ingest.mail_servers import HOST, PASSWORD
from tests.ingest.test_kill import LONGEST_S, is_gone, kill, stands_still, wait_until
from tests.reports.test_pictures import drawn
from tests.reports.test_pictures import sent as picture

ROOT_ID = "1@example.com"
FIRST = raw("Lubang besar di Jl. Contoh.\nSalam, Budi Contoh, budi@example.com")
ANSWER = raw(
    "Sudah kami perbaiki.\n\nPada 14/05/2026 12.00, Budi menulis:\n> Lubang besar",
    Message_ID="<2@jakarta.go.id>", In_Reply_To=f"<{ROOT_ID}>", References=f"<{ROOT_ID}>",
    From="Petugas Rahasia <dki@jakarta.go.id>", Date="Thu, 14 May 2026 13:00:00 +0700",
)  # fmt: skip
THANKS = raw(
    "Terima kasih. Budi Contoh", Message_ID="<3@example.com>", In_Reply_To="<2@jakarta.go.id>",
    References=f"<{ROOT_ID}> <2@jakarta.go.id>", Date="Thu, 14 May 2026 14:00:00 +0700",
)  # fmt: skip
THREAD = (FIRST, ANSWER, THANKS)


def with_picture(body: bytes, text: str = "Lihat foto.", **headers: str) -> bytes:
    parts = (part("text/plain", text), part("image/jpeg", b64(body), "Content-Transfer-Encoding: base64\n"))
    return raw(
        multi("mixed", *parts).partition("\n\n")[2], Content_Type='multipart/mixed; boundary="x"', **headers
    )


@pytest.fixture
def connected(settings, tmp_path, monkeypatch):
    """Let the feed read a mailbox: ``connected(server)``."""

    def connect(server) -> None:
        own = tmp_path / f"{len(list(tmp_path.iterdir()))}.toml"
        own.write_text(f'[email]\nurl = "{server.url()}"\nallow_hosts = ["{HOST}"]\ntimeout_s = 10\n')
        settings.FEEDS_FILE = str(own)
        monkeypatch.setenv("GEOPLATFORM_FEED_EMAIL_TOKEN", PASSWORD)

    return connect


@pytest.fixture
def inbox(small, connected):
    connected(small)
    return small


def rows() -> dict[str, list]:
    """All that e-mails lead to, but for keys and our own clock."""

    def of(model, *without):
        own = {"id", "received_at", "asked_at", "fetched_at", "kept_at", "revision", *without}
        found = [{k: v for k, v in row.items() if k not in own} for row in model.objects.values()]
        return sorted(found, key=repr)

    return {
        "reports": of(Report),
        "updates": of(SourceUpdate),
        "photos": of(Photo),
        "payloads": sorted(bytes(digest) for digest in Payload.objects.values_list("digest", flat=True)),
        "rejections": sorted(Rejection.objects.values_list("reason", flat=True)),
    }


def test_a_first_message_is_a_report(city, mailbox, connected):
    connected(mailbox)
    mailbox.deliver(FIRST)
    run = pipeline.run("email")
    report = Report.objects.get()
    assert (run.fetched, run.new, run.unread, run.simulated) == (1, 1, [], False)
    assert (report.channel, report.external_id, report.category_id) == ("email", ROOT_ID, "other")
    assert (
        report.description == "Jalan rusak\nLubang besar di Jl. Contoh.\nSalam, Budi Contoh, budi@example.com"
    )
    assert report.submitted_at == report.updated_at == NOON
    assert (report.point, report.hint, report.status) == (None, "", "waiting")
    assert len(report.author_hash) == 64
    assert Run.objects.get().cursor["uid"] == 1


def test_the_public_reads_neither_name_nor_address_of_the_writer(city, inbox):
    inbox.deliver(*THREAD)
    pipeline.run("email")
    public = [Report.objects.get().public_text, *SourceUpdate.objects.values_list("public_note", flat=True)]
    assert "Lubang besar di Jl. Contoh" in public[0]
    assert not [text for text in public if "Budi" in text or "example.com" in text or "Rahasia" in text]


def test_a_photo_says_where_the_report_is(city, mailbox, connected):
    connected(mailbox)
    plain, placed = picture(), picture(drawn((800, 600)), gps=position(MONAS))
    body = with_picture(placed)
    mailbox.deliver(
        body.replace(b"--x\r\nContent-Type: image", b"--x\r\n" + _part(plain) + b"--x\r\nContent-Type: image")
    )
    pipeline.run("email")
    report = Report.objects.get()
    assert (report.point.x, report.point.y) == pytest.approx(MONAS, abs=1e-6)
    assert report.kelurahan_code == at(MONAS, NOON.date()).kelurahan.code
    assert report.office is not None
    kept = list(Photo.objects.order_by("id"))
    assert [(photo.external_id, photo.media_type) for photo in kept] == [(ROOT_ID, "image/jpeg")] * 2
    for photo in kept:
        body = photos.path(photo.digest).read_bytes()
        assert b"Exif" not in body
        with Image.open(photos.path(photo.digest)) as opened:
            assert opened.format == "JPEG"


def _part(body: bytes) -> bytes:
    text = part("image/jpeg", b64(body), "Content-Transfer-Encoding: base64\n")
    return text.encode().replace(b"\n", b"\r\n")


def test_a_thread_is_one_report_with_steps_and_no_quotations(city, mailbox, connected):
    connected(mailbox)
    mailbox.deliver(*THREAD)
    pipeline.run("email")
    assert Report.objects.get().stands_in is False
    steps = SourceUpdate.objects.order_by("at").values_list("external_id", "by", "note", "status")
    assert list(steps) == [
        (ROOT_ID, "Pemprov DKI Jakarta", "Sudah kami perbaiki.", None),
        (ROOT_ID, "", "Terima kasih. Budi Contoh", None),
    ]
    assert Report.objects.get().status == "waiting"


@pytest.mark.parametrize(("length", "at_once"), [(4, True), (3, False)], ids=["in one run", "in a run each"])
def test_a_thread_in_any_order_ends_with_the_same_rows(city, inbox, length, at_once):
    shown = with_picture(picture(), "Masih rusak.", Message_ID="<4@example.com>", References=f"<{ROOT_ID}>",
                         Date="Thu, 14 May 2026 15:00:00 +0700")  # fmt: skip
    ends = []
    messages = (FIRST, shown, ANSWER, THANKS)[:length]
    for order in itertools.permutations(messages):
        inbox.folders = {"INBOX": Folder([])}
        with transaction.atomic():
            for message in order:
                inbox.deliver(message)
                if not at_once:
                    pipeline.run("email")
            pipeline.run("email")
            ends.append(rows())
            transaction.set_rollback(True)
    assert len(ends) == math.factorial(length)
    sizes = [len(ends[0][name]) for name in ("reports", "updates", "photos", "payloads")]
    assert sizes == [1, length - 1, 1, length]
    assert all(end == ends[0] for end in ends)


def test_an_answer_to_a_message_that_never_came_stands_in_for_it(city, inbox):
    inbox.deliver(THANKS)
    pipeline.run("email")
    report = Report.objects.get()
    assert (report.external_id, report.stands_in, report.description) == (
        ROOT_ID,
        True,
        "Terima kasih. Budi Contoh",
    )
    assert SourceUpdate.objects.get().external_id == ROOT_ID


def test_what_the_city_answers_never_stands_in_for_a_report(city, inbox):
    inbox.deliver(ANSWER)
    pipeline.run("email")
    assert not Report.objects.exists()
    inbox.deliver(FIRST)
    pipeline.run("email")
    assert SourceUpdate.objects.get().external_id == Report.objects.get().external_id


def test_what_an_office_shows_in_its_answer_is_kept_and_what_a_citizen_adds_is_not(city, inbox):
    said = {"In_Reply_To": f"<{ROOT_ID}>", "References": f"<{ROOT_ID}>"}
    answer = {"From": "DKI <DKI@jakarta.go.id>", "Date": "Thu, 14 May 2026 15:00:00 +0700"}
    inbox.deliver(FIRST)
    inbox.deliver(
        with_picture(picture(gps=position(MONAS)), Message_ID="<8@jakarta.go.id>", **answer, **said)
    )
    inbox.deliver(with_picture(picture(), Message_ID="<9@example.com>", **said))
    pipeline.run("email")
    photo = Photo.objects.get(shown_at__isnull=False)
    assert photo.shown_at == datetime(2026, 5, 14, 8, 0, tzinfo=UTC)
    assert photo.point.coords == pytest.approx(MONAS, abs=1e-6)
    step = SourceUpdate.objects.get(at=photo.shown_at)
    assert (bytes(photo.step), photo.external_id) == (bytes(step.digest), ROOT_ID)


def test_what_the_city_writes_to_nobody_is_a_rejection(city, inbox):
    inbox.deliver(raw(From="DKI <DKI@jakarta.go.id>"))
    pipeline.run("email")
    assert Rejection.objects.get().reason == "a message of the city's own that answers none"


def test_a_folder_numbered_anew_doubles_nothing(city, mailbox, connected, tmp_path, settings):
    connected(mailbox)
    own = tmp_path / "laporan.toml"
    own.write_text(f'[email]\nurl = "{mailbox.url("Laporan")}"\nallow_hosts = ["{HOST}"]\n')
    settings.FEEDS_FILE = str(own)
    mailbox.deliver(*THREAD, folder="Laporan")
    pipeline.run("email")
    before = rows()
    mailbox.renumber("Laporan")
    again = pipeline.run("email")
    assert (again.fetched, again.new, again.changed) == (3, 0, 0)
    assert rows() == before
    cursors = Run.objects.order_by("id").values_list("cursor__uidvalidity", flat=True)
    assert len(set(cursors)) == 2
    assert pipeline.run("email").fetched == 0


def test_one_message_delivered_twice_is_one_report(city, inbox):
    received = [f"from a by b id {n}; Thu, 14 May 2026 12:00:0{n} +0700" for n in (1, 2)]
    inbox.deliver(*[raw(Received=line) for line in received])
    pipeline.run("email")
    assert (Payload.objects.count(), Report.objects.count()) == (2, 1)


def test_a_replay_changes_nothing(city, inbox):
    inbox.deliver(
        *THREAD, with_picture(picture(), Message_ID="<5@example.com>"), raw(Auto_Submitted="auto-replied")
    )
    pipeline.run("email")
    before = rows()
    tally = pipeline.replay("email")
    assert (tally.fetched, tally.new, tally.changed) == (5, 0, 0)
    assert rows() == before


def test_what_cannot_be_used_is_listed_with_its_reason_and_costs_no_other(city, inbox):
    inbox.deliver(
        raw(Auto_Submitted="auto-replied"),
        raw(Content_Type="multipart/report; boundary=x"),
        raw(Date=None, Message_ID="<9@example.com>"),
        b"",
        FIRST,
    )
    run = pipeline.run("email")
    assert (run.outcome, run.fetched, run.new, run.rejected) == ("complete", 5, 1, 4)
    reasons = sorted(Rejection.objects.values_list("reason", flat=True))
    assert [reason.split(" (")[0] for reason in reasons] == [
        "a report on the delivery of another message",
        "an automatic answer",
        "an e-mail without a time: neither Date nor Received",
        "an e-mail without a time: neither Date nor Received",
    ]


def test_a_message_too_large_to_be_read_is_a_report_that_says_so(
    city, mailbox, connected, tmp_path, settings
):
    connected(mailbox)
    own = tmp_path / "small.toml"
    own.write_text(f'[email]\nurl = "{mailbox.url()}"\nallow_hosts = ["{HOST}"]\nmax_bytes = 5000\n')
    settings.FEEDS_FILE = str(own)
    mailbox.deliver(with_picture(picture(), Message_ID="<8@example.com>"), FIRST)
    run = pipeline.run("email")
    assert (run.fetched, run.new, run.rejected) == (2, 2, 0)
    assert Report.objects.get(external_id="8@example.com").description == (
        "Jalan rusak\n[E-mail ini 1 MB: terlalu besar untuk dibaca, lihat kotak surat]"
    )
    assert pipeline.run("email").fetched == 0


def test_a_photo_that_cannot_be_read_costs_the_report_nothing(city, inbox, caplog):
    caplog.set_level("INFO")
    inbox.deliver(with_picture(picture()[:3000]))
    pipeline.run("email")
    assert Report.objects.get().description == "Jalan rusak\nLihat foto."
    assert not Photo.objects.exists()
    assert "left out feed=email id=1@example.com: a picture that cannot be read" in caplog.text


def test_no_log_holds_text_name_address_or_password(city, inbox, caplog):
    caplog.set_level("DEBUG")
    inbox.deliver(*THREAD, raw(Auto_Submitted="auto-replied"), with_picture(picture()[:3000]))
    pipeline.run("email")
    for secret in ("Budi", "Lubang", "budi@", "Rahasia", PASSWORD):
        assert secret not in caplog.text


def test_a_file_with_a_message_is_read_as_from_the_mailbox(city):
    run = pipeline.run("email", document=FIRST)
    assert (run.new, Report.objects.get().external_id) == (1, ROOT_ID)


def test_a_message_may_be_pushed(city):
    assert pipeline.push("email", FIRST).new == 1
    assert pipeline.push("email", FIRST).new == 0


def test_a_payload_is_the_message_to_the_last_byte(city, inbox):
    odd = FIRST + bytes(range(256))
    inbox.deliver(odd)
    pipeline.run("email")
    made = feeds.adapter("email")
    assert isinstance(made, Messages)
    (payload,) = made.document(odd)
    assert payload["raw"] in Payload.objects.get().body


def test_a_text_with_what_no_column_holds_is_stored_without_it(city, inbox):
    inbox.deliver(raw(b"Banjir\x00 di \xed\xa0\x80 sini", Subject="a\x00b"))
    pipeline.run("email")
    assert "\x00" not in Report.objects.get().description


def test_a_run_that_breaks_off_has_kept_what_it_read(city, inbox):
    def gone() -> bytes:
        raise ConnectionError

    inbox.deliver(FIRST)
    known = inbox.folders["INBOX"]
    inbox.folders = {"INBOX": Folder([*known.messages, (2, gone), (3, lambda: ANSWER)])}
    with pytest.raises(FeedUnavailable, match="message 2 broke off"):
        pipeline.run("email")
    assert Report.objects.get().external_id == ROOT_ID
    inbox.folders = {"INBOX": Folder([*known.messages, (2, lambda: THANKS), (3, lambda: ANSWER)])}
    assert pipeline.run("email").fetched == 2
    assert SourceUpdate.objects.count() == 2


def test_a_run_killed_between_a_message_and_its_cursor_doubles_nothing(transactional_city, inbox, settings):
    asked, answer = threading.Event(), threading.Event()

    def second() -> bytes:
        asked.set()
        answer.wait(LONGEST_S)
        return ANSWER

    known = [(1, lambda: FIRST), (3, lambda: THANKS)]
    inbox.folders = {"INBOX": Folder([known[0], (2, second), known[1]])}
    environment = os.environ | {
        "DATABASE_URL": f"{database_url()}&application_name=victim",
        "GEOPLATFORM_FEEDS": settings.FEEDS_FILE,
        "GEOPLATFORM_MEDIA": str(settings.MEDIA_ROOT),
        "GEOPLATFORM_DEBUG": "1",
    }
    command = [sys.executable, "manage.py", "ingest", "email"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        assert asked.wait(LONGEST_S)
        with transaction.atomic(), connection.cursor() as cursor:
            # The payload can be kept, the cursor behind it cannot.
            cursor.execute("LOCK TABLE ingest_run IN EXCLUSIVE MODE")
            answer.set()
            wait_until(stands_still)
            kill(process)
            # Else the database would still do, for nobody, what it was asked for last.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'victim' AND datname = current_database()"
            )
    finally:
        answer.set()
        process.kill()
        process.wait()
    wait_until(is_gone)
    assert (Payload.objects.count(), SourceUpdate.objects.count()) == (2, 0)
    assert Run.objects.get().cursor["uid"] == 1
    run = pipeline.run("email")
    assert (run.outcome, run.fetched) == ("complete", 2)
    assert (Payload.objects.count(), Report.objects.count(), SourceUpdate.objects.count()) == (3, 1, 2)


# --- recorded messages

RECORDED = {path.stem: path for path in (ROOT / "fixtures" / "feeds" / "email").glob("*.eml")}
OF_NOBODY = {"away", "bounce_edges"}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_message_is_read_whole_or_is_of_nobody(name):
    made = feeds.adapter("email")
    (payload,) = made.document(RECORDED[name].read_bytes())
    if name in OF_NOBODY:
        with pytest.raises(Rejected, match=r"automatic|delivery"):
            made.parse(payload)
        return
    read = made.parse(payload)
    assert read.unread == ()
    words = read.updates[0].note if isinstance(read, Updates) else read.description
    assert ("[SIMULASI]" in words) == (name != "answer")
    assert "menulis:" not in words


def test_recorded_messages_with_hard_cases_are_read():
    def read(name: str) -> Submission:
        made = feeds.adapter("email")
        return made.parse(*made.document(RECORDED[f"{name}_edges"].read_bytes()))

    assert read("photo").point == pytest.approx(MONAS, abs=1e-6)
    assert (len(read("winmail").photos), "besar café" in read("winmail").description) == (1, True)
    assert "🌊\u200d di sini فيضان" in read("no_id").description
    assert read("no_id").external_id.startswith("sha256:")
    assert read("wrong_clock").submitted_at == datetime(2016, 4, 14, 5, 0, 5, tzinfo=UTC)


# --- the simulated city


def test_the_simulated_city_writes_e_mails_of_every_sort(city, sources):
    run = pipeline.run("email", now=NOON)
    assert (run.outcome, run.unread, run.simulated) == ("complete", [], True)
    assert run.new == Report.objects.count() > 5
    assert "[SIMULASI]" in Report.objects.first().description
    before = rows()
    again = pipeline.run("email", now=NOON)
    assert (again.fetched, again.new) == (0, 0)
    assert rows() == before


def test_the_simulated_mailbox_grows_with_the_citys_clock(city, sources):
    sources.days, sources.scale = 2, 0.4
    sources.now = NOON - timedelta(days=1)
    first = pipeline.run("email", now=sources.now)
    sources.days = 3
    sources.now = NOON
    second = pipeline.run("email", now=NOON)
    assert first.fetched > 0 < second.fetched
    assert second.cursor["uid"] > first.cursor["uid"]
    assert SourceUpdate.objects.filter(by="Pemprov DKI Jakarta").exists()
    assert Photo.objects.exists()
    assert Report.objects.exclude(point=None).exists()
    # A mailbox read from its beginning holds the same.
    before = rows()
    Run.objects.update(cursor=None)
    again = pipeline.run("email", now=NOON)
    assert (again.fetched, again.new) == (first.fetched + second.fetched, 0)
    assert rows() == before


def test_a_wrong_password_does_not_open_the_simulated_mailbox(city, sources, monkeypatch):
    monkeypatch.setattr(feeds, "SIMULATED", "salah")
    with pytest.raises(FeedUnavailable, match="refused"):
        pipeline.run("email", now=NOON)
