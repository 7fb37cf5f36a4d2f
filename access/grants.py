"""The roles of PostgreSQL that the platform runs as: they read and write rows, and own nothing.

So they cannot switch off a trigger, change a table, empty one, or touch the audit but to append and to read.
Whoever migrates owns the tables. From a role of their own that workers may have accounts are kept (ADR 0123).
"""

import re

import psycopg
from django.apps import apps
from django.db import connection
from psycopg import sql as compose

from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
SHORTEST = 12  # characters of a password
ARTS = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
# What it may be a member of: reading statistics, which docs/how-to/watch-it.md once had operators grant.
HARMLESS = "pg_read_all_stats"
ROWS = "SELECT, INSERT, UPDATE, DELETE"
# Histories: what a trigger refuses to do to any row, whatever the change, there is no right to either.
APPENDED = """
SELECT held.tgrelid::regclass::text, CASE WHEN held.tgattr = '' THEN 'UPDATE, DELETE' ELSE 'DELETE' END
FROM pg_trigger AS held
JOIN pg_proc AS refuses ON refuses.oid = held.tgfoid
WHERE held.tgname = 'append_only' AND held.tgtype & 8 > 0 AND held.tgqual IS NULL  -- 8: fires on DELETE
    AND refuses.proname IN ('access_refuse', 'reports_refuse_change')
ORDER BY 1
"""
MONTHS = (
    "layers_make_month(text, timestamptz), layers_detach(text, text, timestamptz),"
    " layers_sweep(text, timestamptz), layers_drop(text, bigint)"
)
# In order; the last ones take back what the first gave: the audit is appended.
GRANTS = (
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
    "GRANT USAGE ON SCHEMA public, analyst, detached TO {role}",
    f"GRANT {ROWS} ON ALL TABLES IN SCHEMA public TO {{role}}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA analyst, detached TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    # Months of traffic: what it may make and drop of another's tables, and how. Nobody else may, also where a
    # dump was restored without its rights: a function is everybody's until that is taken back.
    f"REVOKE EXECUTE ON FUNCTION {MONTHS} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {MONTHS} TO {{role}}",
    # Of what later releases make, as the same owner; a worker's is taken back below.
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {ROWS} ON TABLES TO {{role}}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA analyst, detached GRANT SELECT ON TABLES TO {role}",
    "REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON access_entry FROM {role}, PUBLIC",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)

# Who people of staff are and how they come in: all tables of these, and what accounts keep.
ACCOUNTS = ("auth", "staff", "sessions", "otp_static", "otp_totp")
OF_ACCOUNTS = ("access_apikey", "casework_savedfigure", "casework_savedview")
# What a worker asks of them all the same: which sessions are over, whether a key still holds. Of what later
# releases make it has nothing until this is said again, when it is known whether accounts keep it.
OF_WORKERS = (
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {role}",
    "GRANT SELECT (expire_date), DELETE ON django_session TO {role}",
    "GRANT SELECT (id, expires_at, revoked_at) ON access_apikey TO {role}",
)
# What PostgreSQL keeps in its log of a statement that fails: neither its text nor the row, which have what
# citizens wrote and what opens doors. Only a superuser may say so.
UNLOGGED = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}


def make(name: str, password: str | None, is_worker: bool = False) -> None:
    """Make the role, or give an existing one these rights and this password.

    None: a new one has none, and an existing one keeps its own. A worker's has nothing of accounts.

    Raises
    ------
    InvalidRequest
        A name or a password that cannot be used.
    Conflict
        The role exists and may do more than this one should.
    """
    if not NAME.fullmatch(name):
        raise InvalidRequest(f"role {name!r}: a lower-case name of letters, digits and _ is wanted")
    if password is not None and (len(password) < SHORTEST or not password.isprintable()):
        raise InvalidRequest(f"a password of at least {SHORTEST} printable characters is wanted")
    with sql.connect() as own, own.transaction():
        role = compose.Identifier(name)
        # What it may not do is looked at: who is no superuser may not say it of a role that is there.
        said = "ALTER ROLE {} WITH LOGIN" if _is_there(own, name) else f"CREATE ROLE {{}} WITH {ARTS}"
        own.execute(compose.SQL(said).format(role))
        if password is not None:
            verifier = _verifier(own, name, password)
            own.execute(compose.SQL("ALTER ROLE {} WITH PASSWORD {}").format(role, verifier))
        _quiet(own, role)
        _give(own, role)
        if is_worker:
            _keep_accounts_from(own, role)


def _quiet(own: psycopg.Connection, role: compose.Identifier) -> None:
    if own.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() != (True,):
        return
    for setting, value in UNLOGGED.items():
        quiet = compose.SQL("ALTER ROLE {} SET {} = {}")
        own.execute(quiet.format(role, compose.Identifier(setting), value))


def _give(own: psycopg.Connection, role: compose.Identifier) -> None:
    database = compose.Identifier(connection.settings_dict["NAME"])
    for grant in GRANTS:
        own.execute(compose.SQL(grant).format(role=role, database=database))
    for table, rights in own.execute(APPENDED).fetchall():
        revoke = compose.SQL("REVOKE {} ON {} FROM {}")
        own.execute(revoke.format(compose.SQL(rights), compose.Identifier(table), role))


def _keep_accounts_from(own: psycopg.Connection, role: compose.Identifier) -> None:
    tables = compose.SQL(", ").join(map(compose.Identifier, kept_from_workers()))
    own.execute(compose.SQL("REVOKE ALL ON {} FROM {}").format(tables, role))
    for grant in OF_WORKERS:
        own.execute(compose.SQL(grant).format(role=role))


def logged(name: str) -> list[str]:
    """Return what a superuser has to set, lest PostgreSQL's log has rows that statements of a role named."""
    with sql.connect() as own:
        (said,) = own.execute("SELECT rolconfig FROM pg_roles WHERE rolname = %s", [name]).fetchone() or (
            None,
        )
        found = own.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [[*UNLOGGED]])
        told: dict[str, str] = dict(found.fetchall())
    told |= dict(one.split("=", 1) for one in said or ())
    return [f"{setting} = {value}" for setting, value in UNLOGGED.items() if told[setting] != value]


def kept_from_workers() -> list[str]:
    """Return the tables that say who people of staff are, and how they come in."""
    models = (model for label in ACCOUNTS for model in apps.get_app_config(label).get_models(True))
    return sorted({*(model._meta.db_table for model in models), *OF_ACCOUNTS})


def drop(name: str) -> None:
    """Take the role and its rights away; Conflict where there is none, or it is another's."""
    if not NAME.fullmatch(name):
        raise InvalidRequest(f"role {name!r}: a lower-case name of letters, digits and _ is wanted")
    with sql.connect() as own, own.transaction():
        if not _is_there(own, name):
            raise Conflict(f"there is no role {name!r}")
        role = compose.Identifier(name)
        # Who is no superuser takes back the rights of roles alone that they are a member of.
        own.execute(compose.SQL("GRANT {} TO CURRENT_USER").format(role))
        own.execute(compose.SQL("DROP OWNED BY {}").format(role))
        own.execute(compose.SQL("DROP ROLE {}").format(role))


def _verifier(own: psycopg.Connection, name: str, password: str) -> str:
    """Return what the server keeps: the password itself is in no log."""
    return own.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()


def _is_there(own: psycopg.Connection, name: str) -> bool:
    """Say whether the role exists; one that owns something or may do more is somebody else's."""
    found = own.execute(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
        " OR rolname = current_user"
        " OR EXISTS (SELECT FROM pg_class WHERE relowner = role.oid AND relpersistence <> 't')"
        " OR EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid AND roleid::regrole::text <> %s)"
        " FROM pg_roles AS role WHERE rolname = %s",
        [HARMLESS, name],
    ).fetchone()
    if found and found[0]:
        raise Conflict(f"role {name!r} exists and may do more than this: choose another name")
    return found is not None
