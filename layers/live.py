"""What this process knows of all layers: their versions, and the points of those that have an index.

A web server calls ``watch``: a thread hears of each change by NOTIFY, and looks every second though it hears
nothing, so a lost connection, a restart or a standby that lags costs time and no change. Commands and tests
do not: then whoever asks looks at the database first.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import psycopg
from django.conf import settings
from django.db import connection

from geoplatform import sql, standbys
from layers import revisions
from layers.layer import Layer, catalogue
from layers.revisions import NEVER, Stamp

if TYPE_CHECKING:
    from layers.follow import Followed, State

logger = logging.getLogger(__name__)

LOOK_S = 1.0  # between two looks where no notification comes
LOOK_STANDBY_S = 0.1  # a standby takes no LISTEN
AGAIN_S = 1.0  # before a lost connection is tried again
BLIND_S = 30.0  # without a look: the database, or the way to it, hangs


class Watch:
    """The threads that follow the layers and merge what changed, and whether that can be relied on."""

    def __init__(self) -> None:
        self.stamps: Mapping[str, Stamp] = {}
        self.is_ready = threading.Event()
        self.looked = threading.Event()  # set after each look, for those who wait for the next one
        self.looked_at = time.monotonic()
        # By thread, how far a standby must be to have all that the thread has learnt.
        self._learnt = {"watch": 0, "merge": 0}
        self._large = threading.Event()  # some layer has much to merge
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
            for name, work in (("watch", self._follow), ("merge", self._merge))
        ]

    def start(self) -> None:
        """Begin to follow."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, and wait until all have ended."""
        self._ended.set()
        self._large.set()
        for thread in self._threads:
            thread.join()

    def is_blind(self) -> bool:
        """Say whether the database has told nothing for so long that tiles may be those of before."""
        return time.monotonic() - self.looked_at > BLIND_S

    def _run(self, work: Callable[[psycopg.Connection], None]) -> None:
        while not self._ended.is_set():
            try:
                if work == self._merge:
                    self._large.wait()
                with sql.connect() as own:
                    work(own)
            except psycopg.OperationalError as error:
                logger.warning("the database was lost, tiles are those of before: %s", type(error).__name__)
                sql.drain()  # nobody else hears of it as soon
                self._ended.wait(AGAIN_S)
            except Exception:
                # A fault of ours must not leave the maps as they are for ever.
                logger.exception("layers are not followed; trying again")
                self._ended.wait(AGAIN_S)

    def _follow(self, own: psycopg.Connection) -> None:
        if not self.is_ready.is_set():
            # A second of numba and pyarrow, which a process that draws no tile need not pay.
            from layers import warm

            warm.compile_loops()  # or have them ready: a second that no request waits for
        cursor = own.cursor()
        cursor.execute("SELECT pg_is_in_recovery()")
        ((standby,),) = cursor.fetchall()
        if not standby:
            cursor.execute("LISTEN layers")
        while not self._ended.is_set():
            self.look(cursor)
            if standby:
                self._ended.wait(LOOK_STANDBY_S)
            else:
                for _ in own.notifies(timeout=LOOK_S, stop_after=1):
                    pass

    def _merge(self, own: psycopg.Connection) -> None:
        """Merge what has grown large, beside the other thread: at ten million points it takes seconds."""
        self._large.clear()
        for one in _indexed():
            if one.is_known() and one.is_large():
                with self._learning("merge", own.cursor()):
                    one.merge(own.cursor())

    def look(self, cursor: Any) -> None:
        """Read what was committed since the last look."""
        stamps = revisions.read(cursor)  # where the primary is gone nothing is learnt, and standbys go on
        with self._learning("watch", cursor):
            # First: what may go wrong with one layer's points must not keep the others as they were.
            self.stamps = stamps
            for one in _indexed():
                one.refresh(cursor)
        if any(one.is_large() for one in _indexed()):
            self._large.set()
        self.looked_at = time.monotonic()
        self.is_ready.set()
        self.looked.set()

    def learnt(self) -> int:
        """Return how far a standby must have replayed to have all that this process knows."""
        return max(self._learnt.values())

    @contextmanager
    def _learning(self, thread: str, cursor: Any) -> Iterator[None]:
        """Learn from the database: meanwhile no standby is sure to have it, nor where that went wrong."""
        if not standbys.are_there():
            yield
            return
        self._learnt[thread] = standbys.LATEST
        yield
        self._learnt[thread] = standbys.position(cursor)


def _indexed() -> "list[Followed]":
    return [followed(layer.name) for layer in catalogue().values() if layer.traits]


_watch: Watch | None = None


def watch() -> Watch:
    """Follow the layers in this process from now on."""
    global _watch  # noqa: PLW0603
    _watch = Watch()
    _watch.start()
    return _watch


def stop() -> None:
    """Follow them no more, and forget all that is known."""
    global _watch  # noqa: PLW0603
    if _watch:
        _watch.stop()
    _watch = None
    followed.cache_clear()


@cache
def followed(name: str) -> "Followed":
    """Return the points of a layer in this process."""
    from layers.follow import Followed

    return Followed(catalogue()[name], settings.INDEX_FOLDER)


def is_blind() -> bool:
    """Say whether this process follows the layers, and has not been told of them for long."""
    return _watch is not None and _watch.is_ready.is_set() and _watch.is_blind()


def state(layer: Layer) -> "State":
    """Return a layer's points, and how they are written."""
    one = followed(layer.name)
    if _watch and _watch.is_ready.is_set():
        return one.known()
    with connection.cursor() as cursor:
        return one.state(cursor)


def stamp(name: str) -> Stamp:
    """Return the version of a layer."""
    if _watch and _watch.is_ready.is_set():
        return _watch.stamps.get(name, NEVER)
    with connection.cursor() as cursor:
        return revisions.read(cursor).get(name, NEVER)


def exact() -> AbstractContextManager[None]:
    """Return a context for reading what is kept by version: by no standby that has less than we know."""
    return standbys.at_least(lambda: _watch.learnt() if _watch else standbys.LATEST)
