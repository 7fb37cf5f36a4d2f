"""Which norm holds for which reports: rows with a source, that end and are never edited."""

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from boundaries.models import Level, Office
from casework.models import Deadline, Norm
from geoplatform import sql
from geoplatform.errors import InvalidRequest, NotFound
from reports.models import Category

TABLE = Path(__file__).with_name("deadlines.csv")
ANSWER, SOLUTION = "answer", "solution"
PURPOSES = (ANSWER, SOLUTION)
HELD = "deadlines"  # by whoever changes them: one at a time
COLUMNS = ("purpose", "category", "tier", "office", "norm", "source")


class Key(NamedTuple):
    """For what a deadline holds; what is None is any."""

    purpose: str
    category: str | None = None
    tier: str | None = None
    office: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A deadline as somebody wants it: for what, which norm, and who says so."""

    purpose: str
    category: str | None
    tier: str | None
    office: str | None
    norm: str
    source: str

    @property
    def key(self) -> Key:
        """For what it holds."""
        return Key(self.purpose, self.category, self.tier, self.office)


Known = Mapping[Key, Norm]


def load() -> None:
    """Add the shipped deadlines that are missing; what an operator changed or ended stays."""
    for wanted in _read(TABLE):
        if not Deadline.objects.filter(**parts(wanted.key)).exists():
            Deadline.objects.create(**parts(wanted.key), norm_id=wanted.norm, source=wanted.source)


@transaction.atomic
def replace(path: Path, at: datetime) -> int:
    """Make the deadlines those of a table; returns how many were begun or ended.

    Raises
    ------
    InvalidRequest
        The file, line and value that cannot be used, or no line of every answer; nothing is changed.
    """
    wanted = _read(path)
    named = {one.key for one in wanted}
    if Key(ANSWER) not in named:
        raise InvalidRequest(f"{path.name}: no line is of every answer, without which none would be due")
    left = [one for one in lasting() if key(one) not in named]
    for one in left:
        _end(one, at)
    return len(left) + sum(_put(one, at) for one in wanted)


@transaction.atomic
def put(wanted: Wanted, at: datetime) -> bool:
    """Begin a deadline; the one that held for the same ends. Returns whether anything is other than it was.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    """
    check(wanted)
    return _put(wanted, at)


@transaction.atomic
def end(id: int, at: datetime) -> Deadline:
    """End a deadline: what is more general holds from then on.

    Raises
    ------
    NotFound
        There is none, or it has ended.
    InvalidRequest
        It is the one for every answer, without which none would be due.
    """
    sql.hold(HELD)
    one = lasting().filter(id=id).first()
    if one is None:
        raise NotFound(f"no deadline {id} holds")
    if key(one) == Key(ANSWER):
        raise InvalidRequest(f"deadline {id} is that of every answer: put another one in its place")
    _end(one, at)
    return one


def lasting() -> QuerySet[Deadline]:
    """Return the deadlines that hold, the most general first."""
    found = Deadline.objects.filter(ended_at=None).select_related("norm", "office")
    return found.order_by("purpose", "-category", "-tier", "-office")


def known(at: datetime | None = None) -> Known:
    """Return the norm of every deadline that holds; ``at`` an instant: that held then."""
    found = Deadline.objects.select_related("norm")
    if at is None:
        found = found.filter(ended_at=None)
    else:
        begun = Q(began_at=None) | Q(began_at__lte=at)
        found = found.filter(begun, Q(ended_at=None) | Q(ended_at__gt=at))
    return {key(one): one.norm for one in found}


def norm(
    known: Known, purpose: str, category: str, tier: str | None, office: str | None = None
) -> Norm | None:
    """Return the norm that holds: what is said of the category first, then of the office, then of its tier.

    None where there is no deadline for all. Of answers the database asks ``casework_deadline_of`` the same.
    """
    whose = [Key("", None, None, office)] if office else []
    for kind in (category, None):
        for one in (*whose, Key("", None, tier), Key("")):
            if found := known.get(one._replace(purpose=purpose, category=kind)):
                return found
    return None


def key(one: Deadline) -> Key:
    """Return for what a deadline holds."""
    return Key(one.purpose, one.category_id, one.tier, one.office_id)


def check(wanted: Wanted) -> None:
    """Refuse a deadline that names what there is not, or has no source, as InvalidRequest."""
    if wanted.purpose not in PURPOSES:
        raise InvalidRequest(f"purpose {wanted.purpose!r} is none of {', '.join(PURPOSES)}")
    if wanted.category and not Category.objects.filter(code=wanted.category).exists():
        raise InvalidRequest(f"category {wanted.category!r} is unknown")
    if wanted.tier and wanted.tier not in Level.values:
        raise InvalidRequest(f"tier {wanted.tier!r} is none of {', '.join(Level.values)}")
    if wanted.tier and wanted.office:
        raise InvalidRequest(f"tier {wanted.tier!r}, office {wanted.office!r}: one of the two, or neither")
    if wanted.office and not Office.objects.filter(code=wanted.office).exists():
        raise InvalidRequest(f"office {wanted.office!r} is unknown")
    if not Norm.objects.filter(code=wanted.norm).exists():
        raise InvalidRequest(f"norm {wanted.norm!r} is unknown")
    if not wanted.source.strip():
        raise InvalidRequest(f"source {wanted.source!r}: a deadline has a source")


def _put(wanted: Wanted, at: datetime) -> bool:
    sql.hold(HELD)
    former = Deadline.objects.filter(**parts(wanted.key), ended_at=None).first()
    if former and (former.norm_id, former.source) == (wanted.norm, wanted.source):
        return False
    if former:
        _end(former, at)
    Deadline.objects.create(**parts(wanted.key), norm_id=wanted.norm, source=wanted.source, began_at=at)
    return True


def _end(one: Deadline, at: datetime) -> None:
    one.ended_at = at
    one.save(update_fields=["ended_at"])


def parts(key: Key) -> dict[str, Any]:
    """Return for what a deadline holds as columns of its row."""
    return {
        "purpose": key.purpose, "category_id": key.category, "tier": key.tier, "office_id": key.office
    }  # fmt: skip


def _read(path: Path) -> list[Wanted]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidRequest(f"{path}: {type(error).__name__}") from None
    found: dict[Key, Wanted] = {}
    for line, row in enumerate(rows, start=2):
        if set(row) != set(COLUMNS) or None in row.values():
            raise InvalidRequest(f"{path.name} line {line}: the columns are {', '.join(COLUMNS)}")
        said = {name: text.strip() for name, text in row.items()}
        key = Key(said["purpose"], said["category"] or None, said["tier"] or None, said["office"] or None)
        wanted = Wanted(*key, norm=said["norm"], source=said["source"])
        try:
            check(wanted)
        except InvalidRequest as error:
            raise InvalidRequest(f"{path.name} line {line}: {error}") from None
        if wanted.key in found:
            raise InvalidRequest(f"{path.name} line {line}: the same stands above")
        found[wanted.key] = wanted
    return list(found.values())


def said(one: Deadline) -> dict[str, Any]:
    """Return a deadline as the audit and the API have it."""
    return asdict(Wanted(*key(one), norm=one.norm_id, source=one.source))
