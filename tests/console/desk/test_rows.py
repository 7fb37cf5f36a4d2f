"""The rows of triage on a narrow screen."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.conftest import NOON

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]
CUT = "parts => parts.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"


def test_on_a_phone_a_countdown_takes_nothing_of_what_the_matter_is_and_where(transactional_city, desk, case):
    case(category="flood")
    desk = desk("triage", width=390, height=844)
    desk.page.clock.install(time=NOON + timedelta(days=48))
    row = desk("/staff/").locator("[role=option]")
    expect(row.locator(".due.late")).to_have_text(re.compile(r"terlambat \d\d hari"))
    assert row.locator(".head b, .about").evaluate_all(CUT) == []
