"""Where offices and officials are told: addresses as data, of which the public sees none."""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from boundaries.models import Office, Official
from casework.models import Contact
from geoplatform.errors import InvalidRequest

COLUMNS = ["office", "official", "channel", "address"]
CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
Known = Mapping[tuple[str | None, int | None], Mapping[str, str]]


class Address(NamedTuple):
    """Where somebody is told, and by what."""

    channel: str
    address: str


@dataclass(frozen=True)
class Book:
    """All addresses, by office or official and by channel."""

    known: Known

    def of(self, official_id: int | None, office: str | None) -> tuple[Address, ...]:
        """Return where somebody is told: on each channel at their own address, else at their office's."""
        return self._merged(*self._keys(official_id, office))

    def governor(self, official_id: int | None, office: str | None) -> tuple[Address, ...]:
        """Return where the governor's office is told, be it an office with a holder or not."""
        return self._merged((None, None), *self._keys(official_id, office))

    def _keys(self, official_id: int | None, office: str | None) -> list[tuple[str | None, int | None]]:
        return [key for key in ((office, None), (None, official_id)) if key != (None, None)]

    def _merged(self, *keys: tuple[str | None, int | None]) -> tuple[Address, ...]:
        found: dict[str, str] = {}
        for key in keys:
            found |= self.known.get(key, {})
        return tuple(Address(channel, found[channel]) for channel in sorted(found))


def book() -> Book:
    """Read all addresses."""
    known: dict[tuple[str | None, int | None], dict[str, str]] = defaultdict(dict)
    for one in Contact.objects.all():
        known[one.office_id, one.official_id][one.channel] = one.address
    return Book(known)


@transaction.atomic
def load(path: Path) -> int:
    """Make the addresses those of a table; one that it does not name is forgotten. Returns how many it has.

    Parameters
    ----------
    path
        CSV, UTF-8: ``office,official,channel,address``. An office is named by its code, such as
        ``kecamatan-31.71.01``, an official by name; a row with neither is the governor's office.

    Raises
    ------
    InvalidRequest
        The file, line and value that cannot be used; nothing is changed.
    """
    offices = set(Office.objects.values_list("code", flat=True))
    officials = dict(Official.objects.values_list("name", "id"))
    found: dict[tuple[str, str, str], Contact] = {}
    for where, row in _rows(path):
        key = (row["office"], row["official"], row["channel"])
        _check(where, row, offices, officials)
        if key in found:
            raise InvalidRequest(f"{where}: {' '.join(filter(None, key))} has another address above")
        found[key] = Contact(
            office_id=row["office"] or None,
            official_id=officials.get(row["official"]),
            channel=row["channel"],
            address=row["address"],
        )
    Contact.objects.all().delete()
    return len(Contact.objects.bulk_create(found.values()))


@transaction.atomic
def put(office: str | None, official: str | None, channel: str, address: str) -> Contact | None:
    """Say where an office or an official is told on a channel; an empty address: no longer.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    """
    offices = set(Office.objects.filter(code=office).values_list("code", flat=True)) if office else set()
    known = dict(Official.objects.filter(name=official).values_list("name", "id")) if official else {}
    official_id = known.get(official or "")
    whose: dict[str, Any] = {"office_id": office, "official_id": official_id, "channel": channel}
    row = {"office": office or "", "official": official or "", "channel": channel, "address": address}
    if not address:
        Contact.objects.filter(**whose).delete()
        return None
    _check("contact", row, offices, known)
    return Contact.objects.update_or_create(**whose, defaults={"address": address})[0]


def masked(address: str) -> str:
    """Return so much of an address that people tell it from another one, and cannot use it."""
    name, at, host = address.rpartition("@")
    return f"{name[:2]}...{at}{host}" if at else f"...{address[-3:]}"


def _rows(path: Path) -> list[tuple[str, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if reader.fieldnames != COLUMNS:
                raise InvalidRequest(f"{path.name}: the header is {reader.fieldnames}, expected {COLUMNS}")
            rows = [(f"{path.name} line {reader.line_num}", row) for row in reader]
    except (OSError, UnicodeError, csv.Error) as error:
        raise InvalidRequest(f"{path}: {type(error).__name__}") from None
    for where, row in rows:
        if None in row or None in row.values():
            raise InvalidRequest(f"{where}: {len(COLUMNS)} columns expected")
    return [(where, {column: text.strip() for column, text in row.items()}) for where, row in rows]


def _check(where: str, row: Mapping[str, str], offices: set[str], officials: Mapping[str, int]) -> None:
    if row["office"] and row["official"]:
        raise InvalidRequest(f"{where}: an address is an office's or an official's, not both")
    if row["office"] and row["office"] not in offices:
        raise InvalidRequest(f"{where}: office {row['office']!r} is unknown")
    if row["official"] and row["official"] not in officials:
        raise InvalidRequest(f"{where}: official {row['official']!r} is unknown")
    if not CHANNEL.fullmatch(row["channel"]):
        raise InvalidRequest(f"{where}: channel {row['channel']!r} is none, such as email")
    if not (row["address"] and row["address"].isprintable()):
        raise InvalidRequest(f"{where}: address {row['address']!r} is empty or cannot be seen")
    if row["channel"] == "email":
        try:
            validate_email(row["address"])
        except ValidationError:
            raise InvalidRequest(f"{where}: address {row['address']!r} is none of e-mail") from None
