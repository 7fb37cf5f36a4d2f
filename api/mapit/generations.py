"""Generations, which are editions: the present one, and those that a question spans."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.params import WHOLE
from boundaries.lookup import edition_on, today
from boundaries.models import Edition
from geoplatform.errors import InvalidRequest, NotFound

ALL = -1  # MapIt's own word for "since ever"


@dataclass(frozen=True)
class Span:
    """The editions that count, and all that were ever in force: by them an area's first and last are told."""

    editions: tuple[int, ...]
    known: tuple[int, ...]


def every() -> list[dict[str, Any]]:
    """Return all editions as generations; ``active`` is one that is or was in force."""
    now = today()
    return [
        {
            "id": edition.pk,
            "active": _has_begun(edition, now),
            "created": edition.loaded_at,
            "description": edition.name,
        }
        for edition in Edition.objects.order_by("pk")
    ]


def span(asked: Mapping[str, str]) -> Span:
    """Return the editions that ``generation`` names, or else ``min_generation``; by default the present one.

    Raises
    ------
    InvalidRequest
        One of them is no number of an edition.
    NotFound
        There is no such edition.
    Unavailable
        None is in force.
    """
    now = today()
    begun = tuple(edition.pk for edition in Edition.objects.order_by("pk") if _has_begun(edition, now))
    if asked.get("generation"):
        one = _number("generation", asked["generation"])
        if not Edition.objects.filter(pk=one).exists():
            raise NotFound(f"no generation {one}: generations lists them")
        return Span((one,), (*begun, one))
    current = edition_on(now)
    if not asked.get("min_generation"):
        return Span((current,), begun)
    least = _number("min_generation", asked["min_generation"])
    if least == ALL:
        return Span(begun, begun)
    return Span(tuple(one for one in begun if least <= one <= current) or (current,), begun)


def _has_begun(edition: Edition, now: Any) -> bool:
    validity = edition.validity
    return validity is not None and not validity.isempty and (validity.lower is None or validity.lower <= now)


def _number(name: str, text: str) -> int:
    if not WHOLE.fullmatch(text) or len(text) > 10 or int(text) < ALL:
        raise InvalidRequest(f"{name} {text!r} is no number of a generation")
    return int(text)
