"""What a click or a tap opens: dots and lines within reach, cells, and crowds that no zoom parts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from layers import intake as layers_intake
from layers.record import LonLat, Poi, Snapshot
from reports import intake
from tests.console.conftest import unhurried

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
MIDDLE = (895, 476)  # of the map in a window of 1440 by 900, beside its list
STATION = LonLat(106.8272, -6.1754)
STATION_IN_THE_MIDDLE = f"/#12/{STATION.lat}/{STATION.lon}&layers=kota,petrol_stations"
CROWD = 2_050  # more than a tile shows one by one


@pytest.fixture
def stations(transactional_db, city) -> None:
    """Two petrol stations so near to each other that their dots touch, and one 40 pixels east at zoom 12."""
    places = [("Timur", 0.0137), ("Satu", 0.0), ("Dua", 0.0005)]
    pois = tuple(
        Poi(f"node/{name}", "fuel", f"SPBU {name}", "", LonLat(STATION.lon + east, STATION.lat), {})
        for name, east in places
    )
    layers_intake.receive([Snapshot("overpass", NOON, pois=pois)], simulated=True)


@pytest.fixture
def crowd(transactional_db, city, submission) -> LonLat:
    """Reports at exactly one point."""
    intake.receive([submission(str(n), point=STATION) for n in range(CROWD)], simulated=False)
    return STATION


@pytest.fixture
def phone(browser: Browser, browser_context_args) -> Iterator[Page]:
    """A page on a phone with a touch screen."""
    screen = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with browser.new_context(**browser_context_args | screen) as context:
        yield unhurried(context).new_page()


def test_a_click_near_a_dot_opens_what_it_stands_for(visit, stations):
    page = visit(STATION_IN_THE_MIDDLE)
    assert page.locator(".mark-box").count() == 0
    page.mouse.click(MIDDLE[0] + 40, MIDDLE[1] + 11)
    expect(page.locator(".card h2")).to_have_text("SPBU")
    expect(page.locator(".card .thing b")).to_have_text("SPBU Timur")


def test_a_click_beyond_the_reach_of_a_dot_asks_for_the_place(visit, stations):
    page = visit(STATION_IN_THE_MIDDLE)
    page.mouse.click(MIDDLE[0] + 40, MIDDLE[1] + 16)
    expect(page.locator(".card .offices li")).to_have_count(3)


def test_dots_that_touch_are_opened_together(visit, stations):
    page = visit(STATION_IN_THE_MIDDLE)
    page.mouse.click(*MIDDLE)
    expect(page.locator(".card .thing b")).to_have_text([re.compile("Satu|Dua")] * 2)


def test_enter_opens_the_dot_at_the_centre_of_the_map(visit, stations):
    page = visit(STATION_IN_THE_MIDDLE)
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card .thing")).to_have_count(2)


def test_of_a_dot_and_a_line_within_reach_the_nearer_is_opened(visit, jammed, stations):
    page = visit(STATION_IN_THE_MIDDLE.replace("kota,", "kota,jams,"))
    page.mouse.click(MIDDLE[0], MIDDLE[1])
    expect(page.locator(".card h2")).to_have_text("SPBU")
    page.keyboard.press("Escape")
    page.mouse.click(MIDDLE[0] - 10, MIDDLE[1])
    expect(page.locator(".card h2")).to_contain_text("<img src=x")


def test_a_click_on_a_dot_that_counts_many_goes_nearer(visit, city):
    point = {"type": "Point", "coordinates": list(STATION)}
    many = {"type": "Feature", "geometry": point, "properties": {"count": 2400}}
    visit.page.route(
        re.compile(r"/tiles/petrol_stations/11/1631/1059\.geojson"),
        lambda route: route.fulfill(json={"type": "FeatureCollection", "features": [many]}),
    )
    page = visit(STATION_IN_THE_MIDDLE)
    page.mouse.click(*MIDDLE)
    expect(page).to_have_url(re.compile("#14/"))
    visit.settle()
    expect(page.locator(".card")).to_have_count(0)


def test_a_finger_reaches_a_line_from_farther_away_than_a_mouse(phone, visit_on, jammed):
    visit = visit_on(phone)
    page = visit(f"/#16/{STATION.lat}/{STATION.lon}&layers=kota,jams")
    middle = 52 + (844 - 52 - 56) / 2  # between the bar and the parts
    page.touchscreen.tap(195, middle + 21)
    expect(page.locator("#sheet h2")).to_contain_text("<img src=x")
    page.locator("#sheet .close").tap()
    page.touchscreen.tap(195, middle + 30)
    expect(page.locator("#sheet .offices li")).to_have_count(3)


def test_reports_that_no_zoom_parts_are_listed_page_by_page(visit, crowd):
    page = visit(f"/#13/{crowd.lat}/{crowd.lon}")
    marker = page.locator(f".mark-box[data-count='{CROWD}']")
    marker.click()
    expect(page).to_have_url(re.compile("#19/"))
    visit.settle()
    marker.click()
    card = page.locator(".card")
    expect(card.locator("h2")).to_have_text("2.050 laporan di titik ini")
    expect(card.locator("[role=status]")).to_have_text("50 dari 2.050 ditampilkan")
    expect(card.locator(".list li")).to_have_count(50)
    card.get_by_role("button", name="Tampilkan berikutnya").click()
    expect(card.locator("[role=status]")).to_have_text("100 dari 2.050 ditampilkan")
    expect(card.locator(".list button").nth(50)).to_be_focused()
    card.locator(".list button").nth(60).click()
    expect(card.locator(".text")).to_have_text("Jalan rusak di depan pasar")
    card.get_by_role("button", name="Kembali ke daftar").click()
    expect(card.locator(".list li")).to_have_count(100)


def test_a_page_of_a_list_that_fails_can_be_asked_for_again(visit, crowd):
    page = visit(f"/#19/{crowd.lat}/{crowd.lon}")
    page.route("**/api/reports?*", lambda route: route.fulfill(status=503, body="{}"))
    page.locator(f".mark-box[data-count='{CROWD}']").click()
    expect(page.locator(".card [role=status]")).to_have_text("Rincian tidak dapat dimuat.")
    visit.wrong.expect("503")
    page.unroute("**/api/reports?*")
    page.get_by_role("button", name="Coba lagi").click()
    expect(page.locator(".card .list li")).to_have_count(50)


def test_the_list_of_a_crowd_reaches_its_last_report(visit, city, submission):
    intake.receive([submission(str(n), point=STATION) for n in range(120)], simulated=False)
    page = visit(f"/#17/{STATION.lat}/{STATION.lon}")
    page.locator(".mark-box[data-count='120']").click()
    more = page.get_by_role("button", name="Tampilkan berikutnya")
    listed = page.locator(".card .list li")
    for count in (100, 120):
        # By the keyboard: the card grows under the pointer, and a click that comes too soon lands beside it.
        more.press("Enter")
        expect(listed).to_have_count(count)
    expect(page.locator(".card [role=status]")).to_have_text("120 dari 120 ditampilkan")
    expect(more).to_be_hidden()


def test_the_focus_stays_on_the_heading_of_a_card_when_its_details_come(visit, reported, label_of):
    there = label_of("Duri Pulo")
    page = visit(f"/#16/{there.lat}/{there.lon}")
    page.locator(".mark-box[aria-label='Lampu jalan, Selesai']").click()
    expect(page.locator(".card .trace li")).to_have_count(3)
    expect(page.locator(".card h2")).to_be_focused()


@pytest.mark.parametrize("language", ["id", "en"])
def test_on_a_phone_the_title_fits_into_the_bar(visit, city, language):
    page = visit(f"/?lang={language}")
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 700})
        bar, title = page.locator(".bar").bounding_box(), page.locator(".home").bounding_box()
        assert title["height"] <= bar["height"], width
        assert page.evaluate("document.documentElement.scrollWidth") == width
