"""The map hears of changes by server-sent events, and does without them."""

import pytest
from playwright.sync_api import expect

from tests.api.events.test_events import Events
from tests.conftest import MONAS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]
NOTE = "#note-reports"


@pytest.fixture
def events(visit, page, reported, settings):
    """The process of events, in a thread; the page may speak to it, and goes before it."""
    served = Events()
    settings.EVENTS_URL = f"http://127.0.0.1:{served.port}/api/events"
    visit.allowed += (settings.EVENTS_URL,)
    yield served
    page.close()
    if served._thread.is_alive():
        served.close()


def test_a_report_appears_on_the_map_as_soon_as_it_is_told(visit, reported, events, receive):
    page = visit()
    expect(page.locator(NOTE)).to_contain_text(f"{reported} di tampilan ini")
    with page.expect_response(lambda answer: "/tiles/reports/" in answer.url) as asked:
        receive("new", MONAS)
    assert asked.value.status in (200, 304)
    expect(page.locator(NOTE)).to_contain_text(f"{reported + 1} di tampilan ini")


def test_a_change_elsewhere_asks_for_no_tile_in_view(visit, reported, events, receive, label_of, monkeypatch):
    monkeypatch.setattr("console.views.REFRESH_S", 3600)  # else the map asks each minute as well
    here = label_of("Koja")
    page = visit(f"/#16/{here.lat}/{here.lon}")
    hears = "window.publicMap.news.addEventListener('change', ({ detail }) => done(detail))"
    page.evaluate(f"void (window.heard = new Promise((done) => {hears}))")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    receive("far", label_of("Cilandak Barat"))
    heard = page.evaluate("window.heard")
    assert [change["layer"] for change in heard] == ["reports"] and heard[0]["blocks"]
    assert [url for url in asked if "/tiles/reports/" in url] == []
    there = label_of("Cilandak Barat")
    page.evaluate("there => void window.publicMap.map.setView(there, 16)", [there.lat, there.lon])
    visit.settle()
    assert [url for url in asked if "/tiles/reports/" in url]


PAUSES = """
() => {
  const later = window.setTimeout;
  const pauses = [];
  window.fourth = new Promise((done) => {
    window.setTimeout = (what, ms, ...rest) => {
      if (ms >= 2500) pauses.push(ms);
      if (pauses.length === 4) done(pauses);
      return later(what, ms / 1000, ...rest);
    };
  });
}
"""


def test_without_events_the_map_is_as_ever_and_comes_back_later_and_later(visit, reported, events):
    page = visit()
    page.evaluate(PAUSES)
    events.close()
    waited = page.evaluate("window.fourth")
    assert all(2500 * 2**n <= ms <= 7500 * 2**n for n, ms in enumerate(waited[:4]))
    page.evaluate("window.publicMap.refresh()")
    visit.settle()
    expect(page.locator(NOTE)).to_contain_text(f"{reported} di tampilan ini")
    visit.wrong.expect("Failed to load resource")


TOUCHED = [
    ({"z": 14, "x": 5, "y": 6}, [[14, 5, 6]], True),
    ({"z": 14, "x": 5, "y": 7}, [[14, 5, 6]], False),
    ({"z": 13, "x": 2, "y": 3}, [[14, 5, 6]], True),
    ({"z": 13, "x": 3, "y": 3}, [[14, 5, 6]], False),
    ({"z": 16, "x": 22, "y": 27}, [[14, 5, 6]], True),
    ({"z": 16, "x": 24, "y": 27}, [[14, 5, 6]], False),
    ({"z": 16, "x": 24, "y": 27}, None, True),
    ({"z": 0, "x": 0, "y": 0}, [[14, 1, 1], [14, 5, 6]], True),
    ({"z": 0, "x": 0, "y": 0}, [], False),
]


def test_a_tile_is_touched_by_blocks_in_it_and_above_it(visit, city):
    page = visit()
    script = "async ([tile, blocks]) => (await import('/static/console/news.js')).isTouched(tile, blocks)"
    for tile, blocks, expected in TOUCHED:
        assert page.evaluate(script, [tile, blocks]) is expected, (tile, blocks)
