"""The script that stands in for Google's layer: an old page, its map Leaflet's, in a browser."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from layers.record import LonLat
from reports import intake
from tests.conftest import MONAS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]

# As such pages were in 2014, but for the map itself and the addresses of the scripts.
OLD_PAGE = """<!doctype html>
<title>Peta</title>
<link rel="stylesheet" href="{home}/static/leaflet/leaflet.css">
<style>#map {{ width: 800px; height: 600px }}</style>
<div id="map"></div>
<script src="{home}/static/leaflet/leaflet.js"></script>
<script src="{home}/static/api/mapsengine-layer.js"></script>
<script>
  var map = L.map("map", {{ center: [{lat}, {lon}], zoom: 16, zoomAnimation: false, fadeAnimation: false }});
  var told = [];
  var mapsEngineLayer = new google.maps.visualization.MapsEngineLayer({options});
  google.maps.event.addListener(mapsEngineLayer, "click", function (event) {{
    told.push([event.featureId, event.latLng.lat(), event.latLng.lng(), event.infoWindowHtml]);
  }});
</script>
"""
SHOWN = (
    "mapsEngineLayer.getStatus() === 'OK' && mapsEngineLayer._tiles && !mapsEngineLayer._tiles.isLoading()"
)
PAINTED = """() => [...document.querySelectorAll(".mapsengine-tile canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) count += 1;
  return count;
}).reduce((sum, one) => sum + one, 0)"""

# The reports that the tiles in view count, once each.
CELLS = """() => Object.values(mapsEngineLayer._tiles._tiles)
  .flatMap(({ el }) => el.shown).map(({ feature }) => feature.properties.count || 1)
  .reduce((sum, one) => sum + one, 0)"""


class OldSite(ThreadingHTTPServer):
    """A site of somebody else's, at another origin than the platform's, with one page."""

    html = ""

    class RequestHandlerClass(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(self.server.html.encode())  # type: ignore[attr-defined]

        def log_message(self, *told: object) -> None:
            """Say nothing."""


@pytest.fixture
def old_site() -> Iterator[OldSite]:
    with OldSite(("127.0.0.1", 0), OldSite.RequestHandlerClass) as site:
        threading.Thread(target=site.serve_forever, args=(0.02,), daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture
def old_page(page: Page, live_server, old_site) -> Callable[..., Page]:
    """Open an old page with a layer of these options."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def open_page(options: str, wait_for: str = SHOWN) -> Page:
        old_site.html = OLD_PAGE.format(home=live_server.url, lat=MONAS.lat, lon=MONAS.lon, options=options)
        page.goto(f"http://127.0.0.1:{old_site.server_port}/map.html")
        page.wait_for_function(wait_for)
        assert wrong == []
        return page

    return open_page


def test_an_old_page_shows_reports_and_opens_a_window_on_the_one_that_is_clicked(city, receive, old_page):
    receive("one", MONAS, description="<b>Lubang</b> & air", category="road")
    page = old_page('{ layerId: "reports", map: map }')
    assert page.evaluate(PAINTED) > 50
    page.mouse.click(8 + 400, 8 + 300)
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_contain_text("<b>Lubang</b> & air")
    expect(popup.locator("b")).to_have_count(0)
    ((id, lat, lon, html),) = page.evaluate("told")
    assert id.isdecimal()
    assert (lat, lon) == (pytest.approx(MONAS.lat, abs=1e-4), pytest.approx(MONAS.lon, abs=1e-4))
    assert "&lt;b&gt;Lubang" in html
    assert page.evaluate("mapsEngineLayer.getProperties().name") == "Citizens' reports"


def test_the_other_way_of_naming_a_layer_works_and_the_page_may_open_its_own_window(city, receive, old_page):
    receive("one", MONAS)
    page = old_page(
        '{ mapId: "city", layerKey: "reports", map: map, suppressInfoWindows: true, clickable: true }'
    )
    page.mouse.click(8 + 400, 8 + 300)
    page.wait_for_function("told.length === 1")
    expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_a_click_beside_everything_tells_nothing(city, receive, old_page):
    receive("one", MONAS)
    page = old_page('{ layerId: "reports", map: map }')
    page.mouse.click(8 + 460, 8 + 300)
    page.mouse.click(8 + 400, 8 + 300)
    page.wait_for_function("told.length === 1")


def test_a_layer_is_taken_off_its_map_and_another_put_on(city, receive, old_page):
    receive("one", MONAS)
    page = old_page('{ layerId: "reports", map: map, opacity: 0.5 }')
    assert page.evaluate("mapsEngineLayer.getOpacity()") == 0.5
    page.evaluate("mapsEngineLayer.setMap(null)")
    expect(page.locator(".mapsengine-tile")).to_have_count(0)
    page.evaluate("mapsEngineLayer.setOptions({ layerId: 'kelurahan', map: map })")
    page.wait_for_function(SHOWN)
    page.mouse.click(8 + 400, 8 + 300)
    page.wait_for_function("told.length === 1")
    assert "31.71.01.1001" in page.evaluate("told[0][3]")


def test_lines_are_clicked_and_drawn_in_the_layers_own_style(city, jammed, old_page):
    page = old_page('{ layerId: "jams", map: map }')
    assert page.evaluate(PAINTED) > 500
    page.mouse.click(8 + 400, 8 + 300)
    expect(page.locator(".leaflet-popup-content")).to_contain_text("speed_kmh")


def test_a_layer_that_there_is_not_says_so(city, old_page):
    page = old_page('{ layerId: "1234-5678", map: map }', "mapsEngineLayer.getStatus() === 'INVALID_LAYER'")
    expect(page.locator(".mapsengine-tile")).to_have_count(0)


def test_many_points_are_cells_that_open_on_a_click(city, submission, old_page):
    spread = [
        submission(str(i), point=LonLat(106.76 + (i % 50) * 0.002, -6.25 + (i // 50) * 0.002))
        for i in range(2100)
    ]
    intake.receive(spread, simulated=True)
    page = old_page('{ layerId: "reports", map: map }')
    page.evaluate("map.setView([-6.2, 106.8], 9)")
    page.wait_for_function(f"{SHOWN} && map.getZoom() === 9")
    assert page.evaluate(CELLS) == 2100
    page.mouse.click(8 + 400, 8 + 300)
    page.wait_for_function("map.getZoom() > 9")
    assert page.evaluate("told") == []
