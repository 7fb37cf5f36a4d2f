"""The form while it is filled in: what is mended is taken back, and a tap on the whole city goes nearer."""

import pytest
from playwright.sync_api import expect

from console import words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]
SAID = words.words("id", "voices")


def test_what_was_missing_is_taken_back_as_soon_as_it_is_there(transactional_city, phone):
    page = phone()("/report-a-problem/")
    expect(page.locator("#map .leaflet-control-zoom")).to_be_visible()
    page.get_by_role("button", name=SAID["send"]).click()
    category, place, description = (
        page.get_by_text(SAID[f"wrong_{name}_missing"]) for name in ("category", "place", "description")
    )
    expect(description).to_be_visible()
    page.locator(".kind", has_text="Jalan rusak").click()
    expect(category).to_be_hidden()
    expect(place).to_be_visible()
    page.locator("#map").click(position={"x": 120, "y": 120})
    expect(place).to_be_hidden()
    page.get_by_label(SAID["description"]).fill("Lubang besar")
    expect(description).to_be_hidden()


def test_a_tap_on_the_whole_city_goes_nearer_so_that_the_next_one_hits_a_street(transactional_city, phone):
    page = phone()("/report-a-problem/")
    expect(page.locator("#map .leaflet-control-zoom")).to_be_visible()
    page.locator("#map").click(position={"x": 120, "y": 120})
    expect(page.locator("#map .pin")).to_be_visible()
    first = page.locator("input[name=lon]").input_value()
    page.locator("#map").click(position={"x": 220, "y": 60})
    expect(page.locator("input[name=lon]")).not_to_have_value(first)
    # A hundred pixels of the whole city are seven kilometres, of the nearer map less than one.
    assert abs(float(page.locator("input[name=lon]").input_value()) - float(first)) < 0.01
