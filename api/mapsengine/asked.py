"""Reading the parameters that all of Google's interfaces have, and the pages of a list."""

import base64
import binascii
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from django.http import HttpRequest

from api import params
from geoplatform.errors import InvalidRequest

# Taken from every client, and read by nobody here: data that all may see need no key, and JSON is JSON.
# "_" is what jQuery adds to come past caches.
STANDARD = {
    "access_token", "alt", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "userIp", "_",
}  # fmt: skip
Thing = TypeVar("Thing")


def parameters(request: HttpRequest, names: Collection[str]) -> Mapping[str, str]:
    """Return the parameters of a request; unknown ones, and those given twice, are refused."""
    params.only(request, {*names, *STANDARD})
    asked = request.GET.dict()
    for name, text in asked.items():
        if "\0" in text:
            raise InvalidRequest(f"{name} holds what no text can")
    if asked.get("alt", "json") != "json":
        raise InvalidRequest(f"alt {asked['alt']!r}: json is all that there is")
    return {name: text for name, text in asked.items() if name not in STANDARD}


def version(asked: Mapping[str, str]) -> None:
    """See that the published version is asked for: there is no other."""
    if asked.get("version", "published") != "published":
        raise InvalidRequest(f"version {asked['version']!r}: published is all that there is")


def number(asked: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a whole number from 1 to ``most``."""
    if name not in asked:
        return default
    value = params.integer(name, asked[name])
    if not 1 <= value <= most:
        raise InvalidRequest(f"{name} {value}: it must lie between 1 and {most}")
    return value


def token(*numbers: int) -> str:
    """Return a page token, which tells clients nothing: some whole numbers."""
    return base64.urlsafe_b64encode(json.dumps(numbers).encode()).decode().rstrip("=")


def numbers(asked: Mapping[str, str], count: int) -> Sequence[int] | None:
    """Return the numbers that a ``pageToken`` holds; None without one."""
    text = asked.get("pageToken")
    if not text:
        return None
    try:
        read: Any = json.loads(base64.urlsafe_b64decode(text[:200] + "=" * (-len(text[:200]) % 4)))
    except (binascii.Error, ValueError):
        read = None
    is_ours = isinstance(read, list) and len(read) == count
    if not is_ours or not all(type(one) is int and 0 <= one <= params.LARGEST for one in read):
        raise InvalidRequest(f"pageToken {text[:50]!r} is none that was given out here")
    return list(read)


def page(things: Sequence[Thing], asked: Mapping[str, str], most: int) -> tuple[Sequence[Thing], str | None]:
    """Return one page of a short list, and the token of the next."""
    (first,) = numbers(asked, 1) or [0]
    size = number(asked, "maxResults", most, most)
    following = first + size
    return things[first:following], token(following) if following < len(things) else None
