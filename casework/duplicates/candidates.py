"""Reports that may tell of the same event: candidates alone, which a person merges or not.

The rule is data: ``duplicate_weights.csv`` weighs the parts of the score, ``related_categories.csv`` says
which categories are told for one another. ``script/bench duplicates --fit`` finds the weights anew.
"""

import csv
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from boundaries import facts
from casework.duplicates import clues
from casework.duplicates.clues import Places, Telling
from casework.models import DuplicateCandidate
from geoplatform import sql
from geoplatform.errors import NotFound
from reports.gazetteer import names
from reports.models import Report

logger = logging.getLogger(__name__)

RULE = "2026-11"
# A person looks at each: below 0.3 hardly a right one is left to find, above it right ones are lost first.
THRESHOLD = 0.3
BATCH = 500
RECENT = 50_000  # ids; an upsert of what is known takes one, too
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Found:
    """What a search did: reports looked at, pairs compared, candidates that are new or have another score."""

    reports: int
    compared: int
    stored: int

    def __add__(self, other: "Found") -> "Found":
        """Return the sum of two searches."""
        return Found(self.reports + other.reports, self.compared + other.compared, self.stored + other.stored)


def find(since: datetime, most: int | None = None, threshold: float = THRESHOLD, after: int = 0) -> Found:
    """Look for the duplicates of every report that none was looked for yet, or that was edited since.

    Parameters
    ----------
    since
        Reports submitted earlier are left alone.
    most
        Look at so many reports at most; the rest another time.
    after
        Reports of this id and lower ones are left alone.
    """
    found, last = Found(0, 0, 0), after
    while most is None or found.reports < most:
        limit = BATCH if most is None else min(BATCH, most - found.reports)
        with transaction.atomic():
            tellings, reached = untold(last, since, limit)
            if reached is None:
                break
            last = reached
            if tellings:
                found += _find(tellings, threshold)
    if found.reports:
        logger.info(
            "duplicates looked for reports=%d compared=%d stored=%d",
            found.reports, found.compared, found.stored,
        )  # fmt: skip
    return found


def part(one: int, other: int, by: str, at: datetime) -> DuplicateCandidate:
    """Say of two reports that they tell of two problems; no search says otherwise after it.

    Raises
    ------
    NotFound
        They are no candidate.
    """
    return _judge(one, other, by, at)


def unpart(one: int, other: int) -> DuplicateCandidate:
    """Take back that two reports tell of two problems; NotFound where they are no candidate."""
    return _judge(one, other, "", None)


def _judge(one: int, other: int, by: str, at: datetime | None) -> DuplicateCandidate:
    pair = DuplicateCandidate.objects.filter(first=min(one, other), second=max(one, other)).first()
    if pair is None:
        raise NotFound(f"cases {one} and {other} are no possible duplicates")
    pair.apart_by, pair.apart_at = by, at
    pair.save(update_fields=["apart_by", "apart_at"])
    return pair


def untold(after: int, since: datetime, limit: int) -> tuple[list[Telling], int | None]:
    """Return what is known of those of the next reports whose clues were not taken, and the last id seen."""
    rows = sql.dicts("casework/untold", {"after": after, "since": since, "limit": limit})
    wanted = [row for row in rows if row.pop("is_wanted")]
    return [Telling(**row) for row in wanted], rows[-1]["id"] if rows else None


def _find(tellings: Sequence[Telling], threshold: float) -> Found:
    """Store the clues of a batch, then what they lead to, among the batch itself too."""
    places = _places()
    said = {one.id: places.said(one) for one in tellings}
    taken = [
        {
            "report_id": one.id,
            "version": bytes(one.version).hex(),
            "keys": clues.keys(one, said[one.id]),
            "said": said[one.id],
            "kelurahan": one.kelurahan.lower(),
            "looks": [looks for looks in one.looks if not clues.is_plain(looks)],
        }
        for one in tellings
    ]
    sql.rows("casework/clues", {"batch": json.dumps(taken)})
    sought = [{"report_id": one.id, "probes": clues.probes(one, said[one.id])} for one in tellings]
    ((compared, stored),) = sql.rows("casework/candidates", {"batch": json.dumps(sought), **_rule(threshold)})
    return Found(len(tellings), compared, stored)


@cache
def _places() -> Places:
    """Return the names to look for: of every kelurahan, and of the streets and landmarks that are known."""
    kelurahan = names.of_boundaries(("kelurahan", fact.code, fact.name) for fact in facts.read())
    return Places([*kelurahan, *names.of_tables()])


def _rule(threshold: float) -> Mapping[str, Any]:
    return {
        "weights": json.dumps(weights()),
        "related": json.dumps(related()),
        "threshold": threshold,
        "rule": RULE,
        "near_m": clues.NEAR_M,
        "event_s": clues.EVENT_S,
        "author_s": clues.AUTHOR_S,
        "photo_s": clues.PHOTO_S,
        "alike": clues.LOOKS_ALIKE,
    }


@cache
def weights() -> Mapping[str, float]:
    """Return the weight of each part of the score, of its logarithmic odds."""
    with (FOLDER / "duplicate_weights.csv").open(encoding="utf-8", newline="") as file:
        return {row["part"]: float(row["weight"]) for row in csv.DictReader(file)}


@cache
def related() -> Sequence[tuple[str, str, float]]:
    """Return the categories that are told for one another, and how much of the same that is."""
    with (FOLDER / "related_categories.csv").open(encoding="utf-8", newline="") as file:
        return [(row["category"], row["related"], float(row["share"])) for row in csv.DictReader(file)]


def recent() -> int:
    """Return the id behind which the reports lie that came of late: to look at all of them takes a second."""
    newest = Report.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return max(0, newest - RECENT)


def window(now: datetime, days: int) -> datetime:
    """Return the instant so many days ago."""
    return now - timedelta(days=days)
