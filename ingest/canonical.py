"""JSON in the one form in which payloads are kept: equal ones are equal texts."""

import json
from typing import Any

import orjson


def encode(value: Any) -> str:
    """Return a value as JSON; what is no number (NaN, Infinity) becomes null.

    Behind a space, in ASCII and with such numbers as they are, where the value holds what few can read: half
    of a pair of surrogates, or a whole number of more than 64 bits.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return " " + json.dumps(value, sort_keys=True)


def decode(text: str) -> Any:
    """Return the value that ``encode`` wrote, or Python's own ``json`` before it."""
    try:
        return json.loads(text) if text.startswith(" ") else orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def read(text: str | bytes) -> Any:
    """Return what JSON from outside holds; ValueError where it is none, or nests without end."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it nests more deeply than can be read") from None
