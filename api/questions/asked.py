"""What the questions about reports have in common: which reports, counted by what, in which form."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.http import HttpRequest

from api import params
from geoplatform.errors import InvalidRequest
from layers.layer import Layer, find
from layers.traits import Filter, wanted

FACETS = ("category", "status", "channel", "kelurahan", "placed_by")
SPAN = ("from", "to")
MOST_WORDS = 400  # of one facet: more than all kelurahan


class Asked(NamedTuple):
    """Which reports are counted: words by facet, and days of the city, both ends included."""

    filter: Filter
    since: date | None
    until: date | None
    words: dict[str, list[str]]


def reports() -> Layer:
    """Return the layer that is counted."""
    return find("reports")


def read(request: HttpRequest) -> Asked:
    """Return which reports a request asks for, by the filters that their tiles take.

    Raises
    ------
    InvalidRequest
        An empty word, a day that is none, or a span that ends before it begins.
    """
    words = {name: request.GET[name].split(",") for name in FACETS if name in request.GET}
    for name, given in words.items():
        if len(given) > MOST_WORDS:
            raise InvalidRequest(f"filter {name!r} has {len(given)} words: at most {MOST_WORDS} are taken")
    since, until = (_day(request, end) for end in SPAN)
    traits = reports().traits
    assert traits is not None  # noqa: S101 - it has an index
    return Asked(wanted(traits, words, since, until), since, until, words)


def _day(request: HttpRequest, name: str) -> date | None:
    text = request.GET.get(name)
    return None if text is None else params.day(name, text)


def split(request: HttpRequest, known: Collection[str]) -> tuple[str, ...]:
    """Return by what else is counted: none, one or two names."""
    text = request.GET.get("split")
    if text is None:
        return ()
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidRequest(f"split {unknown[0]!r}: known are {', '.join(known)}")
    if len(set(names)) < len(names) or len(names) > 2:
        raise InvalidRequest(f"split {text!r}: one or two different names are taken")
    return names
