"""The pages of the open API in a browser: what they show, what they load, what they let a person try."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(page: Page, transactional_city, live_server):
    """A page, what it complained of, and the hosts that it asked."""
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
    yield page
    assert complaints == []
    assert hosts - {""} == {urlsplit(live_server.url).netloc}


def test_a_person_tries_an_address(watched, live_server):
    watched.goto(f"{live_server.url}/api/docs#/Capabilities/conformance")
    block = watched.locator("#operations-Capabilities-conformance")
    expect(block).to_contain_text("The classes of the standards that are passed")
    block.get_by_role("button", name="Execute").click()
    answered = block.locator(".live-responses-table tbody")
    expect(answered).to_contain_text("200")
    expect(answered).to_contain_text("ogcapi-features-1/1.0/conf/core")


def test_a_person_finds_the_way_from_the_landing_page_to_a_feature(watched, live_server, receive, label_of):
    receive("1", label_of("Gambir"))
    watched.goto(f"{live_server.url}/api")
    watched.get_by_role("link", name="Collections", exact=True).click()
    watched.get_by_role("link", name="Citizens' reports").click()
    watched.get_by_role("link", name="Its features").click()
    expect(watched.get_by_text("1 shown of 1")).to_be_visible()
    watched.get_by_role("rowheader").get_by_role("link").click()
    expect(watched.get_by_role("row", name="category")).to_contain_text("road")


def test_a_person_finds_every_file_of_a_collection(watched, live_server, receive, label_of):
    receive("1", label_of("Gambir"))
    watched.goto(f"{live_server.url}/api/collections/reports?f=html")
    for name in ("GeoParquet", "FlatGeobuf", "GeoPackage", "CSV", "GeoJSON, a line each"):
        expect(watched.get_by_role("link", name=f"All of it as a file: {name}", exact=True)).to_be_visible()
    with watched.expect_download() as taken:
        watched.get_by_role("link", name="CSV").click()
    assert taken.value.suggested_filename.endswith(".csv")
    expect(watched.get_by_role("link", name="What its columns mean")).to_be_visible()


def test_the_page_to_try_it_can_be_read_in_the_dark(watched, live_server):
    watched.emulate_media(color_scheme="dark")
    watched.goto(f"{live_server.url}/api/docs")
    first = watched.locator(".opblock-tag").first
    expect(first).to_contain_text("Reports")
    expect(watched.locator("html")).to_have_css("color-scheme", "light")
