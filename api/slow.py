"""Questions that turn out to be slow: what takes longer than a moment needs one of a few places.

A web process has four threads. Whether a filter is slow nobody knows before it was asked, so each statement
is first given what is left of the moment; one that is ended by it takes a place and is asked again, with all
its time. Who has all places that are for one is refused at once, and so costs nobody anything.
"""

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from django import db
from django.conf import settings

from access import keys
from access.clients import client
from access.models import Scope
from access.slots import Slots
from api.faults import is_late
from geoplatform.errors import Unavailable

Of = TypeVar("Of")
MOMENT_MS = 300  # what a question may take without a place, in all its statements together
LEAST_MS = 50  # of it that must be left for a statement to be tried
#: Of a process: one of its four threads always answers what is quick.
slots = Slots(places=3, each=2)


class Question:
    """A request that is being answered, as a context: since when, and whether it holds a place.

    A class, for a context made of a generator takes three times as long, and every request is one.
    """

    __slots__ = ("_began", "_environ", "_holder", "_token")

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ, self._began = environ, time.monotonic()
        self._holder: str | None = None

    def __enter__(self) -> "Question":
        self._token = _present.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        _present.reset(self._token)
        who, self._holder = self._holder, None
        if who is not None:
            slots.give_back(who)

    @property
    def holds(self) -> bool:
        """Say whether it has a place."""
        return self._holder is not None

    def left_ms(self, limit_ms: int) -> int:
        """Return how much of so many milliseconds is left of it."""
        return limit_ms - int(1000 * (time.monotonic() - self._began))

    def who(self) -> str:
        """Return whose it is: a key's that has the scope ``limits``, or else an address's."""
        text = keys.given(self._environ)
        holder = keys.known(text) if text else None
        if holder and Scope.LIMITS in holder.scopes:
            return f"key {holder.id}"
        header = self._environ.get
        return _client(
            header("REMOTE_ADDR", ""), header("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
        )

    def take(self) -> None:
        """Take a place, which is given back when it is answered; raises as ``Slots.take``."""
        if self._holder is None:
            who = self.who()
            slots.take(who)
            self._holder = who


_client = lru_cache(maxsize=8192)(client)
_present: ContextVar[Question | None] = ContextVar("question", default=None)


def within(limit_ms: int, ask: Callable[[int], Of]) -> Of:
    """Run what asks the database, which is given the milliseconds that it has, and may be run twice.

    Raises
    ------
    TooMany, Busy
        It is slow, and there is no place for it.
    """
    asked = _present.get()
    if asked is None or asked.holds:
        return ask(limit_ms)
    slots.check(asked.who())
    left_ms = asked.left_ms(MOMENT_MS)
    if limit_ms <= left_ms:
        return ask(limit_ms)
    if left_ms >= LEAST_MS:
        try:
            return ask(left_ms)
        except (db.OperationalError, psycopg.OperationalError) as error:
            if not is_late(error):
                raise
    asked.take()
    return ask(limit_ms)


def take() -> None:
    """Take a place for what is known to be slow; raises as ``Slots.take``."""
    asked = _present.get()
    if asked is not None:
        asked.take()


def whose() -> str:
    """Return whose the present question is; this machine's own where there is none."""
    asked = _present.get()
    return asked.who() if asked is not None else ""


def check() -> None:
    """Raise Unavailable where the present question has had all its time: for loops of our own."""
    asked = _present.get()
    if asked is not None and asked.left_ms(settings.QUERY_TIMEOUT_MS) < 0:
        seconds = settings.QUERY_TIMEOUT_MS / 1000
        raise Unavailable(f"this question takes longer than {seconds:g} s: ask for fewer reports")
