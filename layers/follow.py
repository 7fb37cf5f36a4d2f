"""A layer's points in memory, kept in step with its rows.

The rows of PostgreSQL are the truth. Each change of a row bears the revision that ``layers.revisions.touch``
gave to its transaction; revisions are in commit order, so whatever has a greater one than we have seen is all
that we have not seen. Asked twice for the same, nothing changes: what was read is put over what was known.
"""

import logging
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings

from geoplatform import sql
from layers import columns, copying, lettering, revisions
from layers.changes import Changes, Renewed
from layers.index import Rows, Snapshot, applied, merged, no_rows, snapshot_of
from layers.layer import Layer
from layers.lettering import Lettering
from layers.revisions import NEVER, Stamp
from layers.traits import ALL, EPOCH, Wordlist

logger = logging.getLogger(__name__)

LEAST_DELTA = 10_000  # rows beside the base before they are merged into it, or a hundredth of the base


class State(NamedTuple):
    """A layer's points at one moment, and how they are written. It never changes."""

    snapshot: Snapshot
    letters: Lettering
    number: int  # of the last change that is in it


class Followed:
    """One layer's points in this process.

    Parameters
    ----------
    folder
        Where the base lies that the processes of a machine share; None: it is this process's own.
    """

    def __init__(self, layer: Layer, folder: Path | None) -> None:
        assert layer.traits is not None  # noqa: S101
        self.layer, self.traits = layer, layer.traits
        self._folder = folder / layer.name if folder else None
        self.changes = Changes()
        self.renewed = Renewed()  # always noted before the state that has them
        self._lock = Lock()
        self._stamp: Stamp | None = None
        self._base_name: str | None = None
        self._state: State | None = None

    def state(self, cursor: Any) -> State:
        """Return the points as they are now; reads what was committed since the last time."""
        self.refresh(cursor)
        return self.known()

    def known(self) -> State:
        """Return the points as they were when they were last read."""
        if self._state is None:
            raise RuntimeError(f"layer {self.layer.name} was not read yet")
        return self._state

    def is_known(self) -> bool:
        """Say whether the points were ever read."""
        return self._state is not None

    def refresh(self, cursor: Any) -> bool:
        """Read what changed since the last time; returns whether anything did.

        Parameters
        ----------
        cursor
            Of Django or of psycopg; it sees what its transaction sees.
        """
        with self._lock:
            now = revisions.read(cursor).get(self.layer.name, NEVER)
            if self._state is not None and now == self._stamp:
                return False
            known = self._stamp
            if known is None or known.epoch != now.epoch or known.revision > now.revision:
                self._begin(cursor, now)
                return True
            self._catch_up(cursor, known, now)
            return True

    @property
    def revision(self) -> int:
        """The layer's revision when it was last read."""
        return self._stamp.revision if self._stamp else 0

    def rebuild(self, cursor: Any) -> None:
        """Make the base anew from the rows, whatever lies in the folder."""
        with self._lock:
            self.renewed.note_everything()
            self._build(cursor, revisions.read(cursor).get(self.layer.name, NEVER))

    def merge(self, cursor: Any) -> bool:
        """Merge the delta into the base where it has grown large; returns whether there is a new base.

        One process of a machine does it for all: the others map what it wrote, and catch up from there.
        """
        snapshot = self.known().snapshot
        if snapshot.delta < max(LEAST_DELTA, snapshot.base.rows.size // 100):
            return False
        with self._lock, columns.alone(self._folder) as alone:
            if not alone:
                return False
            # What came since the last look is taken with the base: no tile of before may be relied on.
            self.changes.note_everywhere()
            if not self._has_another_base() or not self._map(cursor):
                self._put(merged(self.known().snapshot), self.changes.number)
                self._write()
                self._map(cursor)
        return True

    def _has_another_base(self) -> bool:
        """Say whether another process has put a base in the place of the one that we know."""
        return self._folder is not None and columns.current(self._folder) != self._base_name

    def _begin(self, cursor: Any, now: Stamp) -> None:
        """Start from the base in the folder if it is of this database, else from the rows alone."""
        self.changes.note_everywhere()
        self.renewed.note_everything()
        self._stamp = now
        if not self._map(cursor):
            self._build(cursor, now)

    def _build(self, cursor: Any, now: Stamp) -> None:
        self._stamp = now
        wordlist = Wordlist(self.traits)
        self._put(snapshot_of(self._read(cursor, -1, wordlist), wordlist), self.changes.number)
        size = self.known().snapshot.size
        logger.info("index built layer=%s points=%d revision=%d", self.layer.name, size, now.revision)
        if size >= LEAST_DELTA:
            with columns.alone(self._folder) as alone:
                if alone:
                    self._write()
            self._map(cursor)

    def _map(self, cursor: Any) -> bool:
        """Take the base that lies in the folder, and what changed since; returns whether there was one."""
        found = columns.read(self._folder, self.traits) if self._folder else None
        if found is None or self._stamp is None:
            return False
        name, base, known = found
        if known.epoch != self._stamp.epoch:
            return False
        # Another process may have been quicker: what it has and we had not is renewed here, too.
        rows = self._read(cursor, min(known.revision, self._stamp.revision), base.wordlist)
        if known.revision > self._stamp.revision:
            self._stamp = known
        self._base_name = name
        self.renewed.note(rows.ids)
        snapshot, _ = applied(Snapshot(base, np.zeros(0, np.int64), no_rows()), rows)
        self._put(snapshot, self.changes.number)
        return True

    def _catch_up(self, cursor: Any, known: Stamp, now: Stamp) -> None:
        state = self.known()
        wordlist = state.snapshot.base.wordlist
        rows = self._read(cursor, known.revision, wordlist)
        self.renewed.note(rows.ids)
        snapshot, keys = applied(state.snapshot, rows)
        if len(keys):
            self.changes.note(keys)
        self._put(snapshot, self.changes.number)
        self._stamp = now

    def _read(self, cursor: Any, after: int, wordlist: Wordlist) -> Rows:
        params = {"after": after, "zone": settings.CITY_TIME_ZONE, "epoch_day": EPOCH}
        statement = sql.statement(self.layer.statement)
        return copying.copied(cursor, statement, params, wordlist, on_a_map=after < 0)

    def _put(self, snapshot: Snapshot, number: int) -> None:
        snapshot.base.view(ALL)  # wanted by all but a few, who would make it wait for their filters
        wordlist, former = snapshot.base.wordlist, self._state
        is_same = (
            former and former.snapshot.base.wordlist is wordlist and former.letters.size == wordlist.size()
        )
        letters = former.letters if former and is_same else lettering.lettering(self.layer.name, wordlist)
        self._state = State(snapshot, letters, number)

    def _write(self) -> None:
        if self._folder and self._stamp:
            try:
                columns.write(self._folder, self.known().snapshot.base, self._stamp)
            except OSError as error:
                logger.warning("base not written layer=%s: %s", self.layer.name, error)
