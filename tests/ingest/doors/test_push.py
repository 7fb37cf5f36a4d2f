"""The push door: who may come in, what is taken, and that it shows at once."""

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import threading
from datetime import timedelta
from functools import partialmethod

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from geoplatform.errors import BadSettings
from ingest import pipeline
from ingest.doors import push as door
from ingest.models import Payload, Push, Rejection, Waiting
from ingest.runs import batches
from layers.revisions import current
from reports.models import Report
from tests.conftest import MONAS, ROOT

KEY = "kunci-rahasia-untuk-uji-coba"
FOLDER = ROOT / "fixtures" / "feeds"


@pytest.fixture
def key(monkeypatch) -> str:
    monkeypatch.setenv("GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY", KEY)
    return KEY


def seconds(offset: float = 0) -> str:
    return str(int(timezone.now().timestamp() + offset))


def signature(body: bytes, timestamp: str, key: str = KEY) -> str:
    return "sha256=" + hmac.new(key.encode(), timestamp.encode() + b"." + body, "sha256").hexdigest()


def post(id: str = "1", **parts: object) -> dict:
    now = (timezone.now() - timedelta(minutes=1)).isoformat()
    said = {"author": "warga_contoh", "title": "Jalan rusak", "body": f"[SIMULASI] lubang {id}"}
    place = {"lng": MONAS.lon, "lat": MONAS.lat}
    return {"thread_id": id, "post_id": id, "created_at": now, "category": "road"} | said | place | parts


def document(*posts: dict) -> bytes:
    return json.dumps({"version": 1, "posts": posts or [post()]}).encode()


def send(
    body: bytes, feed: str = "balai_warga", timestamp: str | None = None, signed: str | None = None, **more
):
    stamp = seconds() if timestamp is None else timestamp
    mark = signature(body, stamp) if signed is None else signed
    headers = {"X-Geoplatform-Timestamp": stamp, "X-Geoplatform-Signature": mark}
    headers = {name: value for name, value in headers.items() if value}
    kind = more.pop("content_type", "application/json")
    return Client().generic("POST", f"/push/{feed}", body, content_type=kind, headers=headers, **more)


def test_a_signed_push_is_stored_and_shows_at_once(city, key):
    before = current("reports")
    answer = send(document(post("1"), post("2", category="meteor"), post("3")))
    assert (answer.status_code, answer.json()) == (
        200,
        {"accepted": 3, "new": 2, "changed": 0, "rejected": 1},
    )
    assert "no-store" in answer["Cache-Control"]
    assert current("reports") > before
    box = f"{MONAS.lon - 0.001},{MONAS.lat - 0.001},{MONAS.lon + 0.001},{MONAS.lat + 0.001}"
    assert len(Client().get("/api/reports", {"bbox": box}).json()["features"]) == 2
    assert Report.objects.get(external_id="1").kelurahan_code == "31.71.01.1001"


def test_the_same_posts_signed_anew_change_nothing(city, key):
    body = document()
    assert send(body).json()["new"] == 1
    assert send(body, timestamp=seconds(-60)).json() == {"accepted": 1, "new": 0, "changed": 0, "rejected": 0}


BODY = b'{"version": 1, "posts": []}'


@pytest.mark.parametrize(
    ("timestamp", "made"),
    [
        (0, lambda stamp: signature(BODY, stamp, "another key of some length")),
        (0, lambda stamp: signature(BODY + b" ", stamp)),
        (0, lambda stamp: signature(BODY, str(int(stamp) + 1))),
        (0, lambda stamp: signature(BODY, stamp)[:-1]),
        (0, lambda stamp: signature(BODY, stamp).removeprefix("sha256=")),
        (0, lambda stamp: signature(BODY, stamp).replace("sha256", "sha1")),
        (0, lambda stamp: "sha256=\u00e9\u00e9"),
        (0, lambda stamp: ""),
        (-310, lambda stamp: signature(BODY, stamp)),
        (400, lambda stamp: signature(BODY, stamp)),
    ],
    ids=["key", "body", "time", "cut", "bare", "sha1", "letters", "missing", "old", "future"],
)
def test_a_wrong_signature_is_refused_and_nothing_says_what_is_wrong_with_it(
    city, key, timestamp, made, caplog
):
    stamp = seconds(timestamp)
    answer = send(BODY, timestamp=stamp, signed=made(stamp))
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["detail"] == "the signature is missing, wrong, or not of the last five minutes"
    assert answer["WWW-Authenticate"] == "Geoplatform-Signature"
    assert not Push.objects.exists()
    assert "push refused feed=balai_warga" in caplog.text


@pytest.mark.parametrize("stamp", ["", "kemarin", "1e9", "-1", " 1", "\u0661", "9" * 12, "0x10"])
def test_a_time_that_is_none_is_refused_though_it_is_signed(city, key, stamp):
    assert send(BODY, timestamp=stamp, signed=signature(BODY, stamp)).status_code == 401


# Behind by less than five: until it is looked at it falls behind further.
@pytest.mark.parametrize("offset", [-200, 299])
def test_a_clock_may_be_nearly_five_minutes_off(city, key, offset):
    assert send(BODY, timestamp=seconds(offset)).status_code == 200


def test_the_signature_may_be_written_in_capitals_and_is_a_replay_all_the_same(city, key):
    stamp = seconds()
    assert send(BODY, timestamp=stamp, signed=signature(BODY, stamp).upper()).status_code == 200
    assert send(BODY, timestamp=stamp).status_code == 409


def test_a_replay_is_refused(city, key):
    body, stamp = document(), seconds()
    assert send(body, timestamp=stamp).status_code == 200
    again = send(body, timestamp=stamp)
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")
    assert Report.objects.count() == 1


def test_a_replay_at_the_door_of_another_feed_with_the_same_key_is_refused(city, key, monkeypatch):
    monkeypatch.setenv("GEOPLATFORM_FEED_QLUE_PUSH_KEY", KEY)
    stamp = seconds()
    assert send(BODY, timestamp=stamp).status_code == 200
    assert send(BODY, feed="qlue", timestamp=stamp).status_code == 409


def test_signatures_are_forgotten_when_they_could_not_come_again(city, key):
    send(BODY)
    Push.objects.update(received_at=timezone.now() - 2 * door.WINDOW)
    send(BODY, timestamp=seconds(-60))
    assert Push.objects.count() == 2
    Push.objects.update(received_at=timezone.now() - door.KEPT - timedelta(seconds=1))
    send(BODY, timestamp=seconds(-120))
    assert Push.objects.count() == 1


@pytest.mark.parametrize("feed", ["balai_warga", "qlue", "nonesuch", "..", "balai_warga/"])
def test_a_feed_without_a_key_is_not_there(city, feed):
    answer = send(BODY, feed=feed)
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"there is nothing at /push/{feed}"


def test_the_key_may_lie_in_a_file(city, monkeypatch, tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    monkeypatch.setenv("GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY_FILE", str(tmp_path / "key"))
    assert send(BODY).status_code == 200


def test_a_key_that_cannot_be_used_is_ours_to_mend_and_says_nothing_to_the_sender(
    city, monkeypatch, tmp_path
):
    monkeypatch.setenv("GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(BadSettings, match="none: FileNotFoundError"):
        door._key("balai_warga")
    monkeypatch.setenv("GEOPLATFORM_FEED_BALAI_WARGA_PUSH_KEY", "short")
    with pytest.raises(BadSettings, match="fewer than 16 characters"):
        door._key("balai_warga")


def test_a_body_of_more_than_two_megabytes_is_refused_before_it_is_read(city, key):
    answer = send(b" " * 2_000_001)
    assert (answer.status_code, answer.json()["title"]) == (413, "Content too large")


@pytest.mark.parametrize("length", ["", "viel"])
def test_a_body_of_unknown_length_is_refused(city, key, length):
    assert send(BODY, CONTENT_LENGTH=length).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "", "application/xml", "multipart/form-data; boundary=x"])
def test_another_kind_of_body_is_refused(city, key, kind):
    answer = send(BODY, content_type=kind)
    assert answer.status_code == 415
    assert "expected application/json" in answer.json()["detail"]


def test_the_kind_may_name_its_charset(city, key):
    assert send(BODY, content_type="Application/JSON; charset=utf-8").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_another_method_is_refused(city, key, method):
    answer = Client().generic(method, "/push/balai_warga")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b" ", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "the payload is list"),
        (b'{"posts": []}', "no field 'version'"),
        (b'{"version": 2, "posts": []}', "another version than 1"),
        (b'{"version": 1, "posts": {}}', "field 'posts' is dict"),
        (b'{"version": 1, "posts": [{"post_id": 1}]}', "no field 'thread_id'"),
        (b"<html></html>", "neither Atom nor RSS"),
    ],
)
def test_a_body_that_is_not_what_the_feed_sends_is_named(city, key, body, reason):
    answer = send(body)
    assert answer.status_code == 400
    assert reason in answer.json()["detail"]


def test_what_came_before_a_post_that_cannot_be_read_is_stored(city, key):
    broken = post("2")
    del broken["created_at"]
    answer = send(document(post("1"), broken))
    assert (answer.status_code, answer.json()["detail"]) == (400, "no field 'created_at'")
    assert [report.external_id for report in Report.objects.all()] == ["1"]
    assert Rejection.objects.get().reason == "no field 'created_at'"


def test_what_came_behind_a_post_that_cannot_be_read_is_stored_too_and_the_mended_document_brings_the_rest(
    city, key
):
    first, second, third = post("1"), post("2"), post("3")
    broken = {name: value for name, value in second.items() if name != "created_at"}
    assert send(document(first, broken, third)).status_code == 400
    assert sorted(Report.objects.values_list("external_id", flat=True)) == ["1", "3"]
    answer = send(document(first, second, third), timestamp=seconds(-30))
    assert answer.json() == {"accepted": 3, "new": 1, "changed": 0, "rejected": 0}
    assert Report.objects.count() == 3
    assert not Waiting.objects.exists()


def test_posts_that_are_no_objects_are_rejections(city, key):
    body = json.dumps({"version": 1, "posts": [None, 7, post()]}).encode()
    assert send(body).json() == {"accepted": 3, "new": 1, "changed": 0, "rejected": 2}


def test_a_push_that_broke_may_come_again_as_it_is(city, key, monkeypatch):
    def broken(name, body):
        raise RuntimeError("disk on fire")

    body, stamp = document(), seconds()
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "push", broken)
        answer = Client(raise_request_exception=False).post(
            "/push/balai_warga", body, "application/json",
            headers={"X-Geoplatform-Timestamp": stamp, "X-Geoplatform-Signature": signature(body, stamp)},
        )  # fmt: skip
    assert answer.status_code == 500
    assert "fire" not in answer.content.decode()
    assert send(body, timestamp=stamp).status_code == 200


def test_a_push_that_broke_when_it_was_stored_is_not_lost_when_it_is_sent_again(city, key, monkeypatch):
    """The real store, but for the one time that it fails."""
    stored = batches.report_intake.store

    def broken_once(*args):
        monkeypatch.setattr(batches.report_intake, "store", stored)
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(batches.report_intake, "store", broken_once)
    monkeypatch.setattr(Client, "__init__", partialmethod(Client.__init__, raise_request_exception=False))
    body = document()
    assert send(body).status_code == 500
    assert Waiting.objects.count() == 1
    assert not Report.objects.exists()
    answer = send(body, timestamp=seconds(-30))
    assert answer.json() == {"accepted": 1, "new": 1, "changed": 0, "rejected": 0}
    assert Report.objects.count() == 1
    assert not Waiting.objects.exists()


def test_real_posts_do_not_come_into_a_database_of_the_simulated_city(city, key, sources, settings):
    send(document())
    pipeline.run("balai_warga")
    settings.SIMULATED_CITY_URL = ""
    answer = send(document(post("2")))
    assert answer.status_code == 409
    assert "holds simulated items" in answer.json()["detail"]


def test_no_text_nor_name_of_a_post_is_logged(city, key, caplog):
    caplog.set_level("DEBUG")
    send(document(post(author="nama_rahasia", body="isi rahasia")))
    assert "push taken feed=balai_warga accepted=1 new=1" in caplog.text
    assert "rahasia" not in caplog.text.replace(KEY, "")
    assert KEY not in caplog.text


def together(bodies: list[bytes], stamps: list[str]) -> list[int]:
    """Push from a thread each, all at once; returns the statuses."""
    gate, statuses = threading.Barrier(len(bodies)), []

    def one(body: bytes, stamp: str) -> None:
        gate.wait(120)
        try:
            statuses.append(send(body, timestamp=stamp).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=pair) for pair in zip(bodies, stamps, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return sorted(statuses)


def test_of_two_pushes_at_once_with_one_signature_one_is_taken(transactional_city, key):
    body, stamp = document(), seconds()
    assert together([body, body], [stamp, stamp]) == [200, 409]
    assert Report.objects.count() == Payload.objects.count() == 1


def test_two_pushes_at_once_that_overlap_store_each_post_once(transactional_city, key):
    posts = [post(str(number)) for number in range(40)]
    bodies = [document(*posts[:30]), document(*reversed(posts[10:]))]
    assert together(bodies, [seconds(), seconds(-60)]) == [200, 200]
    assert Report.objects.count() == Payload.objects.count() == 40
    assert not Waiting.objects.exists()


EXAMPLES = re.findall(
    r"^```(python|sh)\n(.*?)^```",
    (ROOT / "docs" / "reference" / "push.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
RUN = {"python": [sys.executable, "-"], "sh": ["bash", "-eu"]}


@pytest.mark.parametrize("number", [0, 1], ids=["python", "shell"])
def test_the_examples_of_the_docs_push(transactional_city, key, live_server, tmp_path, number):
    kind, example = EXAMPLES[number]
    (tmp_path / "posts.json").write_bytes((FOLDER / "balai_warga" / "posts.json").read_bytes())
    environment = os.environ | {"PUSH_KEY": key, "PUSH_URL": f"{live_server.url}/push/balai_warga"}
    ended = subprocess.run(
        RUN[kind], input=example, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["new"] == Report.objects.count() == 6


def test_an_id_that_no_index_can_hold_costs_its_post_alone(city):
    endless = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(100))
    tally = pipeline.push("balai_warga", document(post("1"), post(endless), post("2")))
    assert (tally.new, tally.rejected) == (2, 1)
    assert "cannot be stored (ProgramLimitExceeded)" in Rejection.objects.get().reason
    assert not Waiting.objects.exists()
