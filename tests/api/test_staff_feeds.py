"""What they see who look after feeds: health, runs, what was set aside, what came, and a replay of it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from access.models import Entry
from api import masking
from ingest import tasks
from ingest.models import Payload, Rejection, Run, Volume
from layers.models import FeedState
from reports.models import Report
from tests.api.casework.conftest import login, office
from tests.api.test_feeds import fares
from tests.conftest import ROOT

__all__ = ["fares", "login", "office"]
HOUR = timedelta(hours=1)
RECORDED = ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_page.json"


def kept(number: int, body: object, reason: str = "") -> Payload:
    payload = Payload.objects.create(
        feed="qlue",
        digest=bytes([number]) * 32,
        body=json.dumps(body),
        simulated=False,
        fetched_at=timezone.now(),
    )
    if reason:
        Rejection.objects.create(payload=payload, reason=reason, rejected_at=timezone.now())
    return payload


def test_it_says_what_each_feed_brought_by_the_hour(fares, login, city):
    fares("waze")
    fares("qlue")
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    Volume.objects.create(feed="qlue", hour=now, items=7)
    Volume.objects.create(feed="qlue", hour=now - 47 * HOUR, items=5)
    Volume.objects.create(feed="qlue", hour=now - 48 * HOUR, items=9)
    found = login("triage").get("/api/staff/feeds").json()["feeds"]
    hours = {one["name"]: one["hours"] for one in found}
    assert hours["waze"] == [0] * 48
    # The test may run over the full hour: what was now is then the hour before.
    assert hours["qlue"] in ([5, *[0] * 46, 7], [*[0] * 46, 7, 0])


def test_reasons_are_counted_the_most_frequent_first_and_the_newest_payload_is_named(fares, login, city):
    fares("qlue")
    kept(1, {"id": 1}, "unknown category 'x'")
    kept(2, {"id": 2}, "no field 'title'")
    newest = kept(3, {"id": 3}, "unknown category 'x'")
    said = login("auditor").get("/api/staff/feeds/qlue").json()
    assert [(one["reason"], one["rejections"]) for one in said["rejections"]] == [
        ("unknown category 'x'", 2),
        ("no field 'title'", 1),
    ]
    assert said["rejections"][0]["payload_id"] == newest.id
    assert said["replay"] is None


def test_a_payload_shows_its_form_and_nobody_in_it_and_the_look_is_recorded(fares, login, city):
    fares("qlue")
    payload = kept(
        1,
        {
            "id": 17,
            "profile": {
                "username": "budi_s",
                "detail": {"desc": "Hubungi 0812-3456-7890, jalan rusak", "kd_kel": "31"},
            },
            "from": ["ani@example.org", 5],
            "raw": "QUJD" * 100,
        },
        "no field 'title'",
    )
    client = login("supervisor")
    said = client.get(f"/api/staff/feeds/qlue/payloads/{payload.id}").json()
    shown = json.loads(said["body"])
    assert (
        shown["profile"]
        == {
            "username": masking.HIDDEN,
            "detail": {"desc": "Hubungi [nomor], jalan rusak", "kd_kel": "31"},
        }
        or shown["profile"] == masking.HIDDEN
    )
    assert (shown["id"], shown["from"], shown["raw"]) == (17, [masking.HIDDEN] * 2, masking.HIDDEN)
    assert said["reason"] == "no field 'title'"
    assert Entry.objects.latest("id").action == "feed.look"
    listed = client.get("/api/staff/feeds/qlue/payloads").json()["payloads"]
    assert [one["id"] for one in listed] == [payload.id]


def test_what_expired_or_is_too_long_is_not_shown_and_says_so(fares, login, city):
    fares("qlue")
    long = kept(1, {"text": "x " * 30_000})
    gone = kept(2, {})
    Payload.objects.filter(pk=gone.pk).update(body="", expired_at=timezone.now())
    first, second = login("triage").get("/api/staff/feeds/qlue/payloads").json()["payloads"]
    assert (first["body"], first["expired_at"] is not None) == (None, True)
    assert (second["id"], second["body"], second["characters"] > 50_000) == (long.id, None, True)


def test_runs_come_page_by_page_the_newest_first(fares, login, city):
    fares("qlue")
    made = [Run.objects.create(feed="qlue", started_at=timezone.now(), unread=["a"]).id for _ in range(3)]
    client = login("triage")
    page = client.get("/api/staff/feeds/qlue/runs?limit=2").json()
    assert [one["id"] for one in page["runs"]] == made[:0:-1]
    assert page["runs"][0]["unread"] == ["a"]
    rest = client.get(f"/api/staff/feeds/qlue/runs?limit=2&after={page['next_after']}").json()
    assert ([one["id"] for one in rest["runs"]], rest["next_after"]) == ([made[0]], None)


def test_a_replay_is_asked_for_once_and_reads_what_was_set_aside(fares, city, login):
    fares("qlue")
    kept(1, json.loads(RECORDED.read_text())[0], "not read yet")
    bad = kept(2, "no object", "not read yet")
    client, path = login("supervisor"), "/api/staff/feeds/qlue/replay"
    said = client.post(path, {}, content_type="application/json")
    assert (said.status_code, said.json()["replay"]["status"]) == (200, "todo")
    assert client.post(path, {}, content_type="application/json").status_code == 409
    job = ProcrastinateJob.objects.get(task_name="ingest.tasks.replay_rejected")
    assert job.args == {"name": "qlue", "request": said["X-Request-Id"]}
    tasks.replay_rejected("qlue")
    assert list(Rejection.objects.values_list("payload_id", flat=True)) == [bad.pk]
    assert Report.objects.filter(channel="qlue").count() == 1
    assert FeedState.objects.get(pk="qlue").rejected_waiting == 1
    assert Entry.objects.latest("id").action == "feed.replay"


@pytest.mark.parametrize("rest", ["", "/runs", "/payloads", "/payloads/1"])
def test_a_feed_that_there_is_not_is_not_found(login, city, rest):
    answer = login("triage").get(f"/api/staff/feeds/nothing{rest}")
    assert answer.status_code == 404
    assert "nothing" in answer.json()["detail"]
