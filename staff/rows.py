"""Whose rows the database shows during a request: an official's session is told its office (ADR 0103).

Policies on the tables of citizens read it (``casework/migrations/_rows.py``). It comes on top of what the
code asks: a statement that forgot to ask, or was injected, reads no other office's citizens.
"""

from django.db import connection

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


def _tell(office: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('geoplatform.office', %s, false)", [office])
