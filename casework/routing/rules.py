"""Which office answers for what and where: ordered rules of a table, of which the first that fits decides."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from boundaries.models import Boundary, Level, Office
from casework.models import Rule
from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports.models import NEAR_BORDER_M, Category

TABLE = Path(__file__).with_name("rules.csv")
COLUMNS = ("number", "name", "category", "area_code", "tier", "office", "is_active", "source")
PARTS = ("number", "name", "category_id", "area_code", "tier", "office_id", "is_active", "source")
WORDS = {"yes": True, "no": False}
LAST_NUMBER = 999_999
HELD = "rules"  # by whoever changes them: one at a time


@dataclass(frozen=True)
class Decision:
    """Whose turn it is by the rules; ``office`` is a code, None the unit, and ``said`` why."""

    rule_id: int | None
    office: str | None
    said: dict[str, Any]


def load() -> None:
    """Add the shipped rules that are missing; what an operator changed, ended or added stays."""
    for row in _read(TABLE):
        if not Rule.objects.filter(number=row["number"]).exists():
            Rule.objects.create(**row)


@transaction.atomic
def replace(path: Path, at: datetime) -> int:
    """Make the rules those of a table; returns how many it has.

    A rule that the table does not name rests.

    Raises
    ------
    InvalidRequest
        The file cannot be read, or a line of it is no rule; nothing is changed.
    """
    rows = _read(path)
    numbers = [row["number"] for row in rows]
    for rule in lasting().filter(is_active=True).exclude(number__in=numbers):
        put(parts(rule) | {"is_active": False}, at)
    for row in rows:
        put(row, at)
    return len(rows)


@transaction.atomic
def put(row: Mapping[str, Any], at: datetime) -> Rule:
    """Begin a rule; the one of its number ends, unless it says the same.

    Parameters
    ----------
    row
        A value for each of ``parts``.
    """
    sql.hold(HELD)
    former = lasting().filter(number=row["number"]).first()
    if former and parts(former) == row:
        return former
    if former:
        _end(former, at)
    return Rule.objects.create(**row, began_at=at)


@transaction.atomic
def end(number: int, at: datetime) -> Rule:
    """End a rule for good; NotFound where there is none of that number."""
    sql.hold(HELD)
    former = find(number)
    _end(former, at)
    return former


@transaction.atomic
def move(number: int, to: int, at: datetime) -> Rule:
    """Give a rule another place in the order.

    Raises
    ------
    NotFound, Conflict
        There is none of that number, or another one stands where it shall.
    """
    sql.hold(HELD)
    former = find(number)
    if lasting().filter(number=to).exists():
        raise Conflict(f"to {to}: another rule has that number")
    _end(former, at)
    return Rule.objects.create(**parts(former) | {"number": to}, began_at=at)


def check(row: Mapping[str, Any]) -> None:
    """Refuse a rule that names what there is not: faults tell of what goes missing later.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    """
    if not 0 < row["number"] <= LAST_NUMBER:
        raise InvalidRequest(f"number {row['number']}: it must lie between 1 and {LAST_NUMBER}")
    for name in ("name", "source"):
        if not row[name].strip():
            raise InvalidRequest(f"{name} {row[name]!r}: a rule has a name and a source")
    if row["tier"] and (row["office_id"] or row["tier"] not in Level.values):
        tiers = ", ".join(Level.values)
        raise InvalidRequest(f"tier {row['tier']!r}: a rule names one of {tiers}, or an office, or neither")
    named: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("category_id", Category.objects.filter(code=row["category_id"])),
        ("office_id", Office.objects.filter(code=row["office_id"])),
        ("area_code", Boundary.objects.filter(code=row["area_code"], edition__validity__isnull=False)),
    )
    for name, found in named:
        if row[name] and not found.exists():
            raise InvalidRequest(f"{name.removesuffix('_id')} {row[name]!r} is unknown")


def find(number: int) -> Rule:
    """Return the rule of a number, or raise NotFound."""
    found = lasting().filter(number=number).first()
    if found is None:
        raise NotFound(f"no rule {number}")
    return found


def lasting() -> QuerySet[Rule]:
    """Return the rules that have not ended, those at rest too, in their order."""
    return Rule.objects.filter(ended_at=None).order_by("number")


def parts(rule: Rule) -> dict[str, Any]:
    """Return what a rule says."""
    return {name: getattr(rule, name) for name in PARTS}


def _end(rule: Rule, at: datetime) -> None:
    rule.ended_at = at
    rule.save(update_fields=["ended_at"])


def decide(
    category: str, code: str | None, neighbour: str | None = None, border_m: float | None = None
) -> Decision:
    """Return what the rules say of a kind of problem in a kelurahan; nothing is stored.

    Parameters
    ----------
    code
        Of the kelurahan; None: nobody knows where it is.
    neighbour
        Code of the kelurahan across the nearest border, which is ``border_m`` metres away.
    """
    near = border_m is not None and border_m <= NEAR_BORDER_M
    params = {"category": category, "code": code, "neighbour": neighbour, "is_near": near}
    ((rule_id, office, said),) = sql.rows("casework/decide", params)
    return Decision(rule_id, office, json.loads(said))


def words(rule: Rule) -> str:
    """Return what a rule says, in words."""
    what = rule.category_id or "every category"
    where = f"in {rule.area_code}" if rule.area_code else "everywhere"
    if rule.office_id:
        who = rule.office_id
    else:
        who = f"the {rule.tier}" if rule.tier else "the tier that the table of categories names"
    return f"{what} {where}: {who}"


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [_row(line, row) for line, row in enumerate(csv.DictReader(file), start=2)]
        _check_numbers(row["number"] for row in rows)
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidRequest(f"{path}: {type(error).__name__}") from None
    except ValueError as error:
        raise InvalidRequest(f"{path}: {error}") from None
    return rows


def _check_numbers(numbers: Iterable[int]) -> None:
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            raise ValueError(f"number {number} is there twice")
        seen.add(number)


def _row(line: int, row: dict[str, str]) -> dict[str, Any]:
    if set(row) != set(COLUMNS) or None in row.values():
        raise ValueError(f"line {line}: the columns are {', '.join(COLUMNS)}")
    said = {name: text.strip() for name, text in row.items()}
    if not (said["number"].isascii() and said["number"].isdigit()):
        raise ValueError(f"line {line}: number {said['number']!r} is no number")
    if said["is_active"] not in WORDS:
        raise ValueError(f"line {line}: is_active {said['is_active']!r} is neither yes nor no")
    if not (said["name"] and said["source"]):
        raise ValueError(f"line {line}: a rule has a name and a source")
    if said["tier"] and (said["office"] or said["tier"] not in Level.values):
        raise ValueError(
            f"line {line}: tier {said['tier']!r}: a rule names one of {', '.join(Level.values)}, or an office"
        )
    return {
        "number": int(said["number"]),
        "name": said["name"],
        "category_id": said["category"] or None,
        "area_code": said["area_code"] or None,
        "tier": said["tier"] or None,
        "office_id": said["office"] or None,
        "is_active": WORDS[said["is_active"]],
        "source": said["source"],
    }
