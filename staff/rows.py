"""Whose rows the database shows during a request: an official's session is told its office (ADR 0103).

Policies on the tables of citizens read it (``casework/migrations/_rows.py``). It comes on top of what the
code asks: a statement that forgot to ask, or was injected, reads no other office's citizens.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from staff.models import User

NOBODY = "-"  # no office's code
SEES_ALL = "casework.see_all"


def narrow(user: object) -> bool:
    """Tell the session the office of who may not see all; returns whether it was told."""
    if not isinstance(user, User) or user.has_perm(SEES_ALL):
        return False
    _tell(user.office_id or NOBODY)
    return True


def widen() -> None:
    """Let the session be everybody's again: others use it next."""
    _tell("")


@contextmanager
def widened() -> Iterator[None]:
    """Let the platform itself read everybody's rows for a while; who asks is not told what it reads.

    Where what was begun fails, the database takes the widening back with it.
    """
    office = _told()
    if not office:
        yield
        return
    with transaction.atomic():
        _tell("")
        yield
        _tell(office)


def _told() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('geoplatform.office', true), '')")
        (office,) = cursor.fetchone()
    return str(office)


def _tell(office: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('geoplatform.office', %s, false)", [office])
