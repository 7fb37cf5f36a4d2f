"""Pictures that offices name by their address: fetched once, kept with where and when they were taken."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import call_command

from casework.steps import proof, workflow
from fixtures.wire.email import position
from ingest.keeping import answer_pictures
from ingest.models import AnswerPicture
from reports import intake, photos
from reports.models import Photo
from reports.record import Update, Updates
from tests.conftest import MONAS, NOON
from tests.reports.test_pictures import drawn, sent

HOUR = timedelta(hours=1)
LATER = NOON + 5 * HOUR


@pytest.fixture
def shown(monkeypatch) -> Iterator[dict[str, bytes | int]]:
    """A server on this machine that shows pictures, by path; a number is a status."""
    served: dict[str, bytes | int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = served.get(self.path.lstrip("/"), 404)
            self.send_response(found if isinstance(found, int) else 200)
            self.end_headers()
            if isinstance(found, bytes):
                self.wfile.write(found)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(answer_pictures, "_allowed", lambda channel: ["127.0.0.1"])
    served["address"] = f"http://127.0.0.1:{server.server_port}".encode()
    yield served
    server.shutdown()
    server.server_close()


def taken(exif_time: str = "2026:05:14 12:30:00", gps=MONAS) -> bytes:
    """A picture whose camera says where and when, in the city's time."""
    picture = drawn()
    exif = picture.getexif()
    exif.get_ifd(0x8769)[0x9003] = exif_time
    exif[0x8825] = position(gps)
    return sent(picture, exif=exif)


def answered(shown, name: str, status: str | None = "done") -> None:
    url = f"{shown['address'].decode()}/{name}"
    step = Update(at=NOON + HOUR, status=status, by="Lurah", note="Selesai", image_url=url)
    intake.receive([Updates("qlue", "1", (step,))], simulated=False)


def test_what_an_office_shows_is_kept_with_where_and_when_it_was_taken(receive_one, shown):
    receive_one()
    shown["1.jpg"] = taken()
    answered(shown, "1.jpg")
    assert (answer_pictures.seek(LATER), answer_pictures.fetch_due(LATER)) == (1, 1)
    photo = Photo.objects.get()
    assert (photo.shown_at, photo.taken_at) == (NOON + HOUR, datetime(2026, 5, 14, 5, 30, tzinfo=UTC))
    assert photo.point.coords == pytest.approx(MONAS, abs=1e-5)
    assert b"Exif" not in photos.path(photo.digest).read_bytes()
    assert (answer_pictures.seek(LATER), answer_pictures.fetch_due(LATER)) == (0, 0)


def test_one_photo_that_a_lurah_shows_for_two_reports_is_doubted(receive_one, shown):
    receive_one()
    other = receive_one(external_id="2")
    shown["1.jpg"] = shown["2.jpg"] = taken()
    answered(shown, "1.jpg")
    step = Update(
        at=NOON + 2 * HOUR, status="done", by="Lurah", note="", image_url=f"{shown['address'].decode()}/2.jpg"
    )
    intake.receive([Updates("qlue", "2", (step,))], simulated=False)
    workflow.collect(NOON)
    workflow.follow(LATER)
    answer_pictures.seek(LATER)
    answer_pictures.fetch_due(LATER)
    proof.judge(LATER)
    (doubted,) = proof.flagged()
    assert (doubted.report_id, doubted.kind, doubted.amount) == (other.id, "seen_before", 0)


def test_a_picture_that_does_not_come_is_asked_for_five_times(receive_one, shown):
    receive_one()
    answered(shown, "gone.jpg")
    answer_pictures.seek(NOON)
    at = NOON
    for attempt in range(1, 6):
        assert AnswerPicture.objects.get().ended_at is None
        answer_pictures.fetch_due(at)
        assert AnswerPicture.objects.get().attempts == attempt
        answer_pictures.fetch_due(at)
        at = AnswerPicture.objects.get().next_at
    one = AnswerPicture.objects.get()
    assert (one.attempts, one.ended_at is not None, "HTTPError" in one.error) == (5, True, True)
    assert answer_pictures.fetch_due(at) == 0


def test_what_is_no_picture_is_asked_for_once(receive_one, shown):
    receive_one()
    shown["page.html"] = b"<html>"
    answered(shown, "page.html")
    answer_pictures.seek(NOON)
    answer_pictures.fetch_due(NOON)
    one = AnswerPicture.objects.get()
    assert (one.attempts, one.ended_at, "cannot be read" in one.error) == (1, NOON, True)
    assert Photo.objects.count() == 0


def test_a_private_address_is_not_spoken_to(receive_one, shown, monkeypatch):
    monkeypatch.undo()
    receive_one()
    shown["1.jpg"] = taken()
    answered(shown, "1.jpg")
    answer_pictures.seek(NOON)
    assert answer_pictures.fetch_due(NOON) == 0
    assert "private address" in AnswerPicture.objects.get().error


def test_words_without_a_status_and_the_simulated_city_show_nothing(receive_one, shown, submission):
    receive_one()
    answered(shown, "1.jpg", status=None)
    assert answer_pictures.seek(NOON) == 0
    intake.receive([submission("9")], simulated=True)
    step = Update(
        at=NOON, status="done", by="Lurah", note="", image_url="https://photos.simulated-city.example/9.jpg"
    )
    intake.receive([Updates("qlue", "9", (step,))], simulated=True)
    assert answer_pictures.seek(NOON) == 0


def test_the_doubts_can_be_read_and_settled_by_command(receive_one, shown, capsys):
    report = receive_one()
    shown["1.jpg"] = taken("2026:05:14 10:30:00")
    answered(shown, "1.jpg")
    workflow.collect(NOON)
    workflow.follow(LATER)
    answer_pictures.seek(LATER)
    answer_pictures.fetch_due(LATER)
    call_command("proofs")
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(
        f"{report.id}  too_early: 5400 s, 300 are allowed; resolved by feed:qlue on 2026-05-14"
    )
    assert told[1] == "1 doubts of 1 resolutions"
    call_command("proofs", str(report.id), "--refuse", "--by", "Sari", "--text", "Foto lama")
    assert capsys.readouterr().out == f"case {report.id}: refused\n"
