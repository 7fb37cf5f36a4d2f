import os
import stat
from pathlib import Path

import numpy as np
import pytest
import shapely

from boundaries import cover, cover_file


@pytest.fixture
def squares():
    polygons = np.array([shapely.box(106.8, -6.2, 106.81, -6.19), shapely.box(106.81, -6.2, 106.82, -6.19)])
    return cover.build(polygons, ["31.71.01.1001", "31.71.01.1002"], cells=400)


def test_a_cover_that_was_kept_answers_as_before(squares, tmp_path):
    path = tmp_path / "new" / "kept.cover"
    cover_file.save(squares, path)
    lon, lat = np.random.default_rng(3).uniform((106.79, -6.21), (106.83, -6.18), (5000, 2)).T
    again = cover_file.load(path)
    assert again.codes.tolist() == squares.codes.tolist()
    assert again.frame == squares.frame
    assert np.array_equal(again.positions(lon, lat), squares.positions(lon, lat))


def test_keeping_leaves_nothing_else_in_the_folder_and_replaces_what_was_there(squares, tmp_path):
    path = tmp_path / "kept.cover"
    path.write_bytes(b"something else")
    cover_file.save(squares, path)
    assert [file.name for file in tmp_path.iterdir()] == ["kept.cover"]
    assert cover_file.load(path) is not None


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_who_may_read_what_is_kept_is_for_the_umask_to_say(squares, tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        cover_file.save(squares, tmp_path / "kept.cover")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "kept.cover").stat().st_mode) == mode


def test_a_file_that_may_not_be_read_is_none(squares, tmp_path, monkeypatch, caplog):
    path = tmp_path / "kept.cover"
    cover_file.save(squares, path)

    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", forbidden)  # root, who runs tests in a container, may read all
    assert cover_file.load(path) is None
    assert "cover not readable, made anew file=kept.cover" in caplog.text


def test_a_folder_of_that_name_is_none(tmp_path):
    assert cover_file.load(tmp_path) is None


def test_a_file_that_is_not_there_is_none(tmp_path):
    assert cover_file.load(tmp_path / "kept.cover") is None


@pytest.mark.parametrize("place", [0, 25, 60, 5000, -1])
def test_a_file_with_one_wrong_bit_is_none(squares, tmp_path, caplog, place):
    path = tmp_path / "kept.cover"
    cover_file.save(squares, path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert cover_file.load(path) is None
    assert "cover damaged or of another release, made anew file=kept.cover" in caplog.text


def test_a_file_of_another_release_is_none(squares, tmp_path, monkeypatch):
    path = tmp_path / "kept.cover"
    with monkeypatch.context() as patch:
        patch.setattr(cover_file, "LAYOUT", b"geoplatform cover 0123456789ab\n")
        cover_file.save(squares, path)
        assert cover_file.load(path) is not None
    assert cover_file.load(path) is None


@pytest.mark.parametrize("length", [0, 10, 52, 4000])
def test_a_file_that_was_cut_off_is_none(squares, tmp_path, length):
    path = tmp_path / "kept.cover"
    cover_file.save(squares, path)
    path.write_bytes(path.read_bytes()[:length])
    assert cover_file.load(path) is None
