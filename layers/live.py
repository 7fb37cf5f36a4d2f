"""What this process knows of all layers: their versions, and the points of those that have an index.

A web server calls ``watch``: a thread hears of each change by NOTIFY, and looks every second though it hears
nothing, so a lost connection, a restart or a standby that lags costs time and no change. Commands and tests
do not: then whoever asks looks at the database first.
"""

import logging
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from geoplatform import sql
from layers import revisions, warm
from layers.follow import Followed, State
from layers.layer import Layer, catalogue
from layers.revisions import NEVER, Stamp

logger = logging.getLogger(__name__)

LOOK_S = 1.0  # between two looks where no notification comes
LOOK_STANDBY_S = 0.1  # a standby takes no LISTEN
AGAIN_S = 1.0  # before a lost connection is tried again


class Watch:
    """The thread that follows the layers, and whether what it knows can be relied on."""

    def __init__(self) -> None:
        self.stamps: Mapping[str, Stamp] = {}
        self.is_ready = threading.Event()
        self.looked = threading.Event()  # set after each look, for those who wait for the next one
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait until it has ended."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        warm.compile_loops()  # or have them ready: a second that no request waits for
        while not self._ended.is_set():
            try:
                with sql.connect() as own:
                    self._follow(own)
            except psycopg.OperationalError as error:
                logger.warning("the database was lost, tiles are those of before: %s", type(error).__name__)
                self._ended.wait(AGAIN_S)
            except Exception:
                # A fault of ours must not leave the maps as they are for ever.
                logger.exception("layers are not followed; trying again")
                self._ended.wait(AGAIN_S)

    def _follow(self, own: psycopg.Connection) -> None:
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

    def look(self, cursor: Any) -> None:
        """Read what was committed since the last look."""
        for layer in catalogue().values():
            if layer.traits:
                one = followed(layer.name)
                one.refresh(cursor)
                one.merge(cursor)
        self.stamps = revisions.read(cursor)
        self.is_ready.set()
        self.looked.set()


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
def followed(name: str) -> Followed:
    """Return the points of a layer in this process."""
    return Followed(catalogue()[name], settings.INDEX_FOLDER)


def state(layer: Layer) -> State:
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
