import json
import shutil

import numpy as np
import pytest

from layers import columns
from layers.index import Snapshot, applied, snapshot_of
from layers.revisions import Stamp
from layers.traits import Facet, Traits, Wordlist
from tests.layers.points import TRAITS, rows_of
from tests.layers.test_index import scattered

STAMP = Stamp("6a0f9f5e-0000-4000-8000-000000000000", 7)


@pytest.fixture
def stored(tmp_path) -> Snapshot:
    wordlist = Wordlist(TRAITS)
    snapshot = snapshot_of(rows_of(scattered(500), wordlist), wordlist)
    columns.write(tmp_path, snapshot.base, STAMP)
    return snapshot


def same(one, other) -> bool:
    return all(
        np.array_equal(a, b) for a, b in zip((*one.rows, one.order), (*other.rows, other.order), strict=True)
    )


def test_a_base_is_read_as_it_was_written(tmp_path, stored):
    _, base, stamp = columns.read(tmp_path, TRAITS)
    assert stamp == STAMP
    assert same(base, stored.base)
    assert base.wordlist.words == stored.base.wordlist.words


def test_a_base_that_was_read_takes_changes(tmp_path, stored):
    _, base, _ = columns.read(tmp_path, TRAITS)
    mapped = Snapshot(base, stored.gone, stored.fresh)
    changes = rows_of({1: dict(scattered(1)[1], lon=106.9, category="a new word")}, base.wordlist)
    after, keys = applied(mapped, changes)
    assert (len(keys), after.size) == (2, 500)


def test_a_base_of_no_points_is_read(tmp_path):
    wordlist = Wordlist(TRAITS)
    columns.write(tmp_path, snapshot_of(rows_of({}, wordlist), wordlist).base, STAMP)
    _, base, _ = columns.read(tmp_path, TRAITS)
    assert base.rows.size == 0


def test_a_folder_without_a_base_has_none(tmp_path):
    assert columns.read(tmp_path, TRAITS) is None
    assert columns.read(tmp_path / "nowhere", TRAITS) is None


def files(folder):
    return folder / columns.current(folder)


@pytest.mark.parametrize("column", columns.COLUMNS)
@pytest.mark.parametrize("harm", ["a bit", "shorter", "gone", "empty"])
def test_a_damaged_column_is_never_trusted(tmp_path, stored, column, harm, caplog):
    path = files(tmp_path) / column
    content = bytearray(path.read_bytes())
    if harm == "a bit":
        content[-3] ^= 1
    path.write_bytes({"shorter": content[:-8], "empty": b""}.get(harm, content))
    if harm == "gone":
        path.unlink()
    assert columns.read(tmp_path, TRAITS) is None
    assert "damaged base" in caplog.text


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"version": 1}'])
def test_a_damaged_manifest_is_never_trusted(tmp_path, stored, content):
    (files(tmp_path) / columns.MANIFEST).write_text(content)
    assert columns.read(tmp_path, TRAITS) is None


def test_a_pointer_to_nowhere_is_no_base(tmp_path, stored):
    shutil.rmtree(files(tmp_path))
    assert columns.read(tmp_path, TRAITS) is None


def test_a_base_of_other_facets_or_of_another_form_is_made_anew(tmp_path, stored):
    others = Traits((Facet("colour", 8), Facet("status", 3, ("waiting",))), "status")
    assert columns.read(tmp_path, others) is None
    manifest = files(tmp_path) / columns.MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"version": columns.VERSION + 1}))
    assert columns.read(tmp_path, TRAITS) is None


def test_a_new_base_takes_the_place_of_the_former_which_whoever_has_it_keeps(tmp_path, stored):
    _, former, _ = columns.read(tmp_path, TRAITS)
    wordlist = Wordlist(TRAITS)
    following = snapshot_of(rows_of(scattered(300, seed=5), wordlist), wordlist).base
    columns.write(tmp_path, following, Stamp(STAMP.epoch, 8))
    _, now, stamp = columns.read(tmp_path, TRAITS)
    assert (now.rows.size, stamp.revision) == (300, 8)
    assert same(former, stored.base)
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


def test_what_a_killed_writer_left_behind_is_not_a_base(tmp_path, stored):
    draft = tmp_path / "9-1.part"
    draft.mkdir()
    (draft / "keys").write_bytes(b"half")
    assert columns.read(tmp_path, TRAITS)[2] == STAMP


def test_one_process_alone_writes_into_a_folder(tmp_path):
    with columns.alone(tmp_path) as first, columns.alone(tmp_path) as second:
        assert (first, second) == (True, False)
    with columns.alone(tmp_path) as third:
        assert third
