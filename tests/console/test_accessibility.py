"""What axe-core finds fault with: nothing, on a desk's screen and on a phone's, in dark and in light."""

import pytest
from axe_playwright_python import sync_playwright as axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]


ALL_LAYERS = (
    "kota,kecamatan,kelurahan,jams,irregularities,alerts,petrol_stations,hospitals,restaurants,reports"
)


@pytest.fixture
def faults(visit):
    """Return what axe-core finds on the page as it is now, in dark and in light, by rule and element."""

    def look():
        visit.settle()
        found = []
        for scheme in ("dark", "light"):
            visit.page.emulate_media(color_scheme=scheme)
            violations = axe.Axe().run(visit.page).response["violations"]
            found += [(rule["id"], node["target"], scheme) for rule in violations for node in rule["nodes"]]
        return found

    return look


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_map_its_panel_and_its_cards_have_no_faults(
    visit, reported, jammed, label_of, faults, width, height, language
):
    visit.page.set_viewport_size({"width": width, "height": height})
    there = label_of("Duri Pulo")
    page = visit(f"/?lang={language}#16/{there.lat}/{there.lon}&layers={ALL_LAYERS}")
    if width < 1000:
        page.locator("#panel-button").click()
    assert faults() == []
    page.locator("#panel-close").click()
    page.locator(".mark-box[data-layer=reports][data-count='1']").first.click()
    page.locator(".card .trace, .card h3 + p").first.wait_for()
    assert faults() == []
    page.keyboard.press("Escape")
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    page.locator(".card .offices").wait_for()
    assert faults() == []


def test_a_list_of_reports_has_no_faults(visit, reported, label_of, faults):
    there = label_of("Duri Pulo")
    page = visit(f"/#17/{there.lat}/{there.lon}")
    page.locator(".mark-box[aria-label^='2 laporan']").focus()  # a click may meet a mark that is drawn anew
    page.keyboard.press("Enter")
    page.locator(".card .list li").first.wait_for()
    assert faults() == []
