import re
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from geoplatform.errors import Busy, InvalidRequest
from layers import columns, counting, drawing, encode, merging, warm
from layers.drawing import draw
from layers.grid import Tile
from layers.index import Snapshot, applied, merged, no_rows, points, snapshot_of
from layers.lettering import lettering
from layers.revisions import Stamp
from layers.traits import ALL, Facet, Traits, Wordlist, day_number, wanted
from tests.grid import tile_of
from tests.layers.points import STATUSES, TODAY, TRAITS, expected, features, rows_of, seen

FORMS = ("mvt", "geojson")
CATEGORIES = ["road", "tree", "flood"]


def body(snapshot: Snapshot, at: Tile, form: str, filter=ALL) -> bytes:
    letters = lettering("reports", snapshot.base.wordlist)
    return draw(points(snapshot, filter), at, form, 6, TODAY, letters)


def scattered(count: int, seed: int = 1) -> dict[int, dict]:
    """Points crowded about the middle of the city, some in one place."""
    dice = np.random.default_rng(seed)
    places = dice.normal(size=(count, 2)) * (0.05, 0.04) + (106.83, -6.2)
    places[dice.random(count) < 0.1] = (106.83, -6.2)
    return {
        id: {
            "lon": float(lon), "lat": float(lat), "day": int(dice.integers(TODAY - 400, TODAY + 1)),
            "category": CATEGORIES[dice.integers(3)], "status": STATUSES[dice.integers(3)],
            "simulated": bool(dice.integers(2)),
        }
        for id, (lon, lat) in enumerate(places, 1)
    }  # fmt: skip


@pytest.fixture(scope="module")
def many() -> tuple[dict[int, dict], Snapshot]:
    """Twenty thousand points, and a snapshot of them: a base, and a delta of inserts, moves and deletions."""
    known = scattered(20_000)
    wordlist = Wordlist(TRAITS)
    snapshot = snapshot_of(rows_of(known, wordlist), wordlist)
    changes = {id: dict(known[id], status="done", lon=known[id]["lon"] + 0.001) for id in range(1, 400)}
    changes |= {id: dict(known[id], lon=None) for id in range(400, 600)}
    changes |= {id + 20_000: one for id, one in scattered(700, seed=2).items()}
    snapshot, _ = applied(snapshot, rows_of(changes, wordlist))
    return known | changes, snapshot


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("z", [0, 5, 9, 10, 11, 12, 13, 14, 16, 18, 22])
def test_every_tile_holds_exactly_what_the_points_say(many, form, z):
    known, snapshot = many
    tiles = {
        tile_of(one["lon"], one["lat"], z) for one in list(known.values())[::70] if one["lon"] is not None
    }
    for at in sorted(tiles)[:25]:
        assert seen(body(snapshot, at, form), form, at) == expected(known, at, drawing.SCREENFUL)


@pytest.mark.parametrize(
    ("words", "keeps"),
    [
        ({"category": ["road"]}, lambda one: one["category"] == "road"),
        (
            {"category": ["road", "tree"], "status": ["done"]},
            lambda one: one["category"] != "flood" and one["status"] == "done",
        ),
        ({"category": ["a word that no point has"]}, lambda one: False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", FORMS)
def test_a_filter_shows_exactly_those_that_pass(many, form, words, keeps):
    known, snapshot = many
    kept = {id: one for id, one in known.items() if keeps(one)}
    for z in (9, 12, 15):
        at = tile_of(106.83, -6.2, z)
        assert seen(body(snapshot, at, form, wanted(TRAITS, words)), form, at) == expected(kept, at, 2000)


def test_a_filter_by_days_counts_both_ends(many):
    known, snapshot = many
    from layers.traits import EPOCH, Filter

    kept = {id: one for id, one in known.items() if TODAY - 30 <= one["day"] <= TODAY - 10}
    at = tile_of(106.83, -6.2, 10)
    asked = Filter((), TODAY - 30, TODAY - 10)
    assert seen(body(snapshot, at, "mvt", asked), "mvt", at) == expected(kept, at, 2000)
    assert day_number(EPOCH) == 0


def test_counts_of_any_range_are_those_of_the_rows(many):
    known, snapshot = many
    keys = np.sort(snapshot.rows().keys)
    dice = np.random.default_rng(3)
    for low, high in np.sort(dice.choice(keys, (200, 2))):
        assert points(snapshot).number(low, high) == ((keys >= low) & (keys < high)).sum()
    assert snapshot.size == len(keys) == sum(one["lon"] is not None for one in known.values())


def test_a_merged_snapshot_has_the_same_tiles_to_the_byte(many):
    _, snapshot = many
    after = merged(snapshot)
    assert (after.delta, after.size) == (0, snapshot.size)
    for z in (5, 10, 13, 16):
        at = tile_of(106.83, -6.2, z)
        for form in FORMS:
            assert body(after, at, form) == body(snapshot, at, form)


def test_a_snapshot_is_not_changed_by_what_comes_after_it(many):
    known, snapshot = many
    at = tile_of(106.83, -6.2, 12)
    before = body(snapshot, at, "mvt")
    applied(snapshot, rows_of({1: dict(known[1], lon=None)}, snapshot.base.wordlist))
    assert body(snapshot, at, "mvt") == before


def test_a_change_that_changes_nothing_is_none(many):
    known, snapshot = many
    after, keys = applied(snapshot, rows_of(known, snapshot.base.wordlist))
    assert len(keys) == 0
    assert after.delta == snapshot.delta


def test_a_cell_says_at_which_zoom_its_points_are_shown(many):
    _, snapshot = many
    at = tile_of(106.83, -6.2, 9)
    for feature in features(body(snapshot, at, "geojson"), "geojson"):
        lon, lat = feature["geometry"]["coordinates"]
        opens = feature["properties"]["opens_at"]
        there = features(body(snapshot, tile_of(lon, lat, opens), "geojson"), "geojson")
        if opens < at.z + drawing.CELL_ZOOMS:
            assert "count" not in there[0]["properties"]
        if opens > at.z + 1:
            before = features(body(snapshot, tile_of(lon, lat, opens - 1), "geojson"), "geojson")
            assert "count" in before[0]["properties"]


def test_coordinates_are_as_fine_as_asked_for_and_end_in_no_zero(many):
    _, snapshot = many
    letters = lettering("reports", snapshot.base.wordlist)
    text = draw(points(snapshot), tile_of(106.83, -6.2, 14), "geojson", 4, TODAY, letters).decode()
    numbers = re.findall(r"-?\d+(?:\.(\d+))?[,\]]", " ".join(re.findall(r'"coordinates":(\[[^]]*\])', text)))
    assert max(map(len, numbers)) == 4
    assert len(numbers) > 500
    assert not any(decimals.endswith("0") for decimals in numbers)


@pytest.mark.parametrize(
    ("words", "message"),
    [({"colour": ["red"]}, "no filter 'colour'"), ({"status": [""]}, "filter 'status' has an empty word")],
)
def test_a_filter_that_cannot_be_is_refused_by_name(words, message):
    with pytest.raises(InvalidRequest, match=message):
        wanted(TRAITS, words)


def test_more_words_than_the_bits_hold_are_an_error_and_no_other_word():
    wordlist = Wordlist(Traits((Facet("kind", 1), Facet("status", 2, ("waiting",))), "status"))
    assert wordlist.code(0, "one") == 1
    with pytest.raises(OverflowError, match="facet kind"):
        wordlist.code(0, "two")


def test_a_third_filter_never_seen_is_refused_while_two_are_wanted_and_known_ones_are_not(many, monkeypatch):
    snapshot = snapshot_of(many[1].rows(), many[1].base.wordlist)
    base, begun, goes_on = snapshot.base, threading.Event(), threading.Event()
    asked = [wanted(TRAITS, {"category": [word]}) for word in ("road", "tree", "flood")]
    known = base.view(ALL)
    make = base._made

    def slowly(filter):
        begun.set()
        assert goes_on.wait(120)
        return make(filter)

    monkeypatch.setattr(base, "_made", slowly)
    with ThreadPoolExecutor(4) as pool:
        first = [pool.submit(base.view, asked[0]) for _ in range(2)]
        assert begun.wait(120)
        second = pool.submit(base.view, asked[1])
        while len(base._wanted) < 2:
            pass
        with pytest.raises(Busy):
            base.view(asked[2])
        assert base.view(ALL) is known
        goes_on.set()
        assert first[0].result() is first[1].result() and second.result()
    assert base.view(asked[2]) and not base._wanted


def test_a_filter_never_seen_takes_little_memory_beside_the_points(many):
    _, snapshot = many
    tracemalloc.start()
    snapshot.base.view(wanted(TRAITS, {"category": ["tree"], "status": ["waiting"]}))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * snapshot.size


# --- any sequence of changes

IDS = st.integers(1, 12)
PLACES = st.sampled_from([(106.83, -6.2), (106.83, -6.2001), (106.8301, -6.2), (106.9, -6.3), (0.0, 0.0)])
POINT = st.fixed_dictionaries(
    {
        "place": PLACES,
        "day": st.integers(TODAY - 2, TODAY),
        "category": st.sampled_from([*CATEGORIES, None]),
        "status": st.sampled_from(["waiting", "in_progress", "done"]),
        "simulated": st.booleans(),
    }
)
STEPS = st.lists(
    st.one_of(
        st.dictionaries(IDS, st.one_of(POINT, st.none()), min_size=1, max_size=6),
        st.sampled_from(["merge", "restart"]),
    ),
    max_size=12,
)


@settings(max_examples=150)
@given(steps=STEPS, screenful=st.sampled_from([0, 2, 2000]))
def test_after_any_sequence_of_changes_a_tile_is_the_one_made_anew_from_the_points(steps, screenful):
    wordlist = Wordlist(TRAITS)
    known: dict[int, dict] = {}
    snapshot = snapshot_of(rows_of({}, wordlist), wordlist)
    for step in steps:
        if step == "merge":
            snapshot = merged(snapshot)
        elif step == "restart":
            wordlist = Wordlist(TRAITS)
            snapshot = snapshot_of(rows_of(known, wordlist), wordlist)
        else:
            changes = {id: _point(one) for id, one in step.items()}
            known = {**known, **changes}
            snapshot, _ = applied(snapshot, rows_of(changes, wordlist))
    anew = Wordlist(TRAITS)
    fresh = snapshot_of(rows_of({id: one for id, one in known.items() if one["lon"] is not None}, anew), anew)
    former, drawing.SCREENFUL = drawing.SCREENFUL, screenful
    try:
        for at in (Tile(0, 0, 0), tile_of(106.83, -6.2, 12), tile_of(106.83, -6.2, 18)):
            for form in FORMS:
                assert body(snapshot, at, form) == body(fresh, at, form)
                assert seen(body(snapshot, at, form), form, at) == expected(known, at, screenful)
    finally:
        drawing.SCREENFUL = former


def _point(one: dict | None) -> dict:
    if one is None:
        return {
            "lon": None,
            "lat": None,
            "day": TODAY,
            "category": None,
            "status": "waiting",
            "simulated": False,
        }
    lon, lat = one["place"]
    return {name: value for name, value in one.items() if name != "place"} | {"lon": lon, "lat": lat}


def test_nothing_is_left_to_compile_when_the_first_tile_is_asked_for(many, tmp_path):
    warm.compile_loops()
    loops = {
        name: loop
        for module in (counting, merging, encode)
        for name, loop in vars(module).items()
        if getattr(loop, "signatures", None)
    }
    before = {name: list(loop.signatures) for name, loop in loops.items()}
    known, snapshot = many
    columns.write(tmp_path, merged(snapshot).base, Stamp("", 1))
    _, base, _ = columns.read(tmp_path, TRAITS)
    changes = rows_of({1: dict(known[1], lon=None), 99_999: known[2]}, base.wordlist)
    mapped, _ = applied(Snapshot(base, np.zeros(0, np.int64), no_rows()), changes)
    asked = wanted(TRAITS, {"category": ["tree"], "status": ["done"]})
    for one in (snapshot, mapped, merged(mapped)):
        for z in (9, 17):
            for form in FORMS:
                body(one, tile_of(106.83, -6.2, z), form)
                body(one, tile_of(106.83, -6.2, z), form, asked)
    assert {name: list(loop.signatures) for name, loop in loops.items()} == before
    assert {"count", "gather", "cells", "sift", "running", "merge", "find"} <= set(before)


def test_a_filter_that_is_asked_for_again_outlives_those_asked_for_once(many):
    base = many[1].base
    wanted_often = wanted(TRAITS, {"status": ["waiting"]})
    view = base.view(wanted_often)
    assert base.view(wanted_often) is view
    for day in range(1, 60):
        base.view(wanted(TRAITS, {}, since=date(2026, 1, 1) + timedelta(days=day)))
    assert base.view(wanted_often) is view
    assert wanted_often in base.filters()


def test_a_merged_base_knows_the_filters_that_were_asked_for_again(many):
    often = wanted(TRAITS, {"status": ["waiting"]})
    views = [many[1].base.view(often) for _ in range(2)]
    other = merged(many[1]).base
    other.adopt(many[1].base)
    assert other.view(often) is views[0]
