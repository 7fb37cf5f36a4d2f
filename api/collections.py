"""What can be asked for: one collection for each layer that has a view in the schema ``analyst``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from psycopg import sql as compose

from geoplatform import sql
from geoplatform.errors import NotFound
from layers.layer import Geometry, Layer
from layers.layer import catalogue as layers

Kind = Literal["integer", "number", "string", "boolean", "instant", "date"]
SCHEMA = "analyst"
ID, GEOMETRY = "id", "geom"
KINDS: dict[str, Kind] = {
    "bigint": "integer",
    "integer": "integer",
    "smallint": "integer",
    "double precision": "number",
    "real": "number",
    "numeric": "number",
    "text": "string",
    "boolean": "boolean",
    "timestamp with time zone": "instant",
    "date": "date",
}
TIMES = ("submitted_at", "reported_at")
# Columns of large collections that are never null and have an index: in their order a page is a range of it.
INDEXED = {"reports": frozenset({"submitted_at", "updated_at"})}


@dataclass(frozen=True)
class Column:
    """One property: its type in our words, its PostgreSQL type, what it means, and its values where few."""

    name: str
    kind: Kind
    type: str
    description: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """A layer as a table: a key ``id``, a geometry ``geom`` (EPSG:4326), and columns.

    ``columns`` has neither of the two. ``time`` names the column that ``datetime`` is asked of, if any.
    """

    name: str
    title: Mapping[str, str]
    description: str
    geometry: Geometry
    columns: Mapping[str, Column]
    time: str | None
    layer: Layer

    @property
    def indexed(self) -> frozenset[str]:
        """Return the columns in whose order a page costs no more than its features, beside the key."""
        return INDEXED.get(self.name, frozenset())

    @property
    def table(self) -> compose.Identifier:
        """Return the view's name for a composed statement."""
        return compose.Identifier(SCHEMA, self.name)

    def column(self, name: str) -> Column:
        """Return a column, or raise NotFound."""
        try:
            return self.columns[name]
        except KeyError:
            known = ", ".join(self.columns)
            raise NotFound(f"collection {self.name} has no property {name!r}: it has {known}") from None


@cache
def catalogue() -> Mapping[str, Collection]:
    """Return every collection by its name, lowest on the map first; read once from the views.

    A layer without a view is none; nor is a view without a layer.
    """
    views: dict[str, list[tuple[Any, ...]]] = {}
    for view, *rest in sql.rows("api/columns"):
        views.setdefault(view, []).append(tuple(rest))
    return {name: _collection(layer, views[name]) for name, layer in layers().items() if name in views}


def find(name: str) -> Collection:
    """Return a collection, or raise NotFound."""
    try:
        return catalogue()[name]
    except KeyError:
        raise NotFound(f"no collection {name!r}: /api/collections lists them") from None


def _collection(layer: Layer, rows: list[tuple[Any, ...]]) -> Collection:
    columns = {
        name: Column(name, KINDS[type], type, said or "", _values(layer, name))
        for _, name, type, said in rows
        if name not in (ID, GEOMETRY)
    }
    return Collection(
        name=layer.name,
        title=layer.title,
        description=rows[0][0] or layer.title["en"],
        geometry=layer.geometry,
        columns=columns,
        time=next((name for name in TIMES if name in columns), None),
        layer=layer,
    )


def _values(layer: Layer, name: str) -> tuple[str, ...]:
    """Return the words of a facet that are known beforehand."""
    facets = layer.traits.facets if layer.traits else ()
    return tuple(
        word for facet in facets if facet.name == name for word in facet.words if isinstance(word, str)
    )
