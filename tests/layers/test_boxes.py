"""Points in a box: what the compiled loops find is what looking at each of them finds."""

from itertools import pairwise

import numpy as np
import pytest

from layers import boxes
from layers.boxes import ACROSS, Box, box_of, ranges_of
from layers.grid import KEY_ZOOM, Bbox
from layers.index import Rows, applied, points, snapshot_of
from layers.traits import Facet, Traits, Wordlist, wanted
from layers.zorder import gathered

TRAITS = Traits((Facet("kind", 2, ("a", "b")), Facet("status", 2, ("open",))), tally="status")
SIDE = 1 << KEY_ZOOM


def spread(value: int) -> int:
    return sum((value >> bit & 1) << (2 * bit) for bit in range(KEY_ZOOM))


def keyed(x: int, y: int) -> int:
    return spread(int(x)) | spread(int(y)) << 1


def scattered(count: int, seed: int, first_id: int = 1) -> tuple[Rows, np.ndarray]:
    """Points in an area of 2,000 by 2,000 cells, some on the same spot; and their columns and rows."""
    dice = np.random.default_rng(seed)
    places = dice.integers(0, 2_000, (count, 2)) + SIDE // 2 - 1_000
    places[: count // 5] = places[0]
    kinds = dice.choice(["a", "b"], count)
    wordlist = Wordlist(TRAITS)
    traits = wordlist.pack(np.zeros(count), [kinds, ["open"] * count])
    keys = np.array([keyed(x, y) for x, y in places], np.int64)
    return Rows(keys, np.arange(first_id, first_id + count), traits), kinds


@pytest.fixture(scope="module")
def snapshot():
    """A base of 3,000 points of which 300 have moved and 200 gone, and 300 new ones beside it."""
    rows, _ = scattered(3_000, 1)
    moved, _ = scattered(300, 2, first_id=100)
    new, _ = scattered(300, 3, first_id=5_000)
    gone = Rows(np.full(200, -1), np.arange(1_000, 1_200), np.zeros(200, np.int64))
    changes = Rows(*(np.concatenate(parts) for parts in zip(moved, new, gone, strict=True)))
    return applied(snapshot_of(rows, Wordlist(TRAITS)), changes)[0]


FILTERS = [wanted(TRAITS, {}), wanted(TRAITS, {"kind": ["a"]}), wanted(TRAITS, {"kind": ["c"]})]


def expected(snapshot, filter, box: Box) -> list[tuple[int, int]]:
    everything = snapshot.rows()
    kind = dict(filter.words).get("kind")
    code = (everything.traits >> TRAITS.shifts[0]) & 3
    allowed = {("a", "b")[one - 1] for one in (1, 2)} if kind is None else set(kind)
    return [
        (int(key), int(id))
        for key, id, one in zip(everything.keys, everything.ids, code, strict=True)
        if box.left <= gathered(key) <= box.right
        and box.top <= gathered(key >> 1) <= box.bottom
        and ("a", "b")[one - 1] in allowed
    ]


def random_boxes(count: int) -> list[Box]:
    dice = np.random.default_rng(4)
    corners = np.sort(dice.integers(-1_100, 1_100, (count, 2, 2)), axis=1) + SIDE // 2
    return [Box(*map(int, (*one[0], *one[1]))) for one in corners]


BOXES = [*random_boxes(60), Box(0, 0, SIDE - 1, SIDE - 1), Box(0, 0, 10, 10), Box(5, 5, 5, 5)]


@pytest.mark.parametrize("filter", FILTERS, ids=["all", "a", "none"])
def test_pages_of_a_box_hold_each_of_its_points_once_in_order(snapshot, filter):
    chosen = points(snapshot, filter)
    for box in BOXES:
        found, after = [], None
        while True:
            page = boxes.page(chosen, (box,), after, 97)
            found += zip(page.keys.tolist(), page.ids.tolist(), strict=True)
            if len(page.ids) < 97:
                break
            after = found[-1]
        assert found == expected(snapshot, filter, box)


@pytest.mark.parametrize("filter", FILTERS, ids=["all", "a", "none"])
def test_a_box_has_as_many_points_as_are_counted_and_tells_those_on_its_edge(snapshot, filter):
    chosen = points(snapshot, filter)
    for box in BOXES:
        counted, there = boxes.number(chosen, box), expected(snapshot, filter, box)
        edge = [
            id
            for key, id in there
            if gathered(key) in (box.left, box.right) or gathered(key >> 1) in (box.top, box.bottom)
        ]
        assert (counted.total, sorted(counted.edge)) == (len(there), sorted(edge))


def test_two_boxes_make_one_list(snapshot):
    left, right = Box(0, 0, SIDE // 2 - 1, SIDE - 1), Box(SIDE // 2, 0, SIDE - 1, SIDE - 1)
    chosen = points(snapshot)
    page = boxes.page(chosen, (left, right), None, 10_000)
    whole = boxes.page(chosen, (Box(0, 0, SIDE - 1, SIDE - 1),), None, 10_000)
    assert page.ids.tolist() == whole.ids.tolist()


def test_more_points_on_the_edge_than_are_told_are_said_to_be_too_many():
    rows = Rows(np.full(5_000, keyed(7, 7)), np.arange(5_000), np.zeros(5_000, np.int64))
    counted = boxes.number(points(snapshot_of(rows, Wordlist(TRAITS))), Box(7, 7, 7, 7))
    assert counted.edge is None


def test_a_box_in_degrees_touches_the_cells_of_its_corners():
    box = box_of(Bbox(106.8272, -6.1754, 106.8272, -6.1754))
    assert box.left == box.right == int((106.8272 + 180) / 360 * SIDE)
    assert box.top == box.bottom
    assert box_of(Bbox(-180, -90, 180, 90)) == Box(0, 0, SIDE - 1, SIDE - 1)


@pytest.mark.parametrize(
    "area",
    [
        Bbox(106.826, -6.177, 106.830, -6.173),
        Bbox(106.3, -6.5, 107.1, -5.1),
        Bbox(106.8, -6.2, 106.85, -6.2 + 1e-7),
        Bbox(-180, -85, 180, 85),
        Bbox(106.8, -6.2, 106.8 + 1e-9, -6.2 + 1e-9),
    ],
)
def test_ranges_of_a_box_hold_its_points_and_little_beside_them(area):
    ranges = ranges_of(area)
    box = box_of(area)
    assert len(ranges) <= ACROSS**2
    assert all(last < first - 1 for (_, last), (first, _) in pairwise(ranges))
    dice = np.random.default_rng(3)
    columns, rows = dice.integers(box.left, box.right + 1, 50), dice.integers(box.top, box.bottom + 1, 50)
    corners = [(box.left, box.top), (box.right, box.bottom), (box.left, box.bottom), (box.right, box.top)]
    for x, y in [*corners, *zip(columns, rows, strict=True)]:
        assert any(first <= keyed(x, y) <= last for first, last in ranges)
    side = max(box.right - box.left, box.bottom - box.top) + 1
    assert sum(last - first + 1 for first, last in ranges) <= (3 * side) ** 2
