"""A database of a benchmark's own: made empty, with boundaries and officials; dropped afterwards."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import django
import psycopg
from psycopg import sql

from fixtures import bare_city

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
        bare_city.build()
        yield os.environ["DATABASE_URL"]
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
            )
