"""How often each layer has changed: all there is to invalidation."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connection

from geoplatform import sql


class Stamp(NamedTuple):
    """A version of a layer: how often it changed, and since when this database counts (a UUID of its own)."""

    epoch: str
    revision: int


NEVER = Stamp("", 0)


def touch(*names: str) -> None:
    """Say that these layers change, in the caller's transaction, before any of their rows is changed.

    The row of each layer stays locked until that transaction ends, so revisions are in commit order, which a
    sequence alone is not. Always before other rows and in the order of names: two writers cannot wait for
    each other.
    """
    sql.rows("layers/touch", {"layers": sorted(set(names))})


def anew(name: str) -> None:
    """Let the rows of a layer that change from here on have a revision of their own, if any changes.

    For a transaction that may change nothing: the first row that is inserted raises the revision then.
    """
    sql.rows("layers/anew", {"layer": name})


def current(name: str) -> int:
    """Return the revision of a layer; 0 for one that never changed."""
    with connection.cursor() as cursor:
        return read(cursor).get(name, NEVER).revision


def read(cursor: Any) -> Mapping[str, Stamp]:
    """Return the version of every layer that ever changed, as a cursor of Django or of psycopg sees it."""
    cursor.execute(sql.statement("layers/revision"))
    return {layer: Stamp(str(epoch), revision) for layer, epoch, revision in cursor.fetchall()}
