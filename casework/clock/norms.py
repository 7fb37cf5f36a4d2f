"""Norms and holidays out of their tables, and what they come to for the clock."""

import csv
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction

from casework.clock import deadlines
from casework.clock.reckoning import Allowed, Calendar, Unit
from casework.models import DecidedYear, Holiday, Norm
from geoplatform.errors import Conflict, InvalidRequest, NotFound

HERE = Path(__file__).parent
HOLIDAYS, NORMS, YEARS = HERE / "holidays.csv", HERE / "norms.csv", HERE / "decided_years.csv"
UNITS, MOST_AMOUNT = ("hours", "working_days"), 1000
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
COLUMNS, KINDS = ("on", "name", "kind", "source"), ("holiday", "collective_leave")


@transaction.atomic
def load() -> None:
    """Insert or update what the shipped tables hold; what an operator added beside it stays."""
    load_holidays(HOLIDAYS)
    _put(DecidedYear, _rows(YEARS), ["year"])
    _put(Norm, _rows(NORMS), ["code"])
    deadlines.load()


def load_holidays(path: Path) -> int:
    """Insert or update the holidays of a table; returns how many it has.

    Raises
    ------
    InvalidRequest
        The file cannot be read, or a line of it is no holiday.
    """
    try:
        rows = [_of_line(line, row) for line, row in enumerate(_rows(path), start=2)]
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidRequest(f"{path}: {type(error).__name__}") from None
    except ValueError as error:
        raise InvalidRequest(f"{path}: {error}") from None
    return _put(Holiday, rows, ["on"]) if rows else 0


def decide(year: int, source: str) -> DecidedYear:
    """Say that the days off of a year are decided, and that all of them are loaded.

    Raises
    ------
    InvalidRequest
        Nobody says by what, or no day of it is known.
    """
    if not source.strip():
        raise InvalidRequest(f"source {source!r}: a year is decided by a decree")
    if not Holiday.objects.filter(on__year=year).exists():
        raise InvalidRequest(f"year {year}: no holiday of it is loaded")
    return DecidedYear.objects.update_or_create(year=year, defaults={"source": source.strip()})[0]


def undecide(year: int) -> DecidedYear:
    """Take back that a year is decided; returns what was said. NotFound where nobody said it."""
    found = DecidedYear.objects.filter(year=year).first()
    if found is None:
        raise NotFound(f"year {year}: nobody said that its days off are decided")
    DecidedYear.objects.filter(year=year).delete()
    return found


def undecided() -> list[int]:
    """Return the years of which some days off are known, and of which nobody said that these are all."""
    some = {day.year for day in Holiday.objects.values_list("on", flat=True)}
    return sorted(some - _decided())


def put_holiday(row: Mapping[str, str]) -> Holiday:
    """Insert or change one day on which offices are closed.

    Parameters
    ----------
    row
        ``on`` (YYYY-MM-DD), ``name``, ``kind``, ``source``.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    """
    try:
        said = _holiday(row)
    except ValueError as error:
        raise InvalidRequest(str(error)) from None
    return Holiday.objects.update_or_create(on=said.pop("on"), defaults=said)[0]


def drop_holiday(on: date) -> Holiday:
    """Let a day be a working day again; returns what it was. NotFound where it was no holiday."""
    found = Holiday.objects.filter(on=on).first()
    if found is None:
        raise NotFound(f"no holiday on {on}")
    Holiday.objects.filter(on=on).delete()
    return found


def add_norm(norm: Norm) -> Norm:
    """Add a norm; one that there is stays as it is, for deadlines and rungs hold it.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    Conflict
        There is one of that code.
    """
    if not CODE.fullmatch(norm.code):
        raise InvalidRequest(f"code {norm.code!r}: small letters, digits and _ are wanted")
    if norm.unit not in UNITS:
        raise InvalidRequest(f"unit {norm.unit!r} is none of {', '.join(UNITS)}")
    if not 0 < norm.amount <= MOST_AMOUNT:
        raise InvalidRequest(f"amount {norm.amount}: it must lie between 1 and {MOST_AMOUNT}")
    for name in ("name_id", "name_en", "source"):
        if not getattr(norm, name).strip():
            raise InvalidRequest(f"{name} {getattr(norm, name)!r}: a norm has names and a source")
    if Norm.objects.filter(code=norm.code).exists():
        raise Conflict(f"code {norm.code!r}: there is such a norm, and norms stay: add another one")
    norm.save(force_insert=True)
    return norm


def calendar() -> Calendar:
    """Return the working days of the city as the holidays in the database have them."""
    days = frozenset(Holiday.objects.values_list("on", flat=True))
    return Calendar(ZoneInfo(settings.CITY_TIME_ZONE), days, _decided())


def _decided() -> frozenset[int]:
    return frozenset(DecidedYear.objects.values_list("year", flat=True))


def allowed(norm: Norm) -> Allowed:
    """Return a norm as the clock takes it."""
    return Allowed(norm.amount, cast(Unit, norm.unit))


def _of_line(line: int, row: Mapping[str, Any]) -> dict[str, Any]:
    if set(row) != set(COLUMNS) or None in row.values():
        raise ValueError(f"line {line}: the columns are {', '.join(COLUMNS)}")
    try:
        return _holiday(row)
    except ValueError as error:
        raise ValueError(f"line {line}: {error}") from None


def _holiday(row: Mapping[str, str]) -> dict[str, Any]:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind {row['kind']!r} is none of {', '.join(KINDS)}")
    if not (row["name"].strip() and row["source"].strip()):
        raise ValueError(f"name {row['name']!r}, source {row['source']!r}: a holiday has a name and a source")
    try:
        return {**row, "on": date.fromisoformat(row["on"])}
    except ValueError:
        raise ValueError(f"on {row['on']!r} is no date (YYYY-MM-DD)") from None


def _put(model: type[models.Model], rows: list[dict[str, Any]], key: list[str]) -> int:
    others = [name for name in rows[0] if name not in key]
    model._default_manager.bulk_create(
        [model(**row) for row in rows], update_conflicts=True, unique_fields=key, update_fields=others
    )
    return len(rows)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
