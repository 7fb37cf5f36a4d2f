"""The map in pages of others: the page for a frame, the picture, oEmbed, and the script."""

import io
import re
from urllib.parse import quote

import pytest
from PIL import Image
from playwright.sync_api import expect

from console import preview, shown
from layers.grid import Bbox
from tests.api.questions.test_hostile import HOSTILE
from tests.console.conftest import MONAS

HERE = "http://testserver/embed/map"


@pytest.fixture(autouse=True)
def no_static_files(settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = True


def test_any_page_may_frame_the_map_for_embedding_and_none_the_map_itself(client, city):
    page = client.get("/embed/map")
    assert "frame-ancestors *" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page
    assert "script-src 'self'" in page["Content-Security-Policy"]
    own = client.get("/")
    assert "frame-ancestors 'none'" in own["Content-Security-Policy"]
    assert own["X-Frame-Options"] == "DENY"


def test_the_page_says_to_social_sites_what_it_is(client, city):
    page = client.get("/embed/map?layers=reports,kota&bbox=106.8,-6.2,106.9,-6.1&lang=en").content.decode()
    view = "layers=kota,reports&amp;bbox=106.8,-6.2,106.9,-6.1&amp;lang=en"
    assert '<html lang="en">' in page
    title = "Jakarta citizens&#x27; reports map: Citizens&#x27; reports, Kota boundaries"
    assert f'<meta property="og:title" content="{title}">' in page
    assert f'<meta property="og:image" content="http://testserver/embed/preview.png?{view}">' in page
    assert f'<meta property="og:url" content="{HERE}?{view}">' in page
    assert 'type="application/json+oembed" href="http://testserver/api/oembed?url=' in page


def test_the_map_itself_says_so_too_and_its_oembed_is_found(client, city):
    page = client.get("/").content.decode()
    assert '<meta property="og:image" content="http://testserver/embed/preview.png?lang=id">' in page
    address = re.search(r'json\+oembed" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "/embed/map?layers=kota" in client.get(address).json()["html"]


def test_oembed_gives_a_frame_of_the_view(client, city):
    url = f"{HERE}?layers=reports&bbox=106.8,-6.2,106.9,-6.1"
    said = client.get(f"/api/oembed?url={quote(url, safe='')}&maxwidth=640").json()
    assert (said["version"], said["type"], said["width"], said["height"]) == ("1.0", "rich", 640, 400)
    assert said["html"].startswith('<iframe src="http://testserver/embed/map?layers=reports&amp;bbox=106.8,')
    assert said["thumbnail_url"].startswith("http://testserver/embed/preview.png?layers=reports&bbox=106.8,")
    assert client.get(said["thumbnail_url"])["Content-Type"] == "image/png"


def test_oembed_of_the_map_itself_is_that_of_what_it_shows_at_first(client, city):
    said = client.get("/api/oembed?url=http://testserver/").json()
    assert "layers=kota,kecamatan,kelurahan,jams,reports" in said["html"]


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("", 400, "parameter 'url' is missing"),
        ("url=http://elsewhere.example/embed/map", 404, "is no map of testserver"),
        ("url=javascript:alert(1)", 404, "is no map of"),
        ("url=http://testserver/api/map", 404, "is no map: / and /embed/map are"),
        (f"url={HERE}%3Flayers%3Dnothing", 400, "layers 'nothing': known are kota"),
        (f"url={HERE}&format=xml", 400, "format 'xml': known are json"),
        (f"url={HERE}&maxwidth=99", 400, "maxwidth 99: it must lie between 200 and 4000"),
        ("url=http://[::1", 404, "is no address"),
    ],
)
def test_oembed_says_what_it_does_not_know(client, city, query, status, detail):
    response = client.get(f"/api/oembed?{query}")
    assert response.status_code == status
    assert detail in response.json()["detail"]


@pytest.mark.parametrize("address", ["/embed/map", "/embed/preview.png"])
@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("layers=nothing", "layers 'nothing': known are kota"),
        ("bbox=1,2,3", "is not west,south,east,north"),
        ("bbox=100,-10,110,0", "at most 4 degrees are shown at once"),
        ("lang=nl", "lang 'nl': known are id, en"),
        ("colour=red", "unknown parameter 'colour'"),
    ],
)
def test_a_view_that_is_none_is_refused(client, city, address, query, detail):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 400
    assert detail in response.json()["detail"]


@pytest.mark.parametrize("address", ["/embed/map", "/embed/preview.png", "/api/oembed"])
def test_a_hostile_text_is_refused_or_words_and_no_script(client, city, address):
    for text in HOSTILE:
        for name in ("layers", "bbox", "lang", "url", "width", text):
            response = client.get(address, {name: text})
            assert response.status_code in (200, 400, 404)
            assert "html" not in response["Content-Type"] or b"<script>alert" not in response.content


def picture(client, query="", **headers):
    response = client.get(f"/embed/preview.png{query}", headers=headers)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    return Image.open(io.BytesIO(response.content)).convert("RGB")


def test_a_picture_has_the_size_that_is_asked_for_and_its_caption(client, city):
    assert picture(client).size == (1200, 630)
    small = picture(client, "?width=400&height=300")
    assert small.size == (400, 300)
    assert small.getpixel((3, 297)) == pytest.approx((11, 92, 122), abs=12)


def test_a_picture_shows_land_inside_the_province_and_water_outside(client, city):
    drawn = picture(client, "?layers=kota&bbox=106.9,-6.3,107.4,-6.0")
    land, water = drawn.getpixel((250, 250)), drawn.getpixel((1100, 100))
    assert min(land) > 225
    assert water == pytest.approx((213, 223, 229), abs=8)


def test_a_report_is_on_the_picture_in_the_colour_of_its_status(client, receive_one):
    before = picture(client, "?layers=reports&bbox=106.80,-6.20,106.86,-6.15")
    receive_one(point=MONAS)
    drawn = picture(client, "?layers=reports&bbox=106.80,-6.20,106.86,-6.15")
    box = Bbox(106.80, -6.20, 106.86, -6.15)
    west, north, zoom = preview.frame(box, 1200, 630 - 88)
    side = 2**zoom * preview.TILE_PX
    x, y = preview.mercator(MONAS.lon, MONAS.lat)
    at = (round((x - west) * side), round((y - north) * side))
    assert drawn.getpixel(at) == pytest.approx((198, 40, 40), abs=40)
    assert before.getpixel(at) == pytest.approx((213, 223, 229), abs=8)


def test_a_picture_that_is_known_is_304_until_a_layer_of_it_changes(client, receive_one):
    first = client.get("/embed/preview.png?layers=reports")
    known = {"If-None-Match": first["ETag"]}
    assert client.get("/embed/preview.png?layers=reports", headers=known).status_code == 304
    receive_one(external_id="new")
    assert client.get("/embed/preview.png?layers=reports", headers=known).status_code == 200


def test_no_line_is_drawn_where_a_tile_ends(client, city):
    # Jakarta Timur, all land: what is not a border there would be a seam.
    drawn = picture(client, "?layers=kota&bbox=106.885,-6.30,106.905,-6.285")
    shades = {drawn.getpixel((x, 200)) for x in range(0, 1100, 3)}
    assert all(min(shade) > 215 for shade in shades)


def test_the_city_of_a_picture_without_a_box_is_the_whole_mainland():
    west, south, east, north = shown.city()
    assert (west, south) < (106.69, -6.36)
    assert (east, north) > (106.97, -6.09)


@pytest.mark.browser
def test_one_line_of_script_puts_the_map_into_a_page_of_another_site(reported, own_context, live_server):
    page = own_context.new_page()
    line = (
        f'<script src="{live_server.url}/static/console/embed.js" data-layers="reports,kota"'
        ' data-height="380" data-lang="en" async></script>'
    )
    page.route(
        "http://127.0.0.1:8999/",
        lambda route: route.fulfill(
            body=f"<!doctype html><p>Before</p>{line}<p>After</p>", content_type="text/html"
        ),
    )
    page.goto("http://127.0.0.1:8999/")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#map[aria-busy=false]")).to_be_visible()
    expect(frame.locator(".mark-box[data-layer=reports]").first).to_be_visible()
    expect(page.locator("iframe")).to_have_attribute("title", "Peta laporan warga Jakarta")
    assert page.locator("iframe").bounding_box()["height"] == 380
    larger = frame.locator("#larger").get_attribute("href")
    assert "/?lang=en#" in larger
    assert "layers=kota,reports" in larger
    assert page.locator("p").all_inner_texts() == ["Before", "After"]
    page.close()


@pytest.mark.parametrize("bbox", ["106.822512,-6.176188,106.823001,-6.1755", "106.8,-6.2,107,-6"])
def test_the_address_of_a_view_keeps_a_box_as_small_as_a_street(client, city, bbox):
    page = client.get(f"/embed/map?layers=reports&bbox={bbox}&lang=en").content.decode()
    assert f"layers=reports&amp;bbox={bbox}&amp;lang=en" in page
    said = client.get("/api/oembed", {"url": f"{HERE}?layers=reports&bbox={bbox}"}).json()
    assert f"bbox={bbox}" in said["thumbnail_url"]
