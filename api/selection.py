"""What a caller selects from a collection: parsed once, asked of PostgreSQL or of the point index."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely
from psycopg import sql as compose

from api import params
from api.collections import GEOMETRY, Collection, Column
from api.crs import CRS84, find
from api.params import Span
from geoplatform.errors import InvalidRequest
from layers.grid import Bbox

# What every door that selects takes beside the names of columns.
NAMES = ("bbox", "bbox-crs", "datetime")


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
    """

    collection: Collection
    boxes: tuple[Bbox, ...] = ()
    region: shapely.Geometry | None = None
    span: Span | None = None
    words: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether anything is left out at all."""
        return bool(self.boxes or self.span or self.words)

    def put(self, terms: Terms) -> None:
        """Add its conditions to those of a statement that reads ``collection.table``."""
        self._put_boxes(terms)
        if self.span:
            self._put_span(terms, self.span)
        for name, values in self.words.items():
            column = self.collection.columns[name]
            type = compose.SQL(column.type)  # of PostgreSQL's own catalogue
            listed = compose.SQL("{}::{}[]").format(terms.value(list(values)), type)
            terms.add("{} = ANY ({})", compose.Identifier(name), listed)

    def where(self) -> tuple[compose.Composable, dict[str, Any]]:
        """Return the condition, and the values of its placeholders by name."""
        terms = Terms()
        self.put(terms)
        return terms.where, terms.values

    def _put_boxes(self, terms: Terms) -> None:
        if not self.boxes:
            return
        areas = [_shape(box) for box in self.boxes] if self.region is None else [self.region]
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
        if name not in collection.columns:
            known = ", ".join([*NAMES, *collection.columns])
            raise InvalidRequest(f"unknown parameter {name!r}: known are {known}")
    words = {name: values(collection.columns[name], asked[name]) for name in names}
    # A collection without a time has no feature that it could leave out (OGC API Features 7.15.4).
    return Selection(collection, boxes, region, span if collection.time else None, words)


def _area(asked: Mapping[str, str]) -> tuple[tuple[Bbox, ...], shapely.Geometry | None]:
    crs = find("bbox-crs", asked["bbox-crs"]) if "bbox-crs" in asked else CRS84
    if "bbox" not in asked:
        return (), None
    return params.boxes(asked["bbox"], crs)


def _shape(box: Bbox) -> shapely.Geometry:
    """Return a box as a polygon; one without width or height as a line or a point."""
    return shapely.envelope(shapely.MultiPoint([box[:2], box[2:]]))


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
