"""Figures that accounts keep under a name: what was asked, so that it can be drawn anew."""

import re
from datetime import datetime

from django.db import transaction

from casework.models import SavedFigure
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from staff.models import User

MOST, LONGEST, LONGEST_QUERY = 50, 60, 1000  # of one account; characters
QUERY = re.compile(r"[A-Za-z0-9_=&%.,:+-]+")  # as URLSearchParams writes it: no address of another place


def of(user: User) -> list[SavedFigure]:
    """Return the figures that an account keeps, by name."""
    return list(SavedFigure.objects.filter(user=user).order_by("name"))


@transaction.atomic
def keep(user: User, name: str, query: str, at: datetime) -> SavedFigure:
    """Keep a figure under a name; what had that name before is replaced.

    Raises
    ------
    InvalidRequest
        No name, one that is too long, or a query that none is.
    Conflict
        The account keeps as many as it may.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST:
        raise InvalidRequest(f"name {name!r}: from 1 to {LONGEST} characters")
    if len(query) > LONGEST_QUERY or not QUERY.fullmatch(query):
        raise InvalidRequest(f"query {query[:80]!r}: no parameters of an address, or too long")
    known = SavedFigure.objects.filter(user=user)
    if known.count() >= MOST and not known.filter(name=name).exists():
        raise Conflict(f"{MOST} figures are kept already: forget one first")
    made, _ = SavedFigure.objects.update_or_create(user=user, name=name, defaults={"query": query, "at": at})
    return made


def forget(user: User, id: int) -> None:
    """Forget a figure of an account; NotFound where it has none of this number."""
    gone, _ = SavedFigure.objects.filter(user=user, pk=id).delete()
    if not gone:
        raise NotFound(f"no figure {id}")
