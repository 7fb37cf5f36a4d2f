"""The ladder out of its table: who is told of an unanswered case next, how long after, and who says so."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import transaction

from boundaries.models import Level
from casework.clock import norms
from casework.escalation.climb import Rise
from casework.models import Norm, Rung
from geoplatform.errors import InvalidRequest
from reports.models import Category

LADDER = Path(__file__).parent / "ladder.csv"
COLUMNS = ["category", "number", "tier", "norm", "source"]
RANKS = {tier: rank for rank, tier in enumerate(Level.values)}
TOP = len(RANKS)  # the rank of the governor's office


@transaction.atomic
def load() -> None:
    """Insert the shipped ladders of categories that have none; one that an operator changed stays."""
    rungs = _read(LADDER)
    known = set(Rung.objects.values_list("category", flat=True).distinct())
    Rung.objects.bulk_create([rung for rung in rungs if rung.category_id not in known])


@transaction.atomic
def replace(path: Path) -> int:
    """Replace the ladders of the categories that a table names, each whole; returns how many rungs it has.

    Parameters
    ----------
    path
        CSV, UTF-8: ``category,number,tier,norm,source``. An empty category is any that has no ladder of its
        own, an empty tier the governor's office, an empty norm at once.

    Raises
    ------
    InvalidRequest
        The file, line and value that cannot be used; nothing is changed.
    """
    rungs = _read(path)
    named = {rung.category_id for rung in rungs}
    Rung.objects.filter(category__in=named - {None}).delete()
    if None in named:
        Rung.objects.filter(category=None).delete()
    Rung.objects.bulk_create(rungs)
    return len(rungs)


@transaction.atomic
def put(category: str | None, rows: Sequence[Mapping[str, str]]) -> int:
    """Replace the ladder of a category (None: of all that have none of their own); none: it is taken away.

    Parameters
    ----------
    rows
        ``number``, ``tier``, ``norm`` and ``source`` of each rung, as texts; the lowest first.

    Raises
    ------
    InvalidRequest
        The value that cannot be used, or the ladder of all would be no more; nothing is changed.
    """
    if category is None and not rows:
        raise InvalidRequest("rungs []: the ladder of all categories has one rung at least")
    rungs = [
        _rung(f"rung {index}", {"category": category or "", **row}) for index, row in enumerate(rows, start=1)
    ]
    _check_order("ladder", rungs)
    Rung.objects.filter(category=category).delete()
    return len(Rung.objects.bulk_create(rungs))


def ladders() -> Mapping[str | None, Sequence[Rung]]:
    """Return each category's own ladder, lowest rung first; under None that of all others."""
    found: dict[str | None, list[Rung]] = {None: []}
    for rung in Rung.objects.select_related("norm").order_by("category", "number"):
        found.setdefault(rung.category_id, []).append(rung)
    return found


def rank(tier: str | None) -> int:
    """Return how high a tier is, 0 the lowest; the governor's office, which has none, is the highest.

    An office of the province itself, such as a dinas, stands beside the wali kota; the unit, which has no
    tier either, beside the governor's office: nobody else stands above it.
    """
    return TOP if tier is None else RANKS.get(tier, TOP - 1)


def rise(rung: Rung) -> Rise:
    """Return a rung as the clock takes it."""
    return Rise(rung.number, rank(rung.tier), norms.allowed(rung.norm) if rung.norm else None)


def _read(path: Path) -> list[Rung]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if reader.fieldnames != COLUMNS:
                raise InvalidRequest(f"{path.name}: the header is {reader.fieldnames}, expected {COLUMNS}")
            rungs = [_rung(f"{path.name} line {reader.line_num}", row) for row in reader]
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidRequest(f"{path}: {type(error).__name__}") from None
    _check_order(path.name, rungs)
    return rungs


def _rung(where: str, row: Mapping[str, str]) -> Rung:
    if None in row or None in row.values():
        raise InvalidRequest(f"{where}: {len(COLUMNS)} columns expected")
    category, tier, norm = row["category"] or None, row["tier"] or None, row["norm"] or None
    if category and not Category.objects.filter(code=category).exists():
        raise InvalidRequest(f"{where}: category {category!r} is unknown")
    if tier and tier not in Level.values:
        raise InvalidRequest(f"{where}: tier {tier!r} is none of {', '.join(Level.values)}")
    if norm and not Norm.objects.filter(code=norm).exists():
        raise InvalidRequest(f"{where}: norm {norm!r} is unknown")
    if not (row["number"].isascii() and row["number"].isdigit() and 0 < int(row["number"]) < 100):
        raise InvalidRequest(f"{where}: number {row['number']!r} is none from 1 to 99")
    if not row["source"].strip():
        raise InvalidRequest(f"{where}: a rung has a source")
    return Rung(
        category_id=category, number=int(row["number"]), tier=tier, norm_id=norm, source=row["source"]
    )


def _check_order(name: str, rungs: Sequence[Rung]) -> None:
    """Refuse a ladder that does not lead up."""
    last: dict[str | None, Rung] = {}
    for rung in rungs:
        before = last.get(rung.category_id)
        if before and not (rung.number > before.number and rank(rung.tier) > rank(before.tier)):
            raise InvalidRequest(
                f"{name}: rung {rung.number} ({rung.tier or 'governor'}) does not lead up from rung"
                f" {before.number} ({before.tier or 'governor'})"
            )
        last[rung.category_id] = rung
