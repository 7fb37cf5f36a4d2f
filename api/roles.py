"""The role of PostgreSQL for analysts: it may read the views of the schema ``analyst``, and nothing else.

A view reads its tables as its owner, so the role needs no right to any table. What every role may do by
default (make temporary tables, and functions in them) is taken away, for with a function of one's own one
can look at rows that a view leaves out.
"""

import re

import psycopg
from django.db import connection
from psycopg import sql as compose

from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
SHORTEST = 12  # characters of a password
ARTS = (
    "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
    " CONNECTION LIMIT {} PASSWORD {}"
)
# Those whom the role lets ask for as long as they want: a transaction that is left open keeps old rows.
SETTINGS = (
    ("default_transaction_read_only", "on"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("search_path", "analyst, public"),
    ("work_mem", "16MB"),
    ("max_parallel_workers_per_gather", "0"),
)


def make(name: str, password: str, timeout_s: int, connections: int) -> None:
    """Make a role, or give an existing one these rights, this password and these limits.

    The password goes to the server as what a SCRAM verifier needs, never as it is: it is in no log.

    Raises
    ------
    InvalidRequest
        A name, password or limit that cannot be used.
    Conflict
        The role exists and may do more than this one should.
    """
    _check(name, password, timeout_s, connections)
    with sql.connect() as own, own.transaction():
        is_there = _is_there(own, name)
        role, database = compose.Identifier(name), compose.Identifier(connection.settings_dict["NAME"])
        verifier = own.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        arts = compose.SQL(ARTS).format(connections, verifier)
        verb = compose.SQL("ALTER ROLE" if is_there else "CREATE ROLE")
        own.execute(compose.SQL("{} {} WITH {}").format(verb, role, arts))
        for key, value in (*SETTINGS, ("statement_timeout", f"{timeout_s}s")):
            own.execute(
                compose.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                    role, database, compose.SQL(key), compose.SQL(value) if key == "search_path" else value
                )
            )
        # Who calls this reads feeds by way of temporary tables, and need not own the database.
        own.execute(compose.SQL("GRANT TEMPORARY ON DATABASE {} TO CURRENT_USER").format(database))
        own.execute(compose.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
        own.execute(compose.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role))
        own.execute(compose.SQL("GRANT USAGE ON SCHEMA analyst TO {}").format(role))
        own.execute(compose.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA analyst TO {}").format(role))
        # Views of later releases, made by who migrates: the same role as who calls this.
        own.execute(
            compose.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA analyst GRANT SELECT ON TABLES TO {}").format(
                role
            )
        )


def drop(name: str) -> None:
    """Take a role and its rights away.

    Raises
    ------
    InvalidRequest
        The name is none.
    Conflict
        There is no such role, or it is one that this module did not make.
    """
    if not NAME.fullmatch(name):
        raise InvalidRequest(f"role {name!r}: a lower-case name of letters, digits and _ is wanted")
    with sql.connect() as own, own.transaction():
        if not _is_there(own, name):
            raise Conflict(f"there is no role {name!r}")
        role = compose.Identifier(name)
        own.execute(compose.SQL("DROP OWNED BY {}").format(role))
        own.execute(compose.SQL("DROP ROLE {}").format(role))


def _check(name: str, password: str, timeout_s: int, connections: int) -> None:
    if not NAME.fullmatch(name):
        raise InvalidRequest(f"role {name!r}: a lower-case name of letters, digits and _ is wanted")
    if len(password) < SHORTEST or not password.isprintable():
        raise InvalidRequest(f"a password of at least {SHORTEST} printable characters is wanted")
    if timeout_s < 1 or connections < 1:
        raise InvalidRequest(f"timeout {timeout_s}, connections {connections}: at least 1 is wanted")


def _is_there(own: psycopg.Connection, name: str) -> bool:
    """Say whether the role exists; one that owns something or may do more is somebody else's."""
    found = own.execute(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
        " OR rolname = current_user"
        " OR EXISTS (SELECT FROM pg_class WHERE relowner = role.oid)"
        " OR EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid)"
        " FROM pg_roles AS role WHERE rolname = %s",
        [name],
    ).fetchone()
    if found and found[0]:
        raise Conflict(f"role {name!r} exists and may do more than read: choose another name")
    return found is not None
