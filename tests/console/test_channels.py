"""A report of every channel opens, whatever its trace holds, and says in words where the citizen spoke."""

from datetime import timedelta

import pytest
from django.conf import settings
from playwright.sync_api import expect

from ingest.runs import health
from reports import intake
from reports.record import Update, Updates
from tests.conftest import MONAS, NOON

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]

HOUR = timedelta(hours=1)
TRACE = (
    Update(NOON + HOUR, None, "Kelurahan Gambir", "Terima kasih atas laporannya."),
    Update(NOON + 2 * HOUR, "in_progress", "Kelurahan Gambir", "Petugas menuju lokasi."),
)


@pytest.fixture
def heard(transactional_db, city, submission) -> list[str]:
    """A report of each channel at one point, with a step that changes no status; returns the channels."""
    health.refresh(NOON)
    for channel in settings.ADAPTERS:
        sent = submission(channel, channel=channel, description=f"Laporan lewat {channel}")
        intake.receive([sent, Updates(channel, channel, TRACE)], simulated=True)
    return list(settings.ADAPTERS)


@pytest.mark.parametrize(("language", "note"), [("id", "Pesan"), ("en", "Message")])
def test_a_report_of_each_channel_opens_with_its_trace_and_the_channel_in_words(visit, heard, language, note):
    page = visit(f"/?lang={language}#17/{MONAS.lat}/{MONAS.lon}")
    page.locator(f".mark-box[data-count='{len(heard)}']").click()
    card = page.locator(".card")
    texts, channels = set(), set()
    for index in range(len(heard)):
        card.locator(".list button").nth(index).click()
        steps = card.locator(".trace li")
        expect(steps).to_have_count(2)
        expect(steps.nth(0)).to_contain_text(f"{note} Kelurahan Gambir")
        expect(steps.nth(0)).to_contain_text("Terima kasih")
        texts.add(card.locator(".text").inner_text())
        channels.add(card.locator("dd").first.inner_text())
        card.locator("button.button").click()
    assert texts == {f"Laporan lewat {channel}" for channel in heard}
    assert len(channels) == len(heard)
    assert not channels & set(heard)
