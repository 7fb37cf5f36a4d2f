"""Payloads are kept for so long and no longer; what came of them stays."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from access.audit import Origin
from casework.duplicates import candidates
from casework.models import Clue
from ingest import pipeline, tasks
from ingest.keeping import retention
from ingest.models import Payload, Rejection, Waiting
from layers.models import FeedState
from reports import outbox, photos
from reports.models import Outgoing, Photo, Report, Suggestion
from tests.conftest import ROOT

PAGE = ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_page.json"
EDGES = ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_edges.json"
DAY = timedelta(days=1)


@pytest.fixture
def kept(city) -> int:
    """Payloads of a run, all fetched 91 days ago; returns how many."""
    pipeline.run("qlue", document=EDGES.read_bytes())
    Payload.objects.update(fetched_at=timezone.now() - 91 * DAY)
    return Payload.objects.count()


def typed(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_what_is_older_than_the_setting_is_emptied_and_the_rest_is_left(kept):
    young = Payload.objects.order_by("id").last()
    Payload.objects.filter(id=young.id).update(fetched_at=timezone.now() - 89 * DAY)
    assert retention.expire(timezone.now()) == kept - 1
    assert Payload.objects.exclude(id=young.id).exclude(body="").count() == 0
    young.refresh_from_db()
    assert (young.body != "", young.expired_at) == (True, None)
    assert retention.expire(timezone.now()) == 0


def test_the_number_of_days_is_a_setting(kept, settings):
    settings.PAYLOAD_DAYS = 92
    assert retention.expire(timezone.now()) == 0
    settings.PAYLOAD_DAYS = 7
    assert retention.expire(timezone.now()) == kept


def test_batches_are_small_and_none_is_left_out(kept, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    assert retention.expire(timezone.now()) == kept


def test_the_same_item_is_not_new_again(kept):
    retention.expire(timezone.now())
    before = Report.objects.count()
    run = pipeline.run("qlue", document=EDGES.read_bytes())
    assert (run.used, run.new, run.changed, Report.objects.count()) == (0, 0, 0, before)
    assert not Payload.objects.exclude(body="").exists()


def test_rejections_keep_their_reasons_and_wait_no_more(kept):
    reasons = set(Rejection.objects.values_list("payload", "reason"))
    assert len(reasons) == FeedState.objects.get().rejected_waiting > 0
    retention.expire(timezone.now())
    assert set(Rejection.objects.values_list("payload", "reason")) == reasons
    pipeline.run("qlue", document=PAGE.read_bytes())
    assert FeedState.objects.get().rejected_waiting == 0


def test_replay_leaves_them_out_and_says_how_many(kept):
    retention.expire(timezone.now())
    pipeline.run("qlue", document=PAGE.read_bytes())
    new = Payload.objects.filter(expired_at=None).count()
    last = typed("replay", "qlue").splitlines()[-1]
    assert last == f"qlue: replayed {new}, new 0, changed 0, rejected 0, {kept} expired"


def test_what_nobody_read_in_time_is_a_rejection_that_says_so(kept):
    unread = Payload.objects.order_by("id").first()
    Rejection.objects.filter(payload=unread).delete()
    Waiting.objects.create(payload=unread)
    retention.expire(timezone.now())
    assert Rejection.objects.get(payload=unread).reason == "it expired before anyone read it"
    run = pipeline.run("qlue", document=PAGE.read_bytes())  # which would read what waits first
    assert run.outcome == "complete"


def test_the_command_says_how_many_and_a_dry_run_leaves_them(kept):
    Photo.objects.create(channel="x", external_id="1", digest=b"\1" * 32, media_type="image/jpeg", looks=1)
    Photo.objects.update(kept_at=timezone.now() - 366 * DAY)
    dry = " (dry run: nothing was emptied)"
    assert typed("expire", "--dry-run").splitlines() == [
        f"{kept} payloads older than 90 days expired{dry}", f"1 photos older than 365 days expired{dry}"
    ]  # fmt: skip
    assert not Payload.objects.filter(body="").exists()
    assert not Photo.objects.exclude(expired_at=None).exists()
    assert typed("expire").splitlines() == [
        f"{kept} payloads older than 90 days expired", "1 photos older than 365 days expired"
    ]  # fmt: skip
    assert typed("expire").startswith("0 payloads older than 90 days expired")


def test_for_how_many_days_photos_are_kept_is_a_setting(city, settings):
    Photo.objects.create(channel="x", external_id="1", digest=b"\1" * 32, media_type="image/jpeg", looks=1)
    Photo.objects.update(kept_at=timezone.now() - 30 * DAY)
    assert retention.expire_photos(timezone.now()) == 0
    settings.PHOTO_DAYS = 29
    tasks.expire(0)
    assert not Photo.objects.filter(expired_at=None).exists()


def test_the_worker_does_it_each_day(kept):
    tasks.expire(0)
    assert not Payload.objects.exclude(body="").exists()


def forget(channel: str, external_id: str) -> int:
    """Forget the author of a report; returns how many payloads were emptied."""
    return retention.forget(channel, external_id, timezone.now(), Origin("worker"))[1]


def test_who_asks_to_be_forgotten_is_in_no_payload_and_others_stay(kept):
    report = Report.objects.exclude(description="").first()
    Waiting.objects.bulk_create(
        Waiting(payload=one) for one in Payload.objects.filter(body__contains=report.external_id)
    )
    others = Payload.objects.exclude(body__contains=report.external_id).exclude(body="").count()
    assert forget("qlue", report.external_id) > 0
    report.refresh_from_db()
    assert (report.description, report.public_text, report.author_hash) == ("", "", "")
    assert not Payload.objects.filter(body__contains=report.external_id).exists()
    assert Payload.objects.exclude(body="").count() == others


def test_who_wrote_an_e_mail_is_forgotten_with_pictures_answers_and_base64(city):
    letters = ROOT / "fixtures" / "feeds" / "email"
    for name in ("photo_edges", "first_plain"):
        pipeline.run("email", document=(letters / f"{name}.eml").read_bytes())
    report = Report.objects.get(external_id__contains="photo.edge")
    outbox.put(report, outbox.ANSWER, by="Kelurahan Menteng", at=report.submitted_at, text="Siap, Budi")
    Suggestion.objects.create(
        report=report, edition=city, rank=1, level="kelurahan", code="31.71.06.1001", score=0.9,
        words=["Menteng"], spans=[[0, 7]],
    )  # fmt: skip
    candidates.find(report.submitted_at - DAY)
    (picture,) = Photo.objects.filter(external_id=report.external_id)
    Photo.objects.create(channel="x", external_id="1", digest=b"\1" * 32, media_type="image/jpeg", looks=1)
    file = photos.path(picture.digest)
    assert file.exists() and forget("email", report.external_id) == 1
    assert not file.exists() and Outgoing.objects.count() == 0
    assert not Suggestion.objects.filter(report=report).exists()
    assert not Clue.objects.filter(report=report).exists()
    assert sorted(body == "" for body in Payload.objects.values_list("body", flat=True)) == [False, True]


def test_a_picture_that_another_report_has_too_is_not_deleted(city):
    pipeline.run("email", document=(ROOT / "fixtures/feeds/email/photo_edges.eml").read_bytes())
    picture = Photo.objects.get()
    Photo.objects.create(
        channel="x", external_id="1", digest=picture.digest, media_type="image/jpeg", looks=1
    )
    assert forget("email", picture.external_id) == 1
    assert photos.path(picture.digest).exists()
