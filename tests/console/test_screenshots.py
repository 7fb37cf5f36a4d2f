"""Every page that people read is photographed, or it is said here why not."""

from urllib.parse import urlsplit

from django.urls import resolve

from api.errors import FOR_PROGRAMS, SHAPES
from tests.console.screenshots import PAGES, Shot
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
