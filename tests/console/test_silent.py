"""Where a feed is silent the map says that there are no data, and never that there are no events."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from layers.models import FeedState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]


@pytest.fixture
def silent():
    """Write that a feed was last heard an hour ago, and is stale."""

    def write(feed: str, title: str) -> None:
        since = timezone.now() - timedelta(hours=1)
        FeedState.objects.create(
            feed=feed, title=title, enabled=True, simulated=True, cadence_s=300,
            last_success_at=since, silent_since=since, stale_at=since + timedelta(minutes=15),
        )  # fmt: skip

    return write


@pytest.mark.parametrize(
    ("language", "words", "banner"),
    [("id", "tidak ada data sejak ", "Tidak ada data dari "), ("en", "no data since ", "No data from ")],
)
def test_a_stale_layer_says_so_in_the_panel_and_the_feed_in_a_banner(
    visit, reported, jammed, silent, language, words, banner
):
    silent("waze", "Waze for Cities")
    page = visit(f"/?lang={language}")
    for layer in ("jams", "alerts"):
        expect(page.locator(f"#note-{layer}")).to_contain_text(words)
    expect(page.locator("#note-reports")).not_to_contain_text(words)
    expect(page.locator("[data-banner=silent]")).to_contain_text(f"{banner}Waze for Cities")


def test_all_channels_silent_the_reports_are_of_no_present(visit, reported, silent):
    silent("qlue", "Qlue")
    page = visit("/")
    expect(page.locator("#note-reports")).to_contain_text("tidak ada data sejak ")


def test_with_feeds_that_speak_nothing_is_said(visit, reported, jammed):
    page = visit("/")
    expect(page.locator("[data-banner=silent]")).to_have_count(0)
    expect(page.locator(".note.stale")).to_have_count(0)


def test_a_layer_that_no_feed_fills_is_not_connected_and_one_that_is_fed_has_no_data_here(
    visit, reported, jammed
):
    FeedState.objects.create(
        feed="waze", title="Waze for Cities", enabled=True, simulated=True, cadence_s=300
    )
    page = visit("/?lang=en#17/-6.3/106.9&layers=kota,jams,petrol_stations")
    expect(page.locator("#note-jams")).to_have_text("no data in this view")
    for layer in ("petrol_stations", "hospitals", "restaurants"):
        expect(page.locator(f"#note-{layer}")).to_have_text("not connected: no source sends it")
