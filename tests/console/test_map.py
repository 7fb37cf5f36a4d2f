"""The map in a real browser, over real rows."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from layers import intake as layers_intake
from layers.record import Alert, LonLat, Poi, Snapshot
from reports import intake

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
REPORTS = ".mark-box[data-layer=reports]"


def total(page: Page) -> int:
    return page.eval_on_selector_all(
        REPORTS, "marks => marks.reduce((sum, mark) => sum + +mark.dataset.count, 0)"
    )


def near(point: LonLat, zoom: int = 16) -> str:
    return f"/#{zoom}/{point.lat}/{point.lon}"


def test_the_clusters_add_up_to_the_reports_and_nothing_is_loaded_from_elsewhere(visit, reported):
    page = visit()
    assert total(page) == reported
    assert page.locator(REPORTS).count() < reported  # some stand together
    expect(page.locator("#panel")).to_contain_text(f"{reported} di tampilan ini")
    expect(page.locator("[data-banner=schematic]")).to_have_text("Batas skematis")
    expect(page.locator("[data-banner=simulated]")).to_have_text("Data simulasi")
    expect(page.locator("#attribution")).to_contain_text("Batas skematis")
    assert page.context.cookies() == []
    labels = page.locator(".label.kecamatan span")
    assert labels.count() > 10
    boxes = [box.bounding_box() for box in labels.all()]
    assert not [pair for pair in _pairs(boxes) if _overlap(*pair)]
    circles = [box.bounding_box() for box in page.locator(f"{REPORTS} svg").all()]
    assert not [pair for pair in _pairs(circles) if _centres_apart(*pair) < 30]


def test_a_cluster_goes_nearer_and_parts_until_reports_stand_alone(visit, reported, label_of):
    page = visit(near(label_of("Gambir"), 13))
    page.locator(f"{REPORTS}[aria-label^='3 laporan']").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#1[4-9][.0-9]*/"))
    visit.settle()
    expect(page.locator(f"{REPORTS}[data-count='1']").first).to_be_visible()


def test_a_click_on_a_report_shows_text_place_official_and_trace(visit, reported, label_of):
    page = visit(near(label_of("Duri Pulo")))
    page.locator(f"{REPORTS}[aria-label='Lampu jalan, Selesai']").click()
    card = page.locator(".card")
    expect(card).to_contain_text("Lampu jalan mati")
    expect(card.locator("h2")).to_have_text("Lampu jalan")
    expect(card.locator(".badge.simulated")).to_have_text("Simulasi: bukan kejadian nyata")
    expect(card.locator(".tiers")).to_contain_text("Kelurahan Duri Pulo, Kecamatan Gambir")
    expect(card.locator(".tiers")).to_contain_text("Jakarta Pusat")
    expect(card.locator(".official b")).to_have_text("Plt. Lurah Duri Pulo")
    expect(card.locator(".official span")).to_have_text("Contoh Lurah Duri Pulo")
    expect(card).to_contain_text("14 Mei 2026")
    steps = card.locator(".trace li")
    expect(steps).to_have_count(3)
    assert [step.split("\n")[0].split(" ")[0] for step in steps.all_inner_texts()] == [
        "Menunggu",
        "Diproses",
        "Selesai",
    ]
    expect(steps.nth(1)).to_contain_text("Petugas menuju lokasi.")
    expect(steps.nth(1)).to_contain_text("Kelurahan Duri Pulo")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    # A click on the map beside it says where one is, and who answers there.
    page.mouse.click(500, 700)
    expect(page.locator(".card .offices li")).to_have_count(3)


def test_markup_in_a_text_stays_text(visit, reported, jammed, label_of):
    page = visit(near(label_of("Duri Pulo")))
    page.locator(f"{REPORTS}[aria-label='Kebisingan, Menunggu']").click()
    expect(page.locator(".card .text")).to_contain_text("<b>bold</b>")
    assert page.locator(".card img, .card .text *").count() == 0
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(0)
    page.goto(page.url.split("#")[0] + "#16/-6.1754/106.8272&layers=kota,jams")
    expect(page.locator("input[value=reports]")).not_to_be_checked()  # the map has followed its address
    visit.settle()
    page.mouse.click(895, 476 + 5)  # within 8 px of the jam through the middle of the map
    expect(page.locator(".card h2")).to_contain_text("<img src=x")
    expect(page.locator(".card")).to_contain_text("4: sangat padat")
    assert page.title() == "Peta laporan warga Jakarta"


def test_reports_at_the_same_spot_are_listed_and_each_opens(visit, reported, label_of):
    page = visit(near(label_of("Duri Pulo"), 17))
    page.locator(f"{REPORTS}[aria-label^='2 laporan']").focus()  # a click may meet a mark that is drawn anew
    page.keyboard.press("Enter")
    visit.settle()  # the map makes room for the list first
    listed = page.locator(".card .list button")
    expect(listed).to_have_count(2)
    listed.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card .text")).to_have_text(re.compile("Pohon (first|second)"))


def test_layers_switch_by_keyboard_and_the_address_remembers_them(visit, reported, jammed):
    page = visit("/#13/-6.1754/106.8272&layers=kota,reports")
    expect(page.locator("#attribution")).not_to_contain_text("Waze")
    for name in ("jams", "alerts", "petrol_stations"):
        page.locator(f"input[value={name}]").focus()
        page.keyboard.press("Space")
    page.locator("input[value=reports]").uncheck()
    visit.settle()
    expect(page.locator(REPORTS)).to_have_count(0)
    expect(page.locator(".mark-box[data-layer=alerts]")).to_have_count(1)
    expect(page.locator("#note-alerts")).to_have_text("1 di tampilan ini")
    # Nobody reads petrol stations here: that none are seen says nothing of the city.
    expect(page.locator("#note-petrol_stations")).to_have_text(re.compile("^belum tersambung"))
    expect(page.locator("#attribution")).to_contain_text("Data provided by Waze App. Learn more at Waze.com.")
    expect(page.locator("#attribution a[href='https://www.waze.com']")).to_have_text("Waze.com")
    expect(page.locator("#attribution a[href*='openstreetmap.org']")).to_be_visible()
    expect(page).to_have_url(re.compile("&layers=kota,jams,alerts,petrol_stations"))
    page.reload()
    visit.settle()
    checked = page.eval_on_selector_all("#panel input:checked", "boxes => boxes.map((box) => box.value)")
    assert sorted(checked) == ["alerts", "jams", "kota", "petrol_stations"]


def test_a_map_that_does_not_come_says_so_and_comes_at_the_press_of_a_button(visit, reported):
    page = visit.page
    page.route("**/api/map", lambda route: route.abort())
    page.goto(f"{visit.home}/")
    expect(page.locator("#starting")).to_contain_text("Peta tidak dapat dimuat")
    assert page.get_by_role("link", name="Daftar", exact=True).get_attribute("href") == "/reports"
    visit.wrong.expect("ERR_FAILED")
    page.unroute("**/api/map")
    page.get_by_role("button", name="Coba lagi").click()
    visit.settle()
    expect(page.locator("#starting")).to_have_count(0)
    assert total(page) == reported


def test_a_failing_layer_is_told_and_comes_back_and_new_reports_appear_by_themselves(
    visit, reported, receive, label_of
):
    page = visit.page
    page.clock.install(time=datetime(2026, 5, 15, 5, 0, tzinfo=UTC))
    page.route("**/tiles/reports/**", lambda route: route.fulfill(status=503, body="{}"))
    page = visit("/?lang=en#11/-6.2/106.83")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#notice")).to_have_text(re.compile("^The map could not load Citizens' reports"))
    expect(page.locator("[data-banner=schematic]")).to_have_text("Schematic boundaries")
    visit.wrong.expect("503")
    page.unroute("**/tiles/reports/**")
    page.locator("#map").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#notice")).to_be_empty()
    expect(page.locator(f"{REPORTS}").first).to_have_attribute("aria-label", re.compile("waiting"))
    assert total(page) == reported
    receive("late", label_of("Tomang"))
    page.clock.fast_forward(61_000)
    expect(page.locator("#note-reports")).to_have_text(f"{reported + 1} in this view")
    assert total(page) == reported + 1


def test_cells_count_and_one_that_counts_a_single_report_is_gone_nearer_to(visit, city):
    def cell(lon: float, **counts: int) -> dict[str, object]:
        properties = {"waiting": 0, "in_progress": 0, "done": 0} | counts
        properties["count"] = sum(counts.values())
        point = {"type": "Point", "coordinates": [lon, -6.2]}
        return {"type": "Feature", "geometry": point, "properties": properties}

    crowd = {"features": [cell(106.80, done=1), cell(106.86, waiting=1500, in_progress=700)]}
    visit.page.route("**/tiles/reports/10/815/529.geojson", lambda route: route.fulfill(json=crowd))
    page = visit("/#11/-6.2/106.83")
    titles = page.eval_on_selector_all(REPORTS, "marks => marks.map((mark) => mark.title)")
    assert sorted(titles) == [
        "1 laporan: 0 menunggu, 0 diproses, 1 selesai",
        "2.200 laporan: 1.500 menunggu, 700 diproses, 0 selesai",
    ]
    page.locator(f"{REPORTS}[data-count='1']").click()
    expect(page).to_have_url(re.compile("#1[2-9][.0-9]*/"))
    visit.settle()
    expect(page.locator(".card")).to_have_count(0)


def test_on_a_phone_the_map_is_free_and_the_report_is_a_sheet(visit, reported, label_of):
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    visit(near(label_of("Duri Pulo")))
    expect(page.locator("#panel")).to_be_hidden()
    for width in (1181, 1180, 1024, 861, 860, 760, 759):  # the bar has room for all that is in it
        page.set_viewport_size({"width": width, "height": 844})
        for part in page.locator("header :is(button, a):visible").all():
            box = part.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= width, part.text_content()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for box in [
        target.bounding_box() for target in page.locator("header :is(button, nav a):visible, .mark-box").all()
    ]:
        assert box["width"] >= 44 and box["height"] >= 44
    page.locator(f"{REPORTS}[aria-label='Lampu jalan, Selesai']").click()
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("Plt. Lurah Duri Pulo")
    assert sheet.bounding_box()["y"] > 844 * 0.4
    sheet.get_by_role("button", name="Tutup").click()
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Lapisan peta").click()
    expect(page.locator("#panel")).to_be_visible()
    assert page.locator("#panel").bounding_box()["y"] > 844 * 0.4
    page.keyboard.press("Escape")


def test_the_name_of_a_kota_stands_in_that_kota_or_is_left_out(visit, city, submission):
    inland = city.boundary_set.filter(level="kelurahan").exclude(code__startswith="31.01")
    labels = {one.code: LonLat(one.label.x, one.label.y) for one in inland}
    intake.receive([submission(code, point=point) for code, point in labels.items()], simulated=False)
    page = visit("/#9/-6.2/106.83&layers=kota,reports")
    _stand_in_their_kota(page, city)
    page.evaluate("void window.publicMap.map.setZoom(10)")
    visit.settle()
    _stand_in_their_kota(page, city)


def _stand_in_their_kota(page, city):
    names = page.eval_on_selector_all(
        ".label.kota",
        """(labels) => labels.map((label) => {
          const map = window.publicMap.map;
          const [box, frame] = [label.getBoundingClientRect(), map.getContainer().getBoundingClientRect()];
          const { lng, lat } = map.containerPointToLatLng([box.x - frame.x, box.y - frame.y]);
          return [label.textContent, lng, lat];
        })""",
    )
    assert 2 <= len(names) <= 6
    for name, lon, lat in names:
        here = city.boundary_set.get(level="kota", geom__covers=f"SRID=4326;POINT({lon} {lat})")
        assert here.name.endswith(name)


@pytest.mark.parametrize("zoom", [15, 17])
def test_markers_of_several_layers_at_one_spot_stand_side_by_side_and_each_opens(
    visit, city, submission, zoom
):
    spot = LonLat(106.8272, -6.1754)
    beside = LonLat(spot.lon + 0.0001, spot.lat)
    alert = Alert("1", "ACCIDENT", "", "Jl. Contoh", "", 7, NOON, spot, {})
    pois = (Poi("node/1", "fuel", "SPBU Contoh", "", spot, {}), Poi("node/2", "cafe", "Kopi", "", beside, {}))
    layers_intake.receive([Snapshot("waze", NOON, alerts=(alert,), pois=pois)], simulated=True)
    intake.receive([submission(point=spot)], simulated=True)
    layers = ["reports", "alerts", "petrol_stations", "restaurants"]
    page = visit(f"/#{zoom}/{spot.lat}/{spot.lon}&layers={','.join(layers)}")
    marks = [page.locator(f".mark-box[data-layer={layer}] svg:not(.stem)") for layer in layers]
    boxes = [mark.bounding_box() for mark in marks]
    assert not [pair for pair in _pairs(boxes) if _overlap(*pair)]
    place = page.locator(".mark-box[data-layer=reports]").bounding_box()
    assert (place["x"] + 22, place["y"] + 22) == pytest.approx((895, 476), abs=1)  # reports keep theirs
    for layer, text in zip(layers, ["pasar", "Jl. Contoh", "SPBU Contoh", "Kopi"], strict=True):
        # By the keyboard: a card that closes moves the map, and a click would be where the mark was before.
        page.locator(f".mark-box[data-layer={layer}]").press("Enter")
        expect(page.locator(".card")).to_contain_text(text)
        page.keyboard.press("Escape")
        expect(page.locator(".card")).to_have_count(0)


def _pairs(boxes):
    return [(one, other) for index, one in enumerate(boxes) for other in boxes[index + 1 :]]


def _overlap(one, other):
    return (
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )


def _centres_apart(one, other):
    dx = one["x"] + one["width"] / 2 - other["x"] - other["width"] / 2
    dy = one["y"] + one["height"] / 2 - other["y"] - other["height"] / 2
    return (dx * dx + dy * dy) ** 0.5
