"""Runs against the simulated sources over real HTTP, into a real database."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.utils import timezone

from fixtures import faults
from geoplatform.errors import BadSettings, Conflict, FeedChanged, FeedUnavailable, Mixed, NotFound
from ingest import feeds, pipeline
from ingest.adapter import Message, Page
from ingest.models import Payload, Rejection, Run, Waiting
from ingest.network.http import HttpSession
from ingest.runs import batches, windows
from layers.models import Alert, Irregularity, Jam, Poi
from layers.revisions import current
from reports.models import Assignment, Report, SourceUpdate
from tests.conftest import NOON, sent

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RAIN = datetime(2026, 1, 4, 11, 0, tzinfo=UTC)  # an hour of a day on which the simulated city is flooded


def read(name: str, **more: object) -> Run:
    """Run a feed over the last day, without waiting between retries."""
    with HttpSession(feeds.feed(name), lambda seconds: None) as session:
        return pipeline.run(name, **({"since": NOON - DAY, "now": NOON, "session": session} | more))


def everything() -> dict[str, list]:
    """All rows that feeds lead to, but for the keys that the database gives and our own clock."""

    def rows(model, *without):
        own = {"id", "received_at", "asked_at", "fetched_at", "revision", "words_read_at", *without}
        found = [{k: v for k, v in row.items() if k not in own} for row in model.objects.values()]
        return sorted(found, key=repr)

    return {
        "reports": rows(Report),
        "updates": rows(SourceUpdate),
        "assignments": sorted(
            Assignment.objects.values_list(
                "report__channel", "report__external_id", "office_id", "official__name"
            )
        ),
        "alerts": rows(Alert),
        "jams": rows(Jam),
        "irregularities": rows(Irregularity),
        "pois": rows(Poi),
        "payloads": rows(Payload, "simulated"),
        "waiting": list(Waiting.objects.values_list("payload__body")),
        "rejections": sorted(Rejection.objects.values_list("reason", flat=True)),
    }


QLUE = "/qlue/"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(faults.swapped(), "lat"), (faults.fast_clock(days=400), "future")],
    ids=["swapped", "clock"],
)
def test_what_a_confused_source_says_is_set_aside_with_its_reason(city, sources, fault, reason):
    sources.fail(QLUE, fault, times=None)
    run = read("qlue")
    reasons = set(Rejection.objects.values_list("reason", flat=True))
    assert run.rejected == Rejection.objects.count() > 0
    assert not Report.objects.filter(point__isnull=False).exists()
    assert all(reason in one for one in reasons), reasons


def test_a_report_from_a_phone_without_a_fix_is_stored_without_a_place(city, sources):
    sources.fail(QLUE, faults.nowhere(), times=None)
    assert read("qlue").new > 0
    assert set(Report.objects.values_list("point", "kelurahan_code")) == {(None, None)}


def test_emoji_and_right_to_left_writing_are_kept_to_the_letter(city, sources):
    sources.fail(QLUE, faults.adorned(), times=None)
    assert read("qlue").rejected == 0
    said = Report.objects.values_list("description", "public_text")
    assert said and all(
        kept.endswith(faults.ADORNMENT) and public.endswith(faults.ADORNMENT) for kept, public in said
    )


def test_a_run_of_qlue_stores_what_the_city_said(city, sources):
    run = read("qlue")
    assert run.outcome == "complete"
    assert run.unread == []
    assert Report.objects.count() == run.new > 60
    assert Report.objects.filter(simulated=False).count() == 0
    assert SourceUpdate.objects.exists()
    assert 0.35 < Report.objects.filter(point=None).count() / Report.objects.count() < 0.65
    assert Report.objects.filter(status="done").exists()


@pytest.mark.parametrize("name", ["qlue", "petabencana", "waze", "overpass"])
def test_a_run_that_is_repeated_changes_nothing(city, sources, name):
    read(name)
    before = everything()
    again = read(name)
    assert (again.new, again.changed) == (0, 0)
    assert everything() == before


@pytest.mark.parametrize("name", ["qlue", "petabencana", "waze", "overpass"])
def test_a_replay_of_every_payload_changes_nothing(city, sources, name):
    read(name)
    before = everything()
    tally = pipeline.replay(name)
    assert tally.fetched == Payload.objects.count() > 0
    assert (tally.new, tally.changed) == (0, 0)
    assert everything() == before


@pytest.mark.parametrize("shape", ["v3", "level1"])
def test_pages_in_any_order_and_repeated_end_with_the_same_rows(city, sources, adapter, shape):
    """Three pages of markers with their histories: in every order, and each order with a page said twice."""
    made = adapter("qlue", shape=shape)
    window = pipeline.Window(NOON - DAY / 4, NOON)
    with HttpSession(made.feed) as session:
        pages = [page.payloads for page in made.fetch(session, window) if page.payloads]
    size = -(-sum(map(len, pages)) // 3)
    every = list(itertools.chain(*pages))
    thirds = [every[start : start + size] for start in range(0, len(every), size)]
    ends = []
    for order in itertools.permutations(thirds):
        with transaction.atomic():
            for page in (*order, order[0]):
                pipeline._run(made, window, [Page(page)], False, lambda tally: None)
            ends.append(everything())
            transaction.set_rollback(True)
    assert len(ends) == 6
    assert len(ends[0]["reports"]) > 20
    assert ends[0]["updates"] or shape == "level1"
    assert all(end == ends[0] for end in ends)


def test_waze_snapshots_in_any_order_end_with_the_same_rows(city, sources):
    documents = []
    for minutes in (0, 20, 40, 90):
        sources.now = NOON + timedelta(minutes=minutes)
        with HttpSession(feeds.feed("waze")) as session:
            documents.append(session.json(feeds.feed("waze").options["path"], {"format": 1}))
    ends = []
    for order in itertools.permutations(documents):
        with transaction.atomic():
            for document in order:
                pipeline.run("waze", document=sent(document))
            ends.append(everything())
            transaction.set_rollback(True)
    assert any(row["closed_at"] for row in ends[0]["jams"])
    assert any(not row["closed_at"] for row in ends[0]["jams"])
    assert all(end == ends[0] for end in ends)


def test_a_repeated_page_of_qlue_ends_the_reading_and_loses_nothing(city, sources):
    read("qlue")
    whole = Report.objects.count()
    pages = len([request for request in sources.requests if "page" in request.query])
    sources.clear()
    sources.fail("/qlue/qluein_marker_v3.php", faults.repeated_page(1), times=None)
    read("qlue")
    assert len([request for request in sources.requests if "page" in request.query]) == 2 < pages
    assert Report.objects.count() == whole


def test_pages_that_run_backward_lose_nothing(city, sources):
    sources.fail("/qlue/qluein_marker_v3.php", faults.reversed_order(), times=None)
    read("qlue")
    backward = everything()
    sources.clear()
    again = read("qlue")
    assert again.new == 0
    assert everything()["reports"] == backward["reports"]


@pytest.mark.parametrize("name", ["qlue", "petabencana", "waze", "overpass"])
def test_faults_in_passing_lose_nothing(city, sources, name):
    for fault in (faults.status(500), faults.truncated(), faults.too_many_requests(1)):
        sources.fail(f"/{name}/", fault, times=1)
    run = read(name)
    assert run.outcome == "complete"
    with_faults = everything()
    assert read(name).new == 0
    assert everything() == with_faults


@pytest.mark.parametrize("name", ["qlue", "petabencana", "waze", "overpass"])
def test_no_content_from_a_feed_that_says_none_in_its_own_form_fails_the_run(city, sources, name):
    read(name)
    before = everything()
    sources.fail(f"/{name}/", faults.empty(), times=None)
    with pytest.raises(FeedUnavailable, match=f"{name}: .*: no content"):
        read(name, now=NOON + DAY)
    failed = Run.objects.get(outcome="failed")
    assert (failed.fetched, failed.reached_at) == (0, None)
    assert everything() == before


def test_no_content_on_a_later_page_of_qlue_fails_the_run_and_the_next_one_has_it_all(city, sources):
    sources.fail("/qlue/qluein_marker_v3.php?page=2", faults.empty())
    with pytest.raises(FeedUnavailable, match="no content on page 2"):
        read("qlue")
    assert Run.objects.get().reached_at is None
    assert read("qlue").outcome == "complete"


def test_a_source_that_stays_away_fails_the_run_and_the_next_one_goes_on(city, sources):
    sources.fail("/qlue/web_list", faults.status(503), times=None)
    with pytest.raises(FeedUnavailable, match="status 503"):
        read("qlue")
    failed = Run.objects.get()
    assert (failed.outcome, failed.reached_at) == ("failed", None)
    assert "503" in failed.error
    assert Report.objects.exists()
    assert not SourceUpdate.objects.exists()
    sources.clear()
    assert read("qlue").outcome == "complete"
    assert SourceUpdate.objects.exists()


def test_a_renamed_field_stops_the_run_and_nothing_is_stored_by_half(city, sources):
    sources.fail("/qlue/qluein_marker_v3.php", faults.renamed("timestamp", "time"), times=None)
    with pytest.raises(FeedChanged, match=r"no field profile\.'timestamp'"):
        read("qlue")
    assert Report.objects.count() == 0
    assert Run.objects.get().error == "no field profile.'timestamp'"


def test_an_unknown_field_is_reported_once_per_run(city, sources, recorded, caplog):
    document = recorded("qlue/marker_v3_page")
    for marker in document:
        marker["profile"]["mood"] = "good"
    run = pipeline.run("qlue", document=sent(document))
    assert run.unread == ["profile.mood"]
    assert caplog.text.count("profile.mood") == 1
    assert Report.objects.count() == len(document)


def test_a_payload_that_cannot_be_used_is_set_aside_and_mended_by_replay(city, recorded, monkeypatch):
    document = recorded("qlue/marker_v3_page")
    label = document[0]["profile"]["detail"]["suggest"]["labels"]
    label[:] = ["Baru", "ic_2new.png"]
    run = pipeline.run("qlue", document=sent(document))
    assert (run.outcome, run.rejected, run.new) == ("complete", 1, len(document) - 1)
    assert Rejection.objects.get().reason == "unknown category ['Baru', 'ic_2new.png']"

    mended = feeds.adapter("qlue")
    mended.feed.options["categories"]["ic_2new"] = "other"
    monkeypatch.setattr(feeds, "adapter", lambda name: mended)
    tally = pipeline.replay("qlue")
    assert (tally.new, tally.changed, tally.rejected) == (1, 0, 0)
    assert not Rejection.objects.exists()
    del mended.feed.options["categories"]["ic_2new"]


def test_a_payload_is_kept_as_it_was_sent(city, recorded):
    document = recorded("qlue/marker_v3_edges")
    pipeline.run("qlue", document=sent(document))
    kept = [json.loads(body) for body in Payload.objects.order_by("id").values_list("body", flat=True)]
    assert kept == document


def test_text_that_the_database_cannot_hold_is_kept_and_stored_without_it(city, recorded):
    document = recorded("qlue/marker_v3_page")[:1]
    document[0]["profile"]["detail"]["desc"] = "nol \0, separuh \ud83d"
    pipeline.run("qlue", document=sent(document))
    assert Report.objects.get().description == "nol \ufffd, separuh ?"
    assert json.loads(Payload.objects.get().body) == document[0]


def test_a_dry_run_counts_and_stores_nothing(city, sources):
    run = read("qlue", dry_run=True)
    assert run.new > 60
    assert not any(everything().values())
    assert not Run.objects.exists()


def test_only_one_run_of_a_feed_at_a_time(transactional_city, sources):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('feed:waze', 0))")
        with pytest.raises(Conflict, match="another run is under way"):
            read("waze")
        # A session that is closed lets go a little later.
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert read("waze").outcome == "complete"


def test_a_feed_that_there_is_not_is_named(db):
    with pytest.raises(NotFound, match="'nonesuch'"):
        pipeline.run("nonesuch")


def test_a_second_run_looks_back_from_where_the_first_got_to(city, sources):
    read("qlue", now=NOON)
    feed = feeds.feed("qlue")
    window = windows.window(feed, None, NOON + DAY)
    assert window.since == NOON - timedelta(seconds=feed.look_back_s)
    assert 0 < len(window.open_ids) <= feed.follow_at_most
    assert set(window.open_ids) == set(
        Report.objects.exclude(status="done").values_list("external_id", flat=True)
    )


def test_the_traces_of_open_reports_go_on_being_followed(city, sources):
    read("qlue")
    steps, done = SourceUpdate.objects.count(), Report.objects.filter(status="done").count()
    sources.now = NOON + DAY
    with HttpSession(feeds.feed("qlue")) as session:
        pipeline.run("qlue", session=session, now=NOON + DAY)
    assert SourceUpdate.objects.count() > steps
    assert Report.objects.filter(status="done").count() > done


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("qlue", 'shape = "level1"'),
        ("petabencana", 'api = "v2"'),
        ("petabencana", 'api = "v2"\nform = "topojson"'),
        ("petabencana", 'api = "reports"'),
        ("petabencana", 'api = "reports"\nform = "topojson"'),
        ("petabencana", 'form = "topojson"'),
    ],
)
def test_every_form_that_a_feed_speaks_is_read_over_its_transport(
    city, sources, settings, tmp_path, name, options
):
    own = tmp_path / "feeds.toml"
    own.write_text(f"[{name}.options]\n{options}\n")
    settings.FEEDS_FILE = str(own)
    sources.now = RAIN
    run = read(name, since=RAIN - DAY, now=RAIN)
    assert (run.outcome, run.unread) == ("complete", [])
    # A handful of the city's phones send their axes swapped.
    assert not Rejection.objects.exclude(reason__endswith="is not on Earth").exists()
    assert Report.objects.count() == run.new > 0
    assert Report.objects.filter(category="flood").exists()


def test_reports_never_asked_about_come_first(city, sources):
    read("qlue")
    first = Report.objects.exclude(status="done").order_by("id").first()
    Report.objects.exclude(pk=first.pk).update(asked_at=NOON)
    assert windows.window(feeds.feed("qlue"), None, NOON).open_ids[0] == first.external_id


def test_a_replay_goes_on_behind_a_payload_of_another_feed(city, recorded):
    with pytest.raises(FeedChanged):
        pipeline.run("qlue", document=sent(recorded("petabencana/v2_confirmed")))
    document = recorded("qlue/marker_v3_page")
    pipeline.run("qlue", document=sent(document))
    tally = pipeline.replay("qlue")
    assert (tally.fetched, tally.rejected) == (len(document) + 1, 1)


def test_a_mended_adapter_mends_what_it_read_before_whichever_digest_is_greater(city, recorded, monkeypatch):
    document = recorded("qlue/marker_v3_page")
    pipeline.run("qlue", document=sent(document))
    mended = feeds.adapter("qlue")
    mended.feed.options["categories"].update(dict.fromkeys(mended.feed.options["categories"], "other"))
    monkeypatch.setattr(feeds, "adapter", lambda name: mended)
    tally = pipeline.replay("qlue")
    assert (tally.new, tally.changed) == (0, len(document))
    assert not Report.objects.exclude(category="other").exists()
    again = pipeline.replay("qlue")
    assert again.changed == 0


def test_a_mended_adapter_makes_no_second_jam_of_one(city, recorded, monkeypatch):
    pipeline.run("waze", document=sent(recorded("waze/snapshot")))
    jams = Jam.objects.count()
    parse = type(feeds.adapter("waze")).parse

    def mended(self, payload):
        read = parse(self, payload)
        return replace(read, jams=tuple(replace(jam, street=jam.street.upper()) for jam in read.jams))

    monkeypatch.setattr(type(feeds.adapter("waze")), "parse", mended)
    before = current("jams")
    pipeline.replay("waze")
    assert Jam.objects.count() == jams
    assert all(street.isupper() for street in Jam.objects.exclude(street="").values_list("street", flat=True))
    assert current("jams") > before


def test_what_a_clock_that_went_ahead_reached_is_not_taken_for_known(db):
    feed = feeds.feed("qlue")
    for at in (NOON - 2 * HOUR, NOON + 2 * HOUR):
        Run.objects.create(feed="qlue", simulated=feed.simulated, started_at=at, reached_at=at)
    assert windows.window(feed, None, NOON).since == NOON - 2 * HOUR - timedelta(seconds=feed.look_back_s)
    assert windows.reached(feed, NOON + 2 * HOUR) == NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[nonesuch]\ncadence_s = 1\n", r"there is no adapter .nonesuch."),
        ("[qlue]\ncadence = 1\n", r"feed qlue: unknown \['cadence'\]"),
        ("[qlue\n", "feeds.toml: "),
    ],
)
def test_a_wrong_file_of_feeds_is_named_with_what_is_wrong(settings, tmp_path, text, message):
    own = tmp_path / "feeds.toml"
    own.write_text(text)
    settings.FEEDS_FILE = str(own)
    with pytest.raises(BadSettings, match=message):
        feeds.feed("qlue")


def test_a_value_that_no_column_can_hold_costs_its_payload_alone(city, recorded):
    document = recorded("waze/snapshot_edges")
    document["jams"][0]["level"] = 10**6
    assert pipeline.run("waze", document=sent(document)).rejected == 1
    assert pipeline.run("waze", document=sent(recorded("waze/snapshot"))).outcome == "complete"
    assert "cannot be stored" in Rejection.objects.get().reason


def test_a_payload_that_is_no_object_is_a_rejection(city, recorded):
    document = recorded("qlue/marker_v3_page")
    run = pipeline.run("qlue", document=sent([None, 7, *document]))
    assert (run.new, run.rejected) == (len(document), 2)


def test_a_run_that_leaves_a_gap_behind_it_does_not_move_the_mark(city, sources):
    read("qlue")
    assert Run.objects.latest("id").reached_at == NOON
    Run.objects.update(reached_at=NOON - 3 * DAY)
    read("qlue", since=NOON - DAY)
    assert Run.objects.latest("id").reached_at is None
    assert windows.window(feeds.feed("qlue"), None, NOON).since < NOON - 3 * DAY


def test_real_and_simulated_items_of_a_feed_do_not_share_a_database(city, sources, settings):
    read("waze")
    settings.SIMULATED_CITY_URL = ""
    with pytest.raises(Mixed, match="feed waze: this database holds simulated items of it"):
        pipeline.run("waze", document=sent({"startTimeMillis": 1}))
    assert set(Run.objects.values_list("simulated", flat=True)) == {True}


def test_a_feed_that_brought_nothing_yet_may_be_simulated(city, sources):
    Run.objects.create(feed="waze", started_at=NOON, finished_at=NOON, reached_at=NOON, outcome="failed")
    Run.objects.create(feed="overpass", started_at=NOON, simulated=False)
    assert read("waze").outcome == "complete"
    with pytest.raises(Mixed, match="holds real items of it, and what comes now is simulated"):
        read("overpass")


def test_a_marker_that_cannot_be_read_does_not_keep_its_page_from_being_kept(city, sources, recorded):
    document = recorded("qlue/marker_v3_page")
    document[0]["id"] = None
    document[1]["profile"]["timestamp"] = "kemarin"
    sources.fail("/qlue/qluein_marker_v3.php", faults.instead(document), times=1)
    with pytest.raises(FeedChanged, match=r"no field 'id'"):
        read("qlue")
    assert Payload.objects.filter(simulated=True).count() >= len(document)
    # Both were judged, and so was all that stood with them: nothing of the page waits.
    assert not Waiting.objects.exists()
    reasons = " ".join(Rejection.objects.order_by("id").values_list("reason", flat=True))
    assert "no field 'id'" in reasons and "time str has an unknown form" in reasons
    stored = set(Report.objects.values_list("external_id", flat=True))
    assert {str(marker["id"]) for marker in document[2:]} <= stored
    assert read("qlue").outcome == "complete"
    assert Rejection.objects.count() == 2


def test_what_a_feed_sent_in_a_wrong_form_keeps_out_nothing_that_comes_later(city, sources, recorded):
    """Forty payloads that cannot be read, some left waiting by a kill; then the feed is its old self."""
    wrong = [{"something": "else", "number": number} for number in range(40)]
    with pytest.raises(FeedChanged, match="no field 'id'"):
        pipeline.run("qlue", document=sent(wrong))
    assert Rejection.objects.count() == 40
    left = Payload.objects.order_by("id")[10:]
    Waiting.objects.bulk_create(Waiting(payload=one) for one in left)
    waited = left[0].id
    with pytest.raises(FeedChanged, match=rf"a payload kept earlier \(id {waited}\): no field 'id'"):
        read("qlue")
    assert Report.objects.count() > 60  # the good page is in, though the run says what it found on its way
    assert Run.objects.latest("id").reached_at == NOON
    assert read("qlue").outcome == "complete"


def test_a_fault_of_ours_is_named_in_the_run_that_it_broke(city, sources, monkeypatch):
    def broken(*args, **more):
        raise RuntimeError("isi rahasia")

    monkeypatch.setattr(pipeline, "use", broken)
    with pytest.raises(RuntimeError):
        read("waze")
    broken_off = Run.objects.get()
    assert (broken_off.outcome, broken_off.error) == ("broken off", "a fault of ours (RuntimeError)")


class Mailbox:
    """One that is open while somebody reads it."""

    is_open = False

    def messages(self, cursor):
        self.is_open = True
        try:
            for uid in (1, 2):
                yield Message(b"From: a@example.com\r\n\r\nHalo\r\n"), {"uidvalidity": 1, "uid": uid}
        finally:
            self.is_open = False


def test_a_run_that_breaks_hangs_up_itself_however_long_somebody_keeps_its_error(city, monkeypatch):
    def broken(*args, **more):
        raise RuntimeError("the disk is full")

    mailbox = Mailbox()
    monkeypatch.setattr(pipeline, "WORTH", 1)
    monkeypatch.setattr(pipeline, "use", broken)
    with pytest.raises(RuntimeError) as kept:
        pipeline.run("email", since=NOON - DAY, now=NOON, session=mailbox)
    assert kept.value
    assert not mailbox.is_open


def test_a_category_that_there_is_not_costs_its_payload_alone(transactional_city, recorded, monkeypatch):
    """The database looks for the category when the transaction ends."""
    document = recorded("qlue/marker_v3_page")
    parse = type(feeds.adapter("qlue")).parse

    def of_another(self, payload):
        submission = parse(self, payload)
        return replace(submission, category="lainnya") if payload["id"] == document[0]["id"] else submission

    monkeypatch.setattr(type(feeds.adapter("qlue")), "parse", of_another)
    run = pipeline.run("qlue", document=sent(document))
    assert (run.outcome, run.rejected, run.new) == ("complete", 1, len(document) - 1)
    assert "cannot be stored (ForeignKeyViolation)" in Rejection.objects.get().reason


def test_a_source_with_a_fast_clock_is_mended_by_a_replay_when_its_time_has_come(city, recorded, monkeypatch):
    document = recorded("waze/snapshot")
    ahead_ms = int((timezone.now() + DAY).timestamp() * 1000)
    run = pipeline.run("waze", document=sent(document | {"startTimeMillis": ahead_ms}))
    assert run.rejected == 1
    assert pipeline.replay("waze").rejected == 1  # it still lies ahead
    later = timezone.now() + 2 * DAY
    monkeypatch.setattr(batches, "timezone", SimpleNamespace(now=lambda: later))
    assert pipeline.replay("waze").rejected == 0
    assert not Rejection.objects.exists()
    assert Jam.objects.exists()


@pytest.mark.parametrize("seconds", [99999999999999, 1e20, 31_536_000, float("inf"), float("nan")])
def test_no_source_keeps_us_away_for_more_than_a_day(city, sources, monkeypatch, seconds):
    def unavailable(*args):
        raise FeedUnavailable("waze: status 429", retry_after_s=seconds)

    monkeypatch.setattr(HttpSession, "json", unavailable)
    with pytest.raises(FeedUnavailable):
        read("waze")
    failed = Run.objects.get()
    assert failed.retry_at - failed.started_at == DAY


def test_a_history_that_is_refused_for_good_does_not_cost_the_others(city, sources, caplog):
    sources.fail("/qlue/web_list_history_progress.php", faults.status(404), times=1)
    assert read("qlue").outcome == "complete"
    assert SourceUpdate.objects.exists()
    assert "history refused feed=qlue id=" in caplog.text


def test_histories_that_are_all_refused_fail_the_run(city, sources):
    sources.fail("/qlue/web_list_history_progress.php", faults.status(404), times=None)
    with pytest.raises(FeedUnavailable, match="status 404"):
        read("qlue")
    assert Report.objects.exists()


def test_a_feed_of_more_pages_than_most_fails_the_run_and_keeps_what_it_read(
    city, sources, settings, tmp_path
):
    own = tmp_path / "feeds.toml"
    own.write_text("[qlue.options]\nmost_pages = 2\n")
    settings.FEEDS_FILE = str(own)
    with pytest.raises(FeedUnavailable, match="more than most_pages 2"):
        read("qlue")
    assert Report.objects.count() > 0
    assert Run.objects.get().reached_at is None


def test_what_an_api_no_longer_reaches_is_named(city, sources, settings, tmp_path, caplog):
    own = tmp_path / "feeds.toml"
    own.write_text('[petabencana.options]\napi = "v2"\n')
    settings.FEEDS_FILE = str(own)
    read("petabencana")
    assert f"gap feed=petabencana from={(NOON - DAY).isoformat()} to={(NOON - DAY / 12).isoformat()}" in (
        caplog.text
    )


def test_a_dry_run_holds_nothing_while_it_waits_for_the_network(transactional_city, sources):
    seen = []

    class Looking(HttpSession):
        def json(self, path, params=None):
            seen.append(connection.in_atomic_block)
            return super().json(path, params)

    with Looking(feeds.feed("waze")) as session:
        pipeline.run("waze", dry_run=True, now=NOON, session=session)
    assert seen == [False]
    assert not Payload.objects.exists()


def test_a_replay_that_is_broken_off_has_touched_what_it_changed(city, recorded, monkeypatch):
    pipeline.run("waze", document=sent(recorded("waze/snapshot")))
    before = current("jams")

    def broken_off(tally):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.replay("waze", progress=broken_off)
    assert current("jams") > before


def test_a_number_that_is_none_is_stored_as_missing(city, recorded):
    document = recorded("waze/snapshot")
    document["jams"][0]["turnType"] = float("nan")
    run = pipeline.run("waze", document=sent(document))
    assert (run.outcome, run.rejected) == ("complete", 0)
    assert Jam.objects.get(external_id=str(document["jams"][0]["uuid"])).attributes["turnType"] is None


def test_what_lies_in_the_future_is_refused_and_closes_nothing(city, recorded):
    pipeline.run("waze", document=sent(recorded("waze/snapshot")))
    open_jams = Jam.objects.filter(closed_at=None).count()
    run = pipeline.run("waze", document=sent({"startTimeMillis": 4_070_908_800_000}))
    assert run.rejected == 1
    assert "time 2099-01-01T00:00:00+00:00 lies in the future" in Rejection.objects.get().reason
    assert Jam.objects.filter(closed_at=None).count() == open_jams > 0


def test_a_payload_on_which_our_adapter_fails_keeps_out_no_other(city, recorded, monkeypatch, caplog):
    document = recorded("qlue/marker_v3_page")
    parse = type(feeds.adapter("qlue")).parse

    def failing(self, payload):
        return 1 / 0 if payload["id"] == document[0]["id"] else parse(self, payload)

    monkeypatch.setattr(type(feeds.adapter("qlue")), "parse", failing)
    run = pipeline.run("qlue", document=sent(document))
    assert (run.outcome, run.rejected, run.new) == ("complete", 1, len(document) - 1)
    assert Rejection.objects.get().reason == "our adapter failed (ZeroDivisionError); it has been logged"
    assert "adapter failed feed=qlue payload=" in caplog.text
    monkeypatch.undo()
    assert pipeline.replay("qlue").new == 1
