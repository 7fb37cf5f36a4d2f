from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from boundaries.models import Edition


@pytest.fixture
def no_database(db, monkeypatch):
    """Ask from a thread whose connection to the database is refused."""
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "/nowhere")

    def get(path, **cookies):
        client = Client(raise_request_exception=False)
        client.cookies.load(cookies)
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: client.get(path)).result()

    return get


def test_a_process_that_serves_is_healthy(client):
    response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_health_asks_the_database_nothing(db, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/health")


def test_it_is_healthy_without_a_database(no_database):
    assert no_database("/health").status_code == 200


def test_it_is_ready_with_migrations_and_an_edition_in_force(city, client):
    response = client.get("/ready")
    assert (response.status_code, response.json()) == (200, {"ready": True, "lacking": []})


def test_it_is_not_ready_without_an_edition_in_force(city, client):
    Edition.objects.update(validity=None)
    response = client.get("/ready")
    assert (response.status_code, response.json()) == (503, {"ready": False, "lacking": ["boundaries"]})


def test_it_is_not_ready_while_a_migration_is_missing(city, client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reports'")
    response = client.get("/ready")
    assert (response.status_code, response.json()) == (503, {"ready": False, "lacking": ["migrations"]})


def test_it_is_not_ready_without_a_database(no_database):
    response = no_database("/ready")
    assert (response.status_code, response.json()) == (503, {"ready": False, "lacking": ["database"]})


@pytest.mark.parametrize("path", ["/tiles/reports/9/407/264.mvt", "/api/map", "/api/reports/1", "/tiles"])
def test_without_a_database_an_answer_is_503_in_plain_words(no_database, path):
    response = no_database(path)
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
    assert response.json()["detail"] == "the database does not answer"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_what_stands_before_the_views_answers_503_without_a_database_too(no_database):
    response = no_database("/api/staff/me", **{settings.SESSION_COOKIE_NAME: "a" * 32})
    assert (response.status_code, response.json()["detail"]) == (503, "the database does not answer")
