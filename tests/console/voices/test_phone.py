"""A citizen with a phone: photo and pin, no line, no JavaScript, a drawn area; each a whole errand."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from console import words
from reports import photos
from reports.models import Photo, Report
from tests.conftest import MONAS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]
FORM = "/report-a-problem/"
SAID = words.words("id", "voices")
IS_TAKEN = """new Promise((done) => {
  if (navigator.serviceWorker.controller) return done();
  navigator.serviceWorker.addEventListener("controllerchange", () => done(), { once: true });
})"""
IS_BACK = """new Promise((done) => {
  if (navigator.onLine) return done();
  addEventListener("online", () => done(), { once: true });
})"""


@pytest.fixture
def photo(tmp_path) -> str:
    """A photo of twelve megapixels, which says where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Telepon Contoh"
    path = tmp_path / "lubang.jpg"
    Image.radial_gradient("L").resize((4000, 3000)).convert("RGB").save(path, exif=exif)
    return str(path)


def test_a_hole_is_reported_by_phone_with_a_photo_and_a_pin(transactional_city, phone, photo):
    phone = phone(MONAS)
    page = phone(FORM)
    expect(page.locator("#map .leaflet-control-zoom")).to_be_visible()
    assert phone.faults() == []
    page.get_by_role("button", name=SAID["send"]).click()
    expect(page.get_by_text(SAID["wrong_category_missing"])).to_be_visible()
    page.get_by_role("searchbox", name=SAID["find_kind"]).fill("jalan r")
    expect(page.locator(".kind:visible")).to_have_count(1)
    page.locator(".kind", has_text="Jalan rusak").click()
    page.get_by_role("button", name=SAID["use_gps"]).click()
    expect(page.locator("#found")).to_contain_text("Kelurahan Gambir")
    expect(page.locator("#map .pin")).to_be_visible()
    page.get_by_label(SAID["description"]).fill("Lubang besar di depan Monas")
    page.get_by_label(SAID["photo"]).set_input_files(photo)
    expect(page.get_by_alt_text(SAID["photo_chosen"])).to_be_visible()
    assert phone.faults() == []
    page.get_by_role("button", name=SAID["send"]).click()
    page.wait_for_url("**/received/*")
    report = Report.objects.get()
    expect(page.locator(".receipt-number")).to_have_text(str(report.pk))
    assert phone.faults() == []
    assert (report.channel, report.category_id, report.placed_by) == ("web", "road", "inside")
    assert abs(report.point.x - MONAS.lon) < 1e-5
    kept = Image.open(io.BytesIO(photos.path(Photo.objects.get().digest).read_bytes()))
    assert (kept.size, dict(kept.getexif())) == ((1600, 1200), {})


def test_without_a_line_a_report_waits_and_is_sent_once_though_the_answer_is_lost(transactional_city, phone):
    phone = phone(MONAS)
    page = phone(FORM)
    page.evaluate(IS_TAKEN)
    phone.context.set_offline(True)
    page.reload()
    expect(page.get_by_text(SAID["offline"])).to_be_visible()
    page.locator(".kind", has_text="Jalan rusak").click()
    page.get_by_label(SAID["hint"], exact=True).fill("Jalan Kali Pasir, Cikini")
    page.get_by_label(SAID["description"]).fill("Air setinggi lutut")
    page.get_by_role("button", name=SAID["send"]).click()
    waiting = page.locator("#queue li")
    expect(waiting).to_contain_text(SAID["queue_waiting"])
    assert phone.faults() == []
    assert not Report.objects.exists()

    # The first answer is lost on its way: the city has the report, and the phone does not know.
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route("**/api/reports", lose)
    phone.context.set_offline(False)
    page.evaluate(IS_BACK)
    # Each twenty seconds the page sends by itself: where it just did there is nothing left to press.
    page.get_by_role("button", name=SAID["queue_send"]).evaluate_all(
        "all => all.forEach((one) => one.click())"
    )
    expect(waiting).to_contain_text(re.compile(r"Terkirim, nomor \d+"))
    assert lost == [201]
    assert Report.objects.count() == 1
    page.get_by_role("button", name=SAID["queue_remove"]).click()
    expect(page.locator("#queue")).to_be_hidden()
    phone.wrong.expect("ERR_INTERNET_DISCONNECTED")
    phone.wrong.expect("ERR_FAILED")


def test_without_javascript_the_form_does_the_same_and_keeps_what_was_written(
    transactional_city, phone, photo
):
    phone = phone(java_script_enabled=False)
    page = phone(FORM)
    page.locator("textarea").fill("Pohon tumbang")
    page.locator("input[type=file]").set_input_files(photo)
    page.locator("input[name=hint]").fill("Jalan Kali Pasir, Cikini, Menteng")
    page.get_by_role("button", name=SAID["find_place"]).click()
    page.locator("#places .tick", has_text="Cikini").click()
    page.get_by_role("button", name=SAID["send"]).click()
    expect(page.get_by_role("alert")).to_contain_text(SAID["wrong_category_missing"])
    page.locator(".kind", has_text="Pohon").click()
    page.get_by_role("button", name=SAID["send"]).click()
    page.wait_for_url("**/received/*")
    report = Report.objects.get()
    assert (report.description, report.placed_by, Photo.objects.count()) == ("Pohon tumbang", "declared", 1)
    expect(page.locator(".receipt")).to_contain_text("Kelurahan Cikini")
    phone.wrong.expect("status of 400")


def test_an_area_is_drawn_by_finger_and_keyboard_and_followed(transactional_city, phone):
    phone = phone()
    page = phone("/follow")
    assert phone.faults() == []
    page.get_by_text(SAID["draw"]).click()
    map = page.locator("#map")
    expect(map.locator(".leaflet-control-zoom")).to_be_visible()
    for x, y in ((80, 60), (220, 60)):
        map.click(position={"x": x, "y": y})
    map.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#corners")).to_have_text("3 sudut")
    page.get_by_role("button", name=SAID["show"]).click()
    expect(page.get_by_role("heading", name=SAID["drawn_area"])).to_be_visible()
    assert "polygon=" in page.url
    expect(page.locator("a.address")).to_contain_text("/feeds/reports.atom?polygon=")
    assert phone.faults() == []
