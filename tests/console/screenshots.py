"""Photographs every page into docs/screenshots/: ``script/screenshots`` runs it, tests do not.

A line of ``PAGES`` a page. Each is opened over a simulated year, on a desk's screen and on a phone, in light
and in dark, and as the role that works with it.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image
from playwright.sync_api import Page, TimeoutError

from fixtures import year_load, year_why
from fixtures.year import Spec
from tests.console.desk.conftest import Desk, case, desk, login, office

__all__ = ["case", "desk", "login", "office"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]
FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
DAYS, COUNT, QUALITY = 42, 4_000, 82
REST_MS = 4_000
Act = Callable[[Page], object]


@dataclass(frozen=True)
class Shot:
    """A page to photograph: its name, its address, who opens it (None: the public), and what to do first."""

    name: str
    address: str
    role: str | None = None
    act: Act | None = None


def at_rest(page: Page) -> None:
    """Wait until nothing is asked for; a page that listens for events never rests, and is given a while."""
    with suppress(TimeoutError):
        page.wait_for_load_state("networkidle", timeout=REST_MS)


def most_urgent(page: Page) -> None:
    """Open the page of the most urgent case that has a point."""
    home = page.url.partition("/staff/")[0]
    listed = page.request.get(f"{home}/api/staff/cases?worklist=overdue&limit=50").json()["cases"]
    page.goto(f"{home}/staff/cases/{next(one['id'] for one in listed if one['point'])}")
    page.locator("#place-map canvas").first.wait_for()


def one_report(page: Page) -> None:
    """Open the page of a report that citizens see, with its small map."""
    page.locator(".reports a").nth(12).click()
    page.locator("#small-map .mark-box").wait_for()


PAGES: tuple[Shot, ...] = (
    Shot("map", "/#14/-6.1754/106.8272", act=lambda page: page.locator("#map[aria-busy=false]").wait_for()),
    Shot("reports", "/reports"),
    Shot("report", "/reports", act=one_report),
    Shot("answers", "/answers?within=31.71"),
    Shot("embed", "/embed"),
    Shot("status", "/status"),
    Shot("error", "/nothing-is-here"),
    Shot("login", "/staff/login"),
    Shot("feeds", "/staff/feeds", "supervisor"),
    Shot("feed", "/staff/feeds/lapor", "supervisor"),
    Shot("board", "/staff/board", "governor"),
    Shot("board-map", "/staff/board/map", "governor"),
    Shot("board-chart", "/staff/board/chart", "governor"),
    Shot("board-calendar", "/staff/board/calendar", "governor"),
    Shot("board-brief", "/staff/board/brief", "governor"),
    Shot(
        "office",
        "/staff/board",
        "governor",
        act=lambda page: page.locator("table.board tbody th a").first.click(),
    ),
    Shot("analysis", "/staff/analysis", "triage"),
    Shot("analysis-compare", "/staff/analysis?mode=compare", "triage"),
    Shot("account", "/staff/account", "triage"),
    Shot("admin-editions", "/staff/admin/editions", "administrator"),
    Shot("admin-officials", "/staff/admin/officials/", "administrator"),
    Shot("admin-rules", "/staff/admin/rules?lon=106.8272&lat=-6.1754&category=road", "administrator"),
    Shot("admin-deadlines", "/staff/admin/deadlines", "administrator"),
    Shot("admin-ladders", "/staff/admin/ladders", "administrator"),
    Shot("admin-categories", "/staff/admin/categories", "administrator"),
    Shot("admin-templates", "/staff/admin/templates", "administrator"),
    Shot("admin-users", "/staff/admin/users", "administrator"),
    Shot("admin-keys", "/staff/admin/keys", "administrator"),
    Shot("admin-audit", "/staff/admin/audit", "administrator"),
    Shot("case", "/staff/account", "supervisor", most_urgent),
    Shot(
        "triage",
        "/staff/",
        "triage",
        act=lambda page: page.locator("#list[aria-busy=false] [role=option]").first.wait_for(),
    ),
    Shot("report-form", "/report-a-problem/", act=lambda page: page.locator("main form").first.wait_for()),
    Shot("follow", "/follow?kelurahan=31.71.01"),
)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    # A service worker that installs itself keeps the network from ever being idle.
    return browser_context_args | {"service_workers": "block"}


@pytest.fixture
def year(transactional_city) -> None:
    """Some weeks of casework up to now, by the truth of the simulated year."""
    first = datetime.now(UTC).date() - timedelta(days=DAYS - 1)
    year_load.load(Spec(first=first, days=DAYS, count=COUNT))
    with transaction.atomic():  # in which triggers rest
        year_why.explain()


def test_every_page_is_photographed(year, page, live_server, request):
    FOLDER.mkdir(exist_ok=True)
    entered = None
    for shot in sorted(PAGES, key=lambda one: one.role or ""):
        if shot.role != entered:
            enter: Callable[..., Desk] = request.getfixturevalue("desk")
            enter(entered := shot.role)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.goto("about:blank")  # another part of the same page would be no new one
                page.goto(live_server.url + shot.address)
                if shot.act:
                    shot.act(page)
                at_rest(page)
                keep(page.screenshot(), FOLDER / f"{shot.name}-{size}-{scheme}.webp")


def keep(png: bytes, path: Path) -> None:
    """Write a picture as WebP: a fifth of the bytes, and nobody sees it."""
    Image.open(io.BytesIO(png)).convert("RGB").save(path, quality=QUALITY, method=6)
