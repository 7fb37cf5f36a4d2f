"""What a query says, as a tree: the whole language, and nothing that is not in it; pure."""

from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "<>", "<", ">", "<=", ">="]
Position = tuple[float, float]  # longitude, latitude in degrees


@dataclass(frozen=True)
class Column:
    """A column by its name."""

    name: str


@dataclass(frozen=True)
class Value:
    """A string, a number or a truth value that stands in the query."""

    value: str | int | float | bool


@dataclass(frozen=True)
class Shape:
    """A geometry that stands in the query: rings of a polygon, one line, or one point (EPSG:4326)."""

    kind: Literal["POINT", "LINESTRING", "POLYGON"]
    rings: tuple[tuple[Position, ...], ...]


@dataclass(frozen=True)
class Circle:
    """All within so many metres of a point."""

    centre: Position
    radius_m: float


@dataclass(frozen=True)
class Distance:
    """Metres on the WGS 84 spheroid from a feature to a geometry."""

    to: Shape


Operand = Column | Value | Distance


@dataclass(frozen=True)
class Compare:
    """One of six comparisons."""

    left: Operand
    operator: Operator
    right: Operand


@dataclass(frozen=True)
class Contains:
    """A column's text has another text in it, letter by letter."""

    column: Column
    text: str


@dataclass(frozen=True)
class Intersects:
    """A feature has at least a point in common with a geometry."""

    shape: Shape | Circle


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    part: "Condition"


@dataclass(frozen=True)
class And:
    """All of some conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Or:
    """At least one of some conditions."""

    parts: tuple["Condition", ...]


Condition = Compare | Contains | Intersects | Not | And | Or


@dataclass(frozen=True)
class Item:
    """One property that is selected, and what it is called in the answer."""

    name: str
    of: Column | Distance


@dataclass(frozen=True)
class Order:
    """By which property features are sorted."""

    name: str
    descending: bool
