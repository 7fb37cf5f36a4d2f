"""Where a page begins: the key of the last feature of the page before, as a short text in its next link."""

import base64
import binascii
import re
from typing import Any, NamedTuple

import orjson

from api.params import LARGEST
from geoplatform.errors import InvalidRequest

NAME = "after"
PLACE = re.compile(r"z(\d{1,19})\.(\d{1,19})", re.ASCII)
BY_ID = re.compile(r"i(\d{1,19})", re.ASCII)
SORTED = re.compile(r"s([\w-]{1,2000})", re.ASCII)


class After(NamedTuple):
    """Behind what: a point by (z-order key, id), or a row by its id and by the values it is sorted by."""

    id: int
    key: int | None = None
    values: tuple[Any, ...] = ()


def read(text: str) -> After:
    """Return where a page begins, or raise InvalidRequest."""
    try:
        after = _read(text)
    except (ValueError, TypeError, binascii.Error):
        after = None
    if after is None or not (0 <= after.id <= LARGEST and 0 <= (after.key or 0) <= LARGEST):
        raise InvalidRequest(f"{NAME} {text!r} is from no link of ours")
    return after


def _read(text: str) -> After | None:
    if match := PLACE.fullmatch(text):
        return After(int(match[2]), int(match[1]))
    if match := BY_ID.fullmatch(text):
        return After(int(match[1]))
    if match := SORTED.fullmatch(text):
        padded = match[1] + "=" * (-len(match[1]) % 4)
        id, *values = orjson.loads(base64.urlsafe_b64decode(padded))
        if type(id) is int and all(isinstance(one, str | None) for one in values):
            return After(id, None, tuple(values))
    return None


def written(after: After) -> str:
    """Return the text of where a page begins."""
    if after.key is not None:
        return f"z{after.key}.{after.id}"
    if not after.values:
        return f"i{after.id}"
    packed = base64.urlsafe_b64encode(orjson.dumps([after.id, *after.values]))
    return "s" + packed.decode().rstrip("=")
