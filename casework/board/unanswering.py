"""What is known of officials who did not answer: since when, about what, and what was tried."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.board.figures import times
from casework.board.periods import Period
from geoplatform import sql
from reports.models import Category


@dataclass(frozen=True)
class Unanswering:
    """Behind the unanswered turns of an official: since when, about what (most first), and what was tried.

    ``rungs`` has the turns that reached each rung of the ladder, by number and tier, ``told`` their notices
    by what is known of them.
    """

    since: datetime | None
    about: Sequence[tuple[str, int]]
    rungs: Mapping[tuple[int, str], int]
    told: Mapping[str, int]


def unanswering(
    whose: Sequence[tuple[str, int | None]], period: Period, at: datetime
) -> dict[tuple[str, int | None], Unanswering]:
    """Return it of offices and their officials, for turns that began in a period, as known at an instant."""
    offices, officials = [office for office, _ in whose], [official for _, official in whose]
    found = sql.dicts(
        "casework/unanswering", {**times(period, at), "offices": offices, "officials": officials}
    )
    names = dict(Category.objects.values_list("code", "name_id"))
    return {(row["office_id"], row["official_id"]): _read(row, names) for row in found}


def _read(row: Mapping[str, Any], names: Mapping[str, str]) -> Unanswering:
    about, rungs, told = (json.loads(row[name]) for name in ("about", "rungs", "told"))
    named = Counter({names[code]: turns for code, turns in about.items()})
    return Unanswering(
        row["since"],
        sorted(named.items(), key=lambda one: (-one[1], one[0])),
        dict(sorted((_rung(text), turns) for text, turns in rungs.items())),
        dict(sorted(told.items())),
    )


def _rung(text: str) -> tuple[int, str]:
    number, tier = text.split(" ", 1)
    return int(number), tier
