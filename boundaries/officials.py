"""Offices, officials and their terms, from a table; all of it or nothing."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from boundaries import editions, lookup
from boundaries.models import PROVINSI, Level, Office, Official, Term
from geoplatform.errors import BadOfficials

COLUMNS = ["level", "boundary_code", "title", "official", "from", "to", "acting"]
CODES = {
    "kelurahan": re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}", re.ASCII),
    "kecamatan": re.compile(r"\d\d\.\d\d\.\d\d", re.ASCII),
    "kota": re.compile(r"\d\d\.\d\d", re.ASCII),
    # The province alone is its governor's office; a dinas adds its name.
    PROVINSI: re.compile(r"\d\d(\.[a-z]+(_[a-z]+)*)?", re.ASCII),
}
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One term: the office, and who held it from its first day to its last; and where the table says so."""

    where: str
    level: str
    boundary_code: str
    title: str
    official: str
    since: date | None
    until: date | None
    acting: bool

    @property
    def office_code(self) -> str:
        """Tier and code: ``kelurahan-31.71.01.1001``."""
        return f"{self.level}-{self.boundary_code}"


@dataclass(frozen=True)
class Loaded:
    """How many of each the table holds, and which of its codes the edition in force has not."""

    offices: int
    officials: int
    terms: int
    unknown: tuple[str, ...] = ()


def load(path: Path) -> Loaded:
    """Read a table of terms and make the terms of the offices in it those of the table.

    Parameters
    ----------
    path
        CSV, UTF-8, with the header ``level,boundary_code,title,official,from,to,acting``: a row per term.
        ``from`` and ``to`` are dates (YYYY-MM-DD); ``to`` is the last day in office, empty while the
        term lasts; ``acting`` is true or false. A row without an official says that the office exists.

    Raises
    ------
    BadOfficials
        The file, line, column and value that cannot be used; nothing is changed.
    """
    rows = list(_rows(path))
    offices = _offices(rows)
    names = sorted({row.official for row in rows if row.official})
    with transaction.atomic():
        Office.objects.bulk_create(
            [
                Office(code=code, level=r.level, boundary_code=r.boundary_code, title=r.title)
                for code, r in offices.items()
            ],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["title"],
        )
        Official.objects.bulk_create([Official(name=name) for name in names], ignore_conflicts=True)
        ids = dict(Official.objects.filter(name__in=names).values_list("name", "id"))
        Term.objects.filter(office__in=offices).delete()
        for row in rows:
            if row.official:
                _create_term(row, ids[row.official])
    terms = sum(bool(row.official) for row in rows)
    return Loaded(len(offices), len(names), terms, _unknown(offices.values()))


def _offices(rows: list[Row]) -> dict[str, Row]:
    """Return a row of each office by its code; an office has one title."""
    offices: dict[str, Row] = {}
    for row in rows:
        first = offices.setdefault(row.office_code, row)
        if row.title != first.title:
            raise BadOfficials(f"{row.where}: title {row.title!r}, but {first.where} says {first.title!r}")
    return offices


def _unknown(offices: Iterable[Row]) -> tuple[str, ...]:
    """Return the codes that are those of no boundary; without an edition in force nobody knows."""
    edition = editions.in_force(lookup.today())
    if not edition:
        return ()
    known = set(edition.boundary_set.values_list("level", "code"))
    return tuple(
        row.boundary_code
        for row in offices
        if row.level in Level.values and (row.level, row.boundary_code) not in known
    )


def _create_term(row: Row, official_id: int) -> None:
    # The range ends before its upper bound, the term with its last day.
    during = DateRange(row.since, row.until + timedelta(days=1) if row.until else None)
    try:
        with transaction.atomic():
            Term.objects.create(
                office_id=row.office_code, official_id=official_id, during=during, acting=row.acting
            )
    except IntegrityError as error:
        term = f"the term of {row.official!r} as {row.title!r} from {row.since}"
        raise BadOfficials(f"{row.where}: {term} overlaps another one") from error


def _rows(path: Path) -> Iterator[Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadOfficials(f"{path}: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if reader.fieldnames != COLUMNS:
            raise BadOfficials(f"{path.name}: the header is {reader.fieldnames}, expected {COLUMNS}")
        for fields in reader:
            yield _row(f"{path.name} line {reader.line_num}", fields)
    except csv.Error as error:
        raise BadOfficials(f"{path.name} after line {reader.line_num}: {error}") from error


def _row(where: str, fields: dict[str, str]) -> Row:
    if None in fields or None in fields.values():
        raise BadOfficials(f"{where}: {len(COLUMNS)} columns expected")
    fields = {column: text.strip() for column, text in fields.items()}
    _check(where, fields)
    since, until = (_day(where, column, fields[column]) for column in ("from", "to"))
    if since and until and since > until:
        raise BadOfficials(f"{where}: from {since} is later than to {until}")
    return Row(
        where=where,
        level=fields["level"],
        boundary_code=fields["boundary_code"],
        title=fields["title"],
        official=fields["official"],
        since=since,
        until=until,
        acting=fields["acting"] == "true",
    )


def _check(where: str, fields: dict[str, str]) -> None:
    level, code = fields["level"], fields["boundary_code"]
    if level not in CODES:
        raise BadOfficials(f"{where}: level {level!r} is none of {', '.join(CODES)}")
    if not CODES[level].fullmatch(code):
        raise BadOfficials(f"{where}: boundary_code {code!r} is not that of a {level}")
    if fields["acting"] not in ("true", "false", ""):
        raise BadOfficials(f"{where}: acting {fields['acting']!r} is neither true nor false")
    if not fields["title"]:
        raise BadOfficials(f"{where}: title is empty")
    if not fields["official"]:
        _check_vacant(where, fields)
    for column in ("title", "official"):
        if not fields[column].isprintable():
            raise BadOfficials(f"{where}: {column} {fields[column]!r} has characters that cannot be seen")


def _check_vacant(where: str, fields: dict[str, str]) -> None:
    """Refuse what would say something of a person, where there is none."""
    for column in ("from", "to", "acting"):
        if fields[column] not in ("", "false"):
            raise BadOfficials(f"{where}: {column} {fields[column]!r}, but nobody is named in official")


def _day(where: str, column: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text if DATE.fullmatch(text) else "") if text else None
    except ValueError:
        raise BadOfficials(f"{where}: {column} {text!r} is no date (YYYY-MM-DD)") from None
    if day == date.max:
        raise BadOfficials(f"{where}: {column} {text!r} is no day; leave it empty while the term lasts")
    return day
