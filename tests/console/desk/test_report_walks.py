"""Errands on the page of a report, in a browser: each leaves the page true, and can be taken back."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from playwright.sync_api import Page, expect

from boundaries.models import Border, Boundary, Office
from casework.board.figures import CITY
from casework.models import Alternative, Case, DuplicateCandidate, Merge, Pause, Verdict
from casework.routing import turns
from casework.steps import proof
from casework.steps.workflow import Step, change_one
from layers.record import LonLat
from reports import pictures
from reports.models import Outgoing, Report
from tests.api.casework.conftest import HERE, THERE, inside, state, turn
from tests.api.casework.test_photos import show, taken
from tests.conftest import NOON

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]
HOUR = timedelta(hours=1)
NEAR_DEG = 0.003  # a step of the pin is less


def badge(page: Page):
    """Return where the head says in which state the case is."""
    return page.locator(".report-title .badge").first


def drawn(page: Page) -> None:
    """Wait until the small map is there."""
    expect(page.locator("#place-map .pin")).to_be_visible()
    expect(page.locator("#place-map canvas").first).to_be_visible()


def way(page: Page, start: LonLat, there: Point) -> str | None:
    """Return the arrow that leads the pin nearer to a point; None where it has come."""
    said = page.locator("#pin-form input[name=point]").input_value()
    at = json.loads(said) if said else {"lon": start.lon, "lat": start.lat}
    east, north = there.x - at["lon"], there.y - at["lat"]
    if max(abs(east), abs(north)) < NEAR_DEG:
        return None
    if abs(east) > abs(north):
        return "ArrowRight" if east > 0 else "ArrowLeft"
    return "ArrowUp" if north > 0 else "ArrowDown"


def test_a_case_is_selected_weighed_and_decided_and_the_last_step_taken_back(transactional_city, desk, case):
    id, desk = case(category="flood"), desk("supervisor")
    page = desk(f"/staff/cases/{id}")
    drawn(page)
    assert desk.faults() == []
    # What explains a figure lies over the page until something else is done, or it takes another width.
    reasons = page.locator(".reasons ul").first
    for close in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.set_viewport_size({"width": 390, "height": 844}),
    ):
        page.locator(".reasons summary").first.click()
        expect(reasons).to_be_visible()
        close()
        expect(reasons).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("z")
    expect(page.locator("#toasts .error")).to_contain_text("Tidak ada yang dapat dibatalkan")
    page.get_by_role("button", name="Pilih untuk ditangani").click()
    expect(badge(page)).to_have_text("Dipilih")
    page.get_by_role("button", name="Ajukan pilihan").click()
    expect(badge(page)).to_have_text("Pilihan diusulkan")
    for what, office in (("Kerahkan pompa", "Lurah Gambir"), ("Bangun sodetan", "")):
        page.locator("#h-alternatives ~ .more > summary").click()
        page.locator("#alt-what").fill(what)
        page.locator("#alt-office").fill(office)
        page.locator("#alt-cost").fill("12500000")
        page.get_by_role("button", name="Simpan pilihan").click()
        expect(page.locator(".option h3", has_text=what)).to_be_visible()
    assert list(Alternative.objects.order_by("id").values_list("who__title", "cost_idr")) == [
        ("Lurah Gambir", 12_500_000),
        (None, 12_500_000),
    ]
    expect(page.locator("#toasts .toast", has_text="Pilihan tindakan ditambahkan")).to_have_count(1)
    expect(page.get_by_role("button", name="Putuskan")).to_have_count(0)
    page.locator(".option").first.get_by_role("button", name="Pilih").click()
    page.get_by_label("Mengapa ini?").fill("Paling cepat")
    assert desk.faults() == []
    page.locator("#d-choose").get_by_role("button", name="Pilih").click()
    expect(page.locator(".option.chosen")).to_contain_text("Kerahkan pompa")
    page.get_by_role("button", name="Putuskan").click()
    expect(badge(page)).to_have_text("Diputuskan")
    page.keyboard.press("z")
    expect(badge(page)).to_have_text("Pilihan diusulkan")
    assert state(id) == "proposed"


def test_a_pair_is_merged_side_by_side_and_parted_again(transactional_city, desk, case, answering):
    one, other = case(), case(description="Aspal terkelupas di depan pasar")
    parts = {"distance_m": 3.1, "minutes": 61, "category": 1.0, "text": 0.41}
    DuplicateCandidate.objects.create(
        first_id=one, second_id=other, score=0.9, parts=parts, rule="x", found_at=NOON
    )
    desk = desk("triage", width=390, height=844)
    page = desk(f"/staff/cases/{one}")
    drawn(page)
    expect(page.locator(f"#pair-{other} .two")).to_contain_text("Aspal terkelupas")
    assert desk.faults() == []
    page.get_by_role("button", name="Gabungkan ke sini").click()
    expect(page.locator(f"#d-merge input[value='{other}']")).to_be_checked()
    assert desk.faults() == []
    page.locator("#d-merge").get_by_role("button", name="Gabungkan", exact=True).click()
    expect(page.locator("#h-pairs ~ .pair")).to_contain_text("Digabung ke sini")
    assert (state(other), Merge.objects.get().into_id) == ("duplicate", one)
    page.get_by_role("button", name="Batalkan").click()
    expect(page.get_by_role("button", name="Gabungkan ke sini")).to_be_visible()
    assert state(other) == "collected"
    page.get_by_role("button", name="Bukan laporan ganda").click()
    expect(page.locator("#report")).to_contain_text("Bukan laporan ganda menurut triage-all")


def test_a_pin_is_moved_by_the_keyboard_and_another_official_has_the_case(transactional_city, desk, case):
    border = Border.objects.filter(left_code=HERE, right_code__isnull=False).order_by("id").first()
    across = Boundary.objects.get(edition=transactional_city, level="kelurahan", code=border.right_code)
    id = case()
    desk = desk("triage")
    page = desk(f"/staff/cases/{id}")
    drawn(page)
    page.keyboard.press("p")
    expect(page.locator(".pin.moving")).to_be_focused()
    assert desk.faults() == []
    says = page.locator("#pin-office")
    for _ in range(100):
        key = way(page, inside(HERE), across.label)
        if key is None or across.name in says.inner_text():
            break
        page.keyboard.press(f"Shift+{key}")
    expect(says).to_contain_text(across.name)
    page.keyboard.press("Enter")
    expect(page.locator("#h-place ~ dl")).to_contain_text(across.name)
    report = Report.objects.get(pk=id)
    assert report.kelurahan_code == across.code
    turns.reroute(NOON + HOUR)
    page.reload()
    expect(page.locator("#h-why ~ dl")).to_contain_text(across.name)
    assert turn(id).office.title == f"Lurah {across.name}"
    assert Case.objects.get(pk=id).state_id == "collected"


def test_an_official_answers_and_who_comes_too_late_is_told_and_sees_the_case_as_it_is(
    transactional_city, desk, case, answering
):
    id, desk = case(), desk("official", HERE)
    page = desk(f"/staff/cases/{id}")
    drawn(page)
    page.keyboard.press("r")
    expect(page.locator("#answer-text")).to_be_focused()
    page.get_by_label("Mulai dari templat").first.select_option("Petugas dijadwalkan")
    expect(page.locator("#answer-text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Sore ini.")
    shown = f"Terima kasih atas laporan {id}. Petugas Lurah Gambir akan datang ke lokasi di Kelurahan Gambir"
    expect(page.locator("#answer-preview")).to_contain_text(shown)
    assert desk.faults() == []
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.locator("#toasts")).to_contain_text("Jawaban akan dikirim")
    expect(page.locator(".timeline")).to_contain_text("Pesan untuk warga menunggu dikirim")
    assert Outgoing.objects.get().body["text"].endswith("Sore ini.")
    change_one(Step(id, "selected"), "user:1", {"triage"}, NOON + HOUR)
    page.locator(".report-title h1").click()
    page.keyboard.press("s")
    page.locator("#d-state").get_by_label("Nyatakan dijawab").check()
    expect(page.locator("#state-text-template option:enabled")).to_have_count(4)
    page.locator("#state-text").fill("Lubang ditutup.")
    page.locator("#d-state").get_by_role("button", name="Simpan").click()
    expect(page.locator("#d-state .refused")).to_contain_text("selected")
    expect(page.locator("#state-text")).to_have_value("Lubang ditutup.")
    expect(badge(page)).to_have_text("Dipilih")
    desk.wrong.expect("409")
    page.locator("#d-state").get_by_label("Nyatakan dijawab").check()
    page.locator("#d-state").get_by_role("button", name="Simpan").click()
    expect(badge(page)).to_have_text("Dijawab")


def test_a_second_person_refuses_a_doubted_photo_that_cannot_be_shown(
    transactional_city, desk, login, case, post
):
    id, official = case(photos=(pictures.read(taken())[0],)), login("official", HERE)
    show(official, id, taken())
    for reached in ("answered", "resolved"):
        post(official, f"/api/staff/cases/{id}/steps", to=reached, text="Sudah ditambal")
    proof.judge(NOON)
    desk = desk("supervisor")
    desk.page.route("**/photos/*", lambda route: route.abort())
    page = desk(f"/staff/cases/{id}")
    doubted = page.locator("section", has=page.locator("#verdict-text"))
    expect(doubted.locator(".thumb.gone")).to_have_text(["Foto tidak dapat ditampilkan"] * 2)
    desk.wrong.expect("ERR_FAILED")
    page.unroute("**/photos/*")
    assert desk.faults() == []
    page.locator("#verdict-text").fill("Foto itu foto lama")
    page.get_by_role("button", name="Belum selesai").click()
    expect(badge(page)).to_have_text("Dibantah warga")
    assert (Verdict.objects.get().is_confirmed, state(id)) == (False, "disputed")


def test_a_clock_is_stopped_and_runs_again_by_the_way_back(transactional_city, desk, case):
    id, desk = case(), desk("supervisor", width=390, height=844)
    page = desk(f"/staff/cases/{id}")
    page.get_by_role("button", name="Hentikan waktu").click()
    dialog = page.locator("#d-pause")
    dialog.get_by_label("Cuaca").check()
    until = timezone.now().astimezone(CITY) + timedelta(days=2)
    dialog.get_by_label("Sampai").fill(f"{until:%Y-%m-%dT%H:%M}")
    assert desk.faults() == []
    dialog.get_by_role("button", name="Hentikan waktu").click()
    expect(page.get_by_role("button", name="Lanjutkan waktu")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("Dibatalkan.")
    expect(page.get_by_role("button", name="Hentikan waktu").first).to_be_visible()
    assert Pause.objects.get().ended_at is not None


def test_a_case_is_passed_on_and_accepted_and_no_way_back_is_offered_that_there_is_not(
    transactional_city, desk, case, office
):
    id = case()
    page = desk("official", HERE)(f"/staff/cases/{id}")
    page.get_by_role("button", name="Bukan kewenangan").click()
    expect(page.locator("#offices option")).not_to_have_count(0)
    title = Office.objects.get(code=office(THERE)).title
    page.locator("#pass-office").fill(title)
    page.locator("#pass-text").fill("Jalan ini di wilayah kelurahan sebelah.")
    page.locator("#d-pass").get_by_role("button", name="Bukan kewenangan").click()
    expect(page).to_have_url(re.compile(r"/staff/(\?|$)"))
    assert state(id) == "returned"
    page = desk("official", THERE)(f"/staff/cases/{id}")
    page.get_by_role("button", name="Terima").click()
    expect(badge(page)).to_have_text("Ditugaskan")
    expect(page.locator("#toasts .undo")).to_have_count(0)
    assert (state(id), turn(id).office_id) == ("assigned", office(THERE))
