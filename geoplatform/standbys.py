"""Standbys: who of them may be asked, and asking one in the place of the primary.

A process looks at each standby on a thread of its own: how far it has replayed the primary's log, and so how
far it lags. One that is silent or lags too far is asked for nothing, until it is back. What a request must
see is a position in that log: of its session's last write, and of what this process has learnt already.

Django's routers see the ORM alone, and most of what is on a map is SQL. So for a request the thread's default
connection is another one: whatever is asked meanwhile, by ``connection``, the ORM or ``sql.connect``, asks
the standby (ADR 0108).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from geoplatform import sql
from geoplatform.errors import Unavailable

Of = TypeVar("Of")

logger = logging.getLogger(__name__)

LATEST = 1 << 64  # a position that nothing has reached
LOOK_S = 0.05
AGAIN_S = 1.0  # before a lost connection is tried again
SILENT_S = 2.0  # without a look: the standby, or the way to it, hangs
CAUGHT_UP_S = 1.0  # that who makes what is kept waits for a standby to have it all
NOTES = 10_000  # positions of the primary that are remembered: minutes


class Positions:
    """Where the primary's log was, and when: by it a lag is told without comparing two clocks."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque(maxlen=NOTES)

    def note(self, now: float, position: int) -> None:
        """Remember a position unless it is the last one still."""
        if not self._notes or self._notes[-1][1] != position:
            self._notes.append((now, position))

    def lag_s(self, now: float, replayed: int) -> float:
        """Return for how long there has been something that is not replayed."""
        return next((now - noted for noted, position in tuple(self._notes) if position > replayed), 0.0)


class Standby:
    """What this process knows of one standby."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.replayed, self.seen_at = -1, float("-inf")

    def see(self, now: float, is_standby: bool, position: int) -> None:
        """Take what a look has found; one that was promoted is a standby no more."""
        if is_standby:
            self.replayed, self.seen_at = position, now
        else:
            self.drop()

    def drop(self) -> None:
        """Ask it for nothing until it is seen again."""
        self.replayed, self.seen_at = -1, float("-inf")

    def is_fit(self, now: float, positions: Positions) -> bool:
        """Say whether it answers, and does not lag further than ``settings.STANDBY_LAG_S``."""
        is_seen = now - self.seen_at < SILENT_S
        return is_seen and positions.lag_s(now, self.replayed) <= settings.STANDBY_LAG_S


class Standbys:
    """All standbys, and the threads that look at them."""

    def __init__(self, aliases: Sequence[str]) -> None:
        self.all = [Standby(alias) for alias in aliases]
        self.positions = Positions()
        self._turn = count()
        self._ended = threading.Event()
        looks = [(DEFAULT_DB_ALIAS, self._see_primary), *((one.alias, one.see) for one in self.all)]
        self._threads = [
            threading.Thread(target=self._follow, args=look, name=f"look {look[0]}", daemon=True)
            for look in looks
        ]

    def start(self) -> None:
        """Begin to look."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, and wait until all have ended."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def choose(self, least: int) -> Standby | None:
        """Return one that has replayed what must be seen, each in turn; None: the primary is to be asked."""
        now = time.monotonic()
        fit = [one for one in self.all if one.replayed >= least and one.is_fit(now, self.positions)]
        return fit[next(self._turn) % len(fit)] if fit else None

    def named(self, alias: str) -> Standby | None:
        """Return the standby of a connection; None for the primary's."""
        return next((one for one in self.all if one.alias == alias), None)

    def _see_primary(self, now: float, is_standby: bool, position: int) -> None:
        if not is_standby:
            self.positions.note(now, position)

    def _follow(self, alias: str, see: Callable[[float, bool, int], None]) -> None:
        while not self._ended.is_set():
            try:
                with sql.connect(alias) as own:
                    self._look(own.cursor(), see)
            except psycopg.Error as error:
                logger.warning("no look at database %s: %s", alias, type(error).__name__)
                self._ended.wait(AGAIN_S)

    def _look(self, cursor: psycopg.Cursor[Any], see: Callable[[float, bool, int], None]) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            see(began, *_position(cursor))
            self._ended.wait(LOOK_S)


_standbys: Standbys | None = None


def watch() -> Standbys | None:
    """Look at the standbys of the settings from now on; None: there are none."""
    global _standbys  # noqa: PLW0603
    aliases = [alias for alias in connections.settings if alias != DEFAULT_DB_ALIAS]
    if aliases:
        _standbys = Standbys(aliases)
        _standbys.start()
    return _standbys


def stop() -> None:
    """Look at them no more: all is asked of the primary."""
    global _standbys  # noqa: PLW0603
    if _standbys:
        _standbys.stop()
    _standbys = None


def are_there() -> bool:
    """Say whether this process looks at any."""
    return _standbys is not None


def choose(least: int) -> Standby | None:
    """Return a standby that has replayed so much; None: the primary is to be asked."""
    return _standbys.choose(least) if _standbys else None


def written() -> int:
    """Return a position behind all that was committed on the primary until now."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        return position(cursor)


def position(cursor: Any) -> int:
    """Return a position behind all that a cursor, of Django or of psycopg, has seen."""
    return _position(cursor)[1]


def _position(cursor: Any) -> tuple[bool, int]:
    cursor.execute(sql.statement("geoplatform/position"))
    ((is_standby, found),) = cursor.fetchall()
    return is_standby, found


_own = threading.local()


@contextmanager
def asking(alias: str) -> Iterator[None]:
    """Let this thread ask a standby by all that asks the default database."""
    _own.primary = connections[DEFAULT_DB_ALIAS]
    with _by(connections[alias]):
        yield


@contextmanager
def _by(wanted: BaseDatabaseWrapper) -> Iterator[None]:
    former = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = wanted
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = former


def at_least(least: Callable[[], int]) -> AbstractContextManager[None]:
    """Return a context in which no standby is asked that has not replayed so much; the primary is, instead.

    For what is kept: it must not be older than what this process knows at that moment.
    """
    asked = _standbys.named(connections[DEFAULT_DB_ALIAS].alias) if _standbys else None
    if asked is None or asked.replayed >= least():
        return nullcontext()
    return _by(_own.primary)


def forgives(one: Standby, error: BaseException | None) -> bool:
    """Say whether an error is the standby's, so that the primary may answer; then it is dropped until seen.

    It went away, or what it replays took the rows that were read: that is no fault of the question. Nor is it
    that a question writes, as a look into the audit does. One that was ended for its time is not asked twice.
    """
    while error is not None:
        if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
            return True
        if isinstance(error, psycopg.errors.QueryCanceled):
            return False
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            connections[one.alias].close()
            if not isinstance(error, psycopg.errors.SerializationFailure):
                one.drop()
            return True
        error = error.__cause__
    return False


def read_to_keep(ask: Callable[[], Of], patience_s: float = CAUGHT_UP_S) -> Of:
    """Return what is answered and will be kept: by a standby that has, in a moment, all there is now."""
    if _standbys is None:
        return ask()
    least, deadline = written(), time.monotonic() + patience_s
    while choose(least) is None and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    return read(least, ask)


def read(least: int, ask: Callable[[], Of]) -> Of:
    """Return what is answered, by a standby that has replayed so much where there is one."""
    one = choose(least)
    if one is None:
        return ask()
    try:
        with asking(one.alias):
            return ask()
    except (Unavailable, DatabaseError, psycopg.Error) as error:
        if not forgives(one, error):
            raise
    return ask()
