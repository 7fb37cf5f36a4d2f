"""A browser, launched once, and a city with a handful of reports that the map can show."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from boundaries.models import Boundary
from layers import intake as traffic
from layers.record import Alert, Jam, LonLat, Snapshot
from reports import intake
from reports.record import Submission, Update, Updates
from tests.conftest import PATIENCE_MS
from tests.console.wrong import Wrong

# The browser's event loop runs in this thread, while live_server's rows are written from it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# What comes, comes at once on a quiet machine; on one that does much else half a minute was not enough.
expect.set_options(timeout=PATIENCE_MS)
# What a page gives up or takes away by itself after a while, it keeps for as long as a test looks: a sentence
# at its foot, a button to try again, a question that is answered late.
UNHURRIED = """(() => {
  const [later, limit] = [window.setTimeout, AbortSignal.timeout];
  window.setTimeout = (what, ms, ...rest) => later(what, ms >= 8000 ? 100 * ms : ms, ...rest);
  AbortSignal.timeout = (ms) => limit.call(AbortSignal, 100 * ms);
})()"""

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)  # noon in Jakarta
CHROMIUM = "/usr/bin/chromium"
MONAS = LonLat(106.8272, -6.1754)
# No graphics card is needed: Chromium draws WebGL by itself where it is told to.
SOFTWARE = ["--enable-unsafe-swiftshader", "--use-angle=swiftshader", "--ignore-gpu-blocklist"]
# The test's server is on this machine, which pages of the web may not speak to.
REACHES_HERE = ["--disable-features=BlockInsecurePrivateNetworkRequests,LocalNetworkAccessChecks"]
MARKUP = "<img src=x onerror=\"document.title='broken'\"> & <b>bold</b>"
STEPS = [
    (timedelta(hours=1), "waiting", "Qlue", "Laporan diterima."),
    (timedelta(hours=5), "in_progress", "Kelurahan Duri Pulo", "Petugas menuju lokasi."),
    (timedelta(days=1), "done", "Kelurahan Duri Pulo", "Perbaikan selesai."),
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    # Debian's; elsewhere Playwright's own.
    debians = {"executable_path": CHROMIUM} if Path(CHROMIUM).exists() else {}
    return browser_type_launch_args | debians | {"chromium_sandbox": False}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return browser_context_args | {
        "locale": "id-ID",
        "reduced_motion": "reduce",
        "viewport": {"width": 1440, "height": 900},
    }


def unhurried(context: BrowserContext) -> BrowserContext:
    """Let pages be waited for as long as what they show, and hurry no more than who waits for them."""
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(UNHURRIED)
    return context


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A context of the browser whose pages are not in a hurry."""
    return unhurried(context)


@pytest.fixture(scope="session")
def own_browser(playwright) -> Iterator[Browser]:
    """A browser for pages of other sites, which draws WebGL by itself."""
    debians = {"executable_path": CHROMIUM} if Path(CHROMIUM).exists() else {}
    browser = playwright.chromium.launch(args=[*SOFTWARE, *REACHES_HERE], chromium_sandbox=False, **debians)
    yield browser
    browser.close()


@pytest.fixture
def own_context(own_browser) -> Iterator[BrowserContext]:
    """What such a page is opened in."""
    with own_browser.new_context() as context:
        yield unhurried(context)


@pytest.fixture(scope="session")
def base_url():
    """Nothing: the tests name the whole address."""
    return ""


@pytest.fixture
def label_of(city) -> Callable[[str], LonLat]:
    """Return a point well inside a kelurahan, by its name."""

    def find(name: str) -> LonLat:
        label = Boundary.objects.get(edition=city, level="kelurahan", name=name).label
        return LonLat(label.x, label.y)

    return find


@pytest.fixture
def told(submission) -> Callable[..., list[Submission | Updates]]:
    """Make one report as its channel sends it, with the first ``steps`` of its trace."""

    def make(external_id: str, point: LonLat | None, steps: int = 0, **parts: object) -> list:
        sent: Submission = submission(external_id, point=point, **parts)
        trace = tuple(Update(NOON + after, status, by, note) for after, status, by, note in STEPS[:steps])
        return [sent, Updates("qlue", external_id, trace)] if trace else [sent]

    return make


@pytest.fixture
def receive(told) -> Callable[..., None]:
    """Receive one report with the first ``steps`` of its trace."""

    def store(external_id: str, point: LonLat, simulated: bool = True, **parts: object) -> None:
        intake.receive(told(external_id, point, **parts), simulated)

    return store


@pytest.fixture
def reported(transactional_db, city, told, label_of) -> int:
    """A city with reports in each kota, two at the same spot; returns how many have a point."""
    names = [
        "Gambir",
        "Koja",
        "Kalideres",
        "Cilandak Barat",
        "Cipayung",
        "Tebet Timur",
        "Menteng",
        "Cakung Barat",
    ]
    places = [label_of(name) for name in names]
    duri_pulo = label_of("Duri Pulo")
    beside, below = LonLat(duri_pulo.lon + 0.004, duri_pulo.lat), LonLat(duri_pulo.lon, duri_pulo.lat - 0.004)
    spread = [
        told(f"spread-{index}", LonLat(lon + 0.002 * (index % 3), lat), steps=1 + index % 3)
        for index, (lon, lat) in enumerate(places * 3)
    ]
    others = [
        told("acting", duri_pulo, steps=3, category="streetlight", description="Lampu jalan mati"),
        told("markup", below, category="noise", description=MARKUP),
        told("first", beside, category="tree", description="Pohon first"),
        told("second", beside, category="tree", description="Pohon second"),
        told("nowhere", None),
    ]
    intake.receive([record for report in spread + others for record in report], simulated=True)
    return len(places) * 3 + 4


@pytest.fixture
def jammed(city) -> None:
    """One jam and one alert by Monas, from the simulated city."""
    line = (LonLat(MONAS.lon - 0.01, MONAS.lat), LonLat(MONAS.lon + 0.01, MONAS.lat))
    jam = Jam("jam", 4, 6.4, 540, 2200, MARKUP, NOON, line, {})
    alert = Alert("alert", "ACCIDENT", "", "Jl. Contoh", "", 7, NOON, LonLat(MONAS.lon, MONAS.lat + 0.01), {})
    traffic.receive([Snapshot("waze", NOON, alerts=(alert,), jams=(jam,))], simulated=True)


class Visit:
    """The map's page, and what went wrong on it."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home
        self.allowed: tuple[str, ...] = (home, "data:")
        self.wrong = Wrong()
        page.on("pageerror", lambda error: self.wrong.note(str(error)))
        page.on("console", lambda said: self.wrong.note(said.text) if said.type != "log" else None)
        page.on("request", lambda request: self._foreign(request.url))

    def __call__(self, address: str = "/") -> Page:
        """Open the map at an address and wait until all of it is there."""
        self.page.goto(self.home + address)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the map shows what its view needs."""
        expect(self.page.locator("#map[aria-busy=false]")).to_be_visible()

    def _foreign(self, url: str) -> None:
        if not url.startswith(self.allowed):
            self.wrong.note(f"request to {url}")


@pytest.fixture
def visit_on(live_server) -> Iterator[Callable[[Page], Visit]]:
    """Visits the map on a page; afterwards nothing may be wrong, and nothing been asked of another host."""
    visits: list[Visit] = []

    def begin(page: Page) -> Visit:
        visits.append(Visit(page, live_server.url))
        return visits[-1]

    yield begin
    assert [visit.wrong.lines for visit in visits if visit.wrong.lines] == []


@pytest.fixture
def visit(page: Page, visit_on) -> Visit:
    """Visits the map on a desk's screen."""
    return visit_on(page)
