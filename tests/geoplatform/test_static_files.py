"""What a browser is sent compressed is compressed once for each version of a file."""

import gzip
import os

import pytest

from geoplatform.static_files import StaticFilesStorage

WORDS = b"Jakarta, peta laporan warga. " * 50


@pytest.fixture
def storage(tmp_path):
    (tmp_path / "page.css").write_bytes(WORDS)
    os.utime(tmp_path / "page.css", (1_780_000_000.123456, 1_780_000_000.123456))
    return StaticFilesStorage(location=str(tmp_path))


def compressed(storage) -> list[str]:
    return [form for _, form, _ in storage.post_process({"page.css": (storage, "page.css")})]


def test_a_file_that_was_compressed_is_not_compressed_again(storage):
    assert compressed(storage) == ["page.css.br", "page.css.gz"]
    assert compressed(storage) == []


def test_a_file_that_changed_is(storage, tmp_path):
    compressed(storage)
    (tmp_path / "page.css").write_bytes(WORDS + b"!")
    assert compressed(storage) == ["page.css.br", "page.css.gz"]
    assert gzip.decompress((tmp_path / "page.css.gz").read_bytes()) == WORDS + b"!"


def test_one_that_was_left_half_compressed_is(storage, tmp_path):
    compressed(storage)
    (tmp_path / "page.css.gz").write_bytes(b"\x1f\x8b")
    assert compressed(storage) == ["page.css.br", "page.css.gz"]
    (tmp_path / "page.css.gz").unlink()
    assert compressed(storage) == ["page.css.br", "page.css.gz"]
