"""Analysis: who may look, and three errands in a browser: hot spots, two spans, jams and figures kept."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from boundaries.lookup import today
from layers import intake as traffic
from layers.record import Jam, LonLat, Snapshot
from reports import intake
from reports.record import Submission

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
MONAS, PLUIT = LonLat(106.8272, -6.1754), LonLat(106.7876, -6.1166)


def reported(submission, days_ago: int, count: int, point: LonLat, **parts: object) -> list[Submission]:
    """Reports of one day; the hour is noon, so that the city's day is the server's too."""
    at = datetime.combine(today() - timedelta(days_ago), datetime.min.time(), UTC) + timedelta(hours=5)
    return [
        submission(f"{days_ago}-{point.lat}-{number}", point=point, submitted_at=at, updated_at=at, **parts)
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("role", "status"),
    [("governor", 200), ("triage", 200), ("auditor", 200), ("administrator", 403), ("official", 403)],
)
def test_who_sees_the_board_may_analyse(city, login, role, status):
    client = login(role, "31.71.01.1001" if role == "official" else None)
    assert client.get("/staff/analysis").status_code == status


def test_filters_offer_what_the_platform_knows(city, login):
    answer = login("triage").get("/staff/analysis")
    assert '<option value="flood">' in answer.text
    assert '<option value="31.71.01.1001">' in answer.text
    carried = re.search(r'<script id="config" type="application/json">(.*?)</script>', answer.text)
    assert json.loads(carried[1])["today"] == today().isoformat()


@pytest.fixture
def changed(transactional_city, submission) -> None:
    """Twelve reports at Monas in the last days and two before; nine in the north before, one since."""
    intake.receive(
        [
            *reported(submission, 2, 12, MONAS, category="flood"),
            *reported(submission, 40, 2, MONAS, category="flood"),
            *reported(submission, 3, 1, PLUIT, category="road"),
            *reported(submission, 41, 9, PLUIT, category="road"),
        ],
        simulated=False,
    )


def idle(page: Page) -> None:
    """Wait until the maps show what is chosen."""
    expect(page.locator("#maps")).to_have_attribute("aria-busy", "false")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_hot_spots_follow_the_filters_and_the_time_by_the_keyboard(changed, desk):
    desk = desk("governor")
    page = desk("/staff/analysis")
    table = page.locator("#numbers tbody tr")
    expect(table).to_have_count(2)
    expect(table.first).to_contain_text("12")
    idle(page)
    expect(page.locator("#legend")).to_be_visible()
    assert desk.faults() == []
    page.get_by_label("Kategori").select_option("road")
    expect(table).to_have_count(1)
    expect(page).to_have_url(re.compile("category=road"))
    page.get_by_role("slider", name="Hari pertama").press("Home")
    expect(table.first).to_contain_text("10")
    page.get_by_role("slider", name="Hari terakhir").press("PageDown")
    expect(table.first).to_contain_text("9")
    page.get_by_role("button", name="Peta panas").click()
    expect(page.get_by_role("button", name="Peta panas")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Kategori").select_option("tree")
    expect(page.locator("#empty")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    assert desk.faults() == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_playing_at_the_end_of_the_line_begins_anew(changed, desk):
    desk = desk("governor")
    desk.page.emulate_media(reduced_motion="no-preference")
    page = desk("/staff/analysis")
    idle(page)
    first = page.get_by_role("slider", name="Hari pertama")
    expect(first).not_to_have_attribute("aria-valuenow", "0")
    held: list[Route] = []
    page.route("**/api/staff/questions/**", lambda route: held.append(route))  # noqa: PLW0108 (a builtin takes no mark)
    page.get_by_role("button", name="Putar").click()
    expect(first).to_have_attribute("aria-valuenow", "0")  # and no next step before this one is drawn
    assert desk.faults() == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_without_numbers_nothing_looks_usable_and_what_is_missing_is_said(changed, desk):
    desk = desk("governor")
    reached = []
    desk.page.route(re.compile("/api/"), lambda route: reached.append(route) or route.abort())
    page = desk("/staff/analysis")
    expect(page.locator("#failed")).to_be_visible()
    expect(page.locator("#numbers-title")).to_have_text("Kelurahan dengan laporan terbanyak")
    expect(page.locator("#numbers-note")).to_contain_text("tidak dapat dimuat")
    for name in ("CSV", "PNG", "Lebih awal", "Lebih akhir"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    assert desk.faults() == []
    assert reached
    desk.wrong.expect("net::ERR_FAILED")
    page.unroute_all()
    page.get_by_role("button", name="Coba lagi").click()
    expect(page.locator("#numbers tbody tr")).to_have_count(2)
    expect(page.get_by_role("slider", name="Hari pertama")).to_be_visible()
    expect(page.get_by_role("button", name="CSV", exact=True)).to_be_enabled()
    # Of another choice that is not answered nothing of the former one stays beside it.
    page.route(re.compile("/api/"), lambda route: route.abort())
    page.get_by_role("button", name="Kemacetan").click()
    expect(page.locator("#failed")).to_be_visible()
    expect(page.locator("#numbers-note")).to_contain_text("tidak dapat dimuat")
    expect(page.locator("#numbers tr")).to_have_count(0)
    expect(page.locator("#legend")).to_be_hidden()
    for name in ("CSV", "PNG"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_busy_is_asked_again_when_it_says(changed, desk):
    desk, refused = desk("governor"), []

    def refuse_once(route: Route) -> None:
        name = route.request.url.partition("?")[0]
        if name in refused:
            route.continue_()
        else:
            refused.append(name)
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"detail": "busy"})

    desk.page.route(re.compile("/api/staff/questions/"), refuse_once)
    page = desk("/staff/analysis")
    expect(page.locator("#numbers tbody tr")).to_have_count(2)
    idle(page)
    assert len(refused) == 3  # the map, the numbers, the line of time
    expect(page.locator("#legend")).to_be_visible()
    expect(page.get_by_role("slider", name="Hari pertama")).to_be_visible()
    expect(page.locator("#failed")).to_be_hidden()
    desk.wrong.expect("503")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_two_spans_are_compared_and_taken_away_as_a_picture_and_as_numbers(changed, desk, tmp_path):
    desk = desk("triage", width=390, height=844)
    first, last = today() - timedelta(27), today()
    page = desk(f"/staff/analysis?mode=compare&from={first - timedelta(3)}&to={last}")
    rows = page.locator("#numbers tbody tr")
    expect(rows.nth(1)).to_contain_text("12 / 2")
    expect(rows.nth(1)).to_contain_text("+10")
    expect(rows.nth(3)).to_contain_text("−8")
    idle(page)
    assert desk.faults() == []
    page.get_by_role("button", name="Berdampingan").click()
    expect(page.locator("#map-1")).to_be_visible()
    idle(page)
    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG").click()
    saved = tmp_path / "figure.png"
    picture.value.save_as(saved)
    assert saved.read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as numbers:
        page.get_by_role("button", name="CSV").click()
    table = tmp_path / "figure.csv"
    numbers.value.save_as(table)
    rows_saved = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert {row["change"] for row in rows_saved} == {"0", "10", "-8"}
    assert rows_saved[0]["question"].startswith(f"{desk.home}/api/changes?")
    assert "by=kelurahan" in rows_saved[0]["question"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_reports_near_jams_are_shown_by_the_hour_and_a_figure_is_kept(transactional_city, submission, desk):
    at = datetime.combine(today() - timedelta(1), datetime.min.time(), UTC) + timedelta(hours=5)
    line = (LonLat(MONAS.lon - 0.001, MONAS.lat), LonLat(MONAS.lon + 0.001, MONAS.lat))
    jam = Jam("jam", 4, 6.4, 540, 220, "Jl. Contoh", at, line, {})
    traffic.receive([Snapshot("waze", at, jams=(jam,))], simulated=False)
    intake.receive(reported(submission, 1, 3, MONAS), simulated=False)
    desk = desk("supervisor")
    page = desk("/staff/analysis")
    idle(page)
    page.get_by_role("button", name="Kemacetan").click()
    expect(page.locator("#numbers td", has_text="3/3")).to_have_count(1)
    idle(page)
    assert desk.faults() == []
    page.get_by_role("button", name="Gambar tersimpan").click()
    page.get_by_label("Nama untuk tampilan ini").fill("Macet & laporan")
    assert desk.faults() == []
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Macet & laporan")
    page.get_by_role("button", name="Titik rawan").click()
    page.get_by_role("button", name="Gambar tersimpan").click()
    page.get_by_role("button", name="Macet & laporan", exact=True).click()
    expect(page).to_have_url(re.compile("mode=jams"))
    expect(page.locator("#numbers td", has_text="3/3")).to_have_count(1)
