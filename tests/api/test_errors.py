"""Errors as they leave the platform; two addresses of this file's own fail on purpose."""

import logging

import pytest
from django.http import Http404
from django.urls import path

import geoplatform.urls
from api.errors import STATUS, TITLES
from geoplatform import errors

SECRET = "password of the database is hunter2"


def unforeseen(request):
    raise RuntimeError(SECRET)


def foreseen(request, name):
    raise getattr(errors, name)(SECRET)


def gone(request):
    raise Http404(SECRET)


handler404 = geoplatform.urls.handler404
urlpatterns = [
    path("api/unforeseen", unforeseen),
    path("api/foreseen/<str:name>", foreseen),
    path("api/gone", gone),
    *geoplatform.urls.urlpatterns,
]
pytestmark = pytest.mark.urls(__name__)


def test_an_unforeseen_error_is_500_with_a_plain_sentence(client):
    response = client.get("/api/unforeseen")
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json() == {
        "type": "about:blank",
        "title": "Internal error",
        "status": 500,
        "detail": "something went wrong on our side; it has been logged",
        "request": response["X-Request-Id"],
    }


def test_the_text_of_an_unforeseen_error_goes_to_the_log_alone(client, caplog):
    with caplog.at_level(logging.ERROR, "api.errors"):
        response = client.get("/api/unforeseen")
    for text in (response.content.decode(), str(response.headers)):
        assert not any(word in text for word in ("hunter2", "RuntimeError", "Traceback", "test_errors"))
    assert SECRET in caplog.text
    assert "/api/unforeseen" in caplog.text


def test_pages_of_other_sites_may_read_an_unforeseen_error(client):
    assert client.get("/api/unforeseen")["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("name", "status"), [("InvalidRequest", 400), ("NotFound", 404), ("Conflict", 409), ("Unavailable", 503)]
)
def test_an_error_that_a_caller_can_mend_says_what_it_is(client, name, status):
    response = client.get(f"/api/foreseen/{name}")
    assert response.status_code == status
    assert response.json()["detail"] == SECRET
    assert (response.json()["status"], response.json()["title"]) == (status, TITLES[status])
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["BadBoundaries", "BadOfficials", "FeedChanged", "FeedUnavailable", "Rejected"]
)
def test_an_error_that_is_for_operators_alone_is_500_without_its_text(client, name):
    response = client.get(f"/api/foreseen/{name}")
    assert response.status_code == 500
    assert "hunter2" not in response.content.decode()


def test_every_status_of_the_table_has_a_title():
    assert set(STATUS.values()) <= set(TITLES)


@pytest.mark.parametrize("address", ["/api/gone", "/api/nowhere", "/nowhere", "/tiles/reports/1/2.mvt"])
def test_what_is_not_there_is_404_and_names_the_address(client, address):
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json() == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": f"there is nothing at {address}",
    }


@pytest.mark.parametrize(
    "address", ["/nowhere", "/mapit/nowhere", "/open311/v2/nowhere", "/mapsengine/nowhere", "/health"]
)
def test_no_cache_keeps_an_error_of_any_door(client, address):
    response = client.post("/health") if address == "/health" else client.get(address)
    assert response.status_code in (404, 405)
    assert response["Cache-Control"] == "no-store"


def test_a_refused_method_has_a_body_like_every_other_error(client):
    response = client.post("/health")
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert response.json()["detail"] == "POST is not one of GET, HEAD, OPTIONS"
