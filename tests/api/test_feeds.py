"""What the public may know of the feeds: how they fare, and nothing that is secret."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fixtures import faults
from geoplatform.errors import FeedUnavailable
from ingest import pipeline
from layers import intake as traffic
from layers.models import FeedState
from layers.record import Snapshot
from reports import intake
from tests.api.test_map import NOON, SEEN

HOUR = timedelta(hours=1)
SECRET = "s3cret-t0ken"


@pytest.fixture
def fares(db):
    """Write how a feed fares: ``fares("waze", stale_at=...)``."""

    def write(feed: str, **columns: object) -> FeedState:
        facts = {
            "title": feed.title(),
            "owner": "Kota",
            "enabled": True,
            "simulated": False,
            "cadence_s": 300,
        }
        return FeedState.objects.create(feed=feed, **(facts | columns))

    return write


@pytest.fixture
def stale(fares):
    """Write that a feed was last heard some hours ago, and is stale."""
    now = timezone.now()

    def write(feed: str, hours: int = 3, **columns: object) -> FeedState:
        since = now - hours * HOUR
        return fares(feed, last_success_at=since, silent_since=since, stale_at=since + HOUR, **columns)

    return write


@pytest.fixture
def jammed(city):
    """One jam and one alert of Waze."""
    traffic.receive([Snapshot("waze", NOON, alerts=(SEEN["alerts"],), jams=(SEEN["jams"],))], simulated=False)


def listed(client):
    response = client.get("/api/feeds")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()["feeds"]


def catalogue(client):
    return {layer["name"]: layer["stale_since"] for layer in client.get("/tiles").json()["layers"]}


def instant(iso):
    return iso.isoformat(timespec="microseconds").replace("+00:00", "Z")


def test_a_city_without_feeds_lists_none(db, client):
    assert listed(client) == []


def test_it_lists_each_feed_with_state_times_and_volume(stale, fares, client):
    late = stale("qlue", items_last_day=12, expected_a_day=340.5, rejected_waiting=3)
    fares("waze", enabled=False)
    qlue, waze = listed(client)
    assert set(qlue) == {
        "name", "title", "owner", "state", "simulated", "cadence_s", "last_run_at", "last_success_at",
        "last_item_at", "stale_since", "items_last_day", "expected_a_day", "rejected_waiting", "dead_letters",
        "error",
    }  # fmt: skip
    assert (qlue["name"], qlue["state"], qlue["stale_since"]) == ("qlue", "stale", instant(late.silent_since))
    assert (qlue["items_last_day"], qlue["expected_a_day"], qlue["rejected_waiting"]) == (12, 340.5, 3)
    assert (waze["state"], waze["stale_since"], waze["error"]) == ("disabled", None, None)


def test_no_token_and_no_address_is_in_any_answer_though_the_source_refuses_them(
    city, sources, client, monkeypatch, settings
):
    city_url, settings.SIMULATED_CITY_URL = settings.SIMULATED_CITY_URL, ""
    monkeypatch.setenv("GEOPLATFORM_FEED_WAZE_URL", f"{city_url}/waze/{SECRET}")
    monkeypatch.setenv("GEOPLATFORM_FEED_WAZE_TOKEN", SECRET)
    settings.FEEDS_FILE = ""
    sources.fail("/waze/", faults.status(403, SECRET), times=None)
    with pytest.raises(FeedUnavailable):
        pipeline.run("waze")
    (waze,) = listed(client)
    assert (waze["state"], waze["error"]) == ("failing", "The feed does not answer, or refuses us.")
    for address in ("/api/feeds", "/api/map", "/tiles"):
        answer = client.get(address).content.decode()
        assert SECRET not in answer
        assert city_url not in answer


def test_a_layer_whose_only_feed_is_silent_says_since_when(city, jammed, stale, client):
    since = stale("waze").silent_since
    found = catalogue(client)
    assert found["jams"] == found["alerts"] == instant(since)
    assert {found[name] for name in ("kota", "reports", "petrol_stations")} == {None}
    (silent,) = client.get("/api/map").json()["silent"]
    assert silent == {
        "feed": "waze", "title": "Waze", "stale_since": instant(since), "layers": ["jams", "alerts"],
    }  # fmt: skip


def test_a_layer_of_a_feed_that_speaks_is_of_the_present(city, jammed, fares, client):
    now = timezone.now()
    fares("waze", last_success_at=now, silent_since=now, stale_at=now + HOUR)
    assert set(catalogue(client).values()) == {None}
    assert client.get("/api/map").json()["silent"] == []


def test_of_several_channels_the_silent_one_is_named_and_the_layer_is_not_stale(
    city, submission, stale, fares, client
):
    intake.receive([submission(), submission("2", channel="petabencana")], simulated=False)
    now = timezone.now()
    fares("petabencana", last_success_at=now, silent_since=now, stale_at=now + HOUR)
    stale("qlue")
    assert catalogue(client)["reports"] is None
    silent = client.get("/api/map").json()["silent"]
    assert [(one["feed"], one["layers"]) for one in silent] == [("qlue", ["reports"])]


def test_where_all_channels_are_silent_the_layer_is_since_the_last_of_them(city, submission, stale, client):
    intake.receive([submission(), submission("2", channel="petabencana")], simulated=False)
    last = stale("petabencana", hours=2)
    stale("qlue", hours=9)
    assert catalogue(client)["reports"] == instant(last.silent_since)


def test_a_feed_that_is_switched_off_is_no_news_but_its_layer_is_stale(city, jammed, stale, client):
    since = stale("waze", enabled=False).silent_since
    assert client.get("/api/map").json()["silent"] == []
    assert catalogue(client)["jams"] == instant(since)


def test_a_feed_that_never_brought_anything_makes_no_layer_stale(city, stale, client):
    stale("waze")
    assert set(catalogue(client).values()) == {None}
    assert client.get("/api/map").json()["silent"] == []


def test_the_answer_stays_the_same_while_nothing_changes(stale, client):
    stale("qlue")
    tag = client.get("/api/feeds")["ETag"]
    assert client.get("/api/feeds", headers={"If-None-Match": tag}).status_code == 304


def test_the_lists_take_a_fixed_number_of_queries(city, jammed, stale, client, django_assert_num_queries):
    for feed in ("waze", "qlue", "overpass"):
        stale(feed)
    with django_assert_num_queries(1):
        client.get("/api/feeds")
