"""Features of a table: which, what of them, in which order, page by page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import sql as compose

from api.collections import GEOMETRY as GEOM
from api.collections import ID, Collection
from api.mapsengine import grammar, nearest
from api.mapsengine.asked import number, token
from api.mapsengine.assets import rfc3339, schema
from api.mapsengine.conditions import KEY, column, condition, distance, nearer
from api.mapsengine.grammar import GEOMETRY
from api.mapsengine.rows import run
from api.mapsengine.tree import Column, Condition, Distance, Intersects, Item, Order
from api.selection import Terms
from geoplatform.errors import InvalidRequest, NotFound
from layers.tiles import DIGITS

NAMES = {"include", "intersects", "limit", "maxResults", "orderBy", "pageToken", "select", "version", "where"}
DEFAULT_PAGE, MOST_PAGE = 100, 1000
MOST_SORTED = 1000  # Google's own bound was 75
MOST_LIMIT = 4_294_967_295  # uint32, by the discovery document


@dataclass(frozen=True)
class Question:
    """What is asked of a table, parsed: nothing of it is text any more.

    ``limit`` is how many features there may be on all pages together, None: as many as there are.
    """

    collection: Collection
    conditions: tuple[Condition, ...]
    items: tuple[Item, ...]
    order: Order | None
    limit: int | None
    page: int
    with_schema: bool


def question(collection: Collection, asked: Mapping[str, str]) -> Question:
    """Return what a caller asks of a table, or raise InvalidRequest."""
    conditions: list[Condition] = []
    if "where" in asked:
        conditions.append(grammar.where(asked["where"]))
    if "intersects" in asked:
        conditions.append(Intersects(grammar.intersects(asked["intersects"])))
    limit = number(asked, "limit", 0, MOST_LIMIT) or None
    order = grammar.order_by(asked["orderBy"]) if "orderBy" in asked else None
    if order and (limit is None or limit > MOST_SORTED):
        raise InvalidRequest(f"orderBy wants a limit, of at most {MOST_SORTED} features")
    if asked.get("include", "schema") != "schema":
        raise InvalidRequest(f"include {asked['include']!r}: schema is all that there is")
    return Question(
        collection,
        tuple(conditions),
        items(collection, asked),
        order,
        limit,
        number(asked, "maxResults", DEFAULT_PAGE, MOST_PAGE),
        "include" in asked,
    )


def items(collection: Collection, asked: Mapping[str, str]) -> tuple[Item, ...]:
    """Return the properties that are selected: by default the geometry, the key, and all columns."""
    if "select" not in asked:
        return tuple(Item(name, Column(name)) for name in (GEOMETRY, KEY, *collection.columns))
    chosen = grammar.select(asked["select"])
    for item in chosen:
        is_own = isinstance(item.of, Column) and item.of.name in (GEOMETRY, KEY)
        if is_own and item.name != item.of.name:  # type: ignore[union-attr]
            raise InvalidRequest(f"select calls {item.of.name} {item.name!r}")  # type: ignore[union-attr]
        if isinstance(item.of, Column) and not is_own:
            column(item.of.name, collection, "select")
    return chosen


def several(asked: Question, page_token: Sequence[int] | None) -> str:
    """Return a page of features as a FeaturesListResponse, JSON.

    Without ``orderBy`` a page begins behind the last key of the one before, however far on that is; sorted
    features are few, and counted.
    """
    after, served = page_token or (0, 0)
    left = None if asked.limit is None else max(0, asked.limit - served)
    size = asked.page if left is None else min(asked.page, left)
    rows = _rows(asked, after, served, size + 1) if size else []
    shown = rows[:size]
    following = None
    if len(rows) > size and (left is None or left > size):
        following = token(shown[-1][0], served + size)
    parts = ['"type": "FeatureCollection"', f'"features": [{", ".join(_features(asked.items, shown))}]']
    if following:
        parts.append(f'"nextPageToken": {json.dumps(following)}')
    if asked.with_schema:
        parts.append(f'"schema": {json.dumps(_schema(asked))}')
    return "{" + ", ".join(parts) + "}"


def single(collection: Collection, id: str, chosen: Sequence[Item]) -> str:
    """Return one feature as JSON, or raise NotFound."""
    is_key = id.isascii() and id.isdecimal() and len(id) <= 19 and int(id) < 1 << 63
    terms = Terms()
    if is_key:
        terms.add("{} = {}", compose.Identifier(ID), terms.value(int(id)))
        rows = run(_statement(collection, chosen, terms, compose.SQL("LIMIT 1")), terms)
    if not is_key or not rows:
        raise NotFound(f"no feature {id!r} in table {collection.name}")
    return next(iter(_features(chosen, rows)))


def _rows(asked: Question, after: int, served: int, count: int) -> list[tuple[Any, ...]]:
    terms = Terms()
    for one in asked.conditions:
        terms.add("{}", condition(one, asked.collection, terms))
    by = _sorted_by(asked)
    if isinstance(by, Distance) and asked.order and not asked.order.descending:
        farthest_m = nearest.farthest_m(asked.collection, asked.conditions, by, served + count)
        if farthest_m is not None:
            terms.add("{}", nearer(by, "<=", farthest_m, terms))
    if asked.order is None:
        terms.add("{} > {}", compose.Identifier(ID), terms.value(after))
        tail = compose.SQL("ORDER BY {} LIMIT {}").format(compose.Identifier(ID), terms.value(count))
        return run(_statement(asked.collection, asked.items, terms, tail), terms)
    tail = compose.SQL("ORDER BY {} {} NULLS LAST, {} LIMIT {}").format(
        distance(by.to, terms) if isinstance(by, Distance) else by,
        compose.SQL("DESC" if asked.order.descending else "ASC"),
        compose.Identifier(ID),
        terms.value(served + count),
    )
    return run(_statement(asked.collection, asked.items, terms, tail), terms)[served:]


def _sorted_by(asked: Question) -> compose.Composable | Distance:
    """Return what features are sorted by: a distance that is selected, or a column; the key without any."""
    order = asked.order
    if order is None:
        return compose.Identifier(ID)
    of = next((item.of for item in asked.items if item.name == order.name), Column(order.name))
    if isinstance(of, Distance):
        return of
    if of.name == GEOMETRY:
        raise InvalidRequest("orderBy names the geometry, which has no order")
    return compose.Identifier(ID) if of.name == KEY else column(of.name, asked.collection, "orderBy")


def _statement(
    collection: Collection, chosen: Sequence[Item], terms: Terms, tail: compose.Composable
) -> compose.Composable:
    columns = [compose.Identifier(ID), *(_selected(item, collection, terms) for item in chosen)]
    # ORDER BY takes a name for that of a result before it takes it for a column's.
    named = [
        compose.SQL("{} AS {}").format(one, compose.Identifier(f"_{place}"))
        for place, one in enumerate(columns)
    ]
    return compose.SQL("SELECT {} FROM {} WHERE {} {}").format(
        compose.SQL(", ").join(named), collection.table, terms.where, tail
    )


def _selected(item: Item, collection: Collection, terms: Terms) -> compose.Composable:
    if isinstance(item.of, Distance):
        return distance(item.of.to, terms)
    if item.of.name == GEOMETRY:
        return compose.SQL("ST_AsGeoJSON({}, {})").format(compose.Identifier(GEOM), compose.Literal(DIGITS))
    if item.of.name == KEY:
        return compose.SQL("{}::text").format(compose.Identifier(ID))
    return column(item.of.name, collection, "select")


def _features(chosen: Sequence[Item], rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    """Yield features; a property without a value is left out, as Google's interfaces did."""
    names = [item.name for item in chosen]
    is_shape = [isinstance(item.of, Column) and item.of.name == GEOMETRY for item in chosen]
    for _, *values in rows:
        shape = next((value for value, is_it in zip(values, is_shape, strict=True) if is_it), None)
        properties = {
            name: _plain(value)
            for name, value, is_it in zip(names, values, is_shape, strict=True)
            if value is not None and not is_it
        }
        geometry = f'"geometry": {shape or "null"}, ' if any(is_shape) else ""
        yield f'{{"type": "Feature", {geometry}"properties": {json.dumps(properties)}}}'


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.isoformat() if isinstance(value, date) else value


def _schema(asked: Question) -> dict[str, Any]:
    """Return the schema of what is selected: what is computed is a number."""
    known = {one["name"]: one["type"] for one in schema(asked.collection)["columns"]}
    columns = [
        {"name": item.name, "type": known[item.of.name] if isinstance(item.of, Column) else "double"}
        for item in asked.items
    ]
    return {**schema(asked.collection), "columns": columns}
