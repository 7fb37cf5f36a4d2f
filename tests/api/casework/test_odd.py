"""Whatever who may do everything sends to the desk: it is refused in words, and never a fault of ours."""

import re

import pytest

from api import openapi
from api.casework.urls import urlpatterns
from casework.models import Change
from staff import accounts
from tests.conftest import NOON

ODD = (None, "", "\0", "x" * 5000, -1, 2**64, 1.5, True, [1], {"id": 1})
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


def resolved(document: dict, part: dict) -> dict:
    """Return what a part of the document is, or what it refers to."""
    for name in part.get("$ref", "#").split("/")[1:]:
        document = document[name]
    return document if "$ref" in part else part


def members(door: str) -> list[str]:
    """Return what the document says that a body has."""
    document = openapi.whole()
    bodies = document["paths"][door]["post"]["requestBody"]["content"]
    body = bodies.get("application/json", {}).get("schema", {})  # a picture is posted as it is
    return list(resolved(document, body).get("properties", {"none": {}}))


def parameters(door: str) -> list[str]:
    """Return what the document says that may be asked for, and what it does not know."""
    document = openapi.whole()
    path = document["paths"][door]
    known = [
        resolved(document, one) for one in (*path.get("parameters", ()), *path["get"].get("parameters", ()))
    ]
    return [one["name"] for one in known if one["in"] == "query"] + ["none"]


@pytest.mark.parametrize("door", doors("POST"))
def test_no_body_is_a_fault_of_ours(case, anybody, door):
    address, names = at(door, case()), members(door)
    for name in names:
        for odd in ODD:
            body = dict.fromkeys(names, "x") | {name: odd}
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
    for name in parameters(door):
        for text in TEXTS:
            assert anybody.get(address, {name: text}).status_code < 500, (name, text)
