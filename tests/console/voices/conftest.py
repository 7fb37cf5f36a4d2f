"""A phone with which a citizen reports, and what went wrong on its pages."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python import sync_playwright as axe
from playwright.sync_api import Browser, BrowserContext, Page

from layers.record import LonLat
from tests.console.conftest import unhurried
from tests.console.wrong import Wrong

PHONE = {"width": 390, "height": 844}


class Phone:
    """A phone's browser, and what went wrong on its pages."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.context, self.home = context, home
        self.page: Page = context.new_page()
        self.wrong = Wrong()
        self.page.on("pageerror", lambda error: self.wrong.note(str(error)))
        self.page.on("console", lambda said: self.wrong.note(said.text) if said.type == "error" else None)

    def __call__(self, address: str) -> Page:
        """Open a page."""
        self.page.goto(self.home + address)
        return self.page

    def faults(self) -> list[tuple[str, list[str]]]:
        """Return what axe-core finds on the page as it is now, by rule and element, in light and in dark."""
        found = []
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            violations = axe.Axe().run(self.page).response["violations"]
            found += [(rule["id"], node["target"]) for rule in violations for node in rule["nodes"]]
        return found


@pytest.fixture
def phone(browser: Browser, live_server, browser_context_args) -> Iterator[Callable[..., Phone]]:
    """Begin with a phone that knows where it is; afterwards nothing may have gone wrong on its pages."""
    begun: list[Phone] = []

    def begin(at: LonLat | None = None, **options: object) -> Phone:
        where = {"longitude": at.lon, "latitude": at.lat, "accuracy": 12} if at else None
        known = {"geolocation": where, "permissions": ["geolocation"]} if at else {}
        context = browser.new_context(
            **{**browser_context_args, "viewport": PHONE, "has_touch": True, **known, **options}
        )
        begun.append(Phone(unhurried(context), live_server.url))
        return begun[-1]

    yield begin
    for one in begun:
        one.context.close()
    assert [one.wrong.lines for one in begun if one.wrong.lines] == []
