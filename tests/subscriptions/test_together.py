"""Requests of one key side by side, by connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, connections
from django.utils import timezone

from access import keys
from geoplatform import sql
from geoplatform.errors import Conflict
from subscriptions import subscribers
from subscriptions.choice import Choice
from subscriptions.models import Subscription

URL = "https://example.org/hook"
WAITS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%%access_apikey%%'"""


def test_two_at_a_time_do_not_pass_the_bound_together(transactional_db, monkeypatch):
    monkeypatch.setattr(subscribers, "MOST", 1)
    key, _ = keys.create("Contoh", ["write"])

    def create():
        try:
            return subscribers.create(key.id, URL, Choice(), timezone.now())
        except Conflict as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, sql.connect() as other:
        with other.transaction():
            other.execute("SELECT FROM access_apikey WHERE id = %s FOR UPDATE", [key.id])
            second = pool.submit(create)
            look = Event()
            while not second.done() and not _waits():
                look.wait(0.01)
            other.execute(
                "INSERT INTO subscriptions_subscription (key_id, url, places, categories, salt, state,"
                " created_at, error, seen_revision, seen_id)"
                " VALUES (%s, %s, '{}', '{}', '', 'unverified', now(), '', 0, 0)",
                [key.id, URL],
            )
        with pytest.raises(Conflict):
            raise second.result(120)
    assert Subscription.objects.count() == 1


def _waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return bool(cursor.fetchone()[0])
