"""Triage: a list and a map of the same cases, worked through by the keyboard."""

import gzip
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Response, Route, expect
from whitenoise.compress import Compressor

from boundaries.models import Boundary, Office
from casework.models import Case, Change, Merge, SavedView
from casework.routing import turns
from casework.steps import workflow
from console.desk import menu
from layers.record import LonLat
from reports import intake
from reports.models import Outgoing, Report
from tests.api.casework.conftest import HERE, THERE, state, turn
from tests.conftest import NOON

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
browser = pytest.mark.browser
SIZES = [(1440, 900), (390, 844)]
NARROW = 961
# Whether the map shows all of a piece, and could show it nearer.
FITS = """([west, south, east, north]) => {
  const { map } = window.triage.map;
  const piece = L.latLngBounds([south, west], [north, east]);
  return [map.getBounds().contains(piece), map.getBoundsZoom(piece) > map.getZoom()];
}"""
OPENED_AT_ONCE = """([place, point]) => {
  window.triage.map.map.setView(place, 17);
  window.triage.map.reveal(point);
}"""
CASES = 300  # on the map at once, in the morning after a flood
LONG = "Jalan berlubang cukup dalam di depan pasar, sudah dua minggu, motor sering jatuh pada malam hari"


def config_of(client) -> dict:
    carried = re.search(
        r'<script id="config" type="application/json">(.*?)</script>',
        client.get(f"/staff/{menu.ALL_CASES}").text,
    )
    return json.loads(carried[1])


def test_triage_is_what_the_console_begins_with(case, login):
    case()
    answer = login("triage").get("/staff/")
    assert answer.status_code == 200
    assert re.search(r'data-list="new"><span>Laporan baru</span><span class="count">1</span>', answer.text)
    assert answer["Cache-Control"] == "private, no-store"


def test_the_page_itself_bears_nothing_of_a_case(case, login):
    case(description="Nomor saya 0812-3456-7890")
    assert "3456" not in login("triage").get("/staff/").text


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("triage", {"step", "place", "merge", "answer"}),
        ("supervisor", {"step", "assign", "place", "merge", "answer"}),
        ("governor", {"step", "assign"}),
        ("official", {"step", "answer"}),
        ("auditor", set()),
        ("administrator", set()),
    ],
)
def test_only_what_somebody_may_do_is_there(city, login, role, shown):
    client = login(role, HERE if role == "official" else None)
    found = set(re.findall(r'id="act-(\w+)"', client.get(f"/staff/{menu.ALL_CASES}").text))
    assert found == shown


def test_the_day_begins_with_what_is_new_and_that_of_an_office_with_what_it_owes(case, login):
    official = login("official", HERE)
    assert (config_of(login("triage"))["first"], config_of(official)["first"]) == ("new", "")
    case(submitted_at=timezone.now() - timedelta(days=9))  # due long since
    assert config_of(official)["first"] == "overdue"


def test_only_steps_that_somebody_may_take_by_name_are_offered(city, login):
    steps = config_of(login("triage"))["transitions"]
    assert [step["to"] for step in steps["collected"]] == ["selected", "not_ours", "no_problem"]
    assert config_of(login("auditor"))["transitions"] == {}
    official = config_of(login("official", HERE))["transitions"]
    assert "returned" not in {step["to"] for found in official.values() for step in found}


def test_every_area_in_force_can_be_chosen(city, login):
    areas = config_of(login("triage"))["areas"]
    assert areas == dict(Boundary.objects.filter(edition=city).values_list("code", "name"))
    # By their length modules tell the tiers.
    assert {len(code) for code in areas} == {5, 8, 13}


def test_the_map_begins_with_the_land_of_the_city_and_an_officials_with_their_own(city, login, settings):
    own = Boundary.objects.get(edition=city, code=HERE).geom.extent
    assert config_of(login("triage"))["start"] == settings.CITY_LAND
    assert config_of(login("official", HERE))["start"] == list(own)
    west, south, east, north = settings.CITY_LAND
    for kota in Boundary.objects.filter(edition=city, level="kota").exclude(code="31.01"):
        assert west < kota.label.x < east and south < kota.label.y < north, kota.name


def test_a_page_names_all_its_modules_beforehand_and_is_sent_compressed(case, login):
    case()
    client = login("triage")
    page = client.get("/staff/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip" and "Accept-Encoding" in page["Vary"]
    text = gzip.decompress(page.content).decode()
    for module in ("desk/triage/main.js", "desk/triage/row.js", "desk/api.js", "clusters.js", "dom.js"):
        assert f'rel="modulepreload" href="/static/console/{module}"' in text, module
    rows = client.get("/api/staff/cases", headers={"Accept-Encoding": "gzip"})
    assert rows["Content-Encoding"] == "gzip" and b"cases" in gzip.decompress(rows.content)


def spread(submission, count: int, **parts: object) -> list[int]:
    """Receive many reports in Gambir, and open their cases."""
    label = Boundary.objects.get(code=HERE).label
    sent = [
        submission(
            external_id=f"s{index}",
            point=LonLat(label.x - 0.0025 + 0.0005 * (index % 10), label.y - 0.0025 + 0.0005 * (index // 10)),
            description=f"Jalan berlubang nomor {index}",
            **parts,
        )
        for index in range(count)
    ]
    intake.receive(sent, simulated=False)
    workflow.collect(NOON)
    turns.begin()
    return list(
        Report.objects.filter(external_id__startswith="s").order_by("pk").values_list("pk", flat=True)
    )


def opened(desk, query: str = "") -> Page:
    page = desk(f"/staff/{query}")
    expect(page.locator("#list[aria-busy=false]")).to_be_visible()
    return page


def list_has(page: Page, count: int) -> None:
    expect(page.locator("#matched")).to_have_text(f"{count} laporan")


@browser
@pytest.mark.django_db(transaction=True)
def test_a_hundred_reports_are_triaged_by_the_keyboard_alone(
    transactional_city, desk, submission, case, answering
):
    """Steps, words, a place, a merge, marks by range, and all that is left at once."""
    ids = spread(submission, 99)
    unplaced = case(None, category="flood")  # the most urgent
    desk = desk("triage")
    page = opened(desk)
    keys = page.keyboard
    list_has(page, 100)
    # The one without a place: p, letters of the kelurahan, Enter.
    expect(page.locator("[role=option].is-active")).to_have_attribute("data-id", str(unplaced))
    keys.press("p")
    keys.type("cilandak bar")
    expect(page.locator("#picks li")).to_have_count(1)
    keys.press("Enter")
    expect(page.locator(f"#case-{unplaced} .about")).to_contain_text("Cilandak Barat")
    # One step after another, each by s and the digit of the state.
    for left in (99, 98, 97):
        keys.press("s")
        expect(page.locator("dialog .option").first).to_contain_text("Dipilih")
        keys.press("1")
        list_has(page, left)
    # Words that the citizen is owed.
    keys.press("s")
    keys.press("3")
    page.locator("dialog textarea").fill("Lokasi sudah kami periksa: tidak ada masalah.")
    keys.press("Control+Enter")
    list_has(page, 96)
    # Two of the same problem: marked by x on the way, merged by m into the older one.
    keys.press("x")
    keys.press("j")
    keys.press("x")
    keys.press("m")
    keys.press("1")
    expect(page.locator("dialog textarea")).to_have_value(re.compile("kami gabungkan"))
    keys.press("Control+Enter")
    list_has(page, 95)
    # A range of ten, which is taken back and done again; then all that is left.
    for is_first in (True, False):
        for _ in range(9):
            keys.press("J")
        expect(page.locator("#marked-count")).to_have_text("10 dipilih")
        keys.press("s")
        keys.press("1")
        list_has(page, 85)
        if is_first:
            keys.press("z")
            list_has(page, 95)
    keys.press("A")
    expect(page.locator("#marked-count")).to_have_text("85 dipilih")
    keys.press("s")
    keys.press("1")
    list_has(page, 0)
    expect(page.locator("#empty")).to_be_visible()
    states = Case.objects.values_list("state", flat=True)
    found = {state: list(states).count(state) for state in set(states)}
    assert found == {"selected": 98, "no_problem": 1, "duplicate": 1}
    assert Merge.objects.get().into_id in ids
    west = Boundary.objects.get(level="kelurahan", name="Cilandak Barat")
    assert Report.objects.get(pk=unplaced).kelurahan_code == west.code
    told = [str(body) for body in Outgoing.objects.values_list("body", flat=True)]
    assert sum("tidak ada masalah" in body for body in told) == 1


@browser
@pytest.mark.django_db(transaction=True)
def test_a_pin_is_moved_from_the_list_by_the_keyboard_and_put_back(transactional_city, desk, case):
    """One case with a point: its pin moves beside the list. Of several those without a point are placed."""
    id = case()
    desk = desk("triage")
    page = opened(desk)
    keys = page.keyboard
    list_has(page, 1)
    row, pin = page.locator(f"#case-{id} .about"), page.locator("#preview .pin.moving")
    expect(row).to_contain_text("Gambir")
    there = Report.objects.get(pk=id).point
    keys.press("p")
    expect(pin).to_be_focused()
    keys.press("Escape")
    expect(pin).to_have_count(0)
    assert page.locator("#preview").is_visible() and Report.objects.get(pk=id).point == there
    keys.press("p")
    expect(pin).to_be_focused()
    for _ in range(20):
        keys.press("Shift+ArrowDown")
    expect(page.locator("#pin-form button.main")).to_be_enabled()
    keys.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Pin dipindahkan")
    expect(row).not_to_contain_text("Gambir")
    moved = Report.objects.get(pk=id)
    assert moved.point.y < there.y and moved.kelurahan_code != HERE
    keys.press("z")
    expect(row).to_contain_text("Gambir")
    assert Report.objects.get(pk=id).point.equals_exact(there, 1e-6)
    # Two with points: their pins move one at a time.
    keys.press("Escape")
    case(THERE)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#arrivals")).to_be_visible()
    keys.press("n")
    list_has(page, 2)
    keys.press("A")
    keys.press("p")
    expect(page.locator("#toasts .error")).to_contain_text("satu per satu")


@browser
@pytest.mark.django_db(transaction=True)
def test_the_key_takes_back_nothing_that_was_done_before_what_stays_done(
    transactional_city, desk, case, answering
):
    case(), case()
    desk = desk("triage")
    page = opened(desk, "?state=collected")
    keys = page.keyboard
    list_has(page, 2)
    keys.press("s")
    expect(page.locator("dialog .option").first).to_contain_text("Dipilih")
    keys.press("1")
    list_has(page, 1)
    expect(page.locator("#toasts .undo")).to_have_count(1)
    keys.press("r")
    page.locator("dialog textarea").fill("Petugas sedang ke lokasi.")
    keys.press("Control+Enter")
    expect(page.locator("#toasts .toast")).to_have_count(2)
    keys.press("z")
    expect(page.locator("#toasts .error")).to_be_visible()
    assert sorted(Case.objects.values_list("state", flat=True)) == ["collected", "selected"]


@browser
@pytest.mark.django_db(transaction=True)
def test_a_returned_case_is_given_to_an_office_by_a_key_with_words_and_what_is_refused_says_why(
    transactional_city, desk, case, office, login, post, answering
):
    """No step leads to assigned, for it would leave the case with whom it is not."""
    id, other = case(), case()
    post(login("official", HERE), f"/api/staff/cases/{id}/pass-on", text="Bukan kewenangan kami")
    title = Office.objects.get(code=office(THERE)).title
    desk = desk("supervisor")
    page = opened(desk, "?state=collected")
    keys = page.keyboard
    list_has(page, 1)
    keys.press("a")
    keys.type(title)
    expect(page.locator("#picks li").first).to_contain_text(title)
    keys.press("Enter")
    # Nothing was marked: no more is said than why, in the language of the page.
    box = page.locator("#refusals")
    expect(box).to_have_text(f"Tidak dilakukan#{other}: langkah ini tidak ada dari status sekarang")
    expect(page.locator(f"#case-{other} .words")).to_have_text(
        "Ditolak: langkah ini tidak ada dari status sekarang"
    )
    desk.wrong.expect("409")
    page = opened(desk, "?state=returned")
    list_has(page, 1)
    keys.press("s")
    expect(page.locator("dialog .option")).not_to_have_count(0)
    expect(page.locator("dialog .option", has_text="Ditugaskan")).to_have_count(0)
    keys.press("Escape")
    keys.press("a")
    keys.type(title)
    expect(page.locator("#picks li").first).to_contain_text(title)
    keys.press("Enter")
    page.locator("dialog textarea").fill("Jalan ini kini tugas kantor lain.")
    assert desk.faults() == []
    keys.press("Control+Enter")
    list_has(page, 0)
    assert (state(id), turn(id).office_id) == ("assigned", office(THERE))
    assert Outgoing.objects.latest("id").body["text"] == "Jalan ini kini tugas kantor lain."


def look_at(page: Page, code: str, zoom: int = 15) -> None:
    """Move the map to a kelurahan, as a hand would."""
    label = Boundary.objects.get(code=code).label
    expect(page.locator("#map")).to_have_class(re.compile("leaflet-container"))
    page.evaluate(f"void window.triage.map.map.setView([{label.y}, {label.x}], {zoom})")


@browser
@pytest.mark.django_db(transaction=True)
def test_map_and_list_are_the_filter_of_one_another_and_a_drawn_line_marks(
    transactional_city, desk, submission, case
):
    """What is in view is listed, what is pointed at is marked, a rectangle takes its cases."""
    near = spread(submission, 6, category="tree")
    far = case(THERE)
    desk = desk("triage")
    page = opened(desk)
    list_has(page, 7)
    look_at(page, HERE, 17)
    list_has(page, 6)
    expect(page).to_have_url(re.compile("bbox="))
    page.locator("#in-view").click()
    list_has(page, 7)
    page.locator("#in-view").click()
    list_has(page, 6)
    pin = page.locator(f".case-pin[data-id='{near[0]}']")
    page.locator(f"#case-{near[0]}").hover()
    expect(pin).to_have_class(re.compile("is-pointed"))
    pin.hover()
    expect(page.locator(f"#case-{near[0]}")).to_have_class(re.compile("is-pointed"))
    desk.wait_idle()
    assert desk.faults() == []
    page.locator("#list").focus()
    page.keyboard.press("d")
    expect(page.locator(".leaflet-draw-tooltip")).to_contain_text("seret")
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 60, box["y"] + box["height"] - 60, steps=4)
    page.mouse.up()
    expect(page.locator("#marked-count")).to_have_text("6 dipilih")
    page.keyboard.press("Escape")
    page.keyboard.press("V")
    expect(page.locator("#marked-count")).to_have_text("6 dipilih")
    # Another operator takes two of them meanwhile.
    for id in near[:2]:
        workflow.change_one(
            workflow.Step(id, "no_problem", "Sudah kami periksa"), "user:0", {"triage"}, timezone.now()
        )
    page.keyboard.press("s")
    page.keyboard.press("1")
    expect(page.locator("#refusals")).to_contain_text("4 berhasil, 2 ditolak")
    expect(page.locator("#refusals")).to_contain_text(f"#{near[0]}: statusnya sudah diubah orang lain")
    list_has(page, 0)
    page.keyboard.press("c")
    list_has(page, 1)
    assert Case.objects.get(pk=far).state_id == "collected"
    assert set(Case.objects.filter(pk__in=near[2:]).values_list("state", flat=True)) == {"selected"}
    assert Change.objects.filter(case__in=near[:2]).count() == 2


@browser
@pytest.mark.django_db(transaction=True)
def test_a_move_by_hand_is_followed_though_the_map_moves_by_itself_right_behind_it(
    transactional_city, desk, submission, case
):
    """As where a case is opened at once, and the map goes where it is."""
    spread(submission, 6)
    case(THERE)
    page = opened(desk("triage"))
    list_has(page, 7)
    expect(page.locator("#map[aria-busy=false]")).to_be_visible()
    here, there = (Boundary.objects.get(code=code).label for code in (HERE, THERE))
    page.evaluate(OPENED_AT_ONCE, [[there.y, there.x], {"lat": here.y, "lon": here.x}])
    list_has(page, 6)


@browser
@pytest.mark.django_db(transaction=True)
def test_a_polygon_marks_what_it_surrounds_and_reports_are_heard_as_they_come(
    transactional_city, desk, submission, case, settings, live_server
):
    """Half of a row of cases lies inside; news of a report needs no reload."""
    settings.EVENTS_URL = f"{live_server.url}/events"
    ids = spread(submission, 10)
    desk = desk("triage")
    listening: list[Route] = []
    desk.page.route("**/events", lambda route: listening.append(route))  # noqa: PLW0108 (no builtin is taken)
    page = opened(desk)
    list_has(page, 10)
    assert page.locator("#arrivals").is_hidden()
    look_at(page, HERE, 17)
    expect(page.locator(f".case-pin[data-id='{ids[0]}']")).to_be_visible()
    first, middle = (page.locator(f".case-pin[data-id='{ids[at]}']").bounding_box() for at in (0, 4))
    page.locator("#draw-polygon").click()
    expect(page.locator(".leaflet-draw-tooltip")).to_be_attached()
    left, right, top, foot = first["x"] - 20, middle["x"] + 40, first["y"] - 60, first["y"] + 100
    corners = [(left, top), (right, top), (right, foot), (left, foot)]
    points = page.locator(".leaflet-editing-icon")
    for number, (x, y) in enumerate(corners, start=1):
        for _ in range(50):  # what is clicked within a twentieth of a second is no point of its own
            page.mouse.click(x, y)
            if points.count() == number:
                break
    page.mouse.click(*corners[0])
    expect(page.locator("#marked-count")).to_have_text("5 dipilih")
    marked = page.locator("[role=option][aria-selected=true]")
    assert {int(one) for one in marked.evaluate_all("rows => rows.map((row) => row.dataset.id)")} == set(
        ids[:5]
    )
    case()
    listening[0].fulfill(
        content_type="text/event-stream",
        body='event: change\nid: 1\ndata: {"layer": "reports", "blocks": null}\n\n',
    )
    expect(page.locator("#arrivals")).to_contain_text("1 laporan baru")


@browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_new_reports_appear_on_demand_and_a_view_is_kept(
    transactional_city, desk, case, settings, width, height
):
    """Counts change by themselves, rows when somebody asks; lists, map and dialogs have no faults."""
    first = case()
    desk = desk("triage", width=width, height=height)
    page = opened(desk)
    list_has(page, 1)
    second = case(category="flood")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # somebody comes back to the page
    expect(page.locator("#arrivals")).to_contain_text("1 laporan baru")
    expect(page.locator("[data-list=new] .count")).to_have_text("2")
    expect(page.locator("[role=option]")).to_have_count(1)
    desk.wait_idle()
    assert desk.faults() == []
    page.keyboard.press("n")
    expect(page.locator("[role=option]")).to_have_count(2)
    expect(page.locator("#arrivals")).to_be_hidden()
    expect(page.locator("[role=option]").first).to_have_attribute("data-id", str(second))
    page.keyboard.press("Enter")
    expect(page.locator("#preview #report")).to_contain_text("Banjir")
    desk.wait_idle()
    assert desk.faults() == []
    page.keyboard.press("Escape")
    expect(page.locator("#preview")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("o")  # the page of this row, not of the one that was beside the list before
    expect(page).to_have_url(re.compile(f"/staff/cases/{first}$"))
    page.go_back()
    list_has(page, 2)
    page.keyboard.press("/")
    page.keyboard.type("tidak ada yang begini")
    expect(page.locator("#empty")).to_be_visible()
    page.keyboard.press("Escape")
    list_has(page, 2)
    page.keyboard.press("f")
    page.locator("select[name=category]").select_option("flood")
    list_has(page, 1)
    page.locator("#list").focus()
    page.keyboard.press("S")
    page.keyboard.type("Banjir saja")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Banjir saja")
    assert SavedView.objects.get().query == {"worklist": "new", "category": "flood"}
    page.locator("#filters-off").click()
    list_has(page, 2)
    if width < NARROW:  # where lists and views are chosen above the list
        page.locator("#list-select").select_option("Banjir saja")
        list_has(page, 1)
        page.locator("#filters-off").click()
        list_has(page, 2)
    page.keyboard.press("?")
    desk.wait_idle()
    assert desk.faults() == []
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="dark")
    page.keyboard.press("v")
    expect(page.locator("#map[aria-busy=false]")).to_be_visible()
    desk.wait_idle()
    assert desk.faults() == []
    assert page.evaluate(FITS, settings.CITY_LAND) == [True, False]
    assert first < second


@browser
@pytest.mark.django_db(transaction=True)
def test_a_deadline_that_passes_is_seen_within_a_minute_in_words_and_colour(transactional_city, desk, case):
    id = case()
    due_at = NOON + timedelta(hours=24)
    desk = desk("triage")
    clock = desk.page.clock
    clock.install(time=due_at - timedelta(seconds=50))
    clock.set_fixed_time(due_at - timedelta(seconds=50))  # however long it takes until the page is there
    page = opened(desk)
    look_at(page, HERE)
    expect(page.locator(f".case-pin[data-id='{id}']")).to_be_visible()
    expect(page.locator("#map[aria-busy=false]")).to_be_visible()
    expect(page.locator(f"#case-{id} .due.soon")).to_have_text("0 menit lagi")
    expect(page.locator(f".case-pin[data-id='{id}'] b")).to_have_count(0)
    clock.set_fixed_time(due_at + timedelta(seconds=10))
    clock.run_for(60_000)
    expect(page.locator(f"#case-{id} .due.late")).to_contain_text("terlambat")
    expect(page.locator(f".case-pin[data-id='{id}'] b")).to_contain_text("mnt")


def scattered(submission, count: int) -> None:
    """Receive reports all over the city, and open their cases."""
    labels = list(Boundary.objects.filter(level="kelurahan").order_by("code").values_list("label", flat=True))
    places = [labels[index % len(labels)] for index in range(count)]
    sent = [
        submission(external_id=f"w{index}", point=LonLat(where.x, where.y), description=f"{LONG} {index}")
        for index, where in enumerate(places)
    ]
    intake.receive(sent, simulated=False)
    workflow.collect(NOON)
    turns.begin()


def weight(answer: Response) -> int:
    """Return the bytes on the wire: here the server has no files compressed beforehand, elsewhere it has."""
    if answer.headers.get("content-encoding") or not answer.url.split("/", 3)[3].startswith("static/"):
        return answer.request.sizes()["responseBodySize"]
    return len(Compressor.compress_brotli(answer.body()))


@browser
@pytest.mark.django_db(transaction=True)
def test_all_that_the_home_page_loads_is_below_150_kilobytes(transactional_city, desk, submission):
    scattered(submission, CASES)
    desk = desk("triage")
    answers: list[Response] = []
    desk.page.on("response", lambda answer: answers.append(answer) if answer.ok else None)
    page = opened(desk)
    expect(page.locator("#map[aria-busy=false]")).to_be_visible()
    expect(page.locator("#list[aria-busy=false]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    list_has(page, CASES)
    weights = {answer.url: weight(answer) for answer in answers if "/tiles/" not in answer.url}
    assert len([url for url in weights if url.endswith(".js")]) > 20
    points = sum(size for url, size in weights.items() if "/cases/points" in url)
    assert points > 10 * CASES  # all of them are on the map
    assert sum(weights.values()) < 150_000, sorted(weights.items(), key=lambda one: -one[1])[:10]
