"""Errands of citizens on the public pages, in a real browser over real rows."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python import sync_playwright as axe
from playwright.sync_api import expect

from api import league
from casework.duplicates import merging
from casework.steps import workflow
from casework.steps.workflow import Step
from tests.api.casework.conftest import case
from tests.conftest import NOON
from tests.console.conftest import unhurried

__all__ = ["case"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
READABLE = 4.5  # to 1: WCAG 2.2, 1.4.3
# In one go: a map that lies still for a third of a second has come to rest.
PANS = """() => {
  for (const way of [[30, 0], [30, 0], [30, 0], [30, 0], [30, 0], [-150, 1]]) {
    window.publicMap.map.panBy(way, { animate: false });
  }
}"""
COLOURS = "link => [getComputedStyle(link).color, getComputedStyle(link.closest('.notice')).backgroundColor]"


def faults(page):
    """Return what axe-core finds on the page on a desk's screen and a phone's, by light and by dark."""
    found = []
    for size in (DESK, PHONE):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            violations = axe.Axe().run(page).response["violations"]
            found += [(rule["id"], node["target"], scheme) for rule in violations for node in rule["nodes"]]
    return found


def test_on_a_phone_list_and_map_share_their_filters_and_take_turns(visit, reported):
    page = visit.page
    page.set_viewport_size(PHONE)
    visit("/?category=streetlight")
    marks, pane = page.locator(".mark-box[data-layer=reports]"), page.locator("#pane")
    expect(marks).to_have_count(1)
    expect(pane).to_be_hidden()
    for box in [target.bounding_box() for target in page.locator(".parts a:visible").all()]:
        assert box["height"] >= 44
    page.get_by_role("link", name="Daftar", exact=True).click()
    expect(pane.locator(".reports li")).to_have_count(1)
    expect(pane.locator(".reports li")).to_contain_text("Lampu jalan mati")
    expect(page.locator(".stage")).to_be_hidden()
    assert faults(page) == []
    page.set_viewport_size(PHONE)
    page.get_by_label("Jenis masalah").select_option("Semua jenis")
    page.get_by_label("Tempat").fill("Kelurahan Duri Pulo")
    page.get_by_role("button", name="Terapkan").click()
    expect(page).to_have_url(re.compile(r"/\?place=Kelurahan\+Duri\+Pulo#"))
    visit.settle()
    page.get_by_role("link", name="Daftar", exact=True).click()
    expect(pane.locator(".reports li")).to_have_count(3)
    page.get_by_role("link", name="Peta", exact=True).click()
    expect(pane).to_be_hidden()
    expect(page.locator("#panel-button")).to_be_visible()
    # The light list has the same filters, and leads back with them.
    page.get_by_role("link", name="Daftar", exact=True).click()
    pane.get_by_role("link", name="Daftar laporan tanpa peta").click()
    expect(page.locator("h1")).to_contain_text("Kelurahan Duri Pulo")
    expect(page.locator(".reports li")).to_have_count(3)
    assert (
        page.get_by_role("link", name="Peta", exact=True)
        .get_attribute("href")
        .startswith("/?place=31.71.01.")
    )


def test_the_list_beside_the_map_asks_once_the_map_rests_and_opens_reports_on_it(visit, reported, label_of):
    there = label_of("Duri Pulo")
    page = visit.page
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/reports?" in request.url else None)
    visit(f"/#16/{there.lat}/{there.lon}")
    expect(page.locator("#pane-list li")).to_have_count(4)
    before = len(asked)
    page.evaluate(PANS)
    visit.settle()
    expect(page.locator("#pane-said")).to_have_text("4 laporan")
    assert len(asked) <= before + 1
    page.locator("#pane-list a").filter(has_text="Lampu jalan mati").click()
    card = page.locator(".card")
    expect(card).to_contain_text("Plt. Lurah Duri Pulo")
    expect(card.get_by_role("link", name="Buka halaman laporan")).to_have_attribute(
        "href", re.compile(r"^/reports/\d+$")
    )


def luminance(colour: str) -> float:
    """Relative luminance of ``rgb(r, g, b)``: WCAG 2.2."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_list_works_without_javascript(browser, browser_context_args, live_server, reported):
    with browser.new_context(**browser_context_args, java_script_enabled=False) as context:
        page = unhurried(context).new_page()
        page.goto(f"{live_server.url}/")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            link = page.locator("noscript .notice a").evaluate(COLOURS)
            assert contrast(*link) >= READABLE, (scheme, link)
        page.locator("noscript a, .notice a").first.click()
        expect(page.locator(".reports li")).to_have_count(reported + 1)  # the one without a point, too
        page.locator("summary").click()
        page.get_by_label("Tempat").fill("Gambir")
        page.get_by_role("button", name="Terapkan").click()
        page.get_by_role("link", name="Kecamatan Gambir").click()
        page.get_by_label("Status").select_option("Selesai")
        page.get_by_role("button", name="Terapkan").click()
        expect(page.locator(".reports li")).to_contain_text(["Lampu jalan mati"])
        page.locator(".reports a").filter(has_text="Lampu jalan mati").click()
        expect(page.locator("h1")).to_have_text("Lampu jalan")
        expect(page.locator(".trace li")).to_have_count(3)
        expect(page.locator(".trace li").nth(1)).to_contain_text("Petugas menuju lokasi.")


def test_a_report_tells_its_story_and_nothing_is_wrong_with_any_page(visit, transactional_city, case):
    league.forget()
    first, second = case(description="Jalan berlubang besar"), case(description="Lubang di jalan")
    workflow.change(
        [Step(first, "answered", text="Petugas datang")], "user:1", {"answer"}, NOON + timedelta(hours=30)
    )
    merging.merge([second], first, "user:1", {"triage"}, "Digabung", NOON + timedelta(hours=31))
    page = visit.page
    page.goto(f"{visit.home}/reports/{first}")
    expect(page.locator(".verdict")).to_have_text("Dijawab dalam 1 hari 6 jam, terlambat 6 jam.")
    expect(page.locator(".trace")).to_contain_text("Petugas datang")
    expect(page.locator("#small-map .mark-box")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name=f"Laporan no. {second}").click()
    expect(page.locator("blockquote")).to_have_text("Lubang di jalan")
    for address in ("/reports?place=gambir", "/answers?days=365", "/reports/999999999"):
        page.goto(visit.home + address)
        expect(page.locator("h1")).to_be_visible()
        assert faults(page) == [], address
    visit.wrong.expect("404")
    league.forget()


def test_nothing_is_wrong_with_a_page_that_waits_finds_nothing_or_was_asked_wrongly(visit, reported):
    page = visit.page
    page.route("**/api/map", lambda route: route.abort())
    page.goto(f"{visit.home}/")
    expect(page.get_by_role("button", name="Coba lagi")).to_be_visible()
    assert faults(page) == []
    visit.wrong.expect("ERR_FAILED")
    for address, said in {
        "/reports?from=2001-01-01&to=2001-01-02": "Tidak ada laporan yang cocok",
        "/reports?status=never": "Saringan ini tidak dapat dipakai",
        "/reports?place=Cempaka": "Mana yang dimaksud?",
        "/follow?report=never": "tidak dapat dipakai",
        "/follow/confirm/never": "",
    }.items():
        page.goto(visit.home + address)
        expect(page.locator("main")).to_contain_text(said)
        assert faults(page) == [], address
    visit.wrong.expect("400")
    visit.wrong.expect("404")


def test_the_code_of_the_builder_shows_in_a_page_of_another_site_what_was_chosen(
    visit, reported, own_context
):
    page = visit.page
    page.goto(f"{visit.home}/embed?lang=en")
    page.get_by_label("Place").fill("Kelurahan Duri Pulo")
    page.get_by_label("State").select_option("Done")
    expect(page).to_have_url(re.compile("status=done"))
    shown = page.frame_locator("#frame")
    expect(shown.locator(".mark-box[data-layer=reports]")).to_have_count(1)
    assert faults(page) == []
    code = page.locator("#snippet").input_value()
    other = own_context.new_page()
    other.route(
        "http://127.0.0.1:8999/",
        lambda route: route.fulfill(body=f"<!doctype html><p>Before</p>{code}", content_type="text/html"),
    )
    other.goto("http://127.0.0.1:8999/")
    frame = other.frame_locator("iframe")
    expect(frame.locator("#map[aria-busy=false]")).to_be_visible()
    expect(frame.locator(".mark-box[data-layer=reports]")).to_have_count(1)
    expect(frame.locator("#larger")).to_have_attribute(
        "href", re.compile(r"/\?place=31\.71\.01\.\d+&status=done")
    )
    other.close()
