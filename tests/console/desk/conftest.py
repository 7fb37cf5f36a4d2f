"""A browser that is logged in to the console as an account of a role, over cases of a real city."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python import sync_playwright as axe
from django.conf import settings as configured
from django.test import Client
from playwright.sync_api import Page, expect

from tests.api.casework.conftest import answering, case, login, office, post
from tests.console.wrong import Wrong

__all__ = ["answering", "case", "login", "office", "post"]


class Desk:
    """The console in a browser, as one account, and what went wrong on its pages."""

    def __init__(self, page: Page, home: str, client: Client) -> None:
        self.page, self.home, self.client = page, home, client
        self.wrong = Wrong()
        page.on("pageerror", lambda error: self.wrong.note(str(error)))
        page.on("console", lambda said: self.wrong.note(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self._foreign(request.url))
        cookie = client.cookies[configured.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": home}])

    def __call__(self, address: str) -> Page:
        """Open a page of the console."""
        self.page.goto(self.home + address)
        return self.page

    def faults(self) -> list[tuple[str, list[str]]]:
        """Return what axe-core finds on the page as it is now, by rule and element."""
        found = axe.Axe().run(self.page).response["violations"]
        return [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]]

    def wait_idle(self) -> None:
        """Wait until nothing is being loaded."""
        expect(self.page.locator("#progress")).to_be_hidden()

    def _foreign(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:")):
            self.wrong.note(f"request to {url}")


@pytest.fixture
def desk(page: Page, live_server, login) -> Iterator[Callable[..., Desk]]:
    """Enter the console as a role; afterwards nothing may be wrong, nor asked of another host."""
    entered: list[Desk] = []

    def enter(role: str, kelurahan: str | None = None, **size: int) -> Desk:
        if size:
            page.set_viewport_size(size)
        entered.append(Desk(page, live_server.url, login(role, kelurahan)))
        return entered[-1]

    yield enter
    assert [one.wrong.lines for one in entered if one.wrong.lines] == []
