"""What a caller selects from a collection: parsed once, asked of PostgreSQL or of the point index."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import shapely
from psycopg import sql as compose

from api import params
from api.collections import GEOMETRY, ID, Collection, Column
from api.crs import CRS84, Crs, find
from api.filtering.read import TEXT, Tree, check_language, read
from api.filtering.simple import hull, split
from api.filtering.translate import Translation
from api.params import Span
from geoplatform.errors import InvalidRequest
from layers.grid import Bbox

# What every door that selects takes beside the names of columns.
NAMES = (
    "bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "properties",
)  # fmt: skip
MOST_SORTED = 3  # columns


class Terms:
    """Conditions of one statement, and the values of their placeholders: none is part of the text."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._parts: list[compose.Composable] = []

    def value(self, value: Any) -> compose.Composable:
        """Return a placeholder that stands for a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return compose.Placeholder(name)

    def add(self, text: str, *parts: compose.Composable) -> None:
        """Add a condition: a text of ours with ``{}`` for each part."""
        self._parts.append(compose.SQL(text).format(*parts))

    @property
    def where(self) -> compose.Composable:
        """Return all conditions, joined by AND; TRUE where there is none."""
        if not self._parts:
            return compose.SQL("TRUE")
        return compose.SQL(" AND ").join(compose.SQL("({})").format(part) for part in self._parts)


@dataclass(frozen=True)
class Selection:
    """Which features of a collection are wanted.

    ``boxes`` are one box in degrees, or two where it reaches over the 180th meridian; ``region`` the same as
    a polygon where it is no box in degrees. ``words`` has for each column named the values that are wanted.
    ``order`` has columns, each with whether it descends. ``properties`` None: all.
    """

    collection: Collection
    boxes: tuple[Bbox, ...] = ()
    region: shapely.Geometry | None = None
    span: Span | None = None
    words: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    filter: Tree = None
    filter_crs: Crs = CRS84
    order: tuple[tuple[str, bool], ...] = ()
    properties: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        """Say whether any feature may be left out."""
        return bool(self.boxes or self.span or self.words or self.filter is not None)

    def put(self, terms: Terms) -> None:
        """Add its conditions to those of a statement that reads ``collection.table``."""
        self._put_boxes(terms)
        if self.span:
            self._put_span(terms, self.span)
        for name, values in sorted(self.words.items()):
            column = _column(self.collection, name)
            type = compose.SQL(column.type)  # of PostgreSQL's own catalogue
            # In order: the same question said otherwise is the same statement.
            listed = compose.SQL("{}::{}[]").format(terms.value(sorted(set(values))), type)
            terms.add("{} = ANY ({})", compose.Identifier(name), listed)
        if self.filter is not None:
            terms.add("{}", Translation(self.collection, terms.value, self.filter_crs).condition(self.filter))

    def key(self) -> tuple[str, str]:
        """Return what is the same for two selections that ask the same of the rows, however they say it."""
        where, values = self.where()
        return repr(where), repr(values)

    def put_filter(self, terms: Terms) -> None:
        """Add what its filter asks beyond boxes and values of columns."""
        if self.filter is not None:
            translation = Translation(self.collection, terms.value, self.filter_crs)
            terms.add("{}", translation.condition(self.filter))

    def where(self) -> tuple[compose.Composable, dict[str, Any]]:
        """Return the condition, and the values of its placeholders by name."""
        terms = Terms()
        self.put(terms)
        return terms.where, terms.values

    def _put_boxes(self, terms: Terms) -> None:
        if not self.boxes:
            return
        areas = [params.shape(box) for box in self.boxes] if self.region is None else [self.region]
        touched = [
            compose.SQL("ST_Intersects({}, ST_GeomFromWKB({}, 4326))").format(
                compose.Identifier(GEOMETRY), terms.value(shapely.to_wkb(area))
            )
            for area in areas
        ]
        terms.add("{}", compose.SQL(" OR ").join(touched))

    def _put_span(self, terms: Terms, span: Span) -> None:
        time = compose.Identifier(str(self.collection.time))
        if span.since:
            terms.add("{} >= {}", time, terms.value(span.since))
        if span.until:
            terms.add("{} < {}" if span.open else "{} <= {}", time, terms.value(span.until))


def parse(collection: Collection, asked: Mapping[str, str]) -> Selection:
    """Return what a caller selects.

    Parameters
    ----------
    asked
        The parameters of ``NAMES``, and names of columns; any of several values with commas between.

    Raises
    ------
    InvalidRequest
        A parameter that is not known, or a value that cannot be used.
    """
    boxes, region = _area(asked)
    span = params.span(asked["datetime"]) if "datetime" in asked else None
    names = [name for name in asked if name not in NAMES]
    for name in names:
        if name not in (ID, *collection.columns):
            known = ", ".join([*NAMES, ID, *collection.columns])
            raise InvalidRequest(f"unknown parameter {name!r}: known are {known}")
    words = {name: values(_column(collection, name), asked[name]) for name in names}
    selection = Selection(
        collection,
        boxes,
        region,
        span if collection.time else None,  # else no feature could be left out (Part 1, 7.15.4)
        words,
        order=_order(collection, asked),
        properties=_properties(collection, asked),
    )
    return _filtered(selection, asked)


def _column(collection: Collection, name: str) -> Column:
    """Return a column, or the key as one: queryables list it among them."""
    return Column(ID, "integer", "bigint", "") if name == ID else collection.columns[name]


def _filtered(selection: Selection, asked: Mapping[str, str]) -> Selection:
    """Return a selection with its filter: what parameters could have asked becomes what they ask."""
    crs = find("filter-crs", asked["filter-crs"]) if "filter-crs" in asked else CRS84
    language = check_language(asked.get("filter-lang", TEXT))
    if "filter" not in asked:
        return selection
    tree = read(asked["filter"], language)
    Translation(selection.collection, lambda _: compose.SQL("NULL"), crs).condition(tree)  # or it is refused
    simple = split(tree, selection.collection)
    rest, words, boxes, region = list(simple.rest), dict(selection.words), selection.boxes, selection.region
    for name, wanted in simple.words.items():
        known = words.get(name)
        words[name] = wanted if known is None else tuple(value for value in known if value in wanted)
    if simple.bbox is not None and not boxes:
        boxes, region = params.boxes(",".join(map(repr, simple.bbox)), crs)
    elif simple.bbox is not None:
        rest.append({"op": "s_intersects", "args": [{"property": GEOMETRY}, {"bbox": simple.bbox}]})
    if not boxes:
        boxes = hull(rest, crs)
    filter = {"op": "and", "args": rest} if len(rest) > 1 else rest[0] if rest else None
    return replace(selection, boxes=boxes, region=region, words=words, filter=filter, filter_crs=crs)


def _order(collection: Collection, asked: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """Return the columns of ``sortby``: ``a`` or ``+a`` ascending, ``-a`` descending."""
    if "sortby" not in asked:
        return ()
    order = tuple(
        (part.strip().removeprefix("+").removeprefix("-"), part.strip().startswith("-"))
        for part in asked["sortby"].split(",")
    )
    names = [name for name, _ in order]
    unknown = next((name for name in names if name not in (ID, *collection.columns)), None)
    if unknown is not None:
        known = ", ".join((ID, *collection.columns))
        raise InvalidRequest(f"sortby {unknown!r} is no property: known are {known}")
    if len(set(names)) < len(names) or len(names) > MOST_SORTED:
        raise InvalidRequest(f"sortby {asked['sortby']!r}: each property once, and at most {MOST_SORTED}")
    return order


def _properties(collection: Collection, asked: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the names of ``properties``; an empty list asks for none."""
    if "properties" not in asked:
        return None
    names = tuple(name for name in asked["properties"].split(",") if name)
    unknown = next((name for name in names if name not in collection.columns), None)
    if unknown is not None:
        raise InvalidRequest(
            f"properties: no property {unknown!r}: known are {', '.join(collection.columns)}"
        )
    return names


def _area(asked: Mapping[str, str]) -> tuple[tuple[Bbox, ...], shapely.Geometry | None]:
    crs = find("bbox-crs", asked["bbox-crs"]) if "bbox-crs" in asked else CRS84
    if "bbox" not in asked:
        return (), None
    return params.boxes(asked["bbox"], crs)


def values(column: Column, text: str) -> tuple[Any, ...]:
    """Return the values that a text lists with commas between, as the column has them."""
    return tuple(READ[column.kind](column.name, part) for part in text.split(","))


def _text(name: str, text: str) -> str:
    if "\0" in text:
        raise InvalidRequest(f"{name} {text!r} has a character that no text has")
    return text


def _boolean(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidRequest(f"{name} {text!r} is neither true nor false")
    return text == "true"


def _instant(name: str, text: str) -> datetime:
    return params.instant(name, text)


READ: dict[str, Callable[[str, str], Any]] = {
    "integer": params.integer,
    "number": params.real,
    "string": _text,
    "boolean": _boolean,
    "instant": _instant,
    "date": params.day,
}
