"""Errors as people meet them: a page in their language, in the frame of its part; programs read a problem."""

import re

import pytest
from django.urls import path

import geoplatform.urls
from console.words import words
from geoplatform import errors
from tests.api.casework.conftest import login, office

__all__ = ["login", "office"]
SECRET = "password of the database is hunter2"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def broken(request, name=""):
    raise getattr(errors, name, RuntimeError)(SECRET)


handler400 = geoplatform.urls.handler400
handler404 = geoplatform.urls.handler404
handler500 = geoplatform.urls.handler500
urlpatterns = [
    path("broken", broken),
    path("staff/broken", broken),
    path("broken/<str:name>", broken),
    path("api/broken/<str:name>", broken),
    *geoplatform.urls.urlpatterns,
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.filterwarnings("ignore:No directory at")]


def seen(client, address: str, accept: str = HTML):
    return client.get(address, headers={"Accept": accept})


def title(answer) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", answer.text)[1]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nowhere", 404),
        ("/staff/nowhere", 404),
        ("/broken/Forbidden", 403),
        ("/broken/TooMany", 429),
        ("/broken", 500),
        ("/staff/broken", 500),
        ("/broken/Unavailable", 503),
    ],
)
def test_an_error_is_a_page_in_the_language_of_its_address_and_needs_no_database(
    client, address, status, language
):
    answer = seen(client, f"{address}?lang={language}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert title(answer) == words(language, "trouble")[f"title_{status}"]
    assert f'<html lang="{language}"' in answer.text
    assert "no-store" in answer["Cache-Control"] and "default-src 'none'" in answer["Content-Security-Policy"]
    # A way on, and to the other language; no module that would have to come first.
    assert re.search(r'<a class="button[^"]*" href="/', answer.text) and 'hreflang="en"' in answer.text
    assert "<script src" not in answer.text and 'type="module"' not in answer.text


@pytest.mark.parametrize("address", ["/broken", "/staff/broken", "/broken/BadSettings"])
def test_no_page_of_our_own_fault_tells_its_text(client, address):
    answer = seen(client, address)
    assert answer.status_code == 500 and "hunter2" not in answer.text


def test_what_a_person_can_mend_stands_below(client):
    answer = seen(client, "/broken/InvalidRequest?lang=en")
    assert answer.status_code == 400 and "hunter2" in answer.text
    assert title(answer) == words("en", "trouble")["title_other"]


def test_who_came_too_often_reads_how_long_to_wait(client):
    answer = seen(client, "/broken/TooMany?lang=en")
    assert "Wait 60 seconds" in answer.text and answer["Retry-After"] == "60"


@pytest.mark.parametrize(
    "address",
    ["/api/nowhere", "/api/broken/TooMany", "/tiles/reports/1/2.mvt", "/feeds/nowhere", "/embed/nowhere"],
)
def test_doors_for_programs_say_it_as_before_to_a_browser(client, address):
    assert seen(client, address)["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/mapit/nowhere", "/open311/v2/nowhere", "/mapsengine/nowhere"])
def test_doors_of_other_communities_say_it_in_their_form_to_a_browser(client, address):
    assert "text/html" not in seen(client, address)["Content-Type"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_who_asks_for_no_page_gets_none(client, accept):
    assert seen(client, "/nowhere", accept)["Content-Type"] == "application/problem+json"


def test_a_link_that_nobody_has_sent_leads_to_a_page(client, db):
    for address in ("/notices/nobody", "/answers/nobody"):
        answer = seen(client, address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_request_for_another_host_is_refused_without_a_page(client):
    answer = client.get("/", headers={"Accept": HTML, "Host": "elsewhere.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_whoever_is_logged_in_keeps_the_menu(city, login):
    client = login("triage")
    answer = seen(client, "/staff/nowhere?lang=en")
    assert answer.status_code == 404 and title(answer) == words("en", "trouble")["title_404"]
    assert '<a href="/staff/account"' in answer.text
    # When the database does not answer, nobody asks it who that is.
    assert "/staff/account" not in seen(client, "/staff/broken").text
