"""Features ready to be sent, kept by a web process for the layers that say which of their rows were renewed.

A feature is made by PostgreSQL when it is first asked for; storing a report costs nothing more. Before any is
given out, those whose rows were renewed are dropped (``layers.changes.Renewed``).
"""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from psycopg import sql as compose

from api.collections import ID, Collection, find
from api.features.statement import GEOM, feature, listed, rows
from layers.changes import Renewed

WEIGHT = 230  # bytes that a feature takes beside its text, its key and its place in the table
MOST_POSITIONS = 100_000


class Kept:
    """The features of one collection, and the positions of those that lay on the edge of a box."""

    def __init__(self, collection: Collection, room: int) -> None:
        self._collection, self._room = collection, room
        self._bodies: dict[int, bytes] = {}
        self._positions: dict[int, tuple[float, float]] = {}
        self._weight = 0
        self._number = -1
        self._lock = Lock()
        self._statement = compose.SQL("SELECT {}, {} FROM {} WHERE {} = ANY (%(ids)s)").format(
            compose.Identifier(ID), feature(collection), collection.table, compose.Identifier(ID)
        )
        self._where = compose.SQL("SELECT {}, ST_X({}), ST_Y({}) FROM {} WHERE {} = ANY (%(ids)s)").format(
            compose.Identifier(ID), GEOM, GEOM, collection.table, compose.Identifier(ID)
        )

    def bodies(self, ids: Sequence[int], renewed: Renewed) -> list[bytes]:
        """Return the features of rows as GeoJSON, in their order; a row that is there no more has none."""
        self._drop_renewed(renewed)
        try:
            return list(map(self._bodies.__getitem__, ids))
        except KeyError:
            known = {id: body for id in ids if (body := self._bodies.get(id)) is not None}
        missing = [id for id in ids if id not in known]
        known |= {id: body.encode() for id, body in self._read(self._statement, missing, renewed)}
        return [known[id] for id in ids if id in known]

    def positions(self, ids: Sequence[int], renewed: Renewed) -> dict[int, tuple[float, float]]:
        """Return longitude and latitude of rows, to the last bit."""
        self._drop_renewed(renewed)
        found = {id: self._positions[id] for id in ids if id in self._positions}
        missing = [id for id in ids if id not in found]
        if missing:
            for id, lon, lat in self._read(self._where, missing, renewed):
                found[id] = lon, lat
        return found

    def _drop_renewed(self, renewed: Renewed) -> None:
        if self._number == renewed.number:
            return
        with self._lock:
            number = renewed.number
            ids = renewed.since(self._number)
            if ids is None:
                self._bodies, self._positions, self._weight = {}, {}, 0
            else:
                for id in ids:
                    self._positions.pop(id, None)
                    body = self._bodies.pop(id, None)
                    self._weight -= len(body) + WEIGHT if body else 0
            self._number = number

    def _read(self, statement: compose.Composable, ids: list[int], renewed: Renewed) -> list[tuple[Any, ...]]:
        """Read rows, and keep what was not renewed meanwhile."""
        before = renewed.number
        read = rows(statement, {"ids": listed(ids)})
        with self._lock:
            since = renewed.since(before)
            if since is not None:
                stale = set(since)
                self._keep([row for row in read if row[0] not in stale])
        return read

    def _keep(self, read: list[tuple[Any, ...]]) -> None:
        for id, first, *rest in read:
            if rest:
                self._positions[id] = first, rest[0]
            elif id not in self._bodies:
                self._bodies[id] = body = first.encode()
                self._weight += len(body) + WEIGHT
        while self._weight > self._room and self._bodies:
            # The oldest first: what is asked for again is made again.
            self._weight -= len(self._bodies.pop(next(iter(self._bodies)))) + WEIGHT
        while len(self._positions) > MOST_POSITIONS:
            self._positions.pop(next(iter(self._positions)))


@cache
def kept(name: str) -> Kept:
    """Return the features of a collection that this process keeps."""
    return Kept(find(name), settings.FEATURE_CACHE_BYTES)


def forget() -> None:
    """Drop every feature that was kept."""
    kept.cache_clear()
