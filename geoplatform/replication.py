"""What an operator says to a primary and its standby: wait for each other, go alone, take over (ADR 0126).

``script/standby --help`` says how. Whoever says it is a superuser of PostgreSQL there. Where commits wait for
a standby each is on two machines before it is acknowledged; while that standby is away none is.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from geoplatform.errors import GeoplatformError

PATIENCE_S = 60.0
LOOK_S = 0.1
CONNECT_S = 3
NEAR_BYTES = 1 << 20  # so far behind a standby may be: it has it while one commit waits
STEP = """
SELECT coalesce((SELECT state = 'streaming' AND pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn) < %s
                   FROM pg_stat_replication WHERE application_name = %s), false)
"""
STATE = """
SELECT current_setting('synchronous_standby_names'), pg_is_in_recovery(),
       coalesce((SELECT string_agg(application_name || ' ' || state || ' ' || sync_state, ', ')
                   FROM pg_stat_replication), 'none'),
       (SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep')
"""


class NotSafe(GeoplatformError):
    """What was asked for would lose what was acknowledged, or could not be done in time."""


def together(primary: str, name: str, patience_s: float = PATIENCE_S) -> float:
    """Have commits wait for a standby once it has all; returns the seconds until it had.

    Parameters
    ----------
    primary
        The libpq URI of the primary.
    name
        The ``application_name`` in the ``primary_conninfo`` of the standby.

    Raises
    ------
    NotSafe
        It has not all in time: whoever waited for it would wait for long.
    """
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise NotSafe(f"{name!r} is no name of a standby: letters a-z, digits and _")
    began = time.monotonic()
    with _speak(primary) as own:
        while not own.execute(STEP, [NEAR_BYTES, name]).fetchall()[0][0]:
            if time.monotonic() - began > patience_s:
                raise NotSafe(f"the standby {name!r} has not all of the primary's log after {patience_s:g} s")
            time.sleep(LOOK_S)
        _wait_for(own, f'FIRST 1 ("{name}")')
    return time.monotonic() - began


def alone(primary: str) -> int:
    """Let commits wait for nobody, and those that wait go; returns how many these were.

    From now on until ``together`` a commit is on one machine alone: who promotes a standby loses it.
    """
    with _speak(primary) as own:
        waiting = int(own.execute(STATE).fetchall()[0][3])
        _wait_for(own, "")
    return waiting


def promote(standby: str, former: str) -> None:
    """Make a standby the primary, which waits for nobody; the former one must be silent.

    Raises
    ------
    NotSafe
        The former one answers still: there would be two, and each would take writes.
    """
    try:
        with _speak(former) as own:
            (in_recovery,) = own.execute("SELECT pg_is_in_recovery()").fetchall()[0]
    except psycopg.OperationalError:
        in_recovery = True
    if not in_recovery:
        raise NotSafe(
            "the former primary answers: stop it, and see that it stays so, before another takes over"
        )
    with _speak(standby) as own:
        _wait_for(own, "")  # which it has from its primary: it would wait for itself
        (done,) = own.execute("SELECT pg_promote(true, %s)", [int(PATIENCE_S)]).fetchall()[0]
    if not done:
        raise NotSafe(f"the standby is not promoted after {PATIENCE_S:g} s")


def state(server: str) -> str:
    """Say whether a server is primary or standby, whom its commits wait for, and how many wait."""
    with _speak(server) as own:
        names, in_recovery, standbys, waiting = own.execute(STATE).fetchall()[0]
    if in_recovery:
        return "standby"
    return f"primary; waits for: {names or 'nobody'}; standbys: {standbys}; commits that wait: {waiting}"


def _speak(server: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        server, autocommit=True, connect_timeout=CONNECT_S, tcp_user_timeout=CONNECT_S * 1000
    )


def _wait_for(own: psycopg.Connection[Any], names: str) -> None:
    value = psycopg.sql.Literal(names)
    own.execute(psycopg.sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(value))
    own.execute("SELECT pg_reload_conf()")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="script/standby", description="Say to a primary and its standby what each is to do."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, says in {
        "state": "whom commits wait for, and how many wait",
        "together": "have commits wait for a standby, once it has all",
        "alone": "let commits wait for nobody: until together is said again, promoting loses some",
        "promote": "make a standby the primary; the former one must be silent",
    }.items():
        one = verbs.add_parser(verb, help=says, description=says)
        one.add_argument(
            "server", type=_bare, help="libpq URI, as a superuser: the primary's; of promote the standby's"
        )
        if verb == "together":
            one.add_argument("name", help="application_name of the standby")
        if verb == "promote":
            gone = "libpq URI of the primary that is gone"
            one.add_argument("--former", type=_bare, required=True, help=gone)
    given = parser.parse_args(arguments)
    try:
        print(_do(given))
    except (GeoplatformError, psycopg.Error) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def _bare(uri: str) -> str:
    """Return a libpq URI of the command line, which anybody on the machine may read: without a password."""
    try:
        has_password = "password" in conninfo_to_dict(uri)
    except psycopg.ProgrammingError:
        raise argparse.ArgumentTypeError("it is no libpq URI") from None
    if has_password:
        raise argparse.ArgumentTypeError("a password is no argument: put it into ~/.pgpass, or PGPASSWORD")
    return uri


def _do(given: argparse.Namespace) -> str:
    match given.verb:
        case "together":
            seconds = together(given.server, given.name)
            return f"commits wait for {given.name}, which had all after {seconds:.1f} s"
        case "alone":
            return f"commits wait for nobody; {alone(given.server)} waited"
        case "promote":
            promote(given.server, given.former)
            return "it is the primary, and waits for nobody"
    return state(given.server)


if __name__ == "__main__":
    sys.exit(main())
