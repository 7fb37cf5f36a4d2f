"""The page that says how the platform fares: in words, in both languages, without a secret."""

from datetime import timedelta

import pytest
from django.utils import timezone

from api import status
from casework.models import Notice
from layers.models import FeedState
from reports import intake
from tests.conftest import NOON


def feed(name: str, **parts: object) -> FeedState:
    said = {"feed": name, "title": name.title(), "owner": "", "enabled": True, "simulated": False}
    return FeedState.objects.create(**(said | {"cadence_s": 60} | parts))


def mail(age: timedelta, **parts: object) -> Notice:
    said = {"channel": "reply", "address": "1", "subject": "", "text": "", "next_at": NOON}
    return Notice.objects.create(**(said | {"created_at": NOON - age} | parts))


def test_reports_of_the_last_day_stand_in_their_hours(city, submission):
    intake.receive(
        [
            submission("now", submitted_at=NOON - timedelta(minutes=10)),
            submission("also", submitted_at=NOON - timedelta(minutes=50)),
            submission("first", submitted_at=NOON - timedelta(hours=23, minutes=30)),
            submission("before", submitted_at=NOON - timedelta(hours=24, minutes=1)),
        ],
        simulated=False,
    )
    found = status.read(NOON)
    assert (found.hours[-1], found.hours[0], sum(found.hours), len(found.hours)) == (2, 1, 3, 24)


def test_a_stale_feed_and_late_mails_are_disturbances(city):
    feed("qlue", last_success_at=NOON, stale_at=NOON + timedelta(hours=1), silent_since=NOON)
    assert status.read(NOON).disturbed == 0
    feed("waze", last_success_at=NOON, stale_at=NOON - timedelta(seconds=1), silent_since=NOON)
    mail(timedelta(minutes=31))
    mail(timedelta(hours=2), sent_at=NOON - timedelta(hours=1))
    found = status.read(NOON)
    assert (found.disturbed, found.waiting, found.sent, found.late) == (2, 1, 1, True)


def test_a_mail_that_has_just_been_written_is_not_late(city):
    mail(timedelta(minutes=2))
    assert not status.read(NOON).late


def test_a_feed_that_is_not_used_is_not_shown(city):
    feed("off", enabled=False)
    assert [one.title for one in status.read(NOON).feeds if one.title == "Off"] == []


@pytest.mark.parametrize(
    ("lang", "words"), [("id", "Satu hal tidak berjalan"), ("en", "One thing does not work")]
)
def test_the_page_says_it_in_both_languages_and_shows_no_error_of_a_feed(client, city, lang, words):
    now = timezone.now()
    feed(
        "qlue", last_success_at=now, stale_at=now - timedelta(minutes=5), silent_since=now, error="token 7731"
    )
    response = client.get("/status", {"lang": lang})
    text = response.content.decode()
    assert response.status_code == 200
    assert words in text
    assert "Qlue" in text
    assert "7731" not in text


def test_an_unknown_parameter_of_the_page_is_refused(client, city):
    assert client.get("/status", {"secret": "1"}).status_code == 400
