"""Pages and counts that the index of points answers: boxes, days, and values of what it knows of a point."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from api.features import queried
from api.features.kept import kept
from api.features.paging import After
from api.params import Span
from api.selection import Selection
from layers import boxes, live
from layers.boxes import Box, box_of
from layers.counting import passing
from layers.grid import KEY_ZOOM, Bbox
from layers.index import DAY_MASK, Points, Snapshot, points
from layers.traits import EPOCH, LAST_DAY, Filter, Sieve, Wordlist, day_number, sieve

WORLD = Box(0, 0, (1 << KEY_ZOOM) - 1, (1 << KEY_ZOOM) - 1)
FIRST_UNPLACED = After(0)  # behind the points come those that have none
TIERS = {"kecamatan": 8, "kota": 5}  # characters of a kelurahan's code that are the code of its tier


COUNTED = 20_000  # candidates of a filter that are counted one by one
FIRST_LOOK, LONGEST_LOOK = 200, 10_000  # candidates that are looked at in one statement
FEW = 50_000  # points in boxes that are looked at, rather than all for a filter never seen: 1 ms


class Page(NamedTuple):
    """The ids of a page in their order, where the next one begins, and how many there are in all."""

    ids: list[int]
    following: After | None
    matched: int | None


def can(selection: Selection, after: After | None) -> bool:
    """Say whether a question can be begun with the index: no order, and a box or nothing to be sifted."""
    if selection.collection.layer.traits is None or selection.order:
        return False
    if after is not None and after.key is None and (after.values or selection.boxes):
        return False
    # Of all points PostgreSQL reads its table as it lies, ten times as fast as by ids.
    return bool(selection.boxes) or not is_sifted(selection)


def is_sifted(selection: Selection) -> bool:
    """Say whether a question asks of points what the index does not know of them."""
    traits = selection.collection.layer.traits
    names = (*traits.names, *TIERS) if traits else ()
    return (
        selection.filter is not None
        or selection.region is not None
        or any(name not in names for name in selection.words)
        or (selection.span is not None and _days(selection.span) is None)
    )


def page(selection: Selection, limit: int, after: After | None) -> Page:
    """Return a page of points by (z-order key, id), and behind them those without a point by id.

    Of a filter that the index cannot be asked, the points in its boxes are looked at by PostgreSQL, some
    hundred at a time, until one more passes than the page has room for.

    Raises
    ------
    Unavailable
        The time is up before.
    """
    collection = selection.collection
    state = live.state(collection.layer)
    filter = _filter(selection, state.snapshot.base.wordlist)
    chosen = _choose(selection, state.snapshot, filter)
    changes = (state.number, live.followed(collection.name).renewed.number)
    matched = _matched(selection, chosen, (collection.name, *changes, selection.boxes, filter))
    unplaced = queried.count(selection, unplaced=True) if not selection.boxes else 0
    total = None if matched is None or unplaced is None else matched + unplaced
    if after is not None and after.key is None:
        return Page(*_unplaced(selection, limit, after), total)
    look = _sifted if is_sifted(selection) else _first
    ids, following = look(selection, chosen, limit, after)
    if following is None and unplaced != 0:
        rest, following = _unplaced(selection, limit - len(ids), FIRST_UNPLACED)
        ids += rest
    return Page(ids, following, total)


class Chosen(NamedTuple):
    """The points of a question; ``sieve``: of them those that pass it, where all were never asked."""

    points: Points
    sieve: Sieve | None = None


def _choose(selection: Selection, snapshot: Snapshot, filter: Filter) -> Chosen:
    """Return the points that pass a filter.

    To make ready for one that was never seen the index looks at all its points, two at a time, and forgets
    another one that a map may want: where the boxes hold few, these are looked at instead.
    """
    if selection.boxes and filter and not snapshot.base.has_view(filter):
        everything = points(snapshot)
        if sum(boxes.number(everything, box_of(box)).total for box in selection.boxes) <= FEW:
            return Chosen(everything, sieve(filter, snapshot.base.wordlist))
    return Chosen(points(snapshot, filter))


def _unplaced(selection: Selection, limit: int, after: After) -> tuple[list[int], After | None]:
    """Return the first ids behind ``after`` of what has no point, and where the next page begins."""
    found = queried.page(selection, limit + 1, after, None, unplaced=True)
    ids = [row[0] for row in found[:limit]]
    more = len(found) > limit
    return ids, (After(ids[-1]) if ids else after) if more else None


def _first(
    selection: Selection, chosen: Chosen, limit: int, after: After | None
) -> tuple[list[int], After | None]:
    """Return the first ids behind ``after``, and where the next page begins."""
    keys, ids = _points(selection, chosen, limit + 1, after)
    more = len(ids) > limit
    return ids[:limit], After(ids[limit - 1], keys[limit - 1]) if more else None


def _sifted(
    selection: Selection, chosen: Chosen, limit: int, after: After | None
) -> tuple[list[int], After | None]:
    """Return the first ids behind ``after`` that pass the filter, and where the next page begins."""
    found: list[tuple[int, int]] = []
    size, until = max(FIRST_LOOK, 2 * limit), queried.time_is_up()
    while True:
        keys, ids = _points(selection, chosen, size, after)
        passing = queried.passing(selection, ids) if ids else set()
        found += [one for one in zip(ids, keys, strict=True) if one[0] in passing]
        if len(found) > limit:
            return [id for id, _ in found[:limit]], After(*found[limit - 1])
        if len(ids) < size:
            return [id for id, _ in found], None
        after = After(ids[-1], keys[-1])
        queried.check(until)
        size = min(2 * size, LONGEST_LOOK)


def _points(
    selection: Selection, chosen: Chosen, limit: int, after: After | None
) -> tuple[list[int], list[int]]:
    """Return keys and ids of the first points behind ``after``, those beside the edge of a box left out."""
    cells = tuple(map(box_of, selection.boxes)) or (WORLD,)
    place = (after.key, after.id) if after is not None and after.key is not None else None
    keys: list[int] = []
    ids: list[int] = []
    look = FIRST_LOOK
    while len(ids) < limit:
        wanted = limit - len(ids) if chosen.sieve is None else max(limit, look)
        look = min(4 * look, LONGEST_LOOK)
        rows = boxes.page(chosen.points, cells, place, wanted)
        size = len(rows.ids)
        if size:
            place = int(rows.keys[-1]), int(rows.ids[-1])
        if chosen.sieve is not None:
            rows = rows.take(_passing(rows.traits, chosen.sieve))
        if selection.boxes and rows.edge.any():
            beside = _beside(selection, rows.ids[rows.edge].tolist())
            rows = rows.take(~np.isin(rows.ids, list(beside)))
        keys += rows.keys.tolist()
        ids += rows.ids.tolist()
        if size < wanted:
            break
    return keys[:limit], ids[:limit]


def _passing(traits: np.ndarray, by: Sieve) -> np.ndarray:
    mask: np.ndarray = passing(traits, by.shifts, by.masks, by.passes, by.since, by.until, DAY_MASK)
    return mask


def _matched(selection: Selection, chosen: Chosen, key: tuple[Any, ...]) -> int | None:
    """Return how many points there are, exactly; None where a filter leaves too many to be counted.

    ``key``: what the number of points in the boxes depends on.
    """
    if not selection.boxes:
        total: int | None = chosen.points.number(0, 1 << (2 * KEY_ZOOM))
    else:
        total = queried.remembered(key, lambda: _counted(selection, chosen))
    if not is_sifted(selection):
        return total
    if total is None or total > COUNTED:
        return queried.count(selection, placed=True)
    candidates = total
    return queried.remembered(
        (*key, *selection.key()),
        lambda: len(queried.passing(selection, _points(selection, chosen, candidates + 1, None)[1])),
    )


def _counted(selection: Selection, chosen: Chosen) -> int | None:
    if chosen.sieve is not None:
        return _counted_one_by_one(selection, chosen.points, chosen.sieve)
    total = 0
    for box in selection.boxes:
        counted = boxes.number(chosen.points, box_of(box))
        if counted.edge is None:
            return queried.count(replace(selection, filter=None, region=None))
        edge = counted.edge.tolist()
        total += counted.total - (len(_beside(selection, edge, (box,))) if edge else 0)
    return total


def _counted_one_by_one(selection: Selection, chosen: Points, by: Sieve) -> int:
    rows = boxes.every(chosen, tuple(map(box_of, selection.boxes)), FEW)
    passes = _passing(rows.traits, by)
    edge = rows.ids[passes & rows.edge].tolist()
    return int(passes.sum()) - (len(_beside(selection, edge)) if edge else 0)


def _beside(selection: Selection, ids: list[int], areas: Sequence[Bbox] | None = None) -> set[int]:
    """Return which points lie beside all boxes, though in the same 4 cm as their edges."""
    collection = selection.collection
    where = kept(collection.name).positions(ids, live.followed(collection.name).renewed)
    return {
        id
        for id in ids
        if id not in where
        or not any(
            box.west <= where[id][0] <= box.east and box.south <= where[id][1] <= box.north
            for box in areas or selection.boxes
        )
    }


def _filter(selection: Selection, wordlist: Wordlist) -> Filter:
    words: dict[str, tuple[Any, ...]] = {}
    for name, values in selection.words.items():
        facet, wanted = name, values
        if name in TIERS:
            facet, wanted = "kelurahan", _within(name, values, wordlist)
        if facet not in wordlist.traits.names:
            continue  # PostgreSQL is asked, see is_sifted
        known = words.get(facet)
        words[facet] = tuple(set(wanted) if known is None else set(known) & set(wanted))
    sorted_words = tuple(sorted((name, tuple(sorted(values))) for name, values in words.items()))
    since, until = (0, LAST_DAY) if selection.span is None else _days(selection.span) or (0, LAST_DAY)
    return Filter(sorted_words, since, until)


def _within(tier: str, codes: tuple[str, ...], wordlist: Wordlist) -> tuple[str, ...]:
    """Return the kelurahan of some tiers among those that a point ever had."""
    place = wordlist.traits.names.index("kelurahan")
    return tuple(str(word) for word in wordlist.words[place] if word and str(word)[: TIERS[tier]] in codes)


def _days(span: Span) -> tuple[int, int] | None:
    """Return the first and the last day of a span of whole days in the city; None of any other."""
    first = 0 if span.since is None else _day_that_begins(span.since)
    behind = LAST_DAY + 1 if span.until is None else _day_that_begins(span.until)
    if first is None or behind is None or (span.until is not None and not span.open):
        return None
    return first, behind - 1


def _day_that_begins(at: datetime) -> int | None:
    there = at.astimezone(ZoneInfo(settings.CITY_TIME_ZONE))
    if there.time() != datetime.min.time() or not EPOCH + timedelta(1) < there.date():
        return None
    return day_number(there.date())
