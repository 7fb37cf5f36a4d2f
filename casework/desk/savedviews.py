"""Views that accounts keep under a name, and those that everybody has."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from django.db import transaction

from casework.models import SavedView
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from staff.models import User

TABLE = Path(__file__).with_name("saved_views.csv")
MOST, LONGEST = 50, 60  # of one account; characters of a name
PARTS = ("worklist", "order", "office", "state", "category", "kelurahan", "channel", "q", "bbox")
LONGEST_PART = 200


@dataclass(frozen=True)
class Shipped:
    """A view that everybody has: its code, its name in both languages, what it asks for."""

    code: str
    name_id: str
    name_en: str
    query: Mapping[str, str]


@cache
def shipped() -> tuple[Shipped, ...]:
    """Return the views of the table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Shipped(row["code"], row["name_id"], row["name_en"], dict(parse_qsl(row["query"])))
            for row in csv.DictReader(file)
        )


def of(user: User) -> list[SavedView]:
    """Return the views that an account keeps, by name."""
    return list(SavedView.objects.filter(user=user).order_by("name"))


@transaction.atomic
def keep(user: User, name: str, query: Mapping[str, object], at: datetime) -> SavedView:
    """Keep a view under a name; what had that name before is replaced.

    Raises
    ------
    InvalidRequest
        No name, one that is too long, or a part that no list has.
    Conflict
        The account keeps as many as it may.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST:
        raise InvalidRequest(f"name {name!r}: from 1 to {LONGEST} characters")
    for part, value in query.items():
        if part not in PARTS or not isinstance(value, str) or not 1 <= len(value) <= LONGEST_PART:
            raise InvalidRequest(f"query {part!r}: texts of {', '.join(PARTS)} are kept")
    known = SavedView.objects.filter(user=user)
    if known.count() >= MOST and not known.filter(name=name).exists():
        raise Conflict(f"{MOST} views are kept already: forget one first")
    made, _ = SavedView.objects.update_or_create(
        user=user, name=name, defaults={"query": dict(query), "at": at}
    )
    return made


def forget(user: User, id: int) -> None:
    """Forget a view of an account; NotFound where it has none of this number."""
    gone, _ = SavedView.objects.filter(user=user, pk=id).delete()
    if not gone:
        raise NotFound(f"no view {id}")
