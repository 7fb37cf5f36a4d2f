"""How urgent a case is, in points, and why: by weights that are rows of a table, never by a hand.

Points order the work of the unit. They say nothing of an office or a person, and nobody is measured by them.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.db.models import QuerySet

from casework.models import Case, Weight
from geoplatform import sql
from geoplatform.errors import InvalidRequest, NotFound
from reports.models import Category

BATCH = 20_000  # cases in one statement: the list of a bad month, 0.2 s
TABLE = Path(__file__).with_name("priority_weights.csv")
MOST_POINTS = 1000
WORDS: Mapping[str, tuple[str, str]] = {
    "category": ("{name_id}", "{name_en}"),
    "age": ("umur {count} hari", "{count} day{s} old"),
    "crowd": ("{count} warga", "{count} citizen{s}"),
    "flood_now": ("banjir sedang terjadi", "there is a flood now"),
    "overdue": ("jawaban terlambat", "the answer is overdue"),
    "disputed": ("dibantah warga", "the citizen disputes it"),
}


class Last(NamedTuple):
    """The last case of a page: where the next one begins."""

    points: int
    id: int


@dataclass(frozen=True)
class Part:
    """One reason for a priority: what is counted, how many there are, and what they add."""

    part: str
    key: str
    count: int
    points: int
    name_id: str
    name_en: str


@dataclass(frozen=True)
class Priority:
    """How urgent a case is, and of which parts that is made; their points add up to its own."""

    report_id: int
    points: int
    parts: tuple[Part, ...]

    @property
    def words_id(self) -> str:
        """Return the parts as a sentence of Bahasa Indonesia: ``Banjir: 30; umur 3 hari: 12``."""
        return "; ".join(f"{part.name_id}: {part.points}" for part in self.parts)

    @property
    def words_en(self) -> str:
        """Return the same in English."""
        return "; ".join(f"{part.name_en}: {part.points}" for part in self.parts)


def load() -> None:
    """Add the shipped weights that are missing; what an operator changed or added stays."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            Weight.objects.get_or_create(
                part=row["part"],
                key=row["key"],
                defaults={
                    "points": int(row["points"]),
                    "most": int(row["most"]) if row["most"] else None,
                    "why": row["why"],
                    "source": row["source"],
                },
            )


def weigh(part: str, key: str, points: int, most: int | None, why: str, source: str) -> Weight:
    """Change a weight, or give a category one that has none.

    Raises
    ------
    NotFound
        There is no such weight, and nothing that could have one.
    InvalidRequest
        The value that cannot be used.
    """
    for name, value in (("points", points), ("most", most)):
        if value is not None and not 0 <= value <= MOST_POINTS:
            raise InvalidRequest(f"{name} {value}: it must lie between 0 and {MOST_POINTS}")
    for name, text in (("why", why), ("source", source)):
        if not text.strip():
            raise InvalidRequest(f"{name} {text!r}: a weight has a reason and a source")
    of_category = part == "category" and Category.objects.filter(code=key).exists()
    if not (of_category or Weight.objects.filter(part=part, key=key).exists()):
        raise NotFound(f"no weight {part!r} of {key!r}")
    said = {"points": points, "most": most, "why": why.strip(), "source": source.strip()}
    return Weight.objects.update_or_create(part=part, key=key, defaults=said)[0]


def rank(ids: Sequence[int], at: datetime, limit: int, after: Last | None = None) -> list[Priority]:
    """Return the most urgent of some cases at an instant, the most urgent first, of equal ones the older.

    Parameters
    ----------
    ids
        Reports; those without a case are left out.
    after
        Where the page before ended, at the same instant.
    """
    params = {
        "ids": list(ids),
        "at": at,
        "limit": limit,
        "after_points": after.points if after else None,
        "after": after.id if after else None,
    }
    found = sql.rows("casework/priorities", params) if params["ids"] else []
    names = _names() if found else {}
    return [
        Priority(id, points, tuple(_part(one, names) for one in json.loads(parts)))
        for id, points, parts in found
    ]


def most_urgent(cases: QuerySet[Case], at: datetime, limit: int, after: Last | None = None) -> list[Priority]:
    """Return the most urgent of cases however many they are: as ``rank``, so many at a time."""
    found: list[Priority] = []
    ids, last = [0] * BATCH, 0
    while len(ids) == BATCH:
        ids = list(cases.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        ranked = merge(found, rank(ids, at, limit, after), key=lambda one: (-one.points, one.report_id))
        found, last = list(islice(ranked, limit)), max(ids, default=last)
    return found


def of(report_id: int, at: datetime) -> Priority | None:
    """Return how urgent one case is; None where there is none."""
    found = rank([report_id], at, limit=1)
    return found[0] if found else None


def _part(one: Mapping[str, str | int], names: Mapping[str, tuple[str, str]]) -> Part:
    part, key, count, points = str(one["part"]), str(one["key"]), int(one["count"]), int(one["points"])
    name_id, name_en = names.get(key, (key, key))
    said = {"count": count, "s": "" if count == 1 else "s", "name_id": name_id, "name_en": name_en}
    in_id, in_en = (words.format(**said) for words in WORDS[part])
    return Part(part, key, count, points, in_id, in_en)


def _names() -> dict[str, tuple[str, str]]:
    rows = Category.objects.values_list("code", "name_id", "name_en")
    return {code: (name_id, name_en) for code, name_id, name_en in rows}
