"""How feeds fare: what a run writes down, and when silence is more than a pause."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from api.feeds import silent, stale_layers
from fixtures import faults
from geoplatform.errors import BadSettings, FeedUnavailable
from ingest import feeds, pipeline
from ingest.adapter import Feed
from ingest.management.commands import feeds as command
from ingest.models import Run, Volume
from ingest.runs import health
from layers.feeds import state
from layers.models import FeedState, Silence
from reports import outbox
from tests.conftest import NOON, ROOT, sent

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MAILBOX = Feed(
    name="mailbox", title="Surat", owner="Kota", url="https://surat.example", cadence_s=300, adapter="qlue"
)


def ran(feed: Feed, at, items: int = 0, error: str = "") -> FeedState:
    """A run at an instant, as the pipeline closes one."""
    Run.objects.create(feed=feed.name, started_at=at, finished_at=at, used=items)
    health.note(feed, items, at - MINUTE if items else None, error, at)
    return FeedState.objects.get(feed=feed.name)


def later(feed: Feed, at) -> FeedState:
    """The state at an instant at which nothing came."""
    health._write(FeedState.objects.get(feed=feed.name), feed, at)
    return FeedState.objects.get(feed=feed.name)


def test_a_run_writes_when_it_was_what_it_brought_and_the_newest_item_s_own_time(city, sources):
    run = pipeline.run("qlue", now=NOON)
    found = FeedState.objects.get(feed="qlue")
    assert (found.title, found.enabled, found.simulated, found.error) == ("Qlue", True, True, "")
    assert found.last_run_at == run.started_at
    assert found.last_success_at >= run.finished_at
    assert found.items_last_day == run.used == run.fetched > 0
    assert NOON - HOUR < found.last_item_at <= NOON
    assert found.expected_a_day is None
    assert found.rejected_waiting == run.rejected


def test_a_second_run_that_repeats_what_is_known_brings_nothing(city, sources):
    pipeline.run("waze", now=NOON)
    before = FeedState.objects.get(feed="waze")
    assert pipeline.run("waze", now=NOON).used == 0
    after = FeedState.objects.get(feed="waze")
    assert after.last_success_at > before.last_success_at
    assert (after.last_news_at, after.items_last_day) == (before.last_news_at, before.items_last_day)


def test_answers_that_were_given_up_are_counted_for_their_own_feed(db, receive_one):
    report = receive_one(channel="mailbox", external_id="1")
    for number in range(2):
        message = outbox.put(report, outbox.ANSWER, by="Kelurahan Menteng", at=NOON, text=f"Jawaban {number}")
        message.dead_at = NOON
        message.save()
    outbox.put(report, outbox.ANSWER, by="Kelurahan Menteng", at=NOON, text="Masih menunggu")
    assert ran(MAILBOX, NOON, items=1).dead_letters == 2
    assert ran(replace(MAILBOX, name="letterbox"), NOON, items=1).dead_letters == 0


def test_a_dry_run_leaves_no_trace(city, sources):
    pipeline.run("waze", now=NOON, dry_run=True)
    assert not FeedState.objects.exists()
    assert not Volume.objects.exists()


def test_a_push_counts_as_much_as_a_run(city):
    body = (ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_page.json").read_bytes()
    tally = pipeline.push("qlue", body)
    found = FeedState.objects.get(feed="qlue")
    assert found.items_last_day == tally.used > 0
    assert found.last_run_at is None
    assert found.last_success_at is not None
    pipeline.push("qlue", body)
    assert FeedState.objects.get(feed="qlue").items_last_day == tally.used


def test_a_push_of_another_form_is_an_error_until_a_good_one(city):
    with pytest.raises(pipeline.FeedError):
        pipeline.push("qlue", sent([{"something": "else"}]))
    assert FeedState.objects.get(feed="qlue").error == (
        "The feed no longer has the form its adapter was written for."
    )
    body = (ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_page.json").read_bytes()
    pipeline.push("qlue", body)
    assert FeedState.objects.get(feed="qlue").error == ""


def test_a_failed_run_is_told_in_our_own_words_and_a_good_one_ends_it(city, sources, settings):
    sources.fail("/waze/", faults.status(401), times=None)
    with pytest.raises(FeedUnavailable):
        pipeline.run("waze", now=NOON)
    found = FeedState.objects.get(feed="waze")
    assert found.error == "The feed does not answer, or refuses us."
    assert found.error_at is not None
    assert "simulated" not in found.error and "http" not in found.error
    assert state(found, found.error_at) == "failing"
    sources.clear()
    pipeline.run("waze", now=NOON)
    found = FeedState.objects.get(feed="waze")
    assert (found.error, found.error_at) == ("", None)
    assert state(found, found.last_success_at) == "ok"


def test_a_run_that_is_broken_off_is_told_too(city, sources, monkeypatch):
    def crash(*args):
        raise RuntimeError("ours")

    monkeypatch.setattr(pipeline, "_use_waiting", crash)
    with pytest.raises(RuntimeError):
        pipeline.run("waze", now=NOON)
    assert FeedState.objects.get(feed="waze").error == "A run was broken off."


@pytest.mark.parametrize(
    ("silence", "word"),
    [
        (timedelta(0), "ok"),
        (7 * MINUTE, "ok"),
        (8 * MINUTE, "late"),
        (15 * MINUTE, "late"),
        (15 * MINUTE + timedelta(seconds=1), "stale"),
        (30 * DAY, "stale"),
    ],
)
def test_without_a_good_run_a_feed_is_late_and_after_three_intervals_stale(db, silence, word):
    found = ran(MAILBOX, NOON, items=1)
    assert state(found, NOON + silence) == word
    assert (found.silent_since, found.stale_at) == (NOON, NOON + 15 * MINUTE)


def test_failed_runs_do_not_end_a_silence_and_stale_is_the_graver_word(db):
    ran(MAILBOX, NOON, items=1)
    found = ran(MAILBOX, NOON + 10 * MINUTE, error="The feed does not answer, or refuses us.")
    assert state(found, NOON + 11 * MINUTE) == "failing"
    assert found.silent_since == NOON
    assert state(found, NOON + 16 * MINUTE) == "stale"


def test_a_feed_that_never_worked_is_failing_and_one_that_never_ran_is_never(db):
    assert state(ran(MAILBOX, NOON, error="No."), NOON + DAY) == "failing"
    health.refresh(NOON)
    assert state(FeedState.objects.get(feed="overpass"), NOON) == "never"
    assert state(FeedState.objects.get(feed="qlue"), NOON) == "disabled"


def test_a_feed_that_answers_but_brings_nothing_new_is_stale_after_three_usual_pauses(db):
    """The source is frozen: every run is good, and none says anything that was not known."""
    for minutes in range(0, 3 * 24 * 60, 10):
        last = NOON + minutes * MINUTE
        Run.objects.create(feed="mailbox", started_at=last, finished_at=last, used=1)
    health.note(MAILBOX, 1, last, "", last)
    for minutes in range(5, 60, 5):
        found = ran(MAILBOX, last + minutes * MINUTE)
    assert found.usual_s == 600
    assert (found.silent_since, found.stale_at) == (last, last + 30 * MINUTE)
    assert state(found, last + 55 * MINUTE) == "stale"


def test_a_mailbox_that_is_quiet_each_night_is_not_stale_each_night(db):
    for day in range(7):
        for hour in range(16):  # one item every ten minutes from 06:00 to 22:00
            for minute in range(0, 60, 10):
                at = NOON + day * DAY + hour * HOUR + minute * MINUTE
                Run.objects.create(feed="mailbox", started_at=at, finished_at=at, used=1)
    evening = NOON + 6 * DAY + 16 * HOUR
    ran(MAILBOX, evening, items=1)
    for hour in range(1, 8):
        found = ran(MAILBOX, evening + hour * HOUR)
        assert state(found, evening + hour * HOUR) in ("ok", "late")
    found = ran(MAILBOX, evening + 30 * HOUR)
    assert state(found, evening + 30 * HOUR) == "stale"


def days_of_runs(days: int, pauses: dict[int, timedelta]) -> None:
    """A run each hour that brings something; on some days, by their number, none for so long."""
    at = NOON - days * DAY
    while at < NOON:
        Run.objects.create(feed="mailbox", started_at=at, finished_at=at, used=1)
        at += pauses.pop((at - NOON + days * DAY).days, HOUR)


@pytest.mark.parametrize(
    ("days", "pauses", "seconds"),
    [
        (1, {}, None),
        (4, {}, 3600),
        (20, {3: 2 * DAY}, 3600),  # one outage in three weeks does not become usual
        (20, {day: 9 * HOUR for day in range(20)}, 9 * 3600),
        (27, {3: 2 * DAY, 9: 5 * HOUR, 15: 4 * HOUR}, 4 * 3600),
    ],
)
def test_what_is_usual_is_the_longest_pause_of_a_day_without_the_worst_tenth(db, days, pauses, seconds):
    days_of_runs(days, dict(pauses))
    assert health.usual_s("mailbox", NOON) == seconds


def test_of_what_is_pushed_the_hours_tell_what_is_usual(db):
    for hours in range(0, 24 * 5, 6):
        Volume.objects.create(feed="mailbox", hour=NOON - hours * HOUR, items=1)
    assert health.usual_s("mailbox", NOON) == 6 * 3600


def test_what_a_day_brings_is_compared_with_the_last_four_weekdays_like_it(db):
    for weeks, items in enumerate([100, 7, 9, 8, 50], start=1):  # the fifth week back does not count
        Volume.objects.create(feed="mailbox", hour=NOON - 7 * weeks * DAY, items=items)
    Volume.objects.create(feed="mailbox", hour=NOON - DAY - HOUR, items=1000)
    Volume.objects.create(feed="mailbox", hour=NOON - 2 * HOUR, items=3)
    found = ran(MAILBOX, NOON, items=2)
    assert (found.items_last_day, found.expected_a_day) == (5, 8.5)


def test_a_weekday_on_which_nothing_came_counts_as_none(db):
    Volume.objects.create(feed="mailbox", hour=NOON - 40 * DAY, items=1)
    Volume.objects.create(feed="mailbox", hour=NOON - 7 * DAY, items=10)
    assert ran(MAILBOX, NOON).expected_a_day == 0


def test_a_day_is_the_city_s(db):
    Volume.objects.create(feed="mailbox", hour=NOON - 40 * DAY, items=1)
    evening = NOON - 7 * DAY + 13 * HOUR  # 18:00 UTC, 01:00 of the next day in Jakarta
    for weeks in range(4):
        Volume.objects.create(feed="mailbox", hour=evening - 7 * weeks * DAY, items=10)
    assert ran(MAILBOX, NOON).expected_a_day == 0
    assert later(MAILBOX, NOON + DAY).expected_a_day == 10


def test_the_poll_writes_feeds_that_are_silent_and_says_what_is_disabled(db):
    ran(MAILBOX, NOON, items=4)
    assert later(MAILBOX, NOON + 2 * DAY).items_last_day == 0
    health.refresh(NOON)
    found = {one.feed: one for one in FeedState.objects.all()}
    assert set(found) == {*feeds.names(), "mailbox"}
    assert not found["mailbox"].enabled  # the settings name it no more


def test_other_facts_of_a_feed_are_taken_over(db):
    ran(MAILBOX, NOON, items=1)
    other = later(replace(MAILBOX, title="Surel", cadence_s=600), NOON + MINUTE)
    assert (other.title, other.stale_at) == ("Surel", NOON + 30 * MINUTE)


PUSHED = replace(MAILBOX, enabled=False, pushed=True)


def test_a_feed_that_is_only_pushed_is_stale_after_three_usual_pauses_whoever_read_a_file_into_it(db):
    for day in range(5):
        health.note(PUSHED, 2, NOON + day * DAY, "", NOON + day * DAY)
    found = later(PUSHED, NOON + 5 * DAY)
    assert (found.enabled, found.usual_s) == (True, 86_400)
    assert state(found, NOON + 5 * DAY) == "ok"
    Run.objects.create(feed="mailbox", started_at=NOON, outcome="complete")  # by hand, with nothing new
    found = later(PUSHED, NOON + 6 * DAY)
    assert state(found, NOON + 6 * DAY) in ("ok", "late")
    found = later(PUSHED, NOON + 13 * DAY)
    assert (found.usual_s, state(found, NOON + 13 * DAY)) == (86_400, "stale")
    assert found.silent_since == NOON + 4 * DAY


def test_a_feed_that_is_pushed_and_polled_has_the_pauses_of_both(db):
    for day in range(5):
        at = NOON + day * DAY
        Run.objects.create(feed="mailbox", started_at=at, used=1)
        Volume.objects.create(feed="mailbox", hour=at, items=1)
        Volume.objects.create(feed="mailbox", hour=at + 12 * HOUR, items=1)
    assert health.usual_s("mailbox", NOON + 5 * DAY) == 12 * 3600


@pytest.mark.parametrize("kind", ["", "_FILE"])
def test_a_push_key_makes_a_feed_heard_and_the_map_says_no_data_when_it_is_silent(
    city, monkeypatch, tmp_path, kind
):
    (tmp_path / "key").write_text("kunci-rahasia-untuk-uji-coba")
    monkeypatch.setenv(
        f"GEOPLATFORM_FEED_QLUE_PUSH_KEY{kind}", str(tmp_path / "key") if kind else "kunci-rahasia-untuk-uji"
    )
    feed = feeds.feed("qlue")
    assert (feed.enabled, feed.pushed, feed.is_heard) == (False, True, True)
    pipeline.push("qlue", (ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_page.json").read_bytes())
    now = timezone.now()
    Volume.objects.all().delete()
    for day in range(9, 15):
        health.note(feed, 1, None, "", now - day * DAY)
    FeedState.objects.update(last_news_at=now - 9 * DAY)
    health.refresh(now)
    found = FeedState.objects.get(feed="qlue")
    assert state(found, now) == "stale"
    assert [one["feed"] for one in silent(now)] == ["qlue"]
    assert "reports" in stale_layers(now)


@pytest.mark.parametrize(
    ("variable", "table", "is_polled"),
    [
        ("", "", False),
        ("TOKEN", "", False),  # that of LAPOR! is for answers
        ("", "[lapor.options]\ncategory = 'road'\n", False),
        ("", "[lapor]\nurl = 'file:///srv/lapor'\n", True),
        ("", "[lapor]\nenabled = true\n", True),
        ("URL", "", True),
    ],
)
def test_a_feed_that_is_pushed_is_polled_only_where_the_settings_say_where(
    settings, monkeypatch, tmp_path, variable, table, is_polled
):
    monkeypatch.setenv("GEOPLATFORM_FEED_LAPOR_PUSH_KEY", "kunci-rahasia-untuk-uji-coba")
    if variable:
        monkeypatch.setenv(f"GEOPLATFORM_FEED_LAPOR_{variable}", "https://lapor.example")
    if table:
        settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
        (tmp_path / "feeds.toml").write_text(table)
    assert feeds.feed("lapor").enabled == is_polled


def test_a_token_may_lie_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "token").write_text(" rahasia\n")
    monkeypatch.setenv("GEOPLATFORM_FEED_WAZE_TOKEN_FILE", str(tmp_path / "token"))
    assert (feeds.feed("waze").token, feeds.feed("waze").enabled) == ("rahasia", True)
    monkeypatch.setenv("GEOPLATFORM_FEED_WAZE_TOKEN", "lain")
    assert feeds.feed("waze").token == "lain"
    monkeypatch.delenv("GEOPLATFORM_FEED_WAZE_TOKEN")
    (tmp_path / "token").unlink()
    with pytest.raises(BadSettings, match=r"GEOPLATFORM_FEED_WAZE_TOKEN_FILE .*token: FileNotFoundError"):
        feeds.feed("waze")


def test_a_feed_that_cannot_even_be_asked_says_so(db, monkeypatch, tmp_path):
    health.refresh(NOON)
    monkeypatch.setenv("GEOPLATFORM_FEED_OVERPASS_TOKEN_FILE", str(tmp_path / "none"))
    health.refresh(NOON + HOUR)
    found = FeedState.objects.get(feed="overpass")
    assert (found.error, found.error_at) == ("A setting cannot be used.", NOON + HOUR)


def test_looking_changes_nothing_whatever_the_settings_of_who_looks(city, sources, settings):
    pipeline.run("waze", now=NOON)
    health.refresh(NOON)
    before = list(FeedState.objects.order_by("feed").values())
    settings.SIMULATED_CITY_URL = ""
    found = {one["feed"]: one for one in json.loads("\n".join(typed("--json")))}
    typed("--check")
    assert list(FeedState.objects.order_by("feed").values()) == before
    assert (found["waze"]["enabled"], found["waze"]["simulated"]) == (True, True)


def test_the_table_says_until_when_a_source_asked_us_to_stay_away(db, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    until = timezone.now() + HOUR
    Run.objects.create(feed="overpass", started_at=NOON, outcome="failed", retry_at=until)
    (line,) = [line for line in typed() if line.startswith("overpass")]
    assert f"not before {until:%Y-%m-%d %H:%M}Z, which it asked for" in line
    Run.objects.create(feed="overpass", started_at=timezone.now(), outcome="complete")
    assert not any("not before" in line for line in typed())


def typed(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("feeds", *words, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_prints_an_aligned_table_with_ages_in_words(db, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    lines = typed()
    assert lines[0].startswith("feed")
    assert [line.split()[0] for line in lines[1:]] == sorted(feeds.names())
    columns = {lines[0].index("state"), lines[0].index("last run")}
    assert {line.index("never") for line in lines[1:]} <= columns
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (MINUTE, "1 minute ago"),
        (59 * MINUTE, "59 minutes ago"),
        (HOUR, "1 hour ago"),
        (47 * HOUR, "1 day ago"),
        (400 * DAY, "400 days ago"),
    ],
)
def test_an_age_is_said_in_words(ago, words):
    assert command.age(NOON - ago, NOON) == words


def test_a_line_that_is_too_long_for_the_screen_ends_in_dots():
    assert command.aligned([("a", "bc"), ("abc", "d")], 80) == ["a    bc", "abc  d"]
    assert command.aligned([("a", "bcdefg")], 6) == ["a  bc…"]


def test_check_fails_where_an_enabled_feed_is_stale_or_failing_and_only_there(db):
    typed("--check")
    health.note(feeds.feed("overpass"), 0, None, "No.", NOON)
    with pytest.raises(SystemExit) as ended:
        typed("--check")
    assert ended.value.code == 1
    health.note(replace(feeds.feed("qlue")), 0, None, "No.", NOON)  # which is disabled
    health.note(feeds.feed("overpass"), 0, None, "", NOON)
    typed("--check")


@pytest.mark.parametrize(
    ("items", "usual", "word"),
    [(3, 400, "low"), (39, 400, "low"), (40, 400, "ok"), (0, 19, "ok"), (0, 20, "low"), (0, None, "ok")],
)
def test_a_feed_that_brings_hardly_anything_of_what_is_usual_is_low_and_check_fails(db, items, usual, word):
    now = timezone.now()
    for weeks in range(1, 5) if usual is not None else ():
        Volume.objects.create(feed="overpass", hour=now - 7 * weeks * DAY, items=usual)
    Run.objects.create(feed="overpass", started_at=now, outcome="complete")
    health.note(feeds.feed("overpass"), items, None, "", now)
    (found,) = FeedState.objects.filter(feed="overpass")
    assert found.items_last_day == items
    if word == "low":
        assert state(found, now) == "low"
        with pytest.raises(SystemExit):
            typed("--check")
    else:
        typed("--check")


def test_as_json_it_tells_all(db):
    found = json.loads("\n".join(typed("--json")))
    assert [one["feed"] for one in found] == sorted(feeds.names())
    assert {one["state"] for one in found} == {"never", "disabled"}


def silences() -> list[tuple[object, ...]]:
    return list(Silence.objects.order_by("known_at").values_list("feed", "since", "known_at", "until"))


def test_a_silence_is_put_down_when_the_feed_is_heard_again(db):
    stale_at = ran(MAILBOX, NOON, items=1).stale_at
    later(MAILBOX, NOON + HOUR)
    assert silences() == []
    ran(MAILBOX, NOON + DAY, items=1)
    assert silences() == [("mailbox", NOON, stale_at, NOON + DAY)]


def test_a_pause_that_was_no_silence_leaves_nothing(db):
    stale_at = ran(MAILBOX, NOON, items=1).stale_at
    ran(MAILBOX, stale_at - MINUTE, items=1)
    assert silences() == []


def test_a_feed_that_answers_again_and_brings_nothing_new_is_in_the_same_silence(db):
    for day in range(5):
        ran(MAILBOX, NOON + day * DAY, items=1)
    before = FeedState.objects.get()
    stale = later(MAILBOX, NOON + 30 * DAY)
    assert (stale.silent_since, stale.stale_at) == (before.silent_since, before.stale_at)
    still = ran(MAILBOX, NOON + 30 * DAY + MINUTE)
    assert (still.silent_since, still.stale_at) == (before.silent_since, before.stale_at)
    known = len(silences())
    ran(MAILBOX, NOON + 31 * DAY, items=1)
    assert silences()[known:] == [("mailbox", before.silent_since, before.stale_at, NOON + 31 * DAY)]


def test_the_silence_of_a_feed_that_is_read_no_more_is_over(db):
    stale_at = ran(MAILBOX, NOON, items=1).stale_at
    health.refresh(NOON + DAY)  # the settings do not name it
    assert silences() == [("mailbox", NOON, stale_at, NOON + DAY)]
    assert not FeedState.objects.get(feed="mailbox").enabled


@pytest.mark.parametrize(
    "statement", ["DELETE FROM layers_silence", "UPDATE layers_silence SET until = until + interval '1 hour'"]
)
def test_the_database_keeps_a_silence_as_it_was(db, statement):
    Silence.objects.create(feed="mailbox", since=NOON, known_at=NOON + HOUR, until=NOON + DAY)
    with pytest.raises(DatabaseError, match="stays so"), connection.cursor() as cursor:
        cursor.execute(statement)
