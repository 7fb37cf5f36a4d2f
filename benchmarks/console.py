"""Home pages of the console and of the public: weight, first useful view, and tiles while somebody pans."""

import argparse
import logging
import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

from benchmarks import desk, programs, scratch
from benchmarks.results import Report

NEEDS_DATABASE = NEEDS_BROWSER = True
CHROMIUM = "/usr/bin/chromium"
VISITS, PANS, LISTED = 5, 24, 8
PAGES = {"home": "/staff/", "public_home": "/", "reports": "/reports"}
ROW = "[role=option], ol.reports > li"  # of the list of each
SIZE: ViewportSize = {"width": 1440, "height": 900}
# When the first row of the list is there: the page's own clock, from the begin of its navigation.
FIRST_ROW = f"""
new MutationObserver((_, watch) => {{
  if (!document.querySelector("{ROW}")) return;
  window.firstRow = performance.now();
  watch.disconnect();
}}).observe(document, {{ childList: true, subtree: true }});
"""
WAYS = ((300, 0), (0, 260), (-300, 0), (0, -260))


def main() -> None:
    """Print a table and, as the last line, the same as JSON."""
    parser = argparse.ArgumentParser(prog="script/bench console", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="reports (default 100,000)")
    parser.add_argument("--cases", type=int, help="of them with a case (default all, at most 186,000)")
    parser.add_argument("--open", type=int, default=6_000, help="of these open (default 6,000)")
    asked = parser.parse_args()
    asked.cases = asked.cases or min(asked.rows, desk.CASES)
    logging.disable(logging.INFO)
    programs.end_on_terminate()
    page = Report("The console and the public map: their home pages")
    with scratch.database():
        from django.core.management import call_command

        desk.furnish(asked)
        session = _session()
        call_command("collectstatic", interactive=False, verbosity=0)
        where = {"GEOPLATFORM_SECOND_FACTOR": "none", "GEOPLATFORM_INSECURE_COOKIES": "1"}
        with programs.ours(where) as url, _browser() as browser:
            figures = _measure(page, browser, url, session)
    page.say(
        f"{asked.rows:,} reports, {asked.cases:,} cases, {asked.open:,} of them open; {VISITS} visits with an"
        f" empty cache, then {PANS} pans and zooms over all reports. Headless Chromium on the same machine."
    )
    page.table(["what", "figure"], list(figures.items()))
    page.close("console", figures)


def _measure(page: Report, browser: Browser, url: str, session: dict[str, str]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, path in PAGES.items():
        first, weights = [], []
        for _ in range(VISITS):
            with _visit(browser, url, session) as (visit, requests):
                visit.goto(f"{url}{path}")
                visit.locator(ROW).first.wait_for()
                visit.wait_for_load_state("networkidle")
                first.append(visit.evaluate("window.firstRow"))
                weights.append(_weights(requests))
        totals = [sum(sizes.values()) for sizes in weights]
        figures[f"{name}_kb"] = round(statistics.median(totals) / 1000, 1)
        figures[f"{name}_first_view_ms"] = round(statistics.median(first))
        _list(page, path, weights[-1])
    tiles = _panned(browser, url, session)
    return {
        **figures,
        "tile_p95_ms": round(statistics.quantiles(tiles, n=20)[-1], 1),
        "tiles": len(tiles),
    }


def _weights(requests: list[Request]) -> dict[str, int]:
    """Return how many bytes came for each address, tiles aside."""
    own = [one for one in requests if "/tiles/" not in one.url]
    # What the browser had in its memory has less than no bytes.
    return {one.url: max(0, one.sizes()["responseBodySize"]) for one in own}


def _list(page: Report, path: str, weights: dict[str, int]) -> None:
    """Say what weighs most of a page."""
    heaviest = sorted(weights.items(), key=lambda one: -one[1])[:LISTED]
    rows = [[urlsplit(address).path, size / 1000] for address, size in heaviest]
    rest = sum(weights.values()) - sum(size for _, size in heaviest)
    page.table([f"of {path}", "kB"], [*rows, [f"{len(weights) - len(rows)} others", rest / 1000]])


def _panned(browser: Browser, url: str, session: dict[str, str]) -> list[float]:
    """Pan and zoom over all reports as fast as the map comes to rest; returns what each tile took, in ms."""
    with _visit(browser, url, session) as (page, requests):
        page.goto(f"{url}/staff/?order=newest")
        page.locator("#map[aria-busy=false]").wait_for()
        for step in range(PANS):
            across, down = WAYS[step % len(WAYS)]
            page.evaluate(
                "([x, y]) => void window.triage.map.map.panBy([x, y], { animate: false })", [across, down]
            )
            if step % 6 == 5:
                page.evaluate("() => void window.triage.map.map.zoomIn(1, { animate: false })")
            page.wait_for_load_state("networkidle")
            page.locator("#map[aria-busy=false]").wait_for()
        tiles = [one for one in requests if "/tiles/" in one.url or "/cases/points" in one.url]
        return [one.timing["responseEnd"] - one.timing["requestStart"] for one in tiles]


@contextmanager
def _visit(browser: Browser, url: str, session: dict[str, str]) -> Iterator[tuple[Page, list[Request]]]:
    """Open an empty browser that is logged in; yields its page and the requests that were answered."""
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    context.add_cookies([{"name": session["name"], "value": session["value"], "url": url}])
    page, requests = context.new_page(), list[Request]()
    page.add_init_script(FIRST_ROW)
    page.on("requestfinished", lambda one: requests.append(one))  # noqa: PLW0108 (no builtin is taken)
    yield page, requests
    context.close()


@contextmanager
def _browser() -> Iterator[Browser]:
    debians = {"executable_path": CHROMIUM} if Path(CHROMIUM).exists() else {}
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(chromium_sandbox=False, **debians)  # type: ignore[arg-type]
        yield browser
        browser.close()


def _session() -> dict[str, str]:
    """Log somebody of the unit in; returns the cookie."""
    from django.conf import settings
    from django.test import Client

    from staff import accounts, roles

    roles.load()
    client = Client()
    client.force_login(accounts.create("triage", ["triage"], None, desk.AT))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": cookie.key, "value": cookie.value}


if __name__ == "__main__":
    main()
