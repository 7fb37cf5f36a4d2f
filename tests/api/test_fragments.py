"""What each door says of itself for the one OpenAPI document: whole by itself, and true of the addresses."""

import re

import pytest
import yaml
from django.conf import settings
from django.urls import Resolver404, URLResolver, get_resolver, resolve
from django.urls.resolvers import RegexPattern

from api.mapsengine.urls import WRITTEN

FOLDER = settings.ROOT / "api" / "openapi"
DOORS = ("mapit", "mapsengine", "open311")
EXAMPLES = {
    "code": "31.71.01",
    "form": "json",
    "how": "touches",
    "id": "3171",
    "ids": "3171,3172",
    "key": "1",
    "lat": "-6.1",
    "lon": "106.8",
    "service_code": "road",
    "service_request_id": "1",
    "token": "x",
    "what": "KEL",
}


def fragment(door: str) -> dict:
    return yaml.safe_load((FOLDER / f"{door}.yaml").read_text(encoding="utf-8"))


def references(node) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("door", DOORS)
def test_a_fragment_refers_to_nothing_but_its_own_components(door):
    made = fragment(door)
    assert set(made) == {"paths", "components"}
    own = {f"#/components/{kind}/{name}" for kind, parts in made["components"].items() for name in parts}
    assert references(made) == own


def test_no_two_operations_have_one_name():
    ids = [
        operation["operationId"]
        for door in DOORS
        for path in fragment(door)["paths"].values()
        for operation in path.values()
    ]
    assert len(set(ids)) == len(ids)


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: EXAMPLES[name[1]], path)


@pytest.mark.parametrize("door", DOORS)
def test_every_path_of_a_fragment_is_an_address(door):
    for path in fragment(door)["paths"]:
        try:
            resolve(filled(path))
        except Resolver404:
            pytest.fail(f"{path} leads nowhere")


def test_every_address_that_is_a_pattern_is_in_a_fragment():
    def leaves(patterns, prefix=""):
        for pattern in patterns:
            # As Django joins them: what begins inside another pattern has no beginning of its own.
            own = str(pattern.pattern)
            route = prefix + (own.removeprefix("^") if prefix else own)
            if isinstance(pattern, URLResolver):
                yield from leaves(pattern.url_patterns, route)
            elif isinstance(pattern.pattern, RegexPattern):
                yield route

    told = {resolve(filled(path)).route for door in DOORS for path in fragment(door)["paths"]}
    # Leaflet's and others' files are served by a pattern of Django's; what Google's clients write is refused.
    others = ("^static", f"mapsengine/v1/{WRITTEN}")
    assert {route for route in leaves(get_resolver().url_patterns) if not route.startswith(others)} == told
