"""MapLibre GL, OpenLayers and Leaflet, in a page of another site, read our tiles and draw them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

import pytest
from playwright.sync_api import Page, expect

from layers.record import LonLat
from reports import intake
from tests.clients import npm
from tests.console.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ELSEWHERE = "http://embedder.example"
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
MAPLIBRE = """
<link rel="stylesheet" href="/maplibre-gl/dist/maplibre-gl.css">
<div id="map" style="height: 600px"></div>
<script type="module">
  import * as maplibregl from "/maplibre-gl/dist/maplibre-gl.mjs";
  const map = new maplibregl.Map({{ container: "map", style: "{platform}/tiles/{layer}/style.json{query}",
    center: [106.827, -6.2], zoom: {zoom}, fadeDuration: 0 }});
  map.on("error", ({{ error }}) => (window.failed = String(error)));
  map.on("idle", () => {{
    window.seen = map.queryRenderedFeatures().map(({{ properties }}) => properties);
  }});
</script>
"""
OPENLAYERS = """
<div id="map" style="height: 600px"></div>
<script src="/ol/dist/ol.js"></script>
<script>
  const source = new ol.source.VectorTile({{ format: new ol.format.MVT(),
    url: "{platform}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt{query}", maxZoom: 19 }});
  source.on("tileloaderror", () => (window.failed = "a tile"));
  const layer = new ol.layer.VectorTile({{ source }});
  const map = new ol.Map({{ target: "map", layers: [layer],
    view: new ol.View({{ center: ol.proj.fromLonLat([106.827, -6.2]), zoom: {zoom} }}) }});
  map.on("rendercomplete", () => {{
    const extent = map.getView().calculateExtent(map.getSize());
    window.seen = layer.getFeaturesInExtent(extent).map((feature) => feature.getProperties());
  }});
</script>
"""
LEAFLET = """
<link rel="stylesheet" href="/leaflet/dist/leaflet.css">
<div id="map" style="height: 600px"></div>
<script src="/leaflet/dist/leaflet.js"></script>
<script>
{script}
  map.setView([-6.2, 106.827], {zoom});
  tiles.on("load", () => {{
    window.seen = [];
    map.eachLayer(({{ feature }}) => feature && window.seen.push(feature.properties));
  }});
</script>
"""


@pytest.fixture
def shown(own_context, live_server) -> Iterator[Callable[[str], list[dict]]]:
    """Open a page of another site, with libraries from npm, and return what its map has drawn."""
    page: Page = own_context.new_page()
    page.set_viewport_size({"width": 800, "height": 620})
    libraries = npm.folder()

    def answer(route) -> None:
        path = route.request.url.removeprefix(ELSEWHERE).partition("?")[0]
        if path == "/":
            route.fulfill(body=f"<!doctype html>{answer.page}", content_type="text/html")
            return
        file = libraries / path.lstrip("/")
        route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "text/plain"))

    page.route(f"{ELSEWHERE}/**", answer)

    def open_page(html: str) -> list[dict]:
        answer.page = html
        page.goto(f"{ELSEWHERE}/")
        page.wait_for_function("window.failed || window.seen?.length")
        assert page.evaluate("window.failed") is None
        return page.evaluate("JSON.parse(JSON.stringify(window.seen.map(({ geometry, ...rest }) => rest)))")

    yield open_page
    page.close()


@pytest.fixture
def forty(transactional_city, submission) -> None:
    dice = Random(9)
    intake.receive(
        [
            submission(
                str(n),
                category=("road", "flood")[n % 2],
                submitted_at=NOON - timedelta(days=n),
                point=LonLat(106.827 + dice.uniform(-0.02, 0.02), -6.2 + dice.uniform(-0.02, 0.02)),
            )
            for n in range(40)
        ],
        simulated=False,
    )


def leaflet_script(client, layer: str, query: str, platform: str) -> str:
    """The script of the page that the platform offers for Leaflet, to be put into a page of one's own."""
    page = client.get(f"/tiles/{layer}/leaflet.html{query}").content.decode()
    return page.rpartition("<script>")[2].partition("</script>")[0].replace("http://testserver", platform)


@pytest.fixture(params=["maplibre", "openlayers", "leaflet"])
def client_page(request, client, live_server) -> Callable[..., str]:
    def write(layer: str, zoom: int, query: str = "") -> str:
        given = {"platform": live_server.url, "layer": layer, "zoom": zoom, "query": query}
        if request.param == "leaflet":
            return LEAFLET.format(**given, script=leaflet_script(client, layer, query, live_server.url))
        return {"maplibre": MAPLIBRE, "openlayers": OPENLAYERS}[request.param].format(**given)

    return write


def test_it_draws_the_reports_one_by_one(forty, shown, client_page):
    seen = shown(client_page("reports", 13))
    assert len(seen) >= 40  # one at the edge of two tiles may be drawn by both
    assert {one["category"] for one in seen} == {"road", "flood"}
    assert {one["status"] for one in seen} == {"waiting"}


def test_it_draws_only_what_a_filter_lets_through(forty, shown, client_page):
    seen = shown(client_page("reports", 13, "?category=flood"))
    assert {one["category"] for one in seen} == {"flood"}


def test_it_draws_the_boundaries(forty, shown, client_page):
    seen = shown(client_page("kota", 11))
    assert {"Kota Administrasi Jakarta Pusat", "Kota Administrasi Jakarta Selatan"} <= {
        one["name"] for one in seen
    }


def test_the_page_for_leaflet_draws_by_itself_under_its_own_policy(forty, own_context, live_server):
    page = own_context.new_page()
    wrong: list[str] = []
    page.on(
        "console",
        lambda said: wrong.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
    )
    page.goto(f"{live_server.url}/tiles/reports/leaflet.html")
    # In the colour of their status within a thin white line.
    expect(page.locator("path.leaflet-interactive[fill='#c62828'][stroke='#ffffff']")).to_have_count(40)
    page.locator("path.leaflet-interactive").first.click(force=True)
    page.wait_for_selector(".leaflet-popup-content >> text=category:")
    assert [text for text in wrong if "favicon" not in text] == []
    page.close()
