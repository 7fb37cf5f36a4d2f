"""X: what a tweet becomes, and what is asked for."""

import json
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fixtures import faults
from fixtures.wire import x as wire
from geoplatform.errors import FeedChanged, FeedRefused, FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.dialects import tweets
from ingest.models import Payload, Rejection, Run
from ingest.network.http import HttpSession
from ingest.runs import windows
from layers.record import LonLat
from reports import categories
from reports.models import Report, SourceUpdate
from reports.record import Submission, Updates
from tests.conftest import NOON, sent
from tests.ingest.test_pipeline import DAY, everything, read

SEARCH, MENTIONS = "/x/2/tweets/search/recent", "/x/2/users/100200300/mentions"
ROOT_ID = "720547900000000101"
NINE = datetime(2016, 4, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
def parsed(adapter, recorded):
    """Parse the tweet of the edges whose id ends so."""

    def parse(ending: str):
        made = adapter("x")
        (payload,) = [
            one for one in made.items(recorded("x/search_edges")) if one["tweet"]["id"].endswith(ending)
        ]
        return made.parse(payload)

    return parse


@pytest.fixture
def read_with(settings, tmp_path):
    """Run the feed with other options, given as TOML."""

    def read_it(options: str, **more):
        own = tmp_path / "feeds.toml"
        own.write_text(f"[x.options]\n{options}\n")
        settings.FEEDS_FILE = str(own)
        return read("x", **more)

    return read_it


# --- what a tweet becomes


@pytest.mark.parametrize("name", ["search", "mentions", "search_none", "search_edges"])
def test_no_field_of_a_recorded_answer_is_left_unread(adapter, recorded, name):
    made = adapter("x")
    for payload in made.document(sent(recorded(f"x/{name}"))):
        try:
            assert made.parse(payload).unread == ()
        except Rejected:
            continue


def test_every_category_of_x_is_in_the_table():
    known = {line.split(",")[0] for line in categories.TABLE.read_text(encoding="utf-8").splitlines()[1:]}
    options = feeds.feed("x").options
    assert {options["category"], *options["categories"].values()} <= known
    assert all(tag == tag.casefold() for tag in options["categories"])


def test_a_tweet_with_a_point_is_a_submission_at_it(parsed):
    read = parsed("101")
    assert (read.channel, read.external_id, read.category) == ("x", ROOT_ID, "flood")
    assert read.submitted_at == read.updated_at == NINE
    assert (read.point, read.area, read.hint) == (LonLat(106.83, -6.15), None, "Menteng, Indonesia")
    assert read.author == "budi_contoh10 Budi Contoh"
    assert read.image_url == "https://photos.simulated-city.example/x/1.jpg"


def test_the_three_escaped_signs_are_read_once_and_links_and_emoji_are_left(parsed):
    assert parsed("101").description == (
        "@jakartagoid [SIMULASI] Banjir & sampah, air < 30 cm 🌊😭👩🏽‍🌾 &copy; tetap #BANJIR https://t.co/abc123"
    )


def test_right_to_left_text_stays_what_it_is(parsed):
    assert parsed("102").description == "@jakartagoid [SIMULASI] الشارع مكسور أمام السوق \u202eterbalik\u202c"


def test_zeros_are_no_point_and_leave_the_box_of_the_place(parsed):
    read = parsed("102")
    assert (read.point, read.area) == (None, (106.82, -6.21, 106.85, -6.18))


@pytest.mark.parametrize(("ending", "what"), [("103", "position lon -6.15"), ("114", "box -6.21, 106.82")])
def test_swapped_coordinates_set_a_tweet_aside(parsed, ending, what):
    with pytest.raises(Rejected, match=what):
        parsed(ending)


def test_a_box_of_one_point_is_an_area_and_no_point(parsed):
    read = parsed("104")
    assert (read.point, read.hint) == (None, "Warung Contoh")
    assert read.area == (106.8272, -6.1754, 106.8272, -6.1754)


def test_the_first_hashtag_that_is_known_says_the_category(parsed):
    assert parsed("104").category == "streetlight"


def test_a_tweet_without_a_known_hashtag_is_of_the_category_that_says_so(parsed):
    assert parsed("105").category == "other"


def test_an_edited_tweet_keeps_its_first_id_and_time(parsed):
    read = parsed("105")
    assert read.external_id == "720547900000000105"
    assert read.submitted_at == tweets.born("720547900000000105")
    assert read.updated_at == datetime(2016, 4, 14, 9, 10, tzinfo=UTC)


def test_a_reply_in_a_citizens_conversation_joins_it(parsed):
    read = parsed("106")
    assert isinstance(read, Updates)
    assert read.external_id == ROOT_ID
    (step,) = read.updates
    assert (step.status, step.by, step.author) == (None, "", "sari_rekaan8 Sari Rekaan 🌸")
    assert step.note == "@jakartagoid @budi_contoh10 [SIMULASI] Di sini juga, RW 05"
    assert (read.stand_in.external_id, read.stand_in.stands_in) == (ROOT_ID, True)
    assert read.stand_in.description == step.note


def test_what_the_citys_account_says_is_a_step_of_its_and_no_report(parsed):
    read = parsed("107")
    (step,) = read.updates
    assert (read.external_id, read.stand_in) == (ROOT_ID, None)
    assert (step.status, step.by, step.author) == (None, "@JakartaGoID", "")


@pytest.mark.parametrize("ending", ["109", "111"])
def test_a_quote_and_an_answer_to_the_citys_own_call_are_reports(parsed, ending):
    read = parsed(ending)
    assert isinstance(read, Submission)
    assert read.external_id.endswith(ending)
    assert not read.stands_in


def test_an_account_named_by_its_id_alone_is_the_citys_too(adapter, recorded):
    made = adapter("x", account="other_account", own_user_ids=["100200300"])
    (payload,) = [one for one in made.items(recorded("x/search_edges")) if one["tweet"]["id"].endswith("107")]
    del payload["user"]
    assert made.parse(payload).stand_in is None


def test_a_long_tweet_is_read_to_its_end(parsed):
    read = parsed("112")
    assert read.description.endswith("saluran mampet sejak Maret & meluap #saluran")
    assert read.category == "drainage"


def test_a_tweet_whose_author_is_not_sent_has_none(parsed):
    read = parsed("113")
    assert (read.external_id, read.stand_in.author) == ("720500000000000001", "")


def test_retweets_and_the_citys_announcements_are_left_out_and_counted(adapter, recorded, caplog):
    caplog.set_level(logging.INFO)
    kept = [one["tweet"]["id"][-3:] for one in adapter("x").items(recorded("x/search_edges"))]
    assert kept == ["101", "102", "103", "104", "105", "106", "107", "109", "111", "112", "113", "114"]
    assert "left out feed=x tweets=2 of=14" in caplog.text


def test_a_payload_holds_the_objects_as_they_were_sent(adapter, recorded):
    document = recorded("x/search_edges")
    first = adapter("x").items(document)[0]
    assert first == {
        "tweet": document["data"][0],
        "place": document["includes"]["places"][0],
        "user": document["includes"]["users"][0],
        "media": document["includes"]["media"],
    }


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"id": None}, "tweet.'id'"), ({"id": 7}, "tweet.'id'"), ({"text": ["a"]}, "tweet.'text'"),
        ({"created_at": "yesterday"}, "time"),
        ({"geo": {"coordinates": {"type": "Polygon", "coordinates": []}}}, "no point"),
        ({"geo": "here"}, "tweet.'geo'"), ({"edit_history_tweet_ids": "1"}, "edit_history"),
        ({"edit_history_tweet_ids": ["x", "720547900000000101"]}, "is none"),
    ],
)  # fmt: skip
def test_a_tweet_of_another_form_says_what_changed(adapter, recorded, broken, what):
    made = adapter("x")
    payload = made.items(recorded("x/search_edges"))[0]
    payload["tweet"] |= broken
    with pytest.raises(FeedChanged, match=what):
        made.parse(payload)


@pytest.mark.parametrize(
    "includes", [None, [], {"places": [None, 7]}, {"users": [{"name": "A"}], "media": [{}]}]
)
def test_includes_of_any_form_cost_no_tweet(adapter, recorded, includes):
    document = recorded("x/search_edges") | {"includes": includes}
    assert len(adapter("x").items(document)) >= 12


# --- what is asked for


def queries(sources, path: str) -> list[dict[str, str]]:
    return [request.query for request in sources.requests if request.path == path]


def test_the_first_run_reads_from_where_it_is_told_and_the_next_one_behind_the_newest(city, sources):
    first = read("x")
    asked = queries(sources, SEARCH)[0]
    assert asked["start_time"] == "2026-05-13T05:00:00Z"
    assert "since_id" not in asked
    assert asked["query"] == "(@jakartagoid OR to:jakartagoid OR from:jakartagoid) -is:retweet"
    newest = max(
        (json.loads(body)["tweet"]["id"] for body in Payload.objects.values_list("body", flat=True)), key=int
    )
    assert first.cursor["search"] == newest
    assert set(first.cursor) == {"search", "mentions"}

    sources.clear()
    again = read("x")
    for path, stream in ((SEARCH, "search"), (MENTIONS, "mentions")):
        (asked,) = queries(sources, path)
        assert asked["since_id"] == first.cursor[stream]
        assert "start_time" not in asked
    assert (again.fetched, again.cursor) == (0, None)
    assert windows.window(feeds.feed("x"), None, NOON).cursor == first.cursor


def test_what_comes_later_is_read_once_and_an_edit_takes_the_place_of_its_first_version(city, sources):
    read("x")
    before = Report.objects.count()
    sources.now = NOON + DAY / 2
    run = read("x", now=sources.now)
    assert run.new > 0
    tweeted = [json.loads(body)["tweet"] for body in Payload.objects.values_list("body", flat=True)]
    assert len({one["id"] for one in tweeted}) == len(tweeted)
    edited = [one for one in tweeted if len(one["edit_history_tweet_ids"]) > 1]
    assert edited
    for one in edited:
        assert (
            Report.objects.get(external_id=one["edit_history_tweet_ids"][0]).description.count("(ralat)") == 1
        )
        assert not Report.objects.filter(external_id=one["id"]).exists()
    assert Report.objects.count() == before + run.new


def test_a_first_run_reaches_back_seven_days_less_a_minute_and_no_further(city, sources, caplog):
    read("x", since=NOON - 30 * DAY)
    assert queries(sources, SEARCH)[0]["start_time"] == "2026-05-07T05:01:00Z"
    assert "gap feed=x stream=search" in caplog.text


def test_a_place_in_the_cursor_that_is_too_old_for_x_is_given_up(city, sources):
    old = str(wire.id_at(NOON - 8 * DAY, 1))
    Run.objects.create(
        feed="x", simulated=True, started_at=NOON, finished_at=NOON, cursor={"search": old, "mentions": old}
    )
    run = read("x")
    assert queries(sources, SEARCH)[0]["start_time"] == "2026-05-07T05:01:00Z"
    assert int(run.cursor["search"]) > int(old)


def test_a_stream_that_fails_does_not_cost_the_other_its_place(city, sources, read_with):
    sources.fail(MENTIONS, faults.status(503), times=None)
    with pytest.raises(FeedUnavailable, match="mentions: status 503"):
        read("x")
    failed = Run.objects.get()
    assert set(failed.cursor) == {"search"}
    assert Report.objects.exists()
    sources.clear()
    run = read("x")
    assert run.cursor == {**failed.cursor, "mentions": run.cursor["mentions"]}


def test_the_place_in_a_stream_moves_only_behind_its_last_page(city, sources, adapter):
    made = adapter("x", page_size=10, streams=["search"])
    with HttpSession(made.feed) as session:
        pages = list(made.fetch(session, pipeline.Window(NOON - DAY, NOON)))
    assert len(pages) > 2
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)
    assert pages[-1].payloads == []
    assert pages[-1].cursor["search"] == pages[0].payloads[0]["tweet"]["id"]


def test_more_pages_than_may_be_read_fail_the_run(city, sources, read_with):
    with pytest.raises(FeedUnavailable, match="more than most_pages 2: raise it"):
        read_with("page_size = 10\nmost_pages = 2")
    assert Run.objects.get().cursor is None


def test_an_account_whose_id_is_set_is_not_asked_for_by_name(city, sources, read_with):
    assert read_with('user_id = "100200300"').outcome == "complete"
    assert not any("by/username" in request.target for request in sources.requests)
    assert queries(sources, MENTIONS)


def test_search_alone_is_read_where_the_mentions_are_not_to_be_had(city, sources, read_with):
    assert read_with('streams = ["search"]').cursor.keys() == {"search"}
    assert {request.path for request in sources.requests} == {SEARCH}


# --- what X says is wrong


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("page_size = 5", r"Invalid Request / .*\[5\] is not between 10 and 100"),
        ("page_size = 101", r"\[101\] is not between 10 and 100"),
        (f'query = "{"a" * 513}"', "`query` must have 1 to 512 characters"),
        ('account = "nobody"', r"Could not find user with username: \[nobody\]"),
        ('user_id = "7"', r"Could not find user with id: \[7\]"),
    ],
)
def test_a_setting_that_x_refuses_is_told_in_its_words(city, sources, read_with, options, why):
    with pytest.raises(FeedUnavailable, match=why) as error:
        read_with(options)
    assert not isinstance(error.value, FeedRefused)
    assert Run.objects.get().outcome == "failed"


def test_parts_that_x_could_not_find_are_logged_and_cost_nothing(city, recorded, caplog):
    run = pipeline.run("x", document=sent(recorded("x/search_edges")))
    assert (run.outcome, run.fetched, run.rejected) == ("complete", 12, 2)
    assert "partial errors feed=x count=1 kinds=Not Found Error" in caplog.text
    assert "900000999" not in caplog.text


def test_results_without_data_are_a_change_of_the_feed(adapter):
    with pytest.raises(FeedChanged, match="no field 'data', and 3 results"):
        adapter("x").items({"meta": {"result_count": 3}})


@pytest.mark.parametrize(
    "document", [[], "text", 7, {"meta": []}, {"meta": {}}, {"data": {}, "meta": {"result_count": 0}}, {}]
)
def test_an_answer_of_another_form_is_a_change_of_the_feed(adapter, document):
    with pytest.raises(FeedChanged):
        adapter("x").document(sent(document))


def test_the_time_of_the_next_period_is_kept_for_the_worker(city, sources):
    reset = int(time.time()) + 600
    sources.answer(
        SEARCH, {"title": "Too Many Requests", "status": 429}, 429, {"x-rate-limit-reset": str(reset)}
    )
    with pytest.raises(FeedUnavailable, match="status 429") as error:
        read("x")
    assert reset - time.time() <= error.value.retry_after_s <= 600
    assert Run.objects.get().retry_at is not None


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_says_so_in_words_of_x_too(city, sources, status):
    sources.answer(SEARCH, {"title": "Forbidden", "detail": "Enroll your app", "status": status}, status)
    with pytest.raises(FeedUnavailable, match=rf"status {status}: the token .*: Forbidden / Enroll your app"):
        read("x")


# --- what is stored


def test_boxes_are_stored_as_areas_and_place_no_report(city, recorded):
    pipeline.run("x", document=sent(recorded("x/search_edges")))
    boxed = Report.objects.get(external_id="720547900000000102")
    assert (boxed.point, boxed.kelurahan_code, boxed.hint) == (None, None, "Menteng, Indonesia")
    assert boxed.area.extent == (106.82, -6.21, 106.85, -6.18)
    one_point = Report.objects.get(external_id="720547900000000104")
    assert (one_point.point, one_point.kelurahan_code) == (None, None)
    assert one_point.area.extent == (106.8272, -6.1754, 106.8272, -6.1754)
    exact = Report.objects.get(external_id=ROOT_ID)
    assert (exact.area, exact.placed_by) == (None, "inside")
    assert sorted(Rejection.objects.values_list("reason", flat=True))[0].startswith("box -6.21")


def test_words_of_a_conversation_stand_beside_its_report_and_for_it_where_it_never_came(city, recorded):
    pipeline.run("x", document=sent(recorded("x/search_edges")))
    steps = SourceUpdate.objects.filter(external_id=ROOT_ID).order_by("at")
    assert [(step.by, step.status) for step in steps] == [("", None), ("@JakartaGoID", None)]
    root = Report.objects.get(external_id=ROOT_ID)
    assert (root.status, root.stands_in) == ("waiting", False)
    assert Report.objects.get(external_id="720500000000000001").stands_in
    assert "Budi Contoh" not in root.public_text


@pytest.mark.parametrize("backward", [False, True])
def test_the_newest_edit_wins_in_any_order(city, recorded, adapter, backward):
    document = recorded("x/search_edges")
    (newer,) = [
        one for one in document["data"] if one["id"].endswith("105") and one["id"].startswith("72055")
    ]
    older = newer | {
        "id": "720547900000000105", "text": "@jakartagoid [SIMULASI] Pohon tumbang",
        "created_at": "2016-04-14T09:00:00.000Z", "edit_history_tweet_ids": ["720547900000000105"],
    }  # fmt: skip
    for one in (newer, older) if backward else (older, newer):
        pipeline.run("x", document=sent({"data": [one], "meta": {"result_count": 1}}))
    assert Report.objects.get().description.endswith("(ralat)")


def test_a_tweet_that_both_streams_bring_is_kept_once(city, sources):
    run = read("x")
    assert run.fetched > Payload.objects.count() == len(everything()["payloads"])


def test_a_time_with_another_offset_is_the_same_instant(adapter, recorded):
    made = adapter("x")
    payload = made.items(recorded("x/search_edges"))[0]
    payload["tweet"]["created_at"] = "2016-04-14T16:00:00+07:00"
    assert made.parse(payload).submitted_at == NINE


def test_an_id_says_when_it_was_given():
    assert tweets.born(str(wire.id_at(NOON, 5))) == NOON
    assert abs(tweets.born(ROOT_ID) - NINE) < timedelta(hours=1)
    assert replace(tweets.Account("1", "a"), name="B").words == "a B"


# --- tweets that are gone


LOOKUP = "/x/2/tweets"
OPEN_ID, OTHER_ID = "720547900000000101", "720547900000000102"


def missing(id: str, kind: str = "resource-not-found") -> dict[str, str]:
    return {
        "resource_id": id, "value": id, "title": "Not Found Error", "parameter": "ids",
        "type": f"https://api.twitter.com/2/problems/{kind}",
    }  # fmt: skip


@pytest.fixture
def stored(city, sources, recorded):
    """Read recorded tweets by a run, and let the streams be silent from then on."""
    pipeline.run("x", document=sent(recorded("x/search_edges")))
    for path in (SEARCH, MENTIONS):
        sources.answer(path, {"meta": {"result_count": 0}})
    return sources


@pytest.mark.parametrize("kind", ["resource-not-found", "not-authorized-for-resource"])
def test_an_open_report_whose_tweet_is_gone_is_withdrawn_and_asked_for_no_more(stored, kind):
    stored.answer(f"{LOOKUP}?", {"data": [{"id": OTHER_ID, "text": "x"}], "errors": [missing(OPEN_ID, kind)]})
    run = read("x")
    (asked,) = queries(stored, LOOKUP)
    assert {OPEN_ID, OTHER_ID} <= set(asked["ids"].split(","))
    assert (run.outcome, run.rejected) == ("complete", 0)
    assert Report.objects.get(external_id=OPEN_ID).status == "withdrawn"
    assert Report.objects.get(external_id=OTHER_ID).status == "waiting"
    assert OPEN_ID not in windows.window(feeds.feed("x"), None, NOON).open_ids
    assert pipeline.replay("x").changed == 0


def test_where_no_tweet_at_all_is_seen_none_is_taken_for_gone(stored, caplog):
    stored.answer(f"{LOOKUP}?", {"errors": [missing(OPEN_ID), missing(OTHER_ID)]})
    read("x")
    assert not Report.objects.filter(status="withdrawn").exists()
    assert "not withdrawn feed=x tweets=2" in caplog.text


def test_a_tweet_that_an_answer_neither_holds_nor_refuses_is_left_alone(stored):
    stored.answer(f"{LOOKUP}?", {"data": [{"id": OTHER_ID, "text": "x"}], "errors": [missing("7")]})
    read("x")
    assert not Report.objects.filter(status="withdrawn").exists()


def test_what_stands_in_for_a_tweet_that_never_came_is_not_asked_for(stored):
    assert Report.objects.get(external_id="720500000000000001").stands_in
    read("x")
    (asked,) = queries(stored, LOOKUP)
    assert "720500000000000001" not in asked["ids"].split(",")


def test_the_simulated_x_says_of_each_of_its_tweets_that_it_is_there(city, sources):
    read("x")
    sources.clear()
    read("x")
    assert queries(sources, LOOKUP)
    assert not Report.objects.filter(status="withdrawn").exists()
