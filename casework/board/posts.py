"""The city's offices, and who held each of them in a time: the 317 posts of the board, and the dinas."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from boundaries.models import Official
from casework.board.figures import CITY
from casework.board.periods import Period
from geoplatform import sql


@dataclass(frozen=True)
class Held:
    """When somebody holds an office, in days of the city; the last one included, None: without end."""

    since: date | None
    until: date | None
    acting: bool


@dataclass(frozen=True)
class Post:
    """An office, its area in km2 (None where the edition has no boundary of it), and who held it when.

    ``holders`` held it in the time itself; ``terms`` has those, too, who came behind it and may answer for
    what fell due by then. ``names`` are those of all officials.
    """

    code: str
    title: str
    tier: str
    area_km2: float | None
    terms: Mapping[int, tuple[Held, ...]]
    names: Mapping[int, str]
    holders: frozenset[int]


def posts(period: Period, at: datetime) -> dict[str, Post]:
    """Return every office by code, the smallest tier first."""
    today = at.astimezone(CITY).date()
    on = min(today, period.last)
    # Whose term begins later is not known of yet.
    params = {"from": period.first, "to": max(today, period.first), "on": on}
    names = dict(Official.objects.values_list("id", "name"))
    until = max(on, period.first)
    return {row["code"]: _post(row, names, until) for row in sql.dicts("casework/posts", params)}


def _post(row: Mapping[str, Any], names: Mapping[int, str], until: date) -> Post:
    terms: dict[int, list[Held]] = {}
    for term in json.loads(row["terms"]):
        since, last = (date.fromisoformat(day) if day else None for day in (term["since"], term["until"]))
        terms.setdefault(term["official_id"], []).append(Held(since, last, term["acting"]))
    within = {official: _begun(parts, until) for official, parts in terms.items()}
    held = {official: within[official] or tuple(parts) for official, parts in terms.items()}
    holders = frozenset(official for official, parts in within.items() if parts)
    return Post(row["code"], row["title"], row["level"], row["area_km2"], held, names, holders)


def _begun(terms: Iterable[Held], until: date) -> tuple[Held, ...]:
    return tuple(one for one in terms if one.since is None or one.since <= until)
