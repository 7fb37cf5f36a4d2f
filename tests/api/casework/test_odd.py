"""Whatever who may do everything sends to the desk: it is refused in words, and never a fault of ours."""

import re

import pytest

from api import openapi
from api.casework.urls import urlpatterns
from casework.models import Change
from staff import accounts
from tests.conftest import NOON

ODD = (None, "", "\0", "x" * 5000, -1, 2**64, 1.5, True, [1], {"id": 1})
QUERIES = ("after", "limit", "worklist", "office", "q", "bbox", "period", "at", "f", "report", "lon", "by")
TEXTS = ("", "x", "\0", "-1", str(2**70), "99999999999999999-1-1", "nan", "%'")


@pytest.fixture
def anybody(settings, client):
    """Log in whoever may do everything."""
    settings.SECOND_FACTOR = "none"
    user = accounts.create("semua", ["supervisor", "official", "triage", "administrator"], None, NOON)
    client.force_login(user)
    return client


def doors(method: str) -> list[str]:
    """Return the addresses that take a method, as the OpenAPI document writes them."""
    return [
        "/api/staff/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(one.pattern))
        for one in urlpatterns
        if method in getattr(one.callback, "doors", ())
    ]


def at(door: str, id: int) -> str:
    return re.sub(r"\{\w+\}", str(id), door)


def members(door: str) -> list[str]:
    """Return what the document says that a body has."""
    bodies = openapi.whole()["paths"][door]["post"]["requestBody"]["content"]
    body = bodies.get("application/json", {}).get("schema", {})  # a picture is posted as it is
    if "$ref" in body:
        body = openapi.whole()["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    return list(body.get("properties", {"none": {}}))


@pytest.mark.parametrize("door", doors("POST"))
def test_no_body_is_a_fault_of_ours(case, anybody, door):
    address = at(door, case())
    for name in members(door):
        for odd in ODD:
            body = {other: "x" for other in members(door)} | {name: odd}
            answer = anybody.post(address, body, content_type="application/json")
            assert answer.status_code < 500, (body, answer.content)
    # Of them all one is in order: not mine, and the unit shall say whose.
    assert Change.objects.filter(by__startswith="user:").exists() is door.endswith("/pass-on")


@pytest.mark.parametrize("id", [0, 4711, 2**63, 2**70])
def test_no_number_is_a_fault_of_ours(city, anybody, id):
    for door in doors("POST"):
        answer = anybody.post(at(door, id), {"text": "x"}, content_type="application/json")
        assert answer.status_code < 500, door
    for door in doors("GET"):
        assert anybody.get(at(door, id)).status_code < 500, door


@pytest.mark.parametrize("door", [door for door in doors("GET") if "brief." not in door])
def test_no_query_is_a_fault_of_ours(case, anybody, door):
    address = at(door, case())
    for name in QUERIES:
        for text in TEXTS:
            assert anybody.get(address, {name: text}).status_code < 500, (name, text)
