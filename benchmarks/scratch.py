"""A database of a benchmark's own: made empty, with boundaries and officials; dropped afterwards."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import django
import psycopg
from psycopg import sql

NAME = "geoplatform_bench"


@contextmanager
def database() -> Iterator[str]:
    """Set Django up on an empty database beside that of ``DATABASE_URL``; yields its address."""
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    try:
        # The path of a URL is the name of the database.
        os.environ["DATABASE_URL"] = re.sub(r"(?<=//)([^/?]*)/[^?]*", rf"\1/{NAME}", server)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
        os.environ.setdefault("GEOPLATFORM_SECRET_KEY", "benchmark")
        django.setup()
        furnish()
        yield os.environ["DATABASE_URL"]
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
            )


def furnish() -> None:
    """Make the tables, and load categories, boundaries and officials."""
    from django.conf import settings
    from django.core.management import call_command

    from reports import categories

    quiet = {"stdout": open(os.devnull, "w")}  # noqa: SIM115, PTH123
    call_command("migrate", verbosity=0)
    categories.load()
    call_command("load_boundaries", "schematic", activate=True, **quiet)
    call_command("load_officials", f"{settings.ROOT}/fixtures/officials.csv", **quiet)
