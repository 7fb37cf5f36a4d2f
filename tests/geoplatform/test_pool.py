"""The pool of the web server's connections outlives PostgreSQL."""

from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from geoplatform import settings


def test_a_pool_hands_out_no_connection_whose_other_end_died(transactional_db, monkeypatch):
    monkeypatch.setenv("GEOPLATFORM_DATABASE_POOL", "1")
    said = settings._database({})
    options = {**connection.settings_dict["OPTIONS"], "pool": said["OPTIONS"]["pool"]}
    pooled = DatabaseWrapper({**connection.settings_dict, **said, "NAME": connection.settings_dict["NAME"],
                              "OPTIONS": options}, "default")  # fmt: skip
    try:
        with pooled.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        pooled.close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 30000)", [pid])
            assert cursor.fetchone() == (True,)
        with pooled.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
    finally:
        pooled.close()
        pooled.close_pool()
