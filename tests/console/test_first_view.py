"""What the public map begins with: the city's land, as large as the screen has room for, and sharp."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from console import shown

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]

SIZES = [(390, 844), (360, 640), (768, 1024), (1440, 900)]
# West, south, east, north of the land in pixels of the window.
LAND = """([west, south, east, north]) => {
  const { map } = window.publicMap;
  const { left, top } = map.getContainer().getBoundingClientRect();
  const at = (lat, lon) => map.latLngToContainerPoint([lat, lon]).add([left, top]);
  const [one, other] = [at(north, west), at(south, east)];
  return { left: one.x, top: one.y, right: other.x, bottom: other.y };
}"""
ASKED = "performance.getEntriesByType('resource').map(({ name }) => name)"


@pytest.mark.parametrize("size", SIZES)
def test_the_land_fills_what_is_free_of_the_screen_and_nothing_of_it_is_cut_or_covered(visit, city, size):
    width, height = size
    page = visit.page
    page.set_viewport_size({"width": width, "height": height})
    visit()
    land = page.evaluate(LAND, settings.CITY_LAND)
    stage = page.locator(".stage").bounding_box()
    panel = page.locator("#panel")
    right = panel.bounding_box()["x"] if panel.is_visible() else stage["x"] + stage["width"]
    bottom = page.locator("#attribution").bounding_box()["y"]
    notes = page.locator("#banners").bounding_box()
    assert stage["x"] <= land["left"] and land["right"] <= right
    assert notes["y"] + notes["height"] <= land["top"] and land["bottom"] <= bottom
    # The next quarter of a zoom makes it a fifth larger: less than that is free, or it would be there.
    free_x, free_y = right - stage["x"], bottom - notes["y"] - notes["height"]
    shares = (land["right"] - land["left"]) / free_x, (land["bottom"] - land["top"]) / free_y
    assert max(shares) > 0.75


@pytest.mark.parametrize("size", [(800, 500), (390, 420)])
def test_in_a_frame_nothing_of_the_land_and_no_button_lies_beneath_the_sources(visit, city, size):
    width, height = size
    page = visit.page
    page.set_viewport_size({"width": width, "height": height})
    visit("/embed/map")
    sources = page.locator("#attribution").bounding_box()["y"]
    buttons = page.locator(".leaflet-control-zoom").bounding_box()
    land = page.evaluate(LAND, list(shown.city()))
    assert land["left"] >= 0 and land["right"] <= width
    assert land["bottom"] <= sources + 1 and buttons["y"] + buttons["height"] <= sources + 1


def test_between_two_zooms_tiles_are_those_of_the_lower_one_drawn_as_large_as_they_are_shown(visit, city):
    page = visit("/#11.75/-6.2/106.83")
    tiles = page.locator(".tiles canvas")
    for zoom in (11.75, 11.25):
        page.evaluate(f"window.publicMap.map.setZoom({zoom})")
        side = 512 * 2 ** (zoom - 11)
        expect(tiles.first).to_have_js_property("width", round(side))
        assert tiles.first.bounding_box()["width"] == pytest.approx(side, abs=1)
    assert {address.split("/")[-3] for address in page.evaluate(ASKED) if "/tiles/kota/" in address} == {"10"}


def test_between_two_zooms_reports_are_gathered_as_at_the_lower_one(visit, city):
    visit()
    script = "async (zooms) => zooms.map((await import('/static/console/clusters.js')).gridPx)"
    quarters = [zoom + quarter / 4 for zoom in range(9, 19) for quarter in range(4)]
    widths = visit.page.evaluate(script, quarters)
    assert widths == [width for width in widths[::4] for _ in range(4)]
    assert sorted(widths, reverse=True) == widths and set(widths) == {104, 84, 64, 48, 0}
