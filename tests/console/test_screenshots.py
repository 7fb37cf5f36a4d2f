"""Every page that people read is photographed, or it is said here why not."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from api import status
from api.errors import FOR_PROGRAMS, SHAPES
from fixtures import year_load
from fixtures.year import Spec
from tests.console.screenshots import PAGES, Shot, heard_until
from tests.geoplatform.test_doors import routes

NO_PAGES = {
    "health": "a word for balancers",
    "ready": "a word for balancers",
    "metrics": "numbers for Prometheus",
    "api": "of the API, which leads people to its documents",
    "report-a-problem": "leads on to report-a-problem/",
    "report-a-problem/worker.js": "a script",
    "report-a-problem/manifest.webmanifest": "a document for browsers",
    "staff/logout": "takes a post, and leads on",
    "staff/oidc/begin": "leads to the city's own login",
    "staff/oidc/callback": "the city's own login leads here, and on",
    "staff/feeds/<str:name>/payloads": "a piece of the page of a feed",
    "staff/admin/errands": "a piece of the page of editions",
}
OF_ERRORS = {"error", "fault", "fault-desk"}  # whose addresses lead nowhere


def shown_by(shot: Shot) -> str:
    """Return the route of the page that a picture is of."""
    if shot.leads_to:
        return shot.leads_to
    assert isinstance(shot.address, str), f"{shot.name}: an address that is made says where it leads"
    return resolve(urlsplit(shot.address).path).route


def test_every_page_is_photographed_or_it_is_said_why_not():
    of_people = {route for route in routes() if not f"/{route}".startswith((*FOR_PROGRAMS, *SHAPES, "/^"))}
    photographed = {shown_by(shot) for shot in PAGES if shot.name not in OF_ERRORS}
    assert of_people - photographed == set(NO_PAGES)
    assert len({shot.name for shot in PAGES}) == len(PAGES)


@pytest.mark.django_db
def test_no_feed_was_heard_after_the_picture_is_taken(city):
    spec = Spec(first=date(2026, 5, 1), days=5, count=40)
    known = year_load.load(spec)
    noon = year_load.as_of(spec) - timedelta(hours=12)  # of the last day
    heard_until(noon)
    fared = {one.name: one for one in status.read(noon).feeds}
    assert {one.last_success_at for one in fared.values()} == {noon, known.dead_since}
    assert [one.name for one in fared.values() if one.disturbed] == [known.dead_feed]
