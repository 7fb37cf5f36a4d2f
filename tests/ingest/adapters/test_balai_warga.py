"""Balai warga: the contract that we published, its examples, both doors, and every fault on the way."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from fixtures import faults
from geoplatform.errors import FeedChanged, FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.models import Payload, Rejection, Run
from ingest.network.http import HttpSession
from reports import categories
from reports.models import Report, SourceUpdate
from reports.record import Submission, Updates
from tests.conftest import NOON, ROOT
from tests.ingest.test_pipeline import everything, read

FOLDER = ROOT / "fixtures" / "feeds" / "balai_warga"
CONTRACT = ROOT / "docs" / "reference" / "balai-warga.md"
SCHEMA = json.loads((ROOT / "docs" / "reference" / "balai-warga.schema.json").read_text(encoding="utf-8"))
EXAMPLES = re.findall(
    r"^```(json|xml)\n(.*?)^```", CONTRACT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def recorded(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def parsed(name: str) -> list[Any]:
    adapter = feeds.adapter("balai_warga")
    return [adapter.parse(payload) for payload in adapter.document(recorded(name))]


def without_digest(record: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in ("digest", "unread")}


KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
}


def faults_of(value: Any, schema: dict[str, Any], path: str = "$") -> list[str]:
    """What is wrong with a value, by as much of JSON Schema as ours uses."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    kinds = schema.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(isinstance(value, KINDS[kind]) for kind in kinds) or (
        type(value) is bool and "boolean" not in kinds
    ):
        return [f"{path}: no {kinds}"]
    wrong = [f"{path}: const"] if "const" in schema and value != schema["const"] else []
    wrong += [f"{path}: enum"] if "enum" in schema and value not in schema["enum"] else []
    if isinstance(value, str):
        wrong += [f"{path}: pattern"] if not re.search(schema.get("pattern", ""), value) else []
        wrong += [f"{path}: minLength"] if len(value) < schema.get("minLength", 0) else []
    if isinstance(value, int | float):
        wrong += (
            [f"{path}: range"]
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value)
            else []
        )
    if isinstance(value, list):
        wrong += [
            found
            for n, item in enumerate(value)
            for found in faults_of(item, schema.get("items", {}), f"{path}[{n}]")
        ]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        wrong += [f"{path}: no {name}" for name in schema.get("required", []) if name not in value]
        wrong += [
            f"{path}: unknown {name}"
            for name in value
            if name not in known and schema.get("additionalProperties") is False
        ]
        wrong += [
            f"{path}: {name} without {other}"
            for name, others in schema.get("dependentRequired", {}).items() if name in value
            for other in others if other not in value
        ]  # fmt: skip
        wrong += [
            found
            for name, item in value.items()
            if name in known
            for found in faults_of(item, known[name], f"{path}.{name}")
        ]
    return wrong


# --- the contract


def test_the_contract_has_examples_of_each_door():
    assert [kind for kind, _ in EXAMPLES] == ["json", "xml", "xml"]


def test_the_example_of_the_contract_is_valid_and_so_is_what_the_simulated_city_pushes():
    assert faults_of(json.loads(EXAMPLES[0][1]), SCHEMA) == []
    assert faults_of(json.loads(recorded("posts.json")), SCHEMA) == []
    assert faults_of(json.loads(recorded("posts_none.json")), SCHEMA) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"thread_id": None}, "$.posts[0].thread_id: no ['string', 'integer']"),
        ({"created_at": "2026-05-14 12:00:00"}, "$.posts[0].created_at: pattern"),
        ({"category": "meteor"}, "$.posts[0].category: enum"),
        ({"lat": -6.1}, "$.posts[0]: lat without lng"),
        ({"lat": 106.8, "lng": -6.1}, "$.posts[0].lat: range"),
        ({"status": "done"}, "$.posts[0]: status without office"),
        ({"photos": ["javascript:alert(1)"]}, "$.posts[0].photos[0]: pattern"),
        ({"mood": "good"}, "$.posts[0]: unknown mood"),
    ],
)
def test_the_schema_refuses_what_the_adapter_would(change, fault):
    first = json.loads(recorded("posts.json"))["posts"][0]
    first = {name: value for name, value in first.items() if name not in ("lat", "lng")}
    assert faults_of({"version": 1, "posts": [first | change]}, SCHEMA) == [fault]


def test_the_schema_knows_every_category():
    lines = categories.TABLE.read_text(encoding="utf-8").splitlines()[1:]
    assert SCHEMA["$defs"]["post"]["properties"]["category"]["enum"] == [line.split(",")[0] for line in lines]


@pytest.mark.parametrize("number", range(3))
def test_each_example_of_the_contract_is_stored_as_the_contract_says(city, number):
    run = pipeline.run("balai_warga", document=EXAMPLES[number][1].encode())
    assert (run.outcome, run.rejected, run.unread) == ("complete", 0, [])
    report = Report.objects.get()
    assert (report.external_id, report.status, report.category_id) == ("4711", "in_progress", "road")
    assert report.kelurahan_code == "31.71.06.1001"
    assert SourceUpdate.objects.count() == 2


def test_all_examples_of_the_contract_are_the_same_thread(city):
    for _, example in EXAMPLES:
        pipeline.run("balai_warga", document=example.encode())
    assert Report.objects.count() == 1
    assert SourceUpdate.objects.count() == 2


# --- parse


def test_both_doors_say_the_same_of_the_same_posts():
    by_json = {
        post["post_id"]: record
        for post, record in zip(
            json.loads(recorded("posts.json"))["posts"], parsed("posts.json"), strict=True
        )
    }
    for name in ("feed.atom", "feed.rss"):
        there = parsed(name)[::-1]
        assert len(there) == len(by_json) > 10
        for ours, theirs in zip(by_json.values(), there, strict=True):
            assert without_digest(ours) == without_digest(theirs)
            assert theirs.unread == ()
            if isinstance(ours, Updates):
                assert [step.digest for step in ours.updates] == [step.digest for step in theirs.updates]


def edges() -> dict[str, Any]:
    adapter = feeds.adapter("balai_warga")
    found = {}
    for payload in adapter.document(recorded("posts_edges.json")):
        try:
            found[str(payload["post_id"])] = adapter.parse(payload)
        except Rejected as reason:
            found[str(payload["post_id"])] = str(reason)
    return found


def test_a_first_post_is_a_report():
    first = edges()["900001"]
    assert isinstance(first, Submission)
    assert (first.external_id, first.category, first.hint) == ("900001", "tree", "kelurahan 31.71.01.1001")
    assert first.description == "Pohon tumbang\n[SIMULASI] Pohon 🌳😭👩🏽‍🌾 menutup jalan\nbaris kedua"
    assert first.point == (106.82671, -6.17638)
    assert first.updated_at == datetime(2016, 4, 14, 5, 10, tzinfo=UTC)
    assert first.image_url == "https://photos.simulated-city.example/900001.jpg"


def test_a_reply_adds_words_and_stands_in_for_a_first_post_that_never_came():
    reply = edges()["900001-1"]
    (step,) = reply.updates
    assert (step.status, step.by, step.author) == (None, "", "sari_rekaan4")
    assert reply.stand_in.stands_in
    assert reply.stand_in.external_id == reply.external_id == "900001"


def test_an_office_may_change_the_status_and_stands_in_for_nobody():
    answer = edges()["900001-2"]
    (step,) = answer.updates
    assert (step.status, step.by, step.author) == ("done", "Kelurahan Gambir", "")
    assert answer.stand_in is None


def test_zeros_are_no_point_and_other_scripts_are_text():
    post = edges()["900002"]
    assert post.point is None
    assert post.author == "امجد"


@pytest.mark.parametrize(
    ("id", "reason"),
    [
        ("900003", "position lon -6.17638, lat 106.82671 is not on Earth"),
        ("900004", "unknown category 'meteor'"),
        ("900005", "a photo is no address of the web"),
        ("900006", "a thread that an office opened is no report"),
        ("900007-1", "a status without an office that gives it"),
        ("900008", "a deleted post says by updated_at when that was"),
    ],
)
def test_a_post_that_cannot_be_used_is_a_rejection(id, reason):
    assert edges()[id] == reason


def test_words_of_the_feed_lose_their_html_and_every_script():
    first = next(record for record in parsed("feed_edges.atom") if isinstance(record, Submission))
    assert first.description == "Pohon tumbang\n[SIMULASI] Pohon 🌳😭👩🏽‍🌾 menutup jalan\nbaris kedua"


def test_namespaces_may_have_any_prefix_and_unknown_elements_are_named():
    reply, first, answer, gone = parsed("feed_edges.atom")
    assert {one.external_id for one in (reply, first, answer)} == {"900001"}
    assert first.point == (106.82671, -6.17638)
    assert answer.unread == ("entry.w_mood",)
    assert gone.updates[0].status == "withdrawn"


def test_no_address_of_an_author_is_kept():
    payloads = feeds.adapter("balai_warga").document(recorded("feed_edges.atom"))
    assert "sari@example.com" not in json.dumps(list(payloads))


BOMB = b'<!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>'
OUTSIDE = b'<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/hostname">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&a;</title></feed>'


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        OUTSIDE,
        b"<feed",
        b"<!DOCTYPE html><html><body/></html>",
        b"<a/>",
        b'<?xml version="1.0" encoding="nonesuch"?><feed/>',
    ],
)
def test_what_is_no_feed_or_declares_entities_stops_the_run(body):
    with pytest.raises(FeedChanged, match=r"no XML that can be read|neither Atom nor RSS"):
        feeds.adapter("balai_warga").document(body)


def test_a_body_is_never_taken_for_the_name_of_a_file(tmp_path, monkeypatch):
    """feedparser opens bytes as a file first; these are the name of one, and well-formed."""
    (tmp_path / "<feed ").mkdir()
    (tmp_path / "<feed " / ">").write_bytes(recorded("feed.atom"))
    monkeypatch.chdir(tmp_path)
    assert feeds.adapter("balai_warga").document(b"<feed />") == []


@pytest.mark.parametrize("times", ["Thu, 14 May 2026 12:00:00 WIB", "kemarin", "2026-05-14T12:00:00"])
def test_a_time_without_an_offset_stops_the_run(times):
    body = recorded("feed.rss").decode()
    body = re.sub(r"<pubDate>.*?</pubDate>", f"<pubDate>{times}</pubDate>", body, count=1)
    adapter = feeds.adapter("balai_warga")
    payload = next(iter(adapter.document(body.encode())))
    with pytest.raises(FeedChanged, match=r"names no time zone|has an unknown form"):
        adapter.parse(payload)


# --- the road from the forum to the database


def run(**more: Any) -> Run:
    return read("balai_warga", **more)


def test_a_run_stores_the_threads_and_the_next_one_has_nothing_to_read(city, sources):
    first = run()
    assert (first.outcome, first.rejected, first.unread) == ("complete", 0, [])
    assert Report.objects.count() > 0
    assert Report.objects.filter(hint__startswith="kelurahan 31.7").count() == Report.objects.count()
    before = everything()
    again = run()
    assert (again.fetched, again.new, again.changed) == (0, 0, 0)
    assert sources.requests[-1].headers["if-none-match"] == first.cursor["etag"]
    assert everything() == before


def test_rss_is_the_same_threads(city, sources, settings, tmp_path):
    run()
    reports, steps = everything()["reports"], SourceUpdate.objects.count()
    settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
    (tmp_path / "feeds.toml").write_text('[balai_warga.options]\npath = "feed.rss"\n')
    again = run()
    assert again.fetched > 0
    assert SourceUpdate.objects.count() == steps
    as_sent = {"digest": None, "reading": None}
    assert [row | as_sent for row in everything()["reports"]] == [row | as_sent for row in reports]


def test_a_replay_changes_nothing(city, sources):
    run()
    before = everything()
    tally = pipeline.replay("balai_warga")
    assert (tally.new, tally.changed) == (0, 0)
    assert everything() == before


def test_posts_in_any_order_and_twice_end_with_the_same_rows(city):
    whole = json.loads(recorded("posts_edges.json"))["posts"]
    thirds = [whole[:2], whole[2:3], whole[3:]]
    ends = []
    for order in permutations(thirds):
        with transaction.atomic():
            for part in (*order, order[0]):
                pipeline.run("balai_warga", document=json.dumps({"version": 1, "posts": part}).encode())
            ends.append(everything())
            transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)
    assert len(ends[0]["reports"]) == 2


def test_a_deleted_thread_is_withdrawn_and_a_name_is_struck_out_of_a_reply(city):
    pipeline.run("balai_warga", document=recorded("posts_edges.json"))
    note = SourceUpdate.objects.get(external_id="900001", status=None).public_note
    assert note == "Di gang sebelah juga. Saya [nama], [nomor]."
    first = json.loads(recorded("posts.json"))["posts"][0]
    pipeline.run("balai_warga", document=json.dumps({"version": 1, "posts": [first]}).encode())
    gone = {"thread_id": first["thread_id"], "post_id": first["post_id"], "created_at": first["created_at"],
            "updated_at": "2016-04-20T12:00:00+07:00", "deleted": True}  # fmt: skip
    pipeline.run("balai_warga", document=json.dumps({"version": 1, "posts": [gone]}).encode())
    assert Report.objects.get(external_id=first["thread_id"]).status == "withdrawn"


def test_an_edited_reply_is_one_more_step_and_the_same_one_is_not(city):
    posts = json.loads(recorded("posts_edges.json"))["posts"]
    reply = posts[0]
    edited = reply | {"body": "Di gang sebelah tidak.", "updated_at": "2016-04-14T12:40:00+07:00"}
    for one in (reply, reply | {"mood": "good"}, edited):
        pipeline.run("balai_warga", document=json.dumps({"version": 1, "posts": [one]}).encode())
    assert SourceUpdate.objects.count() == 2
    assert Report.objects.get().stands_in


def test_a_post_from_the_future_is_refused(city):
    pipeline.run("balai_warga", document=recorded("posts_edges.json"))
    assert Rejection.objects.filter(reason__contains="lies in the future").count() == 1
    assert not Report.objects.filter(external_id="900010").exists()


@pytest.mark.parametrize(
    "fault", [faults.status(500), faults.too_many_requests(1), faults.too_many_requests(), faults.dropped()]
)
def test_a_fault_in_passing_loses_nothing(city, sources, fault):
    sources.fail("/balai_warga", fault)
    assert run().outcome == "complete"
    assert Report.objects.exists()


@pytest.mark.parametrize(
    ("code", "words"), [(401, "token"), (403, "token does not allow"), (404, "nothing at this address")]
)
def test_a_refusal_fails_the_run_and_says_what_to_do(city, sources, code, words):
    sources.fail("/balai_warga", faults.status(code), times=None)
    with pytest.raises(FeedUnavailable, match=words):
        run()


def test_without_the_token_the_forum_answers_nothing(city, sources, monkeypatch):
    monkeypatch.setattr(feeds, "SIMULATED", "wrong")
    with pytest.raises(FeedUnavailable, match="the token is missing, wrong or expired"):
        run()


def test_a_long_rest_is_kept(city, sources):
    sources.fail("/balai_warga", faults.too_many_requests(3600), times=None)
    with pytest.raises(FeedUnavailable):
        run()
    failed = Run.objects.get()
    assert failed.retry_at == failed.started_at + timedelta(hours=1)


def test_no_content_is_an_empty_run(city, sources):
    sources.fail("/balai_warga", faults.empty())
    assert run().fetched == 0


@pytest.mark.parametrize("fault", [faults.truncated(), faults.wrong_content(), faults.broken_json()])
def test_a_document_that_is_cut_or_another_stops_the_run_and_is_asked_for_again(city, sources, fault):
    sources.fail("/balai_warga", fault)
    with pytest.raises(FeedChanged):
        run()
    assert not Payload.objects.exists()
    assert run().new > 0


def test_a_server_that_says_nothing_is_given_up(city, sources, settings, tmp_path):
    settings.FEEDS_FILE = str(tmp_path / "feeds.toml")
    (tmp_path / "feeds.toml").write_text("[balai_warga]\ntimeout_s = 0.2\n")
    sources.fail("/balai_warga", faults.slow(at_most_s=5), times=None)
    with (
        HttpSession(feeds.feed("balai_warga"), lambda pause_s: None) as session,
        pytest.raises(FeedUnavailable),
    ):
        pipeline.run("balai_warga", since=NOON, now=NOON, session=session)


def test_posts_dropped_into_a_folder_are_read_once(city, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("GEOPLATFORM_FEED_BALAI_WARGA_URL", tmp_path.as_uri())
    (tmp_path / "a.json").write_bytes(recorded("posts.json"))
    (tmp_path / "b.atom").write_bytes(recorded("feed_edges.atom"))
    first = pipeline.run("balai_warga")
    assert first.fetched > 10
    assert pipeline.run("balai_warga").fetched == 0
