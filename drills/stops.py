"""Ways to make a process of the platform stand still at a step, from outside: nothing in it is made for that.

A step that writes is stopped by a lock on what it writes; a commit by a standby that is waited for and does
not exist, so that all is stored and nobody is told; what speaks to others by those who do not answer.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from drills.stage import Stage
from fixtures import faults

Caught = Callable[[], bool]
Stop = Callable[[Stage, str], AbstractContextManager[Caught]]

HELD_S = 60.0
HEEDED_S = 0.3  # until every process of PostgreSQL has read its settings anew
# Who waits for the session that holds the lock, with a statement that begins so.
STANDS = """
SELECT count(*) FROM pg_stat_activity AS session
 WHERE session.datname = current_database() AND session.application_name = %(who)s
   AND session.query LIKE %(query)s AND %(pid)s = ANY (pg_blocking_pids(session.pid))
"""
# One of the platform's that has written the table, and waits for the standby behind its commit.
COMMITTED = """
SELECT count(*) FROM pg_stat_activity AS session
  JOIN pg_locks AS held ON held.pid = session.pid AND held.relation = %(table)s::regclass
 WHERE session.application_name IN ('web', 'worker') AND session.wait_event = 'SyncRep'
"""


def at_table(table: str, query: str = "", mode: str = "EXCLUSIVE") -> Stop:
    """Stop whoever writes a table (``ACCESS EXCLUSIVE``: or reads it) with a statement that begins so."""
    statement = sql.SQL("LOCK TABLE {} IN {} MODE").format(sql.Identifier(table), sql.SQL(mode))
    return lambda play, who: _holding(play, who, statement, query)


def at_key(key: str) -> Stop:
    """Stop whoever waits for an advisory lock of the platform's (``geoplatform.sql.hold``)."""
    statement = sql.SQL("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))").format(key)
    return lambda play, who: _holding(play, who, statement, "")


def at_commit(gate: Stop, table: str) -> Stop:
    """Stop who comes through a gate when all is committed, and neither they nor who listens knows of it."""

    @contextmanager
    def stop(play: Stage, who: str) -> Iterator[Caught]:
        with ExitStack() as held, ExitStack() as behind:
            is_at_gate = held.enter_context(gate(play, who))
            is_open = False

            def is_there() -> bool:
                nonlocal is_open
                if not is_open and is_at_gate():
                    behind.callback(synchronous, play, "")
                    synchronous(play, "nobody")
                    held.close()
                    is_open = True
                return is_open and _counts(play, COMMITTED, {"table": table})

            yield is_there

    return stop


def at_source(path: str) -> Stop:
    """Stop whoever asks a source for what begins so: it does not answer."""

    @contextmanager
    def stop(play: Stage, who: str) -> Iterator[Caught]:
        release, sources = threading.Event(), play.city.sources
        before = len(sources.requests)
        sources.fail(path, faults.slow(release, HELD_S))
        try:
            yield lambda: any(one.target.startswith(path) for one in sources.requests[before:])
        finally:
            release.set()

    return stop


@contextmanager
def at_mail(play: Stage, who: str) -> Iterator[Caught]:
    """Stop who sends a mail: the server has it, and does not say so."""
    with play.city.mails.silent() as silence:
        yield silence.is_asked


@contextmanager
def at_receiver(play: Stage, who: str) -> Iterator[Caught]:
    """Stop who sends a webhook: the receiver has it, and does not say so."""
    with play.city.receiver.silent() as silence:
        yield silence.is_asked


@contextmanager
def at_brief(play: Stage, who: str) -> Iterator[Caught]:
    """Stop who writes a brief between two of its forms: the second's draft is a pipe that nobody reads."""
    from boundaries.lookup import city_day

    folder = play.city.folder / "briefs"
    folder.mkdir(exist_ok=True)
    day = city_day(datetime.now(UTC))
    pipe, first = folder / f"{day}-daily.pdf.part", folder / f"{day}-daily.html"
    first.unlink(missing_ok=True)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    try:
        yield first.exists
    finally:
        with suppress(FileNotFoundError):  # the next brief is written where this one was to be
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # who waits for one waits no more
            pipe.unlink()
            os.close(reader)


def synchronous(play: Stage, name: str) -> None:
    """Have each commit wait for the standby of a name, or for none."""
    change = f"ALTER SYSTEM SET synchronous_standby_names = '{name}'"
    play.cluster.say(change, "SELECT pg_reload_conf()")
    time.sleep(HEEDED_S)


@contextmanager
def _holding(play: Stage, who: str, statement: sql.Composed, query: str) -> Iterator[Caught]:
    own = psycopg.connect(play.url)
    try:
        own.execute(f"SET lock_timeout = {round(1000 * HELD_S / 2)}")
        own.execute(statement)
        params = {"who": who, "query": f"{query}%", "pid": own.info.backend_pid}
        yield lambda: _counts(play, STANDS, params)
    finally:
        own.close()


def _counts(play: Stage, statement: str, params: dict[str, object]) -> bool:
    with psycopg.connect(play.url, autocommit=True) as own:
        found = own.execute(statement, params).fetchone()
        return bool(found and found[0])
