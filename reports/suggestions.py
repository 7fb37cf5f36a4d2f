"""Where reports without a point may be, by their words: kept as suggestions, for a person to confirm.

With ``settings.PLACE_FROM_SCORE`` the rule confirms by itself what is as sure as that; see
docs/explanation/words-to-a-place.md for what that gets wrong.
"""

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.conf import settings
from django.db import transaction

from boundaries import editions, lookup
from geoplatform import sql
from layers import revisions
from reports import gazetteer, intake
from reports.layers import REPORTS

BATCH = 1000


def suggest(text: str) -> list[gazetteer.Candidate]:
    """Name the places that a text may mean today, the likeliest first; none where no edition is in force."""
    edition = editions.in_force(lookup.today())
    return _gazetteer(edition.id).suggest(text) if edition else []


def read_words() -> int:
    """Read the words of every report without a point that is new or changed; returns how many were read."""
    edition = editions.in_force(lookup.today())
    if edition is None:
        return 0
    done = 0
    # Another process that reads them reads them all.
    with sql.lock("words") as held:
        while held and (rows := sql.rows("reports/unread_words", {"limit": BATCH})):
            _read(edition.id, rows)
            done += len(rows)
    return done


def of(text: str, on: date) -> list[gazetteer.Candidate]:
    """Return where a text may mean, the likeliest first, by the boundaries of a day; stores nothing."""
    edition = editions.in_force(on)
    return _gazetteer(edition.id).suggest(text) if edition else []


@transaction.atomic
def _read(edition_id: int, rows: Iterable[tuple[int, str, str]]) -> None:
    # Who puts other boundaries in force has this key alone.
    sql.hold(intake.PLACEMENT, shared=True)
    known = _gazetteer(edition_id)
    suggestions, sure, ids = [], [], []
    for id, description, hint in rows:
        candidates = known.suggest(f"{hint}\n{description}" if hint else description)
        ids.append(id)
        suggestions += [_row(id, rank, one) for rank, one in enumerate(candidates, 1)]
        place = _sure(candidates)
        if place:
            sure.append({"id": id, "code": place.code})
    batch = {"batch": json.dumps(suggestions), "sure": json.dumps(sure)}
    params = {"ids": ids, "edition_id": edition_id, **batch}
    revisions.touch(REPORTS.name)
    sql.rows("reports/forget_suggestions", params)
    sql.rows("reports/suggest", params)
    moved = [id for (id,) in sql.rows("reports/declare", params)]
    intake.route(moved)


def _row(id: int, rank: int, one: gazetteer.Candidate) -> dict[str, object]:
    spans = [[span.start, span.end] for span in one.spans]
    return {
        "report_id": id, "rank": rank, "level": one.level, "code": one.code, "score": round(one.score, 4),
        "words": list(one.why), "spans": spans,
    }  # fmt: skip


def _sure(candidates: list[gazetteer.Candidate]) -> gazetteer.Candidate | None:
    threshold = settings.PLACE_FROM_SCORE
    return gazetteer.place_of(candidates, threshold) if threshold else None


@lru_cache(maxsize=1)
def _gazetteer(edition_id: int) -> gazetteer.Gazetteer:
    """Build the gazetteer once per process and edition: a third of a second."""
    return gazetteer.load()
