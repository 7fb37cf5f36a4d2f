"""Which office answers for what and where: ordered rules of a table, of which the first that fits decides."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from boundaries.models import Level
from casework.models import Rule
from geoplatform import sql
from geoplatform.errors import InvalidRequest
from reports.models import NEAR_BORDER_M

TABLE = Path(__file__).with_name("rules.csv")
COLUMNS = ("number", "name", "category", "area_code", "tier", "office", "is_active", "source")
WORDS = {"yes": True, "no": False}


@dataclass(frozen=True)
class Decision:
    """Whose turn it is by the rules; ``office`` is a code, None the unit, and ``said`` why."""

    rule_id: int | None
    office: str | None
    said: dict[str, Any]


def load() -> None:
    """Add the shipped rules that are missing; what an operator changed or added stays."""
    for row in _read(TABLE):
        Rule.objects.get_or_create(number=row.pop("number"), defaults=row)


@transaction.atomic
def replace(path: Path) -> int:
    """Make the rules those of a table; returns how many it has.

    A rule that the table does not name rests: turns were decided by it, so it is not deleted.

    Raises
    ------
    InvalidRequest
        The file cannot be read, or a line of it is no rule; nothing is changed.
    """
    rows = _read(path)
    numbers = [row["number"] for row in rows]
    Rule.objects.exclude(number__in=numbers).update(is_active=False)
    for row in rows:
        Rule.objects.update_or_create(number=row["number"], defaults=row)
    return len(rows)


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
