"""X and Facebook over real HTTP, into a real database: what holds for both, whatever fails."""

import itertools
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import transaction

from fixtures import faults
from fixtures.channels import said
from fixtures.city import as_of
from fixtures.server import SourceServer
from fixtures.wire import facebook, x
from geoplatform.errors import FeedChanged, FeedUnavailable
from ingest import feeds, pipeline
from ingest.adapter import Page
from ingest.models import Payload, Rejection, Run, Waiting
from ingest.network.http import HttpSession
from reports.models import Report, SourceUpdate
from tests.conftest import NOON, ROOT, database_url
from tests.ingest.test_kill import LONGEST_S, is_gone, kill, wait_until
from tests.ingest.test_pipeline import DAY, everything, read

BOTH = pytest.mark.parametrize("name", ["x", "facebook"])
LISTS = {"x": "/x/2/tweets/search/recent", "facebook": "/facebook/v26.0/me/feed"}
PAGE_NAMES = {"x": "next_token", "facebook": "after"}


@pytest.fixture
def sources(settings):
    """The simulated city's servers on a day with as many reports as a real one has."""
    with SourceServer(now=NOON, days=1) as server:
        settings.SIMULATED_CITY_URL = server.url
        yield server


@pytest.fixture
def small_pages(settings, tmp_path):
    """Let both feeds read ten items a page."""
    own = tmp_path / "feeds.toml"
    own.write_text("".join(f"[{name}.options]\npage_size = 10\n" for name in LISTS))
    settings.FEEDS_FILE = str(own)


def on_page_two(fault: faults.Fault, name: str) -> faults.Fault:
    """Let the second page meet a fault, and no first one."""

    def second(request, route):
        return fault(request, route) if PAGE_NAMES[name] in request.query else route(request)

    return second


def told(server: SourceServer, name: str) -> set[str]:
    """The ids of what citizens reported on a channel, as the simulated city has it now."""
    seen = as_of(server._seen_now(), server.now)
    found = said(seen.reports, name, server.now, server.seed)
    if name == "facebook":
        return {post.body["id"] for post in facebook.posts(found, server.now) if post.is_visitors}
    tweets = [one for one in x.tweets(found, server.now) if one.user is not x.ACCOUNT]
    return {
        one.body["edit_history_tweet_ids"][0]
        for one in tweets
        if not one.refers("retweeted")
        and (not one.refers("replied_to") or int(one.body["conversation_id"]) % 2**22 == 1)
    }


@BOTH
def test_a_run_stores_what_every_citizen_said_once_and_nothing_else(city, sources, name):
    run = read(name)
    assert (run.outcome, run.unread, run.rejected) == ("complete", [], 0)
    stored = set(Report.objects.values_list("external_id", flat=True))
    assert stored == told(sources, name)
    assert len(stored) > 5
    assert set(Report.objects.values_list("channel", "simulated")) == {(name, True)}
    assert all("[SIMULASI]" in text for text in Report.objects.values_list("description", flat=True))


@BOTH
def test_a_run_in_small_pages_ends_with_the_same_rows(city, sources, small_pages, settings, name):
    with transaction.atomic():
        read(name)
        small = everything()
        pages = [one for one in sources.requests if PAGE_NAMES[name] in one.query]
        transaction.set_rollback(True)
    assert pages
    settings.FEEDS_FILE = ""
    read(name)
    assert everything() == small


@BOTH
def test_a_run_that_is_repeated_or_replayed_changes_nothing(city, sources, name):
    read(name)
    before = everything()
    again = read(name)
    assert (again.outcome, again.new, again.changed) == ("complete", 0, 0)
    tally = pipeline.replay(name)
    assert tally.fetched == Payload.objects.count() > 5
    assert (tally.new, tally.changed) == (0, 0)
    assert everything() == before


@BOTH
def test_pages_in_any_order_and_repeated_end_with_the_same_rows(city, sources, name):
    """Three pages in every order, each order with a page said twice."""
    made = feeds.adapter(name)
    window = pipeline.Window(NOON - DAY, NOON)
    with HttpSession(made.feed) as session:
        every = [one for page in made.fetch(session, window) for one in page.payloads]
    size = -(-len(every) // 3)
    thirds = [every[start : start + size] for start in range(0, len(every), size)]
    ends = []
    for order in itertools.permutations(thirds):
        with transaction.atomic():
            for page in (*order, order[0]):
                pipeline._run(made, window, [Page(page[::-1])], False, lambda tally: None)
            ends.append(everything())
            transaction.set_rollback(True)
    assert len(ends) == 6
    assert len(ends[0]["reports"]) > 5
    assert all(end == ends[0] for end in ends)


@BOTH
def test_lists_that_run_backward_lose_nothing(city, sources, name):
    with transaction.atomic():
        read(name)
        forward = everything()
        transaction.set_rollback(True)
    sources.fail(LISTS[name], faults.reversed_order(), times=None)
    read(name)
    backward = everything()
    assert backward["reports"] == forward["reports"]
    assert backward["updates"] == forward["updates"]


@BOTH
@pytest.mark.parametrize(
    "fault",
    [
        faults.status(500), faults.status(503), faults.truncated(), faults.broken_json(), faults.dropped(),
        faults.wrong_content(), faults.too_many_requests(), faults.too_many_requests(1),
    ],
    ids=["500", "503", "truncated", "broken JSON", "dropped", "a page for people", "429", "429 for a second"],
)  # fmt: skip
def test_a_fault_in_passing_loses_nothing(city, sources, small_pages, name, fault):
    with transaction.atomic():
        read(name)
        undisturbed = everything()
        transaction.set_rollback(True)
    sources.fail(f"/{name}/", fault)
    sources.fail(LISTS[name], on_page_two(fault, name), times=2)
    assert read(name).outcome == "complete"
    assert everything() == undisturbed


@BOTH
def test_a_fault_that_stays_on_the_second_page_fails_the_run_and_the_next_one_loses_nothing(
    city, sources, small_pages, name
):
    with transaction.atomic():
        read(name)
        undisturbed = everything()
        transaction.set_rollback(True)
    sources.fail(LISTS[name], on_page_two(faults.status(503), name), times=None)
    with pytest.raises(FeedUnavailable, match="status 503"):
        read(name)
    failed = Run.objects.get()
    assert (failed.outcome, failed.cursor, failed.reached_at) == ("failed", None, None)
    assert 0 < Report.objects.count() + SourceUpdate.objects.count() < len(undisturbed["payloads"])
    sources.clear()
    assert read(name).outcome == "complete"
    assert everything() == undisturbed


@BOTH
def test_a_token_of_a_page_that_grew_stale_fails_the_run_and_says_why(city, sources, small_pages, name):
    def stale(request, route):
        sources.now = NOON + DAY / 24
        return route(request)

    sources.fail(LISTS[name], on_page_two(stale, name), times=None)
    with pytest.raises(FeedUnavailable, match=r"is not valid, or no longer|Invalid cursors"):
        read(name)
    assert Run.objects.get().cursor is None
    sources.clear()
    sources.now = NOON
    assert read(name).outcome == "complete"
    assert set(Report.objects.values_list("external_id", flat=True)) >= told(sources, name)


@BOTH
def test_a_token_of_a_page_that_comes_twice_fails_the_run(city, sources, small_pages, name):
    first = []

    def round_in_a_circle(request, route):
        first.append(route(request))
        return first[0]

    sources.fail(LISTS[name], round_in_a_circle, times=None)
    with pytest.raises(FeedChanged, match="the token of a page came twice"):
        read(name)
    assert Run.objects.get().cursor is None


def no_content(sources) -> None:
    for start in (*LISTS.values(), "/x/2/users/100", "/facebook/v26.0/me/visitor"):
        sources.fail(start, faults.empty(), times=None)


@BOTH
def test_no_content_is_an_empty_run_that_moves_no_cursor(city, sources, name):
    read(name)
    no_content(sources)
    run = read(name)
    assert (run.outcome, run.new, run.cursor) == ("complete", 0, None)


def test_no_content_before_x_was_ever_read_fails_the_run_and_the_next_one_has_it_all(city, sources):
    no_content(sources)
    with pytest.raises(FeedUnavailable, match="no content"):
        read("x")
    assert (Run.objects.get().cursor, Run.objects.get().reached_at) == (None, None)
    sources.clear()
    assert read("x").new > 0


@BOTH
def test_no_content_on_a_later_page_fails_the_run_and_the_next_one_loses_nothing(
    city, sources, small_pages, name
):
    with transaction.atomic():
        read(name)
        undisturbed = everything()
        transaction.set_rollback(True)
    sources.fail(LISTS[name], on_page_two(faults.empty(), name), times=None)
    with pytest.raises(FeedUnavailable, match="no content behind the token of a page"):
        read(name)
    assert (Run.objects.get().cursor, Run.objects.get().reached_at) == (None, None)
    sources.clear()
    assert read(name).outcome == "complete"
    assert everything() == undisturbed


@BOTH
def test_a_server_that_is_silent_too_long_is_unavailable(city, sources, name):
    held = threading.Event()
    sources.fail(f"/{name}/", faults.slow(held), times=None)
    feed = replace(feeds.feed(name), timeout_s=0.05)
    try:
        with (
            HttpSession(feed, lambda seconds: None) as session,
            pytest.raises(FeedUnavailable, match="no whole"),
        ):
            pipeline.run(name, now=NOON, session=session)
    finally:
        held.set()


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("x", "id"), ("x", "created_at"), ("x", "text"), ("x", "author_id"),
        ("facebook", "id"), ("facebook", "created_time"), ("facebook", "updated_time"),
    ],
)  # fmt: skip
def test_a_renamed_field_stops_the_run_and_is_named(city, sources, name, field):
    sources.fail(LISTS[name], faults.renamed(field, "other"), times=None)
    with pytest.raises(FeedChanged, match=rf"no field (tweet|post)\.'{field}'"):
        read(name)
    assert (Run.objects.get().outcome, Run.objects.get().cursor) == ("failed", None)
    # Of the list with the renamed field nothing is stored; what another list says, whole, is.
    reasons = set(Rejection.objects.values_list("reason", flat=True))
    assert len(reasons) == 1 and f"'{field}'" in reasons.pop()
    assert Report.objects.count() == Payload.objects.filter(rejection=None).count()
    assert not Waiting.objects.exists()


@BOTH
def test_a_list_under_another_name_stops_the_run(city, sources, name):
    sources.fail(LISTS[name], faults.renamed("data", "items"), times=None)
    with pytest.raises(FeedChanged, match="no field 'data'"):
        read(name)


@BOTH
def test_an_unknown_field_is_reported_once_per_run(city, sources, name):
    sources.fail(LISTS[name], faults.renamed("lang" if name == "x" else "permalink_url", "mood"))
    assert read(name).unread == ["tweet.mood" if name == "x" else "post.mood"]


@BOTH
def test_an_item_from_the_future_is_set_aside(city, sources, name):
    document = route_of(sources, name)
    late = next(one for one in document["data"] if "referenced_tweets" not in one)
    late["created_at" if name == "x" else "updated_time"] = "2099-01-01T00:00:00.000Z"
    run = pipeline.run(name, document=json.dumps(document).encode())
    assert run.rejected == 1
    assert Rejection.objects.get().reason.startswith("time 2099-01-01")


@BOTH
def test_a_wrong_token_is_refused_without_being_told(city, sources, name, caplog):
    feed = replace(feeds.feed(name), token="EAAB-very-secret-and-long-enough-to-be-one")
    with HttpSession(feed, lambda seconds: None) as session, pytest.raises(FeedUnavailable) as error:
        pipeline.run(name, now=NOON, session=session)
    assert "token" in str(error.value)
    assert len(sources.requests) == 1
    for told_to in (str(error.value), caplog.text, Run.objects.get().error):
        assert "very-secret" not in told_to


@BOTH
def test_no_payload_holds_the_token_and_none_is_asked_for_in_an_address(city, sources, small_pages, name):
    read(name)
    assert sources.requests
    assert all(request.headers["authorization"] == "Bearer simulated" for request in sources.requests)
    assert all("token=simulated" not in request.target for request in sources.requests)
    assert not Payload.objects.filter(body__contains="access_token").exists()


@BOTH
def test_a_feed_is_left_alone_until_it_has_a_token(settings, monkeypatch, name):
    settings.SIMULATED_CITY_URL = ""
    assert not feeds.feed(name).enabled
    monkeypatch.setenv(f"GEOPLATFORM_FEED_{name.upper()}_TOKEN", "secret")
    assert feeds.feed(name).enabled
    assert feeds.feed(name).token == "secret"


@BOTH
def test_a_run_killed_at_its_second_page_ends_with_the_same_rows_when_started_again(
    transactional_city, sources, small_pages, settings, name
):
    with transaction.atomic():
        read(name)
        undisturbed = everything()
        transaction.set_rollback(True)
    sources.clear()
    held, waits = threading.Event(), threading.Event()

    def hold(request, route):
        waits.set()
        return faults.slow(held, at_most_s=LONGEST_S)(request, route)

    sources.fail(LISTS[name], on_page_two(hold, name), times=None)
    environment = os.environ | {
        "DATABASE_URL": f"{database_url()}&application_name=victim",
        "GEOPLATFORM_SIMULATED_CITY_URL": sources.url,
        "GEOPLATFORM_FEEDS": settings.FEEDS_FILE,
        "GEOPLATFORM_DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "geoplatform.settings",
    }
    # Not manage.py: X reaches back seven days from the present, and the city's clock stands at NOON.
    script = f"import django; django.setup(); from tests.ingest.test_pipeline import read; read({name!r})"
    command = [sys.executable, "-c", script]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(waits.is_set)
        kill(process)
    finally:
        held.set()
        with suppress(ProcessLookupError):
            process.kill()
    wait_until(is_gone)
    assert Run.objects.get().finished_at is None
    assert Run.objects.get().cursor is None
    assert everything() != undisturbed
    sources.clear()
    assert read(name).outcome == "complete"
    assert everything() == undisturbed


def route_of(server: SourceServer, name: str) -> dict:
    """The answer of a feed's list, as its server gives it now."""
    made = feeds.adapter(name)
    answers = []

    def keep(request, route):
        answers.append(route(request))
        return answers[-1]

    server.fail(LISTS[name], keep, times=1)
    with HttpSession(made.feed) as session:
        for _ in made.fetch(session, pipeline.Window(NOON - DAY, NOON)):
            break
    return json.loads(answers[0].body)


@pytest.mark.parametrize("name", ["facebook", "open311"])
def test_a_city_of_fewer_days_forgets_nothing_and_withdraws_nothing(city, settings, caplog, name):
    # As ``manage.py simulate --days 1`` after one of three days.
    for days in (3, 1):
        with SourceServer(now=NOON, days=days) as server:
            settings.SIMULATED_CITY_URL = server.url
            run = read(name, since=NOON - days * DAY)
    assert (run.outcome, run.new, run.changed) == ("complete", 0, 0)
    assert not Report.objects.filter(channel=name, status="withdrawn").exists()
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
