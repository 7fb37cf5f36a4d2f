"""Pages and counts that PostgreSQL answers: filters, orders, and collections without an index of points."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql as compose

from api.collections import ID, Collection
from api.crs import Crs
from api.features.paging import After
from api.features.statement import GEOM, KEY, feature, listed, rows
from api.selection import Selection, Terms
from boundaries.lookup import city_day
from geoplatform.errors import Busy, InvalidRequest, TooMany, Unavailable
from layers import live

MOST_COUNTED, MOST_UNPLACED = 100_000, 10_000_000
COUNT_MS = 300
STRETCH, LONGEST_STRETCH = 10_000, 500_000  # ids that are walked in one statement
COUNTS = 4_096  # that are remembered

UNKNOWN: Any = object()
_counts: OrderedDict[tuple[Any, ...], int | None] = OrderedDict()


def page(
    selection: Selection,
    limit: int,
    after: After | None,
    body: compose.Composable | None,
    unplaced: bool = False,
) -> list[tuple[Any, ...]]:
    """Return the first rows behind ``after``, at most ``limit``: id, body, text of each column sorted by.

    Parameters
    ----------
    body
        The expression of a feature; None: the body is null.
    unplaced
        Those without a geometry only.
    """
    terms = Terms()
    selection.put(terms)
    if unplaced:
        terms.add("{} IS NULL", GEOM)
    order = [*selection.order, *([] if ID in dict(selection.order) else [(ID, False)])]
    if after is not None:
        _put_after(terms, selection, after)
    sorted_by = [name for name, _ in selection.order if name != ID]
    # Under a name of its own: ORDER BY takes a name for that of a result, here a text, before a column's.
    columns = [
        compose.SQL("{}::text AS {}").format(compose.Identifier(name), compose.Identifier(f"_{place}"))
        for place, name in enumerate(sorted_by)
    ]
    query = compose.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
        compose.SQL(", ").join([KEY, body or compose.SQL("NULL"), *columns]),
        selection.collection.table,
        terms.where,
        compose.SQL(", ").join(_ordered(selection.collection, *one) for one in order),
        terms.value(limit),
    )
    return rows(query, terms.values)


def walk(selection: Selection, limit: int, after: After | None) -> tuple[list[int], After | None]:
    """Return the first ids behind ``after`` that are selected, and where the next page begins.

    The table is walked in the order of ids, a stretch at a time, each longer than the last, until one more is
    found than the page has room for, or the end is reached.

    Raises
    ------
    Unavailable
        The time is up before.
    """
    ((last,),) = rows(compose.SQL("SELECT max({}) FROM {}").format(KEY, selection.collection.table), {})
    at, found, size = after.id if after else 0, list[int](), STRETCH
    until = time_is_up()
    while last is not None and at < last:
        terms = Terms()
        selection.put(terms)
        terms.add("{} > {} AND {} <= {}", KEY, terms.value(at), KEY, terms.value(at + size))
        query = compose.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
            KEY, selection.collection.table, terms.where, KEY, terms.value(limit + 1 - len(found))
        )
        found += [id for (id,) in rows(query, terms.values)]
        if len(found) > limit:
            return found[:limit], After(found[limit - 1])
        at, size = at + size, min(2 * size, LONGEST_STRETCH)
        if at < last:
            check(until)
    return found, None


def time_is_up() -> float:
    """Return when a question has had all its time, by the clock of ``time.monotonic``."""
    return time.monotonic() + settings.QUERY_TIMEOUT_MS / 1000


def check(until: float) -> None:
    """Raise Unavailable where the time is up: a page that is not full would pass for the last one."""
    if time.monotonic() > until:
        seconds = f"{settings.QUERY_TIMEOUT_MS / 1000:g}"
        raise Unavailable(
            f"too few features pass to fill a page within {seconds} s: narrow the question by bbox, datetime"
            " or a property, ask for a smaller limit, or export all that pass"
        )


def after_row(selection: Selection, row: tuple[Any, ...]) -> After:
    """Return where the page behind a row begins."""
    return After(row[0], None, row[2:])


def _ordered(collection: Collection, name: str, descends: bool) -> compose.Composable:
    # Of a column that is never null both are one; only the first is its index read backwards.
    last = "{} DESC" if name in collection.indexed else "{} DESC NULLS LAST"
    return compose.SQL(last if descends else "{}").format(compose.Identifier(name))


def _put_after(terms: Terms, selection: Selection, after: After) -> None:
    """Add the condition that a row lies behind the last one of the page before, nulls at the end."""
    names = [name for name, _ in selection.order if name != ID]
    if after.key is not None or len(after.values) != len(names):
        raise InvalidRequest("after: it is from a link of another question")
    given: dict[str, Any] = dict(zip(names, after.values, strict=True))
    equal: list[compose.Composable] = []
    behind: list[compose.Composable] = []
    never_null = {ID, *selection.collection.indexed}
    _put_range(terms, selection, given)
    for name, descends in [*selection.order, *([] if ID in dict(selection.order) else [(ID, False)])]:
        column, value = compose.Identifier(name), after.id if name == ID else given[name]
        type = "bigint" if name == ID else selection.collection.columns[name].type
        known = compose.SQL(f"{{}}::{type}").format(terms.value(value))  # a name of PostgreSQL's own
        if value is not None:
            further = compose.SQL("{} < {}" if descends else "{} > {}").format(column, known)
            if name not in never_null:
                further = compose.SQL("({} OR {} IS NULL)").format(further, column)
            behind.append(compose.SQL(" AND ").join([*equal, further]))
            equal.append(compose.SQL("{} = {}").format(column, known))
        else:
            equal.append(compose.SQL("{} IS NULL").format(column))
    terms.add("{}", compose.SQL(" OR ").join(compose.SQL("({})").format(one) for one in behind))


def _put_range(terms: Terms, selection: Selection, given: Mapping[str, Any]) -> None:
    """Say what follows from the condition, in a form that is a range of the first column's index."""
    name, descends = selection.order[0] if selection.order else (ID, False)
    if name in selection.collection.indexed:
        type = selection.collection.columns[name].type
        text = f"{{}} {'<=' if descends else '>='} {{}}::{type}"  # a name of PostgreSQL's own
        terms.add(text, compose.Identifier(name), terms.value(given[name]))


def bodies(
    collection: Collection, ids: list[int], crs: Crs, properties: tuple[str, ...] | None
) -> list[bytes]:
    """Return features by their ids, in their order, made for this question."""
    query = compose.SQL("SELECT {}, {} FROM {} WHERE {} = ANY (%(ids)s)").format(
        KEY, feature(collection, crs, properties), collection.table, KEY
    )
    made = dict(rows(query, {"ids": listed(ids)}))
    return [made[id].encode() for id in ids if id in made]


def passing(selection: Selection, ids: list[int]) -> set[int]:
    """Return which of some rows, all of them in its boxes, a selection lets through."""
    terms = Terms()
    (selection if selection.region is not None else replace(selection, boxes=())).put(terms)
    query = compose.SQL("SELECT {} FROM {} WHERE {} = ANY ({}::bigint[]) AND {}").format(
        KEY, selection.collection.table, KEY, terms.value(listed(ids)), terms.where
    )
    return {id for (id,) in rows(query, terms.values)}


def count(selection: Selection, unplaced: bool = False, placed: bool = False) -> int | None:
    """Return how many features there are, exactly; None where they are too many to be counted in time.

    ``unplaced``: those without a geometry only; ``placed``: those with one only.
    """
    terms = Terms()
    selection.put(terms)
    if unplaced or placed:
        terms.add("{} IS NULL" if unplaced else "{} IS NOT NULL", GEOM)
    name = selection.collection.name
    key = (live.stamp(name), today(), name, repr(terms.where), repr(terms.values))
    # Those without a point have an index of their own, whose entries are all that is counted.
    most = MOST_UNPLACED if unplaced else MOST_COUNTED
    try:
        return remembered(key, lambda: _counted(selection.collection, terms, most))
    except (Busy, TooMany):
        return None  # this time: a page is worth more than its number


def remembered(key: tuple[Any, ...], make: Callable[[], int | None]) -> int | None:
    """Return a count that was made, or make it; the key has all that it depends on."""
    known: int | None = _counts.get(key, UNKNOWN)
    if known is not UNKNOWN:
        return known
    made = make()
    if not connection.in_atomic_block:  # which sees what nobody else does
        _counts[key] = made
        while len(_counts) > COUNTS:
            _counts.popitem(last=False)
    return made


def _counted(collection: Collection, terms: Terms, most: int) -> int | None:
    query = compose.SQL("SELECT count(*) FROM (SELECT FROM {} WHERE {} LIMIT {}) AS found").format(
        collection.table, terms.where, terms.value(most + 1)
    )
    try:
        ((found,),) = rows(query, terms.values, COUNT_MS)
    except Busy:
        raise
    except Unavailable:
        return None
    return found if found <= most else None


def today() -> date:
    """Return the day in the city: what is in force may change with it, though no row does."""
    return city_day(timezone.now())


def forget() -> None:
    """Drop every count that was kept."""
    _counts.clear()
