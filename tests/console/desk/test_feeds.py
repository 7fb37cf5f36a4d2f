"""The pages of feeds: all at a glance, one with what was set aside, and its replay."""

import json

import pytest
from playwright.sync_api import expect
from procrastinate.contrib.django.models import ProcrastinateJob

from ingest import tasks
from ingest.models import Rejection
from tests.api.test_feeds import fares, stale
from tests.api.test_staff_feeds import RECORDED, kept

__all__ = ["fares", "stale"]
pytestmark = pytest.mark.filterwarnings("ignore:No directory at")


def test_what_wants_somebody_comes_first_and_says_so_in_words_and_shape(city, fares, stale, login):
    fares("waze", enabled=False)
    fares("lapor")
    stale("qlue")
    page = login("triage").get("/staff/feeds").text
    assert page.index("Qlue") < page.index("Lapor") < page.index("Waze")
    assert "Diam: tidak ada data" in page
    assert "1 kanal perlu diperiksa" in page


def test_the_rows_alone_come_where_htmx_asks(city, fares, login):
    fares("qlue")
    page = login("triage").get("/staff/feeds", headers={"HX-Request": "true"}).text
    assert "Qlue" in page
    assert "<html" not in page


def test_who_sees_only_their_own_cases_sees_no_feeds(city, login):
    assert login("official", "31.71.01.1001").get("/staff/feeds").status_code == 403


def test_a_replay_takes_who_may_and_a_second_one_is_told_that_one_waits(city, fares, login):
    fares("qlue")
    kept(1, "no object", "not read yet")
    assert login("triage").post("/staff/feeds/qlue").status_code == 403
    client = login("supervisor")
    assert client.post("/staff/feeds/qlue")["Location"] == "/staff/feeds/qlue"
    assert "sudah menunggu giliran" in client.post("/staff/feeds/qlue").text


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_rejection_is_looked_at_read_again_and_gone(transactional_city, fares, desk, width, height):
    fares("qlue")
    kept(1, json.loads(RECORDED.read_text())[0], "unknown label")
    desk = desk("supervisor", width=width, height=height)
    page = desk("/staff/feeds")
    assert desk.faults() == []
    page.get_by_role("link", name="Qlue").click()
    page.get_by_role("button", name="Lihat").click()
    expect(page.locator("#payloads pre")).to_contain_text("Gerobak smpah")
    expect(page.locator("#payloads pre")).not_to_contain_text("ratna_simulasi29")
    assert desk.faults() == []
    page.get_by_role("button", name="Baca ulang yang disisihkan").click()
    expect(page.locator("#rejections progress")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    assert desk.faults() == []
    job = ProcrastinateJob.objects.get(task_name="ingest.tasks.replay_rejected")
    tasks.replay_rejected(job.args["name"])
    ProcrastinateJob.objects.filter(pk=job.pk).delete()
    expect(page.locator("#rejections .empty")).to_be_visible()
    assert not Rejection.objects.exists()
