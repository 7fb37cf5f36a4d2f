"""The query language of Maps Engine: ``where``, ``select``, ``orderBy`` and ``intersects`` to trees; pure.

::

    where      = both { OR both }
    both       = one { AND one }
    one        = NOT one | ( where ) | ST_INTERSECTS ( geometry , shape )
               | column CONTAINS string | operand operator operand
    operand    = column | string | number | TRUE | FALSE | ST_DISTANCE ( geometry , shape )
    shape      = ST_POINT ( number , number ) | ST_GEOMFROMTEXT ( string with a literal )
    select     = item { , item }         item = operand [ AS name ]
    orderBy    = name [ ASC | DESC ]
    intersects = literal                 as in api/mapsengine/literals.py

Names stand bare or in double quotes, strings in single ones; keywords and functions in any case. AND binds
before OR. What is no word of it is refused; nothing of it becomes a part of a statement's text.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from api.mapsengine import literals
from api.mapsengine.parser import Parser
from api.mapsengine.tree import (
    And,
    Circle,
    Column,
    Compare,
    Condition,
    Contains,
    Distance,
    Intersects,
    Item,
    Not,
    Operand,
    Operator,
    Or,
    Order,
    Shape,
    Value,
)
from geoplatform.errors import InvalidRequest

GEOMETRY = "geometry"
MOST_ITEMS = 60
OPERATORS: dict[str, Operator] = {
    "=": "=", "<>": "<>", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">=",
}  # fmt: skip

Node = TypeVar("Node")


def where(text: str) -> Condition:
    """Return the condition that a predicate is, or raise InvalidRequest."""
    return _whole("where", text, _either)


def select(text: str) -> tuple[Item, ...]:
    """Return the properties that are selected, in their order; two of one name are refused."""
    items = _whole("select", text, _items)
    names = [item.name for item in items]
    if len(set(names)) < len(names):
        raise InvalidRequest(f"select {text!r} names a property twice")
    return items


def order_by(text: str) -> Order:
    """Return by what features are sorted."""
    return _whole("orderBy", text, _order)


def intersects(text: str) -> Shape | Circle:
    """Return the geometry that features are to intersect."""
    return literals.literal("intersects", text)


def _whole(parameter: str, text: str, rule: Callable[[Parser], Node]) -> Node:
    parser = Parser(parameter, text)
    node = rule(parser)
    parser.end()
    return node


def _nested(rule: Callable[[Parser], Node]) -> Callable[[Parser], Node]:
    """Count how deep a rule stands in itself."""

    @wraps(rule)
    def counted(parser: Parser) -> Node:
        with parser.deeper():
            return rule(parser)

    return counted


@_nested
def _either(parser: Parser) -> Condition:
    parts = [_both(parser)]
    while parser.keyword("OR"):
        parts.append(_both(parser))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _both(parser: Parser) -> Condition:
    parts = [_one(parser)]
    while parser.keyword("AND"):
        parts.append(_one(parser))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


@_nested
def _one(parser: Parser) -> Condition:
    if parser.keyword("NOT"):
        return Not(_one(parser))
    if parser.sign("("):
        condition = _either(parser)
        parser.expect(")")
        return condition
    if parser.function("ST_INTERSECTS"):
        return Intersects(_from_geometry(parser))
    left = _operand(parser)
    if parser.keyword("CONTAINS"):
        if not isinstance(left, Column):
            raise parser.wrong("a column stands before CONTAINS")
        return Contains(left, parser.string())
    operator = next((OPERATORS[one] for one in OPERATORS if parser.sign(one)), None)
    if operator is None:
        raise parser.wrong(f"expected one of {' '.join(OPERATORS)} or CONTAINS")
    return Compare(left, operator, _operand(parser))


def _operand(parser: Parser) -> Operand:
    if parser.function("ST_DISTANCE"):
        return Distance(_from_geometry(parser))
    if parser.word.kind == "string":
        return Value(parser.string())
    if parser.word.kind == "number":
        return Value(parser.number())
    if parser.keyword("TRUE"):
        return Value(True)
    if parser.keyword("FALSE"):
        return Value(False)
    return Column(parser.name())


def _from_geometry(parser: Parser) -> Shape:
    """Read the two arguments of a function, the first of which is the geometry of the feature."""
    parser.expect("(")
    if parser.name() != GEOMETRY:
        raise parser.wrong(f"the first of the two is {GEOMETRY}")
    parser.expect(",")
    shape = _shape(parser)
    parser.expect(")")
    return shape


def _shape(parser: Parser) -> Shape:
    if parser.function("ST_POINT"):
        parser.expect("(")
        lon = float(parser.number())
        parser.expect(",")
        lat = float(parser.number())
        parser.expect(")")
        return Shape("POINT", ((literals.position(parser.parameter, lon, lat),),))
    if parser.function("ST_GEOMFROMTEXT"):
        parser.expect("(")
        shape = literals.literal(parser.parameter, parser.string())
        parser.expect(")")
        if isinstance(shape, Circle):
            raise parser.wrong("a CIRCLE stands in intersects alone")
        return shape
    raise parser.wrong("expected ST_POINT or ST_GEOMFROMTEXT")


def _items(parser: Parser) -> tuple[Item, ...]:
    items = [_item(parser)]
    while parser.sign(","):
        items.append(_item(parser))
        if len(items) > MOST_ITEMS:
            raise parser.wrong(f"at most {MOST_ITEMS} properties are selected at once")
    return tuple(items)


def _item(parser: Parser) -> Item:
    if parser.function("ST_DISTANCE"):
        of: Column | Distance = Distance(_from_geometry(parser))
        if not parser.keyword("AS"):
            raise parser.wrong("a function is given a name: AS name")
        return Item(_alias(parser), of)
    column = Column(parser.name())
    return Item(_alias(parser) if parser.keyword("AS") else column.name, column)


def _alias(parser: Parser) -> str:
    return parser.string() if parser.word.kind == "string" else parser.name()


def _order(parser: Parser) -> Order:
    name = _alias(parser)
    descending = parser.keyword("DESC")
    if not descending:
        parser.keyword("ASC")
    return Order(name, descending)
