"""Facebook: what a post becomes, what is asked for, and what becomes of posts that are gone."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import transaction

from fixtures import faults
from fixtures.messages import json_answer
from fixtures.server import SourceServer
from fixtures.wire.facebook import PAGE, error, gone
from geoplatform.errors import FeedChanged, FeedRefused, FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.dialects import graph
from ingest.models import Payload, Rejection, Run
from ingest.network.http import HttpSession
from ingest.runs import windows
from layers import tiles
from layers.grid import Tile
from layers.layer import find
from layers.record import LonLat
from reports import categories
from reports.models import Report, SourceUpdate
from reports.record import Submission, Updates
from tests.conftest import NOON, sent
from tests.ingest.test_pipeline import DAY, everything, read

GRAPH = "/facebook/v26.0/"
FEED = f"{GRAPH}me/feed"
FIRST = "700800900_1"
CITY = Tile(9, 407, 264)


@pytest.fixture
def payload(adapter, recorded):
    """Return a post of the edges by its number, with the page."""

    def find_one(number: int) -> dict:
        (post,) = [
            one for one in recorded("facebook/feed_edges")["data"] if one["id"] == f"700800900_{number}"
        ]
        return {"page": PAGE, "post": post}

    return find_one


@pytest.fixture
def parsed(adapter, payload):
    return lambda number: adapter("facebook").parse(payload(number))


@pytest.fixture
def showing(sources, recorded):
    """Let the page show the posts of the edges, without those of these numbers."""

    def show(*hidden: int) -> None:
        document = recorded("facebook/feed_edges")
        ids = [f"700800900_{number}" for number in hidden]
        document["data"] = [post for post in document["data"] if post["id"] not in ids]
        sources.answer(FEED, document)
        sources.answer(f"{GRAPH}me/visitor_posts", {"data": []})

    return show


def on_the_map() -> list[int]:
    body = tiles.tile(find("reports"), CITY, "geojson", NOON)
    return [feature["id"] for feature in json.loads(body)["features"]]


# --- what a post becomes


@pytest.mark.parametrize("name", ["feed", "visitor_posts", "feed_none", "feed_edges"])
def test_no_field_of_a_recorded_answer_is_left_unread(adapter, recorded, name):
    made = adapter("facebook", page_id=PAGE["id"])
    for one in made.document(sent(recorded(f"facebook/{name}"))):
        try:
            assert made.parse(one).unread == ()
        except Rejected:
            continue


def test_every_category_of_facebook_is_in_the_table():
    known = {line.split(",")[0] for line in categories.TABLE.read_text(encoding="utf-8").splitlines()[1:]}
    options = feeds.feed("facebook").options
    assert {options["category"], *options["categories"].values()} <= known
    assert all(tag == tag.casefold() for tag in options["categories"])


def test_a_post_at_a_place_is_a_submission_at_it(parsed):
    read = parsed(1)
    assert isinstance(read, Submission)
    assert (read.channel, read.external_id, read.category) == ("facebook", FIRST, "flood")
    assert read.submitted_at == read.updated_at == datetime(2016, 4, 14, 9, 0, tzinfo=UTC)
    assert (read.point, read.hint) == (LonLat(106.8272, -6.1754), "Taman Contoh, Jl. Contoh, Jakarta")
    assert (read.author, read.image_url[-4:]) == ("Budi Contoh", ".jpg")
    assert "🌊😭👩🏽‍🌾" in read.description


def test_right_to_left_text_stays_what_it_is_and_a_city_alone_is_a_hint(parsed):
    read = parsed(2)
    assert read.description == "[SIMULASI] الشارع مكسور \u202eterbalik\u202c"
    assert (read.point, read.area, read.hint) == (None, None, "Jakarta")


def test_a_place_at_zero_is_no_point(parsed):
    assert (parsed(3).point, parsed(3).hint) == (None, "Nol")


def test_a_place_with_swapped_axes_is_a_rejection(parsed):
    with pytest.raises(Rejected, match=r"lon -6\.1754, lat 106\.8272 is not on Earth"):
        parsed(4)


def test_a_post_whose_author_we_may_not_know_has_none(parsed):
    assert (parsed(5).author, parsed(5).hint) == ("", "Pasar Contoh")


def test_a_picture_without_words_is_a_report(parsed):
    assert (parsed(6).description, parsed(6).category) == ("", "other")


def test_an_edited_post_has_the_time_of_its_edit(parsed):
    assert (parsed(7).submitted_at.minute, parsed(7).updated_at.minute) == (0, 40)


def test_an_announcement_of_the_page_is_left_out(adapter, recorded):
    made = adapter("facebook", page_id=PAGE["id"])
    numbers = [one["post"]["id"][-1] for one in made.items(recorded("facebook/feed_edges"))]
    assert numbers == ["1", "2", "3", "4", "5", "6", "7", "9"]


def test_an_answer_of_the_page_is_a_step_of_the_post_that_it_answers(parsed):
    read = parsed(9)
    assert isinstance(read, Updates)
    (step,) = read.updates
    assert (read.external_id, step.status, step.by) == (FIRST, None, "Jakarta (simulasi)")


def test_a_refusal_that_tells_of_a_deleted_post_withdraws_its_report(adapter):
    payload = {"id": FIRST, "deleted": gone(FIRST)["error"], "asked_at": NOON.isoformat()}
    read = adapter("facebook").parse(payload)
    (step,) = read.updates
    assert (read.external_id, step.status, step.at, step.note) == (FIRST, "withdrawn", NOON, "")


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"id": None}, r"post\.'id'"), ({"created_time": 7}, "created_time"),
        ({"updated_time": None}, "updated_time"),
        ({"message": ["a"]}, "message"), ({"from": "Budi"}, "from"), ({"place": "here"}, "place"),
        ({"place": {"location": "here"}}, "location"), ({"created_time": "2016-04-14T09:00:00"}, "time zone"),
        ({"place": {"location": {"latitude": "north", "longitude": 1}}}, "no number"),
    ],
)  # fmt: skip
def test_a_post_of_another_form_says_what_changed(adapter, payload, broken, what):
    broken_post = payload(1)
    broken_post["post"] |= broken
    with pytest.raises(FeedChanged, match=what):
        adapter("facebook").parse(broken_post)


@pytest.mark.parametrize("document", [[], "text", {"data": {}}, {"posts": []}, {}])
def test_an_answer_of_another_form_is_a_change_of_the_feed(adapter, document):
    with pytest.raises(FeedChanged):
        adapter("facebook").document(sent(document))


def test_a_next_page_without_its_cursor_is_a_change_of_the_feed():
    with pytest.raises(FeedChanged, match=r"no field paging\.'cursors'"):
        graph.after({"data": [], "paging": {"next": "https://graph.x.example/"}})


# --- what is asked for


def test_a_run_asks_for_its_window_by_the_version_and_fields_of_its_toml(city, sources):
    read("facebook")
    assert [request.path for request in sources.requests] == [
        f"{GRAPH}me", FEED, f"{GRAPH}me/visitor_posts",
    ]  # fmt: skip
    asked = sources.requests[1].query
    assert (int(asked["since"]), int(asked["until"])) == (
        (NOON - DAY).timestamp(),
        NOON.timestamp(),
    )
    assert asked["fields"] == feeds.feed("facebook").options["fields"]
    assert asked["limit"] == "100"


def test_a_run_looks_back_seven_days_so_that_edits_are_seen(city, sources):
    read("facebook")
    assert windows.window(feeds.feed("facebook"), None, NOON).since == NOON - 7 * DAY


@pytest.mark.parametrize("backward", [False, True])
def test_the_newest_edit_wins_in_any_order(city, payload, backward):
    newer, older = payload(7), payload(7)
    older["post"] |= {"message": "[SIMULASI] Jalan rsuak", "updated_time": "2016-04-14T09:00:00+0000"}
    for one in (newer, older) if backward else (older, newer):
        pipeline.run("facebook", document=sent(one))
    assert Report.objects.get().description.startswith("[SIMULASI] Jalan rusak (sudah")


def test_a_post_that_is_edited_after_the_window_is_still_read(city, sources, showing):
    showing()
    read("facebook")
    showing(7)
    later = {
        "message": "[SIMULASI] Jalan rusak, kini di dua tempat",
        "updated_time": "2016-05-14T09:40:00+0000",
    }
    sources.answer(
        f"{GRAPH}700800900_7?", {"id": "700800900_7", "created_time": "2016-04-14T09:00:00+0000", **later}
    )
    assert read("facebook").changed == 1
    assert Report.objects.get(external_id="700800900_7").description.endswith("dua tempat")


# --- posts that are gone


def test_a_deleted_post_leaves_the_map_and_stays_in_the_database(city, sources, showing):
    showing()
    read("facebook")
    report = Report.objects.get(external_id=FIRST)
    assert on_the_map() == [report.id]
    showing(1)
    run = read("facebook", now=NOON + DAY)
    assert run.outcome == "complete"
    report.refresh_from_db()
    assert report.status == "withdrawn"
    assert on_the_map() == []
    step = SourceUpdate.objects.get(external_id=FIRST, status="withdrawn")
    assert step.at == NOON + DAY
    assert Report.objects.exclude(status="withdrawn").count() == Report.objects.count() - 1
    assert FIRST not in windows._open_ids(feeds.feed("facebook"))


def test_a_replay_in_any_order_leaves_a_deleted_post_withdrawn(city, sources, showing):
    with transaction.atomic():
        showing()
        read("facebook")
        showing(1)
        read("facebook", now=NOON + DAY)
        assert pipeline.replay("facebook").changed == 0
        rows = everything()
        bodies = list(Payload.objects.order_by("-id").values_list("body", flat=True))
        transaction.set_rollback(True)
    for body in bodies:
        pipeline.push("facebook", body.encode())
    assert Report.objects.get(external_id=FIRST).status == "withdrawn"
    again = everything()
    assert (again["reports"], again["updates"]) == (rows["reports"], rows["updates"])


def test_every_post_that_the_simulated_citizens_delete_is_withdrawn_and_no_other(city, settings):
    with SourceServer(now=NOON, days=3) as server:
        settings.SIMULATED_CITY_URL = server.url
        read("facebook", since=NOON - 3 * DAY)
        known = set(Report.objects.values_list("external_id", flat=True))
        server.now = NOON + 3 * DAY
        for hours in range(3):  # a run asks for some of them
            read("facebook", since=NOON - 3 * DAY, now=server.now + hours * DAY / 24)
        gone = {id for id in known if not _is_there(id)}
    withdrawn = set(Report.objects.filter(status="withdrawn").values_list("external_id", flat=True))
    assert withdrawn == gone != set()


def _is_there(id: str) -> bool:
    """Say whether the source still has a post, asked for by itself."""
    with HttpSession(feeds.feed("facebook")) as session:
        try:
            session.json(f"v26.0/{id}", {"fields": "id"})
        except FeedRefused:
            return False
    return True


def test_no_more_posts_are_asked_for_than_the_toml_allows(city, sources, showing, settings, tmp_path):
    own = tmp_path / "feeds.toml"
    own.write_text("[facebook]\nfollow_at_most = 2\n")
    settings.FEEDS_FILE = str(own)
    showing()
    read("facebook")
    showing(1, 2, 3, 5)
    sources.requests.clear()
    read("facebook")
    asked = [request for request in sources.requests if request.path.startswith(f"{GRAPH}700800900_")]
    assert len(asked) == 2


def test_posts_that_all_vanish_at_once_are_not_taken_for_deleted(city, sources, showing, caplog):
    """A token that lost the permission to see visitors' posts meets the same refusal."""
    showing()
    read("facebook")
    showing(*range(1, 8))
    run = read("facebook", now=NOON + DAY)
    assert run.outcome == "complete"
    assert not Report.objects.filter(status="withdrawn").exists()
    assert "not withdrawn feed=facebook posts=6" in caplog.text


@pytest.mark.parametrize(
    ("answered", "is_gone"),
    [
        (error(100, "Object does not exist", 33), True),
        (error(803, "Some of the aliases you requested do not exist"), True),
        (error(803, "Some of the aliases you requested do not exist", 7), True),
        (error(100, "Tried accessing nonexisting field"), False),
        (error(2, "An unexpected error has occurred"), False),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_only_a_refusal_that_says_so_withdraws_a_report(city, sources, showing, answered, is_gone, status):
    showing()
    read("facebook")
    showing(1)
    sources.answer(f"{GRAPH}{FIRST}", answered, status)
    if is_gone:
        read("facebook")
    else:
        with pytest.raises(FeedUnavailable, match="error"):
            read("facebook")
    assert Report.objects.filter(status="withdrawn").exists() == is_gone


# --- what Facebook refuses

EXPIRED = "Session has expired on Thursday, 14-May-26 03:00:00 PDT. The current time is"
SECRET = "EAABsbCS1iHgBAKZCvery0secret0token0of0a0page"


@pytest.mark.parametrize(
    ("code", "subcode", "message", "told"),
    [
        (
            190,
            463,
            f"{EXPIRED} later {SECRET}",
            r"it expired on Thursday, 14-May-26 03:00:00 PDT: make a new page token",
        ),
        (190, 463, "Session expired", r"it expired: make a new"),
        (190, 460, "The session has been invalidated", r"password was changed: make a new page token"),
        (190, 467, "The access token is invalid", r"no longer valid: make a new"),
        (190, None, f"Malformed access token {SECRET}", r"does not accept it: make a new"),
        (102, None, "Session key invalid", r"does not accept it: make a new"),
        (10, None, "(#10) This endpoint requires pages_read_engagement", r"lacks a permission"),
        (200, None, "(#200) Permissions error", r"lacks a permission"),
        (2635, None, "You are calling a deprecated version", r"version v26\.0 is no longer served: raise it"),
        (100, None, f"(#100) Tried accessing nonexisting field (x) {SECRET}", r"nonexisting field"),
        (100, 33, "Unsupported get request", r"error 100/33: Unsupported get request"),
        (77, None, "", r"no reason given"),
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 200])
def test_a_refusal_says_what_to_do_and_never_the_token(
    city, sources, caplog, status, code, subcode, message, told
):
    sources.answer(FEED, error(code, message, subcode), status)
    feed = replace(feeds.feed("facebook"), token="simulated")
    with HttpSession(feed) as session, pytest.raises(FeedUnavailable, match=told) as refused:
        pipeline.run("facebook", now=NOON, session=session)
    assert not isinstance(refused.value, FeedRefused)
    run = Run.objects.get()
    assert (run.outcome, run.error) == ("failed", str(refused.value))
    assert f"facebook: me/feed: error {code}" in run.error
    if "make a new" in told or "permission" in told:
        assert run.error.endswith("and set GEOPLATFORM_FEED_FACEBOOK_TOKEN")
    for text in (run.error, caplog.text, refused.value.answer):
        assert SECRET not in text


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001])
@pytest.mark.parametrize("status", [400, 403])
def test_a_rate_limit_keeps_the_worker_away_for_an_hour(city, sources, code, status):
    sources.answer(FEED, error(code, "(#4) Application request limit reached"), status)
    with pytest.raises(FeedUnavailable, match=r"too many requests: none for 3600 s") as limited:
        read("facebook")
    assert limited.value.retry_after_s == 3600
    run = Run.objects.get()
    assert (run.retry_at - run.started_at).total_seconds() == 3600


def test_a_token_that_expires_midway_keeps_what_was_read(city, sources, showing):
    showing()
    sources.answer(f"{GRAPH}me/visitor_posts", error(190, "", 463), 400)
    with pytest.raises(FeedUnavailable, match="it expired"):
        read("facebook")
    assert Report.objects.count() == 6
    assert Run.objects.get().reached_at is None


def test_a_refusal_that_is_no_json_is_told_by_its_status(city, sources):
    sources.fail(FEED, lambda request, route: json_answer("<html>", 400))
    with pytest.raises(FeedUnavailable, match="me/feed: status 400"):
        read("facebook")


def test_a_deprecated_version_is_told_before_anything_else(city, sources, settings, tmp_path):
    own = tmp_path / "feeds.toml"
    own.write_text('[facebook.options]\nversion = "v2.0"\n')
    settings.FEEDS_FILE = str(own)
    with pytest.raises(FeedUnavailable, match=r"version v2\.0 is no longer served"):
        read("facebook")
    assert len(sources.requests) == 1


def test_the_edges_are_stored_but_for_the_place_that_is_not_on_earth(city, sources, showing, caplog):
    caplog.set_level(logging.INFO)
    showing()
    run = read("facebook")
    assert (run.fetched, run.new, run.rejected) == (8, 6, 1)
    assert Rejection.objects.get().reason == "position lon -6.1754, lat 106.8272 is not on Earth"
    assert Report.objects.get(external_id=FIRST).placed_by == "inside"
    for secret in ("Budi", "Banjir"):
        assert secret not in caplog.text


def test_faults_with_single_posts_end_the_run_and_withdraw_nothing(city, sources, showing):
    showing()
    read("facebook")
    showing(1, 2)
    sources.fail(f"{GRAPH}700800900_2", faults.status(500), times=None)
    with pytest.raises(FeedUnavailable, match="status 500"):
        read("facebook")
    assert not Report.objects.filter(status="withdrawn").exists()
    sources.clear()
    showing(1, 2)
    assert read("facebook").outcome == "complete"
    assert Report.objects.filter(status="withdrawn").count() == 2
