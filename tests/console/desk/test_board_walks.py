"""The pages of accountability in a browser: from a figure to its reports, the map by pointer and keyboard."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.api.casework.conftest import HERE
from tests.console.desk.test_board import PAGES, answer_first

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]
PERIOD = "?period=2026-05"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def silent(transactional_city, case, office) -> str:
    """Let an office answer one of six reports, and that one in time; returns its code."""
    for _ in range(6):
        case()
    answer_first()
    return office(HERE)


def test_no_page_of_accountability_has_faults_at_a_desk_or_on_a_phone(silent, desk, settings):
    settings.BOARD_MINIMUM = 5
    desk = desk("governor")
    addresses = [*(f"{reverse(name)}{PERIOD}" for name in PAGES if name not in PAGES[3:])]
    addresses += [reverse(name) for name in PAGES[3:]]
    addresses += [f"/staff/officials/{silent}{PERIOD}", f"/staff/board/cells/{silent}:all:due{PERIOD}"]
    for address in addresses:
        for size, scheme in ((DESK, "light"), (PHONE, "dark")):
            desk.page.set_viewport_size(size)
            desk.page.emulate_media(color_scheme=scheme)
            page = desk(address)
            assert desk.faults() == [], (address, scheme)
            wide = page.evaluate("document.querySelector('main').scrollWidth - innerWidth")
            assert wide <= 0, (address, size)


def test_a_figure_is_chosen_and_opened_by_the_keyboard_alone(silent, desk):
    page = desk("auditor")("/staff/board")
    page.locator("#period").focus()
    page.locator("#period").select_option("2026-05")
    page.keyboard.press("Tab")
    page.locator("#category").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("period=2026-05"))
    summary = page.locator("#kind-few")
    link = page.locator(f'a[href^="/staff/board/cells/{silent}:"][href*=":unanswered"]')
    expect(summary).to_be_visible()
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(5)
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/staff/cases/\d+$"))


def test_the_map_tells_of_what_the_pointer_or_the_keyboard_is_at(silent, desk, settings):
    settings.BOARD_MINIMUM = 5
    page = desk("governor")(f"/staff/board/map{PERIOD}")
    readout = page.locator("#readout")
    page.locator(f'.listed [data-code="{HERE}"]').focus()
    expect(readout).to_have_text(re.compile("Gambir.*1 dari 6"))
    shape = page.locator(f'.choropleth [data-code="{HERE}"]')
    expect(shape).to_have_class(re.compile("marked"))
    page.keyboard.press("Tab")
    expect(shape).not_to_have_class(re.compile("marked"))
    shape.hover()
    expect(readout).to_have_text(re.compile("Gambir"))
    shape.click()
    expect(page.locator("tbody tr")).to_have_count(6)
