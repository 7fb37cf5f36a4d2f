"""The page to follow, without JavaScript: choose, see last week, and hear by a feed, a webhook, a mail."""

import json
import re
from html import unescape

import pytest
from cryptography.fernet import Fernet
from defusedxml import ElementTree
from django.utils import timezone

from casework.models import Notice
from console import words
from subscriptions.models import Watch
from tests.conftest import MONAS

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
SAID = words.words("id", "voices")


@pytest.fixture
def mailing(settings) -> None:
    settings.PUBLIC_URL = "https://laporan.example"
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    settings.NOTICE_CHANNELS = {"watch": "casework.citizens.bulletins.send"}


def test_a_place_shows_what_would_have_come_last_week_and_the_feed_that_tells_it(client, receive_one):
    lately = receive_one(submitted_at=timezone.now(), updated_at=timezone.now())
    receive_one(external_id="old")
    page = client.get("/follow?kelurahan=31.71.01.1001&category=").text
    assert SAID["preview_count"].format(count=1) in page
    assert f'href="/reports/{lately.pk}"' in page
    assert '<option value="31.71.01.1001" selected>' in page
    feed = unescape(re.search(r'<a class="address" href="([^"]+)"', page)[1])
    entries = ElementTree.fromstring(client.get(feed).content).findall("{*}entry")
    assert len(entries) == 2


def test_the_webhook_that_is_shown_can_be_posted(client, city):
    page = client.get("/follow?polygon=106.8,-6.2,106.9,-6.2,106.9,-6.1&category=road").text
    said = json.loads(unescape(re.search(r'<code class="address">(.+?)</code>', page)[1]))
    assert said["category"] == ["road"]
    assert said["polygon"]["coordinates"][0][0] == said["polygon"]["coordinates"][0][-1]


def test_one_report_is_followed_by_its_number(client, receive_one):
    report = receive_one()
    page = client.get(f"/follow?report={report.pk}").text
    assert SAID["one_report"].format(number=report.pk) in page
    assert f"feeds/reports.atom?report={report.pk}" in page


@pytest.mark.parametrize("query", ["kelurahan=x", "category=x", "polygon=1,2", "report=x", "office=x"])
def test_a_choice_that_cannot_be_is_said_and_nothing_is_offered(client, city, query):
    answer = client.get(f"/follow?{query}")
    assert answer.status_code == 400
    assert SAID["wrong_follow_choice"] in answer.text
    assert 'name="email"' not in answer.text


def test_without_a_choice_only_choosing_is_offered(client, city):
    page = client.get("/follow").text
    assert 'id="feed-title"' not in page
    assert page.count("<optgroup") == 44


def test_who_asks_for_mails_reads_the_same_whether_or_not_an_address_is_known(client, city, mailing):
    answers = [client.post("/follow?kelurahan=31.71", {"email": "sering@contoh.example"}) for _ in range(6)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert SAID["asked_hint"] in answers[0].text
    assert Watch.objects.count() == Notice.objects.count() == 3


def test_an_address_that_is_none_is_said_beside_its_field(client, city, mailing):
    answer = client.post("/follow?kelurahan=31.71", {"email": "<b>"})
    assert answer.status_code == 400
    assert SAID["wrong_follow_email"] in answer.text
    assert 'value="&lt;b&gt;"' in answer.text


def test_opening_a_link_decides_nothing_a_button_does(client, city, mailing):
    client.post("/follow?kelurahan=31.71", {"email": "tombol@contoh.example"})
    link = re.search(r"https://laporan.example(/follow/confirm/\S+)", Notice.objects.get().text)[1]
    assert SAID["confirm_button"] in client.get(link).text
    assert Watch.objects.get().confirmed_at is None
    assert SAID["confirmed_hint"] in client.post(link).text
    assert Watch.objects.get().confirmed_at is not None
    assert not client.get(link).cookies


def test_a_link_that_is_none_is_said_to_be_none(client, city):
    for page in ("confirm", "stop"):
        answer = client.get(f"/follow/{page}/nothing")
        assert answer.status_code == 404
        assert SAID["gone_hint"] in answer.text


def test_where_no_mail_can_be_sent_the_page_says_so(client, city):
    page = client.get("/follow?kelurahan=31.71").text
    assert f'<p class="quiet">{SAID["no_mail"]}</p>' in page
    assert 'name="email"' not in page
    answer = client.post(
        "/api/follows", json.dumps({"email": "a@b.example"}), content_type="application/json"
    )
    assert answer.status_code == 409


def test_an_app_asks_for_the_same(client, city, mailing):
    said = {"email": "aplikasi@contoh.example", "kelurahan": ["31.71.01.1001"], "pace": "daily", "lang": "en"}
    answer = client.post("/api/follows", json.dumps(said), content_type="application/json")
    assert (answer.status_code, answer.json()) == (202, {"asked": True})
    watch = Watch.objects.get()
    assert (watch.language, watch.every.days, watch.places) == ("en", 1, ["31.71.01.1001"])
    for wrong in ({"email": 1}, {"mail": "a@b.example"}, {"email": "x", "kelurahan": ["31.71"]}, []):
        answer = client.post("/api/follows", json.dumps(wrong), content_type="application/json")
        assert answer.status_code == 400


def test_a_feed_of_an_office_has_its_reports_alone(client, receive_one):
    report = receive_one(point=MONAS)
    for office, count in ((report.office_id, 1), ("kelurahan-31.71.01.1002", 0)):
        feed = client.get(f"/feeds/reports.atom?office={office}")
        assert len(ElementTree.fromstring(feed.content).findall("{*}entry")) == count
