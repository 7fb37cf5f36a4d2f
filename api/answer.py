"""What a fast door is asked and answers, without Django: ``api/front.py`` and the views share it."""

from functools import lru_cache
from typing import NamedTuple

from django.utils.http import parse_etags

from api.public import WANTS_GZIP


class Asked(NamedTuple):
    """A request as it came: scheme and host, the query, and two headers."""

    base: str = ""
    query: str = ""
    accept_encoding: str = ""
    if_none_match: str = ""


class Answer(NamedTuple):
    """What is answered; a 304 has no body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@lru_cache(maxsize=256)
def wants_gzip(accept_encoding: str) -> bool:
    """Say whether an Accept-Encoding takes gzip."""
    return bool(WANTS_GZIP.search(accept_encoding))


def is_known(if_none_match: str, etag: str) -> bool:
    """Say whether an If-None-Match names a tag, strong or weak, or any."""
    if if_none_match == etag:
        return True
    known = {tag.removeprefix("W/") for tag in parse_etags(if_none_match)}
    return etag in known or "*" in known


def wants_html(query: str, accept: str) -> bool:
    """Say whether a page is wanted: by ``f=html``, or by a browser's Accept."""
    if query and "f=" in query:
        forms = [part[2:] for part in query.split("&") if part.startswith("f=")]
        if forms:
            return forms[-1] == "html"
    return "text/html" in accept and "json" not in accept
