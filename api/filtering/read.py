"""From the text or JSON of a filter to one tree, the same for both; what is too deep or too long is refused.

The parser of the text tries again at each bracket when it fails: each further level doubles what a fault
costs. Measured: 20 levels that are not closed took 3 s, 8 levels 4,000 characters long half a second at the
worst. JSON has no such cost, and may be longer and deeper.
"""

import re
from typing import Any

import cql2
import orjson

from geoplatform.errors import InvalidRequest

TEXT, JSON = "cql2-text", "cql2-json"
LONGEST_TEXT, DEEPEST_TEXT = 4_000, 8
LONGEST_JSON, DEEPEST = 60_000, 32
MOST_NODES = 6_000
QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")

Tree = Any  # of dict, list, str, int, float, bool


def read(filter: str, language: str = TEXT) -> Tree:
    """Return the tree of a filter: objects with ``op`` and ``args``, as CQL2 JSON has them.

    Raises
    ------
    InvalidRequest
        It is no CQL2, too long, too deep, or in another language.
    """
    check_language(language)
    if "\0" in filter:
        raise InvalidRequest("filter: it has a character that no text has")
    tree = _text(filter) if language == TEXT else _json(filter)
    _measure(tree)
    return tree


def check_language(name: str) -> str:
    """Return the name of a language of filters, or raise InvalidRequest."""
    if name not in (TEXT, JSON):
        raise InvalidRequest(f"filter-lang {name!r} is neither {TEXT} nor {JSON}")
    return name


def _text(filter: str) -> Tree:
    if len(filter) > LONGEST_TEXT:
        raise InvalidRequest(
            f"filter: {len(filter)} characters are more than {LONGEST_TEXT}; {JSON} may have {LONGEST_JSON}"
        )
    _check_brackets(filter)
    try:
        return cql2.parse_text(filter).to_json()
    except Exception as error:  # noqa: BLE001 - of a geometry that is none the library raises nothing narrower
        # The library's message shows where; its first lines are a drawing of the place.
        place = re.search(r"(\d+):(\d+)", str(error))
        where = f" at character {place[2]}" if place else ""
        raise InvalidRequest(f"filter {filter!r} is no CQL2 text{where}") from None


def _check_brackets(filter: str) -> None:
    depth = 0
    for character in QUOTED.sub("", filter):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
        if depth > DEEPEST_TEXT:
            raise InvalidRequest(
                f"filter: brackets more than {DEEPEST_TEXT} deep; {JSON} may be {DEEPEST} deep"
            )
    if depth:
        raise InvalidRequest(f"filter {filter!r} has a bracket without its other half")


def _json(filter: str) -> Tree:
    if len(filter) > LONGEST_JSON:
        raise InvalidRequest(f"filter: {len(filter)} characters are more than {LONGEST_JSON}")
    try:
        return orjson.loads(filter)
    except ValueError as error:
        raise InvalidRequest(f"filter is no JSON ({error})") from None


def _measure(tree: Tree) -> None:
    level, depth, nodes = [tree], 0, 0
    while level:
        depth, nodes = depth + 1, nodes + len(level)
        if depth > DEEPEST or nodes > MOST_NODES:
            raise InvalidRequest(f"filter: more than {DEEPEST} deep, or more than {MOST_NODES} parts")
        following: list[Tree] = []
        for node in level:
            if isinstance(node, dict):
                following += node.values()
            elif isinstance(node, list):
                following += node
        level = following
