"""Every address is some door's: who may come in there stands here, and is tried. None can be forgotten."""

import re

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from access import keys
from api import openapi
from casework.models import Case, Change
from ingest.models import Payload
from tests.api.casework.conftest import HERE, THERE, case, login, office
from tests.api.casework.test_roles_and_doors import NAMED, TABLE, VIEW, WHO
from tests.api.test_fragments import DOORS, filled, fragment

__all__ = ["case", "login", "office"]
BOARD = {"triage", "supervisor", "governor", "auditor"}
ADMIN = {"administrator"}
ALL = set(WHO) - {"official"}
# Pages of the console, and whom each lets in.
PAGES = {
    "staff/": VIEW,
    "staff/cases/<int:id>": VIEW,
    "staff/feeds": ALL,
    "staff/feeds/<str:name>": ALL,
    "staff/feeds/<str:name>/payloads": ALL,
    "staff/board": BOARD,
    "staff/board/map": BOARD,
    "staff/board/chart": BOARD,
    "staff/board/calendar": BOARD,
    "staff/board/due/<str:on>": BOARD,
    "staff/board/cells/<str:cell>": BOARD,
    "staff/board/brief": BOARD,
    "staff/officials/<str:code>": VIEW,
    "staff/office": {"official"},
    "staff/analysis": BOARD,
    "staff/account": VIEW,
    "staff/admin/": ADMIN | {"auditor"},
    "staff/admin/editions": ADMIN,
    "staff/admin/editions/<int:id>": ADMIN,
    "staff/admin/errands": ADMIN,
    "staff/admin/officials/": ADMIN,
    "staff/admin/officials/<str:code>": ADMIN,
    "staff/admin/rules": ADMIN,
    "staff/admin/deadlines": ADMIN,
    "staff/admin/ladders": ADMIN,
    "staff/admin/categories": ADMIN,
    "staff/admin/templates": ADMIN,
    "staff/admin/users": ADMIN,
    "staff/admin/keys": ADMIN,
    "staff/admin/audit": ADMIN | {"auditor"},
}
# What anybody may ask for to become somebody; tests/console/test_login.py and test_city_login.py are theirs.
ENTRANCE = {
    "staff/login", "staff/logout", "staff/second", "staff/second/enrol", "staff/second/codes",
    "staff/password",
    "staff/oidc/begin", "staff/oidc/callback",
}  # fmt: skip
# Addresses of staff that are no door() of their own; who may is tested beside what they tell.
OWN = {
    "api/staff/me": VIEW,
    "api/staff/reports/<int:id>/personal": {"official", "triage", "supervisor", "auditor"},
    "api/staff/reports/<int:id>/personal/export": {"supervisor"},
}
# Opened by a key of the platform, by the signature of a feed, by what was signed and sent to one person.
KEYS = {
    "api/subscriptions", "api/subscriptions/<int:id>", "api/subscriptions/<int:id>/verify",
    "api/subscriptions/<int:id>/deliveries", "api/subscriptions/<int:id>/deliveries/<int:delivery>/retry",
}  # fmt: skip
SIGNED = {"push/<str:feed>"}
# This machine's, and the addresses that the operator names.
MACHINES = {"metrics"}
LINKS = {
    "notices/<str:token>", "answers/<str:token>", "follow/confirm/<str:token>", "follow/stop/<str:token>",
    "api/receipts/<str:token>", "report-a-problem/received/<str:token>",
}  # fmt: skip
# The public's: read by anybody. Of these the second lot takes what anybody sends, too.
OPEN = {
    "health", "ready", "tiles", "tiles/<str:layer>.json", "tiles/<str:layer>/leaflet.html",
    "tiles/<str:layer>/style.json", "tiles/<str:layer>/<str:z>/<str:x>/<str:y>.<form:form>", "api/feeds",
    "api/map", "api/boundaries", "api/reports/<int:id>", "api/reports/<int:id>/story", "api/answers",
    ".well-known/security.txt", "api/events", "feeds/reports.atom",
    "api/collections/<str:collection>/export.<export:extension>",
    "api/collections/<str:collection>/dictionary",
    "api/exports", "api/exports/<str:day>/<str:name>", "api/changes", "api/counts", "api/heat", "api/nearest",
    "api/places", "api/series", "api/openapi.json", "api/docs", "api", "api/", "api/conformance",
    "api/collections", "api/collections/<str:collection>", "api/collections/<str:collection>/queryables",
    "api/collections/<str:collection>/items", "api/collections/<str:collection>/items/<str:id>",
    "api/tileMatrixSets", "api/tileMatrixSets/<str:matrix>",
    "api/collections/<str:collection>/tiles",
    "api/collections/<str:collection>/tiles/<str:matrix>",
    "api/collections/<str:collection>/tiles/<str:matrix>/<str:z>/<str:row>/<str:column>",
    "", "reports", "reports/<int:id>", "answers", "status", "embed", "embed/map", "embed/preview.png",
    "api/oembed",
    "report-a-problem", "report-a-problem/worker.js", "report-a-problem/manifest.webmanifest",
}  # fmt: skip
SENT = {"api/reports", "api/disputes", "api/follows", "api/locate", "report-a-problem/", "follow"}
# In the shapes of others: regular expressions, which tests/api/test_fragments.py holds against the document.
SHAPES = ("mapit/", "mapsengine/v1/", "open311/", "^open311/")
FILLED = {**NAMED, "cell": "all:all:due", "code": "lurah-31.71.01.1001", "on": "2026-05-14"}
SHOWN = {
    "layer": "reports", "z": 0, "x": 0, "y": 0, "form": "mvt", "collection": "kelurahan", "extension": "csv",
    "day": "latest", "name": "x", "matrix": "WebMercatorQuad", "row": 0, "column": 0,
}  # fmt: skip


def routes() -> list[str]:
    """Return every address that there is."""

    def leaves(patterns, prefix=""):
        for one in patterns:
            route = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from leaves(one.url_patterns, route)
            else:
                yield route

    # Files of static/ have a pattern where they are served as they lie, for development and tests.
    return [route for route in leaves(get_resolver().url_patterns) if not route.startswith("^static/")]


def fill(route: str, **parts: object) -> str:
    said = {**FILLED, "id": 1, "delivery": 1, "token": "x", "feed": "qlue", **parts}
    return "/" + re.sub(r"<\w+:(\w+)>", lambda name: str(said[name[1]]), route)


def test_every_address_is_the_door_of_somebody_and_of_one_alone():
    table = {route for _, route in TABLE}
    lots = [set(PAGES), ENTRANCE, set(OWN), KEYS, SIGNED, MACHINES, LINKS, OPEN, SENT, table]
    found = {route for route in routes() if not route.startswith(SHAPES)}
    assert found == set().union(*lots), "a new address belongs into one of the lots above, with who may"
    assert sum(map(len, lots)) == len(found)


def test_every_address_below_the_doors_of_staff_is_a_door_of_staff():
    below = {route for route in routes() if route.startswith(("staff/", "api/staff/"))}
    assert below == set(PAGES) | ENTRANCE | set(OWN) | {route for _, route in TABLE}


def test_the_openapi_document_says_of_every_operation_of_staff_who_may(db):
    told = {
        (method.upper(), path[1:])
        for path, operations in openapi.whole()["paths"].items()
        for method in openapi.METHODS
        if method in operations and path.startswith("/api/staff/")
    }
    table = {(method, re.sub(r"<\w+:(\w+)>", r"{\1}", route)) for method, route in TABLE}
    own = {("GET", re.sub(r"<\w+:(\w+)>", r"{\1}", route)) for route in OWN}
    assert told == table | own


@pytest.mark.parametrize("role", WHO)
def test_each_role_opens_the_pages_that_the_table_says(case, login, role):
    id, client = case(), login(role, HERE if role == "official" else None)
    for route, roles in PAGES.items():
        answer = client.get(fill(route, id=id))
        assert (answer.status_code == 403) is (role not in roles), (route, answer.status_code)
        assert answer.status_code < 500
    for route, roles in OWN.items():
        answer = client.get(fill(route, id=id))
        assert (answer.status_code == 403) is (role not in roles), (route, answer.status_code)


def test_an_official_opens_no_page_of_a_case_of_another_office(case, login):
    id, client = case(), login("official", THERE)
    for route in (*PAGES, *OWN):
        if "<int:id>" in route:
            answer = client.get(fill(route, id=id))
            assert answer.status_code in (403, 404), route
            assert "0812" not in answer.text


def test_nobody_opens_a_page_without_having_come_in(client, city):
    for route in PAGES:
        answer = client.get(fill(route))
        assert answer.status_code == 302 and answer["Location"].startswith("/staff/login?next="), route
    for route in OWN:
        assert client.get(fill(route)).status_code == 401, route


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_nothing_of_a_key_is_had_without_one_nor_by_a_session(login, method):
    for client in (Client(), login("administrator")):
        for route in KEYS:
            answer = getattr(client, method)(fill(route), content_type="application/json")
            assert answer.status_code in (401, 405), (route, answer.status_code)


def test_a_push_without_a_signature_is_refused(client, city):
    for route in SIGNED:
        assert client.post(fill(route), {}, content_type="application/json").status_code in (401, 404)


@pytest.mark.parametrize("token", ["x", "1:2:3", "..%2f..", "0" * 500])
def test_a_link_that_was_never_signed_opens_nothing_and_changes_nothing(case, client, token):
    case()
    before = (Case.objects.values_list("pk", "state_id").first(), Change.objects.count())
    for route in LINKS:
        for answer in (client.get(fill(route, token=token)), client.post(fill(route, token=token))):
            assert answer.status_code in (400, 403, 404, 405), (route, answer.status_code)
    assert (Case.objects.values_list("pk", "state_id").first(), Change.objects.count()) == before


def test_what_the_public_reads_takes_nothing_from_anybody(client, city):
    for route in OPEN:
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(fill(route, **SHOWN), content_type="application/json")
            assert answer.status_code in (301, 302, 400, 404, 405, 415), (method, route)


def shaped(method: str, path: str, has_key: bool) -> set[int]:
    """Return how an address in the shape of others answers: to whom it does not ask, but for a key."""
    if method == "get":
        return {200, 302, 400, 404}
    if path.startswith("/mapsengine/"):
        return {403 if has_key else 401}  # it takes nothing, and says so as Google's did
    if method == "post" and path.startswith("/mapit/"):
        return {302, 400}  # reads whose parameters are a body
    return {400} if (method, path[:22]) == ("post", "/open311/v2/requests.{") else {405}


@pytest.mark.parametrize("who", ["nobody", "a key to write", "a key to ask more", "an administrator"])
def test_in_the_shapes_of_others_anybody_reads_alike_and_nobody_writes(case, login, who):
    case()
    client = login("administrator") if who == "an administrator" else Client()
    if has_key := "key" in who:
        _, key = keys.create("x", ["write" if "write" in who else "limits"])
        client = Client(headers={"X-Api-Key": key})
    written = [f"/mapsengine/v1/tables/x/features/batch{verb}" for verb in ("Insert", "Patch", "Delete")]
    paths = [path for door in DOORS for path in fragment(door)["paths"]] + written
    assert len(paths) > 35
    for path in paths:
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(client, method)(filled(path))
            assert answer.status_code in shaped(method, path, has_key), (method, path, answer.status_code)
            assert "0812-3456" not in answer.text, path
    assert (Case.objects.count(), Payload.objects.count()) == (1, 0)
