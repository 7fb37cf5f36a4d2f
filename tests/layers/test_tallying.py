"""Tables of counts and positions, said again without the compiled loops."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from layers import zorder
from layers.grid import KEY_ZOOM, Tile, key_range
from layers.index import Rows, applied, snapshot_of
from layers.tallying import DAY, Axis, selected, tally
from layers.traits import ALL, Facet, Traits, Wordlist, day_number, wanted
from tests.grid import tile_of

TRAITS = Traits((Facet("kind", 6), Facet("status", 2, ("waiting", "done"))), tally="status")
KINDS = ("a", "b", "c", None)
STATUSES = ("waiting", "done")
FIRST = day_number(date(2026, 5, 1))


def rows_of(points, wordlist):
    keys, ids, kinds, statuses, days = zip(*points, strict=True)
    traits = wordlist.pack(np.array(days), [kinds, statuses])
    return Rows(np.array(keys, np.int64), np.array(ids, np.int64), traits)


@pytest.fixture(scope="module")
def changed():
    """A snapshot of which a third has changed since its base, and the points as they are."""
    dice = np.random.default_rng(4)

    def point(id):
        return (
            int(dice.integers(1 << 60)), id, KINDS[dice.integers(4)], STATUSES[dice.integers(2)],
            FIRST + int(dice.integers(20)),
        )  # fmt: skip

    wordlist = Wordlist(TRAITS)
    points = {id: point(id) for id in range(900)}
    snapshot = snapshot_of(rows_of(list(points.values()), wordlist), wordlist)
    moved = [point(id) for id in (*range(0, 900, 4), *range(900, 960))]
    gone = [(-1, id, None, None, 0) for id in range(2, 900, 9)]
    points |= {one[1]: one for one in moved}
    points = {id: one for id, one in points.items() if id not in {one[1] for one in gone}}
    still = [one for one in moved if one[1] in points]
    snapshot, _ = applied(snapshot, rows_of([*still, *gone], wordlist))
    assert len(snapshot.gone) and snapshot.fresh.size
    return snapshot, list(points.values())


AXES = {
    "kind": Axis("kind", {"a": 1, "b": 2, "c": 3}, 4),
    "status": Axis("status", {"waiting": 0, "done": 1}, 2),
    "day": Axis(DAY, {FIRST + n: n // 7 for n in range(14)}, 2),
}
FILTERS = [ALL, wanted(TRAITS, {"status": ["done"]}), wanted(TRAITS, {}, date(2026, 5, 4), date(2026, 5, 9))]


@pytest.mark.parametrize("names", [["kind"], ["day"], ["kind", "status"], ["day", "kind", "status"]])
@pytest.mark.parametrize("filter", FILTERS)
def test_a_table_counts_the_points_as_they_are(changed, names, filter):
    snapshot, points = changed
    truth: Counter = Counter()
    for _, _, kind, status, day in points:
        passes = filter.since <= day <= filter.until and (not filter.words or status == "done")
        at = {"kind": KINDS.index(kind) + 1 if kind else 0, "status": STATUSES.index(status)}
        at["day"] = (day - FIRST) // 7 if day - FIRST < 14 else None
        if passes and None not in (at[name] for name in names):
            truth[tuple(at[name] for name in names)] += 1
    found = tally(snapshot, filter, [AXES[name] for name in names])
    assert found.sum() == sum(truth.values()) > 0
    assert {place: count for place, count in np.ndenumerate(found) if count} == truth


@pytest.mark.parametrize("filter", FILTERS)
def test_what_is_selected_are_the_points_that_a_table_counts(changed, filter):
    snapshot, points = changed
    ids = selected(snapshot, filter).ids.tolist()
    assert len(ids) == len(set(ids)) == tally(snapshot, filter, []).sum()
    assert set(ids) <= {id for _, id, *_ in points}


def test_a_table_too_large_is_refused(changed):
    with pytest.raises(OverflowError, match="fields is more than"):
        tally(changed[0], ALL, [Axis("kind", {}, 1 << 12), Axis("status", {}, 1 << 12)])


def test_the_degrees_of_a_key_lie_in_its_cell_of_four_centimetres():
    for lon, lat in ((106.8272, -6.1754), (0.0, 0.0), (-179.9, 84.9)):
        at = tile_of(lon, lat, KEY_ZOOM)
        first, last = key_range(Tile(KEY_ZOOM, at.x, at.y))
        assert first == last
        (x,), (y,) = zorder.degrees(np.array([first], np.int64))
        assert tile_of(x, y, KEY_ZOOM) == at
        assert abs(x - lon) < 4e-7
        assert abs(y - lat) < 4e-7
