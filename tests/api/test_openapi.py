"""The OpenAPI document: valid, whole, and true of what is answered."""

import json
import re

import pytest
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from openapi_spec_validator import OpenAPIV30SpecValidator

from api import openapi
from api.collections import catalogue
from api.openapi import BadFragment

# Addresses that are for people or for probes of the machine, and not part of the API.
PAGES = {"/", "/static/{path}", "/api/"}
FOR_PEOPLE = ("/staff/", "/report-a-problem", "/follow")


@pytest.fixture
def document(db, client):
    return json.loads(client.get("/api/openapi.json").content)


def routes(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif not isinstance(pattern.pattern, RegexPattern):  # of which tests/api/test_fragments.py knows
            yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def test_it_is_valid(document):
    OpenAPIV30SpecValidator(document).validate()


def test_every_address_of_the_platform_is_in_it(document):
    known = set(document["paths"])
    for name in catalogue():
        for path in (f"/api/collections/{name}/items", f"/api/collections/{name}/items/{{id}}"):
            assert path in known
    known |= {"/api/collections/{collection}/items", "/api/collections/{collection}/items/{id}"}
    tile = "/tiles/{layer}/{z}/{x}/{y}."
    known |= {f"{tile}{{form}}"} if {f"{tile}mvt", f"{tile}geojson"} <= known else set()
    asked = {path for path in routes(get_resolver().url_patterns) if not path.startswith(FOR_PEOPLE)}
    assert asked - known - PAGES == set()


def test_every_operation_has_a_name_of_its_own(document):
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))


def test_its_parts_are_told_in_the_order_of_who_asks_first_and_those_of_staff_come_last(document):
    told = [one["name"] for one in document["tags"]]
    used = {tag for path in document["paths"].values() for one in path.values() for tag in one["tags"]}
    assert sorted(told) == sorted(used) and all(one["description"] for one in document["tags"])
    assert told[0] == "Reports" and told[-4:] == ["Casework", "Feeds", "Staff", "Administration"]


def test_a_collection_takes_each_of_its_properties_as_a_parameter(document):
    for name, collection in catalogue().items():
        taken = document["paths"][f"/api/collections/{name}/items"]["get"]["parameters"]
        assert set(collection.columns) <= {one.get("name") for one in taken}


def test_the_server_is_the_one_that_was_asked(document):
    assert document["servers"] == [{"url": "http://testserver"}]


def test_two_fragments_that_say_different_things_are_refused():
    with pytest.raises(BadFragment, match=r"b\.yaml: x is said by another fragment"):
        openapi._merge({"x": 1}, {"x": 2}, "b.yaml")


def test_the_page_to_try_it_loads_nothing_from_other_sites(db, client):
    page = client.get("/api/docs")
    text = page.content.decode()
    assert re.findall(r'(?:src|href)="(?!/)', text) == []
    assert "<script>" not in text and "script-src 'self';" in page["Content-Security-Policy"]
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
        file = client.get(address)
        file.close()
        assert file.status_code == 200, address
