"""Norms, deadlines and holidays out of their tables, and what they come to for a report."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction

from casework.clock import Allowed, Calendar, Unit
from casework.models import Deadline, Holiday, Norm
from geoplatform.errors import InvalidRequest, NotFound

HERE = Path(__file__).parent
HOLIDAYS, NORMS, DEADLINES = HERE / "holidays.csv", HERE / "norms.csv", HERE / "deadlines.csv"
ANSWER, SOLUTION = "answer", "solution"
COLUMNS, KINDS = ("on", "name", "kind", "source"), ("holiday", "collective_leave")


@transaction.atomic
def load() -> None:
    """Insert or update what the shipped tables hold; what an operator added beside it stays."""
    load_holidays(HOLIDAYS)
    _put(Norm, _rows(NORMS), ["code"])
    rows = [
        {
            "purpose": row["purpose"],
            "category_id": row["category"] or None,
            "tier": row["tier"] or None,
            "norm_id": row["norm"],
        }
        for row in _rows(DEADLINES)
    ]
    for row in rows:  # which an operator may have changed: only what is missing is added
        norm_id = row.pop("norm_id")
        Deadline.objects.get_or_create(**row, defaults={"norm_id": norm_id})


def load_holidays(path: Path) -> int:
    """Insert or update the holidays of a table; returns how many it has.

    Raises
    ------
    InvalidRequest
        The file cannot be read, or a line of it is no holiday.
    """
    try:
        rows = [_holiday(line, row) for line, row in enumerate(_rows(path), start=2)]
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidRequest(f"{path}: {type(error).__name__}") from None
    except ValueError as error:
        raise InvalidRequest(f"{path}: {error}") from None
    return _put(Holiday, rows, ["on"]) if rows else 0


def calendar() -> Calendar:
    """Return the working days of the city as the holidays in the database have them."""
    days = frozenset(Holiday.objects.values_list("on", flat=True))
    years = [day.year for day in days] or [0]
    return Calendar(ZoneInfo(settings.CITY_TIME_ZONE), days, (min(years), max(years)))


def deadlines() -> Mapping[tuple[str, str | None, str | None], Norm]:
    """Return every deadline's norm by purpose, category and tier."""
    return {
        (one.purpose, one.category_id, one.tier): one.norm for one in Deadline.objects.select_related("norm")
    }


def norm(
    known: Mapping[tuple[str, str | None, str | None], Norm], purpose: str, category: str, tier: str | None
) -> Norm:
    """Return the norm that holds: that of category and tier, else of the category, of the tier, of all.

    Raises
    ------
    NotFound
        None holds: there is no deadline for all.
    """
    for key in ((category, tier), (category, None), (None, tier), (None, None)):
        if found := known.get((purpose, *key)):
            return found
    raise NotFound(f"no deadline for {purpose!r}, category {category!r}, tier {tier!r}")


def allowed(norm: Norm) -> Allowed:
    """Return a norm as the clock takes it."""
    return Allowed(norm.amount, cast(Unit, norm.unit))


def _holiday(line: int, row: Mapping[str, Any]) -> dict[str, Any]:
    if set(row) != set(COLUMNS) or None in row.values():
        raise ValueError(f"line {line}: the columns are {', '.join(COLUMNS)}")
    if row["kind"] not in KINDS:
        raise ValueError(f"line {line}: kind {row['kind']!r} is none of {', '.join(KINDS)}")
    if not (row["name"].strip() and row["source"].strip()):
        raise ValueError(f"line {line}: a holiday has a name and a source")
    try:
        return {**row, "on": date.fromisoformat(row["on"])}
    except ValueError:
        raise ValueError(f"line {line}: on {row['on']!r} is no date (YYYY-MM-DD)") from None


def _put(model: type[models.Model], rows: list[dict[str, Any]], key: list[str]) -> int:
    others = [name for name in rows[0] if name not in key]
    model._default_manager.bulk_create(
        [model(**row) for row in rows], update_conflicts=True, unique_fields=key, update_fields=others
    )
    return len(rows)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
