"""The report form as a browser without JavaScript has it: what is taken, what is refused, what is kept."""

import io
import json
import re
from base64 import b64decode

import pytest
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from casework.models import Link
from console import words
from ingest import feeds, pipeline
from ingest.models import Payload
from layers.record import LonLat
from reports import photos, sealing
from reports.models import Contact, Photo, Placement, Report
from tests.conftest import MONAS

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
FORM = "/report-a-problem/"
KEY = "0b7e1f6a-9c2d-4e5f-8a1b-3c5d7e9f0a2b"
CLIENT = "203.0.113.7"


def written(**fields: object) -> dict[str, object]:
    """Return what somebody writes who sees a hole by Monas."""
    said = {
        "key": KEY,
        "category": "road",
        "lon": str(MONAS.lon),
        "lat": str(MONAS.lat),
        "description": "Lubang besar",
    }
    return {name: value for name, value in (said | fields).items() if value is not None}


def picture() -> SimpleUploadedFile:
    """Return a photo as a phone takes it: it knows where and when."""
    image = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Telepon Contoh"
    exif.get_ifd(0x8825)[1] = "S"
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    return SimpleUploadedFile("lubang.jpg", buffer.getvalue(), "image/jpeg")


def hidden(html: str, name: str) -> str:
    """Return the value of a hidden field."""
    return re.search(rf'type="hidden" name="{name}" value="([^"]*)"', html)[1]


@pytest.fixture
def sealed(settings) -> None:
    settings.CONTACT_KEYS = Fernet.generate_key().decode()


def test_a_report_is_kept_stored_placed_and_routed_and_its_citizen_gets_a_number(client, city):
    answer = client.post(FORM, written())
    assert answer.status_code == 303
    report = Report.objects.get()
    assert (report.channel, report.category_id, report.description) == ("web", "road", "Lubang besar")
    assert (report.placed_by, report.office.level, report.simulated) == ("inside", "kelurahan", False)
    assert Payload.objects.get().feed == "web"
    page = client.get(answer["Location"])
    assert f'<p class="receipt-number">{report.pk}</p>' in page.text
    assert f'href="/reports/{report.pk}"' in page.text
    assert report.office.title in page.text


def test_the_same_report_sent_again_is_one_however_often(client, city):
    first = client.post(FORM, written())
    again = client.post(FORM, written())
    assert first["Location"] == again["Location"]
    assert Report.objects.count() == 1
    assert client.post(FORM, written(description="Lubang lain", sure="1"))["Location"] != first["Location"]
    assert client.post(FORM, written(key="another-act-of-writing", sure="1"))["Location"] != first["Location"]
    assert Report.objects.count() == 3


def test_a_replay_of_what_was_written_changes_nothing(client, city):
    client.post(FORM, written(photo=picture(), lon=None, lat=None, kelurahan="31.71.01.1001"))
    before = list(Report.objects.values()), list(Photo.objects.values("digest", "looks"))
    tally = pipeline.replay("web")
    assert (tally.fetched, tally.new, tally.rejected) == (1, 0, 0)
    assert (list(Report.objects.values()), list(Photo.objects.values("digest", "looks"))) == before


@pytest.mark.parametrize(
    ("fields", "field", "key"),
    [
        ({"category": None}, "category", "wrong_category_missing"),
        ({"category": "unknown"}, "category", "wrong_category_missing"),
        ({"description": None}, "description", "wrong_description_missing"),
        ({"description": "x" * 2001}, "description", "wrong_description_too_long"),
        ({"lon": None, "lat": None, "hint": None}, "place", "wrong_place_missing"),
        ({"lon": "2.35", "lat": "48.85"}, "place", "wrong_place_outside"),
        ({"lon": "x"}, "place", "wrong_place_outside"),
        ({"lon": "nan"}, "place", "wrong_place_outside"),
        ({"lon": None, "lat": None, "kelurahan": "Gambir"}, "place", "wrong_place_unknown"),
        ({"hint": "x" * 301}, "hint", "wrong_hint_too_long"),
        ({"contact": "budi"}, "contact", "wrong_contact_unusable"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_all_else_is_kept(
    client, city, sealed, fields, field, key
):
    given = written(**({"hint": "Depan <b>Monas</b>", "contact": "warga@contoh.example"} | fields))
    answer = client.post(FORM, given)
    assert answer.status_code == 400
    assert f'id="wrong-{field}">{words.words("id", "voices")[key]}' in answer.text
    assert hidden(answer.text, "key") == KEY
    if "category" not in fields:
        assert 'value="road" checked' in answer.text
    if "description" not in fields:
        assert "Lubang besar</textarea>" in answer.text
    if "hint" not in fields:
        assert 'value="Depan &lt;b&gt;Monas&lt;/b&gt;"' in answer.text
    assert not Report.objects.exists()


def test_a_photo_is_kept_without_what_its_camera_wrote_and_nothing_else_of_it_is(client, city):
    client.post(FORM, written(photo=picture()))
    stored = photos.path(Photo.objects.get().digest).read_bytes()
    assert dict(Image.open(io.BytesIO(stored)).getexif()) == {}
    kept = json.loads(Payload.objects.get().body)["photo"]
    assert b64decode(kept["jpeg"]) == stored
    assert b"Telepon Contoh" not in stored


@pytest.mark.parametrize("kept", ["no base64", "\x80", "ü" * 9])
def test_a_kept_photo_that_was_tampered_with_is_said_to_be_unreadable(client, city, kept):
    assert client.post(FORM, written(kept_photo=kept)).status_code == 400
    assert not Photo.objects.exists()


def test_a_photo_stays_where_another_field_is_wrong(client, city):
    answer = client.post(FORM, written(photo=picture(), category=None))
    kept = hidden(answer.text, "kept_photo")
    assert client.post(FORM, written(kept_photo=kept)).status_code == 303
    assert Photo.objects.count() == 1


def test_a_picture_that_is_none_or_a_bomb_is_refused_before_it_is_drawn(client, city):
    buffer = io.BytesIO()
    Image.new("1", (9000, 9000)).save(buffer, "PNG")  # 81 megapixels of next to no bytes
    bomb = SimpleUploadedFile("bomb.png", buffer.getvalue(), "image/png")
    for sent in (bomb, SimpleUploadedFile("x.jpg", b"<script>", "image/jpeg")):
        answer = client.post(FORM, written(photo=sent))
        assert answer.status_code == 400
        assert "wrong-photo" in answer.text


def test_more_than_is_taken_is_refused_before_it_is_read(client, city):
    answer = client.post(FORM, written(photo=SimpleUploadedFile("x.jpg", b"x" * 12_000_001, "image/jpeg")))
    assert answer.status_code == 413
    assert words.words("id", "voices")["wrong_photo_too_large"] in answer.text


def test_a_place_in_words_is_looked_up_and_the_one_that_is_chosen_is_declared(client, city):
    asked = written(lon=None, lat=None, hint="Jalan Kali Pasir, Cikini, Menteng", search="1")
    answer = client.post(FORM, asked)
    assert answer.status_code == 200
    code = re.search(r'name="kelurahan" value="([\d.]+)"', answer.text)[1]
    assert not Report.objects.exists()
    del asked["search"]
    client.post(FORM, {**asked, "kelurahan": code})
    report = Report.objects.get()
    assert (report.kelurahan_code, report.placed_by, report.point) == (code, "declared", None)
    assert report.office_id is not None
    assert Placement.objects.get().by == "citizen"


def test_words_that_nobody_chose_from_wait_for_a_person(client, city):
    client.post(FORM, written(lon=None, lat=None, hint="Dekat rumah saya"))
    report = Report.objects.get()
    assert (report.hint, report.kelurahan_code) == ("Dekat rumah saya", None)


def test_a_similar_report_nearby_is_shown_before_another_is_sent(client, receive_one):
    lately = {"submitted_at": timezone.now(), "updated_at": timezone.now()}
    near, away = (LonLat(MONAS.lon + far, MONAS.lat) for far in (0.0005, 0.02))
    known = receive_one(point=near, description="Jalan berlubang <i>", **lately)
    far = receive_one(external_id="2", point=away, **lately)
    receive_one(external_id="3", point=near, description="Yang dulu")
    answer = client.post(FORM, written(photo=picture()))
    assert answer.status_code == 200
    assert "Jalan berlubang &lt;i&gt;" in answer.text
    assert f'href="/follow?report={known.pk}"' in answer.text
    assert f"report={far.pk}" not in answer.text
    assert "Yang dulu" not in answer.text
    assert not Report.objects.filter(channel="web").exists()
    sure = written(kept_photo=hidden(answer.text, "kept_photo"), sure="1")
    assert client.post(FORM, sure).status_code == 303
    assert Report.objects.filter(channel="web").count() == 1


def test_a_contact_is_sealed_before_anything_of_it_is_kept(client, city, sealed):
    client.post(FORM, written(contact="0812 3456 7890"))
    report = Report.objects.get()
    assert "3456" not in Payload.objects.get().body
    assert b"3456" not in bytes(Contact.objects.get().sealed)
    assert sealing.read("web", report.external_id) == {"contact": "0812 3456 7890"}


def test_without_a_key_no_contact_is_asked_for_nor_kept(client, city, settings):
    settings.CONTACT_KEYS = ""
    assert 'name="contact"' not in client.get(FORM).text
    client.post(FORM, written(contact="0812 3456 7890"))
    assert "3456" not in Payload.objects.get().body
    assert not Contact.objects.exists()


def test_who_fills_in_what_nobody_sees_sends_nothing(client, city):
    answer = client.post(FORM, written(website="https://spam.example"))
    assert answer.status_code == 400
    assert not Payload.objects.exists()


def test_of_one_address_so_many_an_hour_are_taken_and_what_was_written_stays(city, settings):
    settings.REPORTS_AN_HOUR = 2
    client = Client(REMOTE_ADDR=CLIENT)
    for number in range(2):
        assert client.post(FORM, written(key=f"act-of-writing-{number}", sure="1")).status_code == 303
    answer = client.post(FORM, written(key="act-of-writing-3", sure="1"))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "Lubang besar</textarea>" in answer.text
    # One that came before is told again, and not counted.
    assert client.post(FORM, written(key="act-of-writing-1", sure="1")).status_code == 303


def test_the_page_sets_no_cookie_is_kept_by_nobody_and_loads_its_own_alone(client, city):
    answer = client.get(FORM)
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    policy = answer["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org|testserver)", answer.text)
    assert hidden(answer.text, "key") != hidden(client.get(FORM).text, "key")


def test_the_button_of_a_receipt_makes_the_link_that_speaks_for_the_report(client, city):
    receipt = client.post(FORM, written())["Location"]
    assert client.get(receipt).status_code == 200
    assert not Link.objects.exists()
    answer = client.post(receipt)
    assert (answer.status_code, answer["Location"].endswith("?lang=id")) == (303, True)
    assert client.get(answer["Location"]).status_code == 200
    assert Link.objects.get().report == Report.objects.get()


def test_the_token_of_nobody_is_not_found(client, city):
    assert client.get(f"{FORM}received/nothing").status_code == 404
    assert client.get("/api/receipts/nothing").status_code == 404


def test_an_app_posts_the_same_by_the_api_and_hears_its_number(client, city):
    sent = written(key=None, photo=picture())
    answer = client.post("/api/reports", sent, headers={"Idempotency-Key": KEY})
    assert answer.status_code == 201
    report = Report.objects.get()
    said = answer.json()
    assert said["report"] == report.pk
    assert said["page"] == f"http://testserver{FORM}received/{said['token']}"
    assert client.get(answer["Location"]).json() == said
    sent["photo"].seek(0)
    assert client.post("/api/reports", sent, headers={"Idempotency-Key": KEY}).json() == said
    assert Report.objects.count() == 1


def test_the_api_names_every_field_that_cannot_be_used(client, city):
    answer = client.post("/api/reports", {"category": "x", "lon": "1", "lat": "1"})
    assert answer.status_code == 400
    assert answer.json()["fields"] == {
        "key": "missing",
        "category": "missing",
        "place": "outside",
        "description": "missing",
    }


@pytest.mark.parametrize(
    ("ago", "kept"), [("2026-05-14T03:10:00+00:00", False), ("x", False), ("2026-05-14T03:10:00", False)]
)
def test_a_time_that_cannot_be_is_none(client, city, ago, kept):
    client.post(FORM, written(written_at=ago))
    assert ("written_at" in json.loads(Payload.objects.get().body)) is kept


def test_the_worker_keeps_every_file_that_the_form_needs(client, city):
    body = client.get(f"{FORM}worker.js")
    assert body["Content-Type"].startswith("text/javascript")
    shell = json.loads(re.match(r"self\.SHELL = (.*);", body.text)[1])
    assert shell["scope"] == FORM
    for address in [*shell["pages"], *shell["files"]]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        b"".join(answer)  # read to its end, a file is closed
    page = client.get(FORM).text
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert set(loaded) <= set(shell["files"])


def test_the_form_can_be_installed(client, city):
    manifest = client.get(f"{FORM}manifest.webmanifest").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (FORM, FORM, "standalone")
    for icon in manifest["icons"]:
        answer = client.get(icon["src"])
        picture = Image.open(io.BytesIO(b"".join(answer)))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_every_category_has_a_picture(client, city):
    page = client.get(FORM).text
    known = feeds.adapter("web") and re.findall(r'name="category" value="(\w+)"', page)
    assert len(known) == page.count('class="kind"') == page.count('<svg viewBox="0 0 32 32"')
