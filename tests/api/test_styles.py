import re
from pathlib import Path

import pytest
from django.conf import settings

from api import styles
from console import picture
from layers.layer import catalogue
from tests.api.test_tiles import every_layer
from tests.clients import npm

HOSTILE = (
    "</script><script>alert(1)</script>",
    "'; DROP TABLE x; --",
    '"};alert(1)//',
    "\u2028",
    "%00",
    "{z}",
)


@pytest.fixture
def style(client, city):
    def read(layer, query=""):
        response = client.get(f"/tiles/{layer}/style.json{query}")
        assert response.status_code == 200, response.content
        return response.json()

    return read


@every_layer
def test_every_layer_has_a_style_of_its_own_tiles(style, layer):
    found = style(layer)
    assert found["sources"] == {layer: {"type": "vector", "url": f"http://testserver/tiles/{layer}.json"}}
    drawn = found["layers"][1:]
    assert drawn
    assert {part["source-layer"] for part in drawn} == {layer}
    assert not any("text-field" in part.get("layout", {}) for part in drawn)


def test_every_style_is_valid_by_maplibres_own_specification(style):
    spec = npm.folder() / "@maplibre" / "maplibre-gl-style-spec"
    assert npm.run(spec / "dist" / "gl-style-validate.mjs", {"version": 8, "sources": {}, "layers": [{}]})
    for layer in catalogue():
        assert npm.run(spec / "dist" / "gl-style-validate.mjs", style(layer)) == ""


def test_points_and_cells_are_drawn_by_layers_that_part_them(style):
    parts = {part["id"]: part for part in style("reports")["layers"]}
    assert parts["reports-cells"]["filter"] == ["has", "count"]
    assert parts["reports-points"]["filter"] == ["!", ["has", "count"]]
    assert "#c62828" in parts["reports-points"]["paint"]["circle-color"]


def test_the_colours_are_those_of_the_public_map():
    drawn = (Path(settings.ROOT) / "console/static/console/styles.js").read_text(encoding="utf-8")
    assert (picture.STATUSES, list(picture.JAMS)) == (styles.STATUSES, styles.LEVELS)
    assert (picture.BORDERS, picture.POINTS) == (styles.BORDERS, styles.POINTS)
    shades = [*styles.STATUSES.values(), *styles.LEVELS, *(colour for colour, _ in styles.BORDERS.values())]
    assert [shade for shade in shades if shade not in drawn] == []


def test_filters_go_through_style_and_tilejson_to_the_tiles(style, client):
    query = "?status=waiting,in_progress&from=2026-05-01"
    address = style("reports", query)["sources"]["reports"]["url"]
    assert address == f"http://testserver/tiles/reports.json{query}"
    said = client.get(address).json()
    assert said["tiles"] == [f"http://testserver/tiles/reports/{{z}}/{{x}}/{{y}}.mvt{query}"]
    tile = said["tiles"][0].replace("{z}/{x}/{y}", "9/407/264")
    assert client.get(tile).status_code == 200


def test_a_tilejson_says_which_filters_its_tiles_take(client, city):
    said = client.get("/tiles/reports.json").json()["filters"]
    assert said["status"] == ["waiting", "in_progress", "done"]
    assert set(said) == {"category", "status", "channel", "kelurahan", "placed_by", "from", "to"}
    assert client.get("/tiles/jams.json").json()["filters"] == {}


@every_layer
def test_a_leaflet_page_may_run_only_what_stands_in_it(client, city, layer):
    response = client.get(f"/tiles/{layer}/leaflet.html")
    page = response.content.decode()
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert f"/tiles/{layer}/" in page
    rules = dict(rule.strip().split(" ", 1) for rule in response["Content-Security-Policy"].split(";"))
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert len(re.findall(r"'sha256-[^']+'", rules["script-src"])) == 1


@pytest.mark.parametrize(
    "address", ["/tiles/reports.json", "/tiles/reports/style.json", "/tiles/reports/leaflet.html"]
)
def test_a_hostile_filter_is_words_or_refused_and_no_script(client, city, address):
    for text in HOSTILE:
        for name in ("category", "from", text):
            response = client.get(address, {name: text})
            assert response.status_code in (200, 400)
            if response["Content-Type"].startswith("text/html"):
                assert b"<script>alert" not in response.content
                assert b'"};alert' not in response.content


@pytest.mark.parametrize("what", ["style.json", "leaflet.html"])
def test_a_layer_that_is_none_is_not_found_and_a_filter_of_none_refused(client, city, what):
    assert client.get(f"/tiles/nothing/{what}").status_code == 404
    assert client.get(f"/tiles/jams/{what}?status=waiting").status_code == 400
