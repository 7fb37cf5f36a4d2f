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
from geoplatform.errors import Unavailable
from layers import columns, copying, lettering, revisions
from layers.changes import Changes, Renewed
from layers.index import NO_KEY, Rows, Snapshot, applied, keys_of, merged, no_rows, snapshot_of
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


class Known(NamedTuple):
    """All that a process knows of a layer, put in place at once: what breaks on the way leaves the former."""

    stamp: Stamp
    base_name: str | None  # of the base in the folder, if it is that one
    state: State


class Mapped(NamedTuple):
    """The base of the folder with what changed since, and the rows that told so."""

    name: str
    snapshot: Snapshot
    rows: Rows


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
        # Both are noted before the state that has what they tell of, so a tile of the former holds no longer.
        self.changes, self.renewed = Changes(), Renewed()
        self._lock = Lock()
        self._known: Known | None = None

    def state(self, cursor: Any) -> State:
        """Return the points as they are now; reads what was committed since the last time."""
        self.refresh(cursor)
        return self.known()

    def known(self) -> State:
        """Return the points as they were when they were last read."""
        if self._known is None:
            raise RuntimeError(f"layer {self.layer.name} was not read yet")
        return self._known.state

    def is_known(self) -> bool:
        """Say whether the points were ever read."""
        return self._known is not None

    @property
    def revision(self) -> int:
        """The layer's revision when it was last read."""
        return self._known.stamp.revision if self._known else 0

    def refresh(self, cursor: Any) -> bool:
        """Read what changed since the last time; returns whether anything did.

        Parameters
        ----------
        cursor
            Of Django or of psycopg; it sees what its transaction sees.
        """
        with self._lock:
            now = self._now(cursor)
            known = self._known
            if known is not None and now == known.stamp:
                return False
            if known is None or known.stamp.epoch != now.epoch or known.stamp.revision > now.revision:
                self._begin(cursor, now)
            else:
                self._catch_up(cursor, known, now)
            return True

    def rebuild(self, cursor: Any) -> None:
        """Make the base anew from the rows, and put it in the folder whatever lies there."""
        with columns.alone(self._folder, wait=True) as alone, self._lock:
            if not alone:
                raise Unavailable(f"{self._folder}: another process writes there, or nobody may")
            now = self._now(cursor)
            snapshot = self._built(cursor)
            self._replace(now, None, snapshot)
            if self._folder:
                columns.write(self._folder, snapshot.base, now)
                self._take_over(cursor, now, snapshot)

    def is_large(self) -> bool:
        """Say whether so many rows stand beside the base that they should be merged into it."""
        snapshot = self.known().snapshot
        return snapshot.delta >= max(LEAST_DELTA, snapshot.base.rows.size // 100)

    def merge(self, cursor: Any) -> bool:
        """Merge the delta into the base where it has grown large; returns whether there is a new base.

        One process of a machine does it for all: the others map what it wrote, and catch up from there. Most
        of the work is done beside ``refresh``, which goes on meanwhile.
        """
        if not self.is_large():
            return False
        with columns.alone(self._folder) as alone:
            if not alone or self._known is None:
                return False
            if self._has_another_base():
                with self._lock:
                    found = self._mapped(cursor, self._known.stamp)
                    if found:
                        self._replace(self._known.stamp, found.name, found.snapshot, found.rows)
                        return True
            self._merge_own(cursor, self._known)
        return True

    def _merge_own(self, cursor: Any, former: Known) -> None:
        own = merged(former.state.snapshot)
        for filter in former.state.snapshot.base.filters():
            own.base.view(filter)  # whoever asks for what is often asked for waits for nothing
        is_written = self._write(own, former.stamp)
        with self._lock:
            now = self._now(cursor)
            if self._known is None or not self._known.stamp.epoch == now.epoch == former.stamp.epoch:
                return  # another database meanwhile: the next look begins with it
            if is_written and self._take_over(cursor, now, own):
                return
            rows = self._read(cursor, former.stamp.revision, own.base.wordlist)
            self._note(rows)
            self._put(now, None, applied(own, rows)[0])

    def _take_over(self, cursor: Any, now: Stamp, own: Snapshot) -> bool:
        """Map the base that this process has just written; tiles of points that did not change hold on."""
        found = self._mapped(cursor, now)
        if found is None:
            return False
        found.snapshot.base.adopt(own.base)
        self._note(found.rows)
        self._put(now, found.name, found.snapshot)
        return True

    def _has_another_base(self) -> bool:
        """Say whether another process has put a base in the place of the one that we know."""
        name = self._known.base_name if self._known else None
        return self._folder is not None and columns.current(self._folder) not in (None, name)

    def _begin(self, cursor: Any, now: Stamp) -> None:
        """Start from the base in the folder if it is of this database, else from the rows alone."""
        found = self._mapped(cursor, now)
        if found:
            self._replace(now, found.name, found.snapshot)
            return
        snapshot = self._built(cursor)
        self._replace(now, None, snapshot)
        logger.info(
            "index built layer=%s points=%d revision=%d", self.layer.name, snapshot.size, now.revision
        )
        if snapshot.size < LEAST_DELTA:
            return
        with columns.alone(self._folder) as alone:
            is_written = alone and self._write(snapshot, now)
        if is_written:
            self._take_over(cursor, now, snapshot)

    def _catch_up(self, cursor: Any, known: Known, now: Stamp) -> None:
        rows = self._read(cursor, known.stamp.revision, known.state.snapshot.base.wordlist)
        snapshot, keys = applied(known.state.snapshot, rows)
        self.renewed.note(rows.ids)
        if len(keys):
            self.changes.note(keys)
        self._put(now, known.base_name, snapshot)

    def _mapped(self, cursor: Any, now: Stamp) -> Mapped | None:
        """Return the base that lies in the folder, and what changed since; None where none is of use.

        One of a later revision than the cursor sees is none: rows of the future would be shown, and not read.
        """
        found = columns.read(self._folder, self.traits) if self._folder else None
        if found is None:
            return None
        name, base, written = found
        if written.epoch != now.epoch:
            return None
        if written.revision > now.revision and written.revision > self._now(cursor).revision:
            return None
        rows = self._read(cursor, min(written.revision, now.revision), base.wordlist)
        snapshot, _ = applied(Snapshot(base, np.zeros(0, np.int64), no_rows()), rows)
        return Mapped(name, snapshot, rows)

    def _built(self, cursor: Any) -> Snapshot:
        wordlist = Wordlist(self.traits)
        return snapshot_of(self._read(cursor, -1, wordlist), wordlist)

    def _now(self, cursor: Any) -> Stamp:
        return revisions.read(cursor).get(self.layer.name, NEVER)

    def _read(self, cursor: Any, after: int, wordlist: Wordlist) -> Rows:
        params = {"after": after, "zone": settings.CITY_TIME_ZONE, "epoch_day": EPOCH}
        statement = sql.statement(self.layer.statement)
        return copying.copied(cursor, statement, params, wordlist, on_a_map=after < 0)

    def _note(self, rows: Rows) -> None:
        """Note that rows may have changed, wherever they were: codes of two wordlists are not compared."""
        keys = np.concatenate([keys_of(self.known().snapshot, rows.ids), rows.keys[rows.keys != NO_KEY]])
        self.renewed.note(rows.ids)
        if len(keys):
            self.changes.note(keys)

    def _replace(
        self, stamp: Stamp, base_name: str | None, snapshot: Snapshot, rows: Rows | None = None
    ) -> None:
        """Put points in place that owe nothing to the former ones; ``rows`` if these alone were renewed."""
        if rows is None:
            self.renewed.note_everything()
        else:
            self.renewed.note(rows.ids)
        self.changes.note_everywhere()
        self._put(stamp, base_name, snapshot)

    def _put(self, stamp: Stamp, base_name: str | None, snapshot: Snapshot) -> None:
        snapshot.base.view(ALL)  # wanted by all but a few, who would make it wait for their filters
        wordlist, former = snapshot.base.wordlist, self._known.state if self._known else None
        is_same = (
            former and former.snapshot.base.wordlist is wordlist and former.letters.size == wordlist.size()
        )
        letters = former.letters if former and is_same else lettering.lettering(self.layer.name, wordlist)
        self._known = Known(stamp, base_name, State(snapshot, letters, self.changes.number))

    def _write(self, snapshot: Snapshot, stamp: Stamp) -> bool:
        if self._folder is None:
            return False
        try:
            columns.write(self._folder, snapshot.base, stamp)
        except OSError as error:
            logger.warning("base not written layer=%s: %s", self.layer.name, error)
            return False
        return True
