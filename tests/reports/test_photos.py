"""Photos lie by their content below one folder, whole or not at all, and their rows come after them."""

import hashlib
import os
import threading
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from geoplatform.errors import Unavailable
from reports import intake, photos
from reports.models import Photo
from reports.record import Photo as Picture
from reports.record import Updates
from tests.conftest import NOON
from tests.ingest.test_pipeline import DAY


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    return settings.MEDIA_ROOT


def made(body: bytes = b"a picture", looks: int = -5) -> Picture:
    return Picture(body, "image/jpeg", hashlib.sha256(body).hexdigest(), looks)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_photo_lies_where_its_digest_says(city, folder, submission):
    picture = made()
    intake.receive([submission(photos=(picture,))], simulated=False)
    row = Photo.objects.get()
    assert (row.channel, row.external_id, row.media_type, row.looks) == ("qlue", "1", "image/jpeg", -5)
    assert (
        photos.path(row.digest) == photos.path(picture.digest) == folder / picture.digest[:2] / picture.digest
    )
    assert photos.path(row.digest).read_bytes() == picture.body
    assert files(folder) == [photos.path(row.digest)]
    assert photos.path(row.digest).parent.stat().st_mode & 0o077 == 0  # nobody else looks at it


def test_a_photo_that_comes_again_is_kept_once(city, folder, submission):
    batch = [submission(photos=(made(), made(b"another"))), submission("2", photos=(made(),))]
    intake.receive(batch, simulated=False)
    written = {path: path.stat().st_mtime_ns for path in files(folder)}
    intake.receive(batch, simulated=False)
    assert (Photo.objects.count(), len(written)) == (3, 2)
    assert {path: path.stat().st_mtime_ns for path in files(folder)} == written


def test_photos_of_an_answer_belong_to_the_report_that_it_stands_in_for(city, folder, submission):
    stand_in = submission(photos=(made(),), stands_in=True)
    intake.receive([Updates("qlue", "1", (), stand_in=stand_in)], simulated=False)
    intake.receive([submission(photos=(made(b"another"),))], simulated=False)
    assert list(Photo.objects.values_list("external_id", flat=True)) == ["1", "1"]


def test_files_are_there_before_their_rows(city, folder, submission, monkeypatch):
    def refused(*args: object, **more: object) -> None:
        assert len(files(folder)) == 1
        raise DatabaseError

    monkeypatch.setattr(Photo.objects, "bulk_create", refused)
    with pytest.raises(DatabaseError), transaction.atomic():
        intake.receive([submission(photos=(made(),))], simulated=False)
    assert len(files(folder)) == 1
    assert not Photo.objects.exists()


def test_a_file_half_written_has_no_name(city, folder, submission, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match=r"GEOPLATFORM_MEDIA.*No space left"), transaction.atomic():
            intake.receive([submission(photos=(made(),))], simulated=False)
    assert not photos.path(made().digest).exists()
    assert not Photo.objects.exists()
    intake.receive([submission(photos=(made(),))], simulated=False)
    assert photos.path(made().digest).read_bytes() == made().body


def test_many_threads_may_keep_the_same_photo(folder, submission):
    large = made(b"0123456789" * 100_000)
    ready = threading.Barrier(8)
    errors: list[Unavailable] = []

    def keep() -> None:
        ready.wait()
        try:
            photos.write(large)
        except Unavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=keep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [path.read_bytes() for path in files(folder)] == [large.body]


def test_a_report_without_photos_makes_no_folder(city, folder, submission):
    intake.receive([submission()], simulated=False)
    assert not folder.exists()


def test_a_photo_too_old_is_thrown_away_and_no_replay_brings_it_back(city, folder, submission):
    old = submission(photos=(made(),))
    intake.receive([old], simulated=False)
    assert photos.expire(NOON, NOON) == 0
    Photo.objects.update(kept_at=NOON - DAY)
    assert photos.expire(NOON, NOON) == 1
    row = Photo.objects.get()
    assert (row.expired_at, row.looks, files(folder)) == (NOON, -5, [])
    intake.receive([old], simulated=False)
    assert (photos.expire(NOON, NOON), files(folder)) == (0, [])


def test_a_photo_that_a_younger_report_has_too_stays_until_that_is_old(city, folder, submission):
    intake.receive([submission(photos=(made(),))], simulated=False)
    Photo.objects.update(kept_at=NOON - DAY)
    intake.receive([submission("2", photos=(made(),))], simulated=False)
    assert photos.expire(NOON, NOON) == 1
    assert files(folder) == [photos.path(made().digest)]
    Photo.objects.update(kept_at=NOON - DAY)
    assert (photos.expire(NOON, NOON), files(folder)) == (1, [])


def test_a_photo_that_comes_again_in_another_report_is_kept_anew(city, folder, submission):
    intake.receive([submission(photos=(made(),))], simulated=False)
    Photo.objects.update(kept_at=NOON - DAY)
    photos.expire(NOON, NOON)
    intake.receive([submission("2", photos=(made(),))], simulated=False)
    assert photos.path(made().digest).read_bytes() == made().body


def test_photos_are_thrown_away_a_batch_at_a_time(city, folder, submission, monkeypatch):
    monkeypatch.setattr(photos, "BATCH", 2)
    batch = [submission(str(n), photos=(made(b"%d" % n),)) for n in range(5)]
    intake.receive(batch, simulated=False)
    Photo.objects.update(kept_at=NOON - DAY)
    assert (photos.expire(NOON, NOON), files(folder)) == (5, [])
