"""The address of the database: how it is read, and in one line what is wrong with it.

``python -m geoplatform.address`` tries it, before something starts that would say it in a hundred lines.
"""

import os
import re
import sys
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from geoplatform.errors import BadSettings

DEFAULT = "postgresql:///geoplatform"
# A connection whose other end is gone says so in 9 seconds: TCP gives up after a quarter of an hour.
FAITHFUL = {
    "keepalives_idle": 3, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 8_000,
    "connect_timeout": 10,
}  # fmt: skip
PATIENCE_S = 10


def read() -> dict[str, Any]:
    """Return the parts of ``DATABASE_URL`` as libpq names them, or raise BadSettings."""
    return parts("DATABASE_URL", os.environ.get("DATABASE_URL") or DEFAULT)


def parts(name: str, uri: str) -> dict[str, Any]:
    """Return the parts of the address that a setting holds, or raise BadSettings."""
    try:
        return dict(conninfo_to_dict(uri))
    except psycopg.ProgrammingError as error:
        # What libpq quotes may hold the password.
        reason = re.sub(r'"[^"]*"', lambda quoted: quoted[0] if quoted[0] == '"="' else '"..."', str(error))
        raise BadSettings(f"{name} is no libpq URI, such as {DEFAULT}: {reason.strip()}") from None


def wrong(database: str | None = None) -> str:
    """Say in one line why there is no database at the address; empty where there is one.

    Parameters
    ----------
    database
        Ask the same server for this database instead.
    """
    try:
        asked = read()
        asked.setdefault("connect_timeout", PATIENCE_S)
        if database:
            asked["dbname"] = database
        psycopg.connect(**asked).close()
    except BadSettings as error:
        return str(error)
    except psycopg.Error as error:
        unset = "" if os.environ.get("DATABASE_URL") else f" (not set: {DEFAULT})"
        return f"DATABASE_URL{unset}: {str(error).splitlines()[0]}"
    return ""


if __name__ == "__main__":
    # The tests make a database of their own: a server that lets us in is enough.
    if (found := wrong()) and wrong("postgres"):
        sys.exit(found)
