"""From the tree of a filter to a condition: names are columns of the collection, values are parameters."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import shapely
from psycopg import sql as compose

from api.collections import GEOMETRY, ID, Collection
from api.crs import CRS84, Crs
from api.filtering import literal
from api.filtering.read import Tree
from api.filtering.temporal import INTERVALS, relation
from geoplatform.errors import InvalidRequest

Value = Callable[[Any], compose.Composable]
COMPARISONS = {"=", "<>", "<", ">", "<=", ">="}
ARITHMETIC = {
    "+": "({} + {})", "-": "({} - {})", "*": "({} * {})", "/": "({} / {})", "^": "power({}, {})",
    "%": "mod({}::numeric, {}::numeric)::float8", "div": "trunc({} / {})",
}  # fmt: skip
SPATIAL = {
    "s_intersects": "ST_Intersects", "s_disjoint": "ST_Disjoint", "s_equals": "ST_Equals",
    "s_touches": "ST_Touches", "s_within": "ST_Within", "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses", "s_contains": "ST_Contains",
}  # fmt: skip
SCALARS = ("number", "string", "boolean", "instant", "date")


class Term(NamedTuple):
    """A part of a condition and its kind: number, string, boolean, instant, date, geometry or interval.

    ``ends`` are first and last instant of what is a time; ``fixed`` says that it is a literal.
    """

    text: compose.Composable
    kind: str
    ends: tuple[compose.Composable, compose.Composable] | None = None
    fixed: bool = False


class Translation:
    """One filter on its way to a condition."""

    def __init__(self, collection: Collection, value: Value, crs: Crs = CRS84) -> None:
        self._collection, self._value, self._crs = collection, value, crs

    def condition(self, node: Tree) -> compose.Composable:
        """Return the condition that a tree means.

        Raises
        ------
        InvalidRequest
            It names what the collection does not have, or compares what cannot be compared.
        """
        if node is True or node is False:
            return compose.SQL("TRUE" if node else "FALSE")
        term = self._term(node)
        if term.kind != "boolean":
            raise InvalidRequest(f"filter: {_shown(node)} is no condition")
        return term.text

    def _term(self, node: Tree) -> Term:
        if isinstance(node, dict):
            return self._object(node)
        if isinstance(node, bool):
            return Term(self._value(node), "boolean", fixed=True)
        if isinstance(node, str):
            return Term(compose.SQL("{}::text").format(self._value(node)), "string", fixed=True)
        if literal.is_number(node):
            return Term(compose.SQL("{}::float8").format(self._value(float(node))), "number", fixed=True)
        raise InvalidRequest(f"filter: {_shown(node)} cannot stand here")

    def _object(self, node: dict[str, Any]) -> Term:
        if "op" in node:
            return self._operation(node)
        if "property" in node:
            return self._property(node["property"])
        if "type" in node or "bbox" in node:
            shape = literal.geometry(node, self._crs)
            text = compose.SQL("ST_GeomFromWKB({}, 4326)").format(self._value(shapely.to_wkb(shape)))
            kind = "collection" if isinstance(shape, shapely.GeometryCollection) else "geometry"
            return Term(text, kind, fixed=True)
        if "timestamp" in node:
            at = self._instant(literal.instant(node))
            return Term(at, "instant", (at, at), fixed=True)
        if "date" in node:
            first, last = map(self._instant, literal.day(node))
            return Term(first, "instant", (first, last), fixed=True)
        if "interval" in node:
            return self._interval(node["interval"])
        raise InvalidRequest(f"filter: {_shown(node)} cannot stand here")

    def _instant(self, at: Any) -> compose.Composable:
        return compose.SQL("{}::timestamptz").format(self._value(at))

    def _property(self, name: Any) -> Term:
        if name == GEOMETRY:
            return Term(compose.Identifier(GEOMETRY), "geometry")
        if name == ID:
            return Term(compose.Identifier(ID), "number")
        if not isinstance(name, str) or name not in self._collection.columns:
            known = ", ".join((GEOMETRY, ID, *self._collection.columns))
            raise InvalidRequest(f"filter: no property {_shown(name)}: known are {known}")
        kind = self._collection.columns[name].kind
        text = compose.Identifier(name)
        if kind in ("instant", "date"):
            at = compose.SQL("{}::timestamptz").format(text)
            return Term(at, "instant", (at, at))
        return Term(text, "number" if kind == "integer" else kind)

    def _interval(self, ends: Any) -> Term:
        if not isinstance(ends, list) or len(ends) != 2:
            raise InvalidRequest(f"filter: interval {_shown(ends)} has not two ends")
        first, last = (self._end(one, place) for place, one in enumerate(ends))
        return Term(first, "interval", (first, last))

    def _end(self, node: Any, place: int) -> compose.Composable:
        if node == "..":
            return literal.FOREVER["end" if place else "start"]
        if isinstance(node, str):
            node = {"timestamp" if "T" in node.upper() else "date": node}
        ends = self._term(node).ends
        if ends is None:
            raise InvalidRequest(f"filter: {_shown(node)} is no time")
        return ends[place]

    def _operation(self, node: dict[str, Any]) -> Term:
        op, args = str(node["op"]).lower(), node.get("args")
        if not isinstance(args, list):
            raise InvalidRequest(f"filter: {_shown(node['op'])} has no list of arguments")
        if op in ("and", "or"):
            if len(args) < 2:
                raise InvalidRequest(f"filter: {op} joins two conditions or more")
            parts = [compose.SQL("({})").format(self.condition(one)) for one in args]
            return Term(compose.SQL(f" {op.upper()} ").join(parts), "boolean")
        if op in OPERATIONS:
            count, name = OPERATIONS[op]
            if len(args) != count:
                raise InvalidRequest(f"filter: {op} takes {count} arguments, and has {len(args)}")
            made: Term = getattr(self, name)(op, args)
            return made
        raise InvalidRequest(f"filter: no function {_shown(node['op'])}")

    def _not(self, _op: str, args: Sequence[Tree]) -> Term:
        return Term(compose.SQL("NOT ({})").format(self.condition(args[0])), "boolean")

    def _compare(self, op: str, args: Sequence[Tree]) -> Term:
        left, right = self._alike(op, args)
        return Term(compose.SQL(f"{{}} {op} {{}}").format(left.text, right.text), "boolean")

    def _between(self, op: str, args: Sequence[Tree]) -> Term:
        terms = self._alike(op, args)
        return Term(compose.SQL("{} BETWEEN {} AND {}").format(*(term.text for term in terms)), "boolean")

    def _in(self, op: str, args: Sequence[Tree]) -> Term:
        if not isinstance(args[1], list) or not args[1]:
            raise InvalidRequest("filter: in wants a list of values")
        wanted, *listed = self._alike(op, [args[0], *args[1]])
        values = compose.SQL(", ").join(term.text for term in listed)
        return Term(compose.SQL("{} IN ({})").format(wanted.text, values), "boolean")

    def _like(self, op: str, args: Sequence[Tree]) -> Term:
        text, pattern = (self._term(one) for one in args)
        if text.kind != "string" or pattern.kind != "string" or not pattern.fixed:
            raise InvalidRequest(f"filter: {op} compares a text with a pattern")
        return Term(compose.SQL("{} LIKE {}").format(text.text, pattern.text), "boolean")

    def _is_null(self, _op: str, args: Sequence[Tree]) -> Term:
        return Term(compose.SQL("{} IS NULL").format(self._term(args[0]).text), "boolean")

    def _casei(self, op: str, args: Sequence[Tree]) -> Term:
        term = self._term(args[0])
        if term.kind != "string":
            raise InvalidRequest(f"filter: {op} of {_shown(args[0])}, which is no text")
        return term._replace(text=compose.SQL("lower({})").format(term.text))

    def _arithmetic(self, op: str, args: Sequence[Tree]) -> Term:
        terms = [self._term(one) for one in args]
        if any(term.kind != "number" for term in terms):
            raise InvalidRequest(f"filter: {op} of what is no number")
        numbers = [compose.SQL("{}::float8").format(term.text) for term in terms]
        return Term(compose.SQL(ARITHMETIC[op]).format(*numbers), "number")

    def _spatial(self, op: str, args: Sequence[Tree]) -> Term:
        terms = [self._term(one) for one in args]
        allowed = {"geometry", "collection"} if op in ("s_intersects", "s_disjoint") else {"geometry"}
        if any(term.kind not in allowed for term in terms):
            raise InvalidRequest(f"filter: {op} compares two geometries (of a collection it takes none)")
        if op == "s_disjoint":
            # Not ST_Disjoint, which no index answers, nor any of a GeometryCollection.
            meets = compose.SQL("NOT ST_Intersects({}, {})").format(*(term.text for term in terms))
            return Term(meets, "boolean")
        call = compose.SQL(f"{SPATIAL[op]}({{}}, {{}})")
        return Term(call.format(*(term.text for term in terms)), "boolean")

    def _temporal(self, op: str, args: Sequence[Tree]) -> Term:
        ends = [self._term(one).ends for one in args]
        if ends[0] is None or ends[1] is None:
            raise InvalidRequest(f"filter: {op} compares two times")
        return Term(relation(op, ends[0], ends[1]), "boolean")

    def _alike(self, op: str, args: Sequence[Tree]) -> list[Term]:
        """Return terms that can be compared with one another."""
        terms = [self._term(one) for one in args]
        if terms[0].kind not in SCALARS or any(term.kind != terms[0].kind for term in terms):
            kinds = ", ".join(term.kind for term in terms[:4])
            raise InvalidRequest(f"filter: {op} compares values of one kind, and not {kinds}")
        return terms


OPERATIONS: dict[str, tuple[int, str]] = {
    "not": (1, "_not"), "between": (3, "_between"), "in": (2, "_in"), "like": (2, "_like"),
    "isnull": (1, "_is_null"), "casei": (1, "_casei"),
    **dict.fromkeys(COMPARISONS, (2, "_compare")), **dict.fromkeys(ARITHMETIC, (2, "_arithmetic")),
    **dict.fromkeys(SPATIAL, (2, "_spatial")), **dict.fromkeys(INTERVALS, (2, "_temporal")),
}  # fmt: skip


def _shown(node: Any) -> str:
    text = repr(node)
    return text if len(text) <= 60 else text[:57] + "..."
