"""What of a filter asks no more than parameters do: values of columns, a box. The point index answers it."""

from typing import Any, NamedTuple

import shapely

from api.collections import GEOMETRY, Collection
from api.crs import Crs
from api.filtering import literal
from api.filtering.read import Tree
from layers.grid import Bbox


class Simple(NamedTuple):
    """Values by column, the numbers of a bbox if any, and the conditions that are left."""

    words: dict[str, tuple[Any, ...]]
    bbox: list[float] | None
    rest: list[Tree]


def split(tree: Tree, collection: Collection) -> Simple:
    """Take apart what is joined by AND."""
    words: dict[str, tuple[Any, ...]] = {}
    bbox: list[float] | None = None
    rest: list[Tree] = []
    for node in _joined(tree):
        column, values = _values(node, collection)
        box = _box(node)
        if column and column not in words:
            words[column] = values
        elif box and bbox is None:
            bbox = box
        else:
            rest.append(node)
    return Simple(words, bbox, rest)


def _joined(tree: Tree) -> list[Tree]:
    if isinstance(tree, dict) and tree.get("op") == "and" and isinstance(tree.get("args"), list):
        return [part for node in tree["args"] for part in _joined(node)]
    return [tree]


def _values(node: Tree, collection: Collection) -> tuple[str | None, tuple[Any, ...]]:
    """Return a column of words and those that a node asks of it; None where it asks something else."""
    match node:
        case {"op": "=", "args": [{"property": str(name)}, (str() | bool()) as value]}:
            values = [value]
        case {"op": "in", "args": [{"property": str(name)}, [*values]]} if values:
            pass
        case _:
            return None, ()
    kinds = {"string": str, "boolean": bool}
    column = collection.columns.get(name)
    if column is None or not all(type(value) is kinds.get(column.kind) for value in values):
        return None, ()
    return name, tuple(dict.fromkeys(values))


def _box(node: Tree) -> list[float] | None:
    match node:
        case {"op": "s_intersects", "args": [{"property": name}, {"bbox": [*numbers]}]}:
            if name == GEOMETRY and all(map(literal.is_number, numbers)):
                return numbers
    return None


WITHIN = ("s_intersects", "s_within", "s_equals", "s_touches", "s_overlaps", "s_crosses")


def hull(rest: list[Tree], crs: Crs) -> tuple[Bbox, ...]:
    """Return the box of the first area that features must meet, so that only what lies in it is looked at."""
    for node in rest:
        match node:
            case {"op": str(op), "args": [{"property": name}, {"type": _} as shape]}:
                if op.lower() in WITHIN and name == GEOMETRY:
                    return (Bbox(*shapely.bounds(literal.geometry(shape, crs)).tolist()),)
    return ()
