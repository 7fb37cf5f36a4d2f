"""The addresses of Maps Engine v1; a slash may stand behind each."""

from collections.abc import Callable, Collection, Mapping
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api import params
from api.collections import find
from api.mapsengine import assets, features
from api.mapsengine.asked import numbers, page, parameters, version
from api.public import View, answer, document, public
from geoplatform.errors import InvalidRequest, NotFound

JSON = "application/json; charset=UTF-8"
MOST_ASSETS = 100
UNRECORDED = {"createdAfter", "createdBefore", "creatorEmail"}
PUBLISHED = {"maxResults", "pageToken", "projectId"}
LIST = {*PUBLISHED, "bbox", "modifiedAfter", "modifiedBefore", "version"}

Things = list[dict[str, Any]]


def listed(member: str, things: Callable[[], Things], names: Collection[str] = LIST | UNRECORDED) -> View:
    """Return the view of a list of tables, layers or maps, which takes parameters of these names."""

    @public
    def view(request: HttpRequest) -> HttpResponse:
        asked = parameters(request, names)
        version(asked)
        shown, following = page(_chosen(things(), asked), asked, MOST_ASSETS)
        return document(request, {member: shown, **({"nextPageToken": following} if following else {})}, JSON)

    return view


def one(thing: Callable[[str], dict[str, Any]]) -> View:
    """Return the view of one table, layer or map."""

    @public
    def view(request: HttpRequest, id: str) -> HttpResponse:
        version(parameters(request, {"version"}))
        return document(request, thing(id), JSON)

    return view


@public
def all_features(request: HttpRequest, id: str) -> HttpResponse:
    """``tables/{id}/features``: features of a table, page by page."""
    asked = parameters(request, features.NAMES)
    version(asked)
    body = features.several(features.question(_table(id), asked), numbers(asked, 2)).encode()
    return answer(request, sha256(body).hexdigest()[:16], JSON, lambda: body)


@public
def one_feature(request: HttpRequest, id: str, key: str) -> HttpResponse:
    """``tables/{id}/features/{key}``: one feature."""
    asked = parameters(request, {"select", "version"})
    version(asked)
    collection = _table(id)
    body = features.single(collection, key, features.items(collection, asked)).encode()
    return answer(request, sha256(body).hexdigest()[:16], JSON, lambda: body)


def _table(id: str) -> Any:
    assets.table(id)
    return find(id)


def _chosen(things: Things, asked: Mapping[str, str]) -> Things:
    """Leave out what is of another project, lies elsewhere, or changed at another time."""
    for name in UNRECORDED & set(asked):
        raise InvalidRequest(f"{name} {asked[name]!r}: who made what when is not recorded here")
    if asked.get("projectId", assets.PROJECT) != assets.PROJECT or not _is_here(asked):
        return []
    for name, is_wanted in (("modifiedAfter", str.__ge__), ("modifiedBefore", str.__le__)):
        if name in asked:
            at = assets.rfc3339(params.instant(name, asked[name]))
            things = [one for one in things if is_wanted(one.get("lastModifiedTime", ""), at)]
    return things


def _is_here(asked: Mapping[str, str]) -> bool:
    """Say whether a ``bbox`` has anything of the city, in which everything lies."""
    if "bbox" not in asked:
        return True
    west, south, east, north = settings.CITY_BOUNDS
    boxes, _ = params.boxes(asked["bbox"])
    return any(
        box.west <= east and box.east >= west and box.south <= north and box.north >= south for box in boxes
    )


@public
def nothing(request: HttpRequest) -> HttpResponse:
    """Answer a GET where there only was something to write."""
    raise NotFound(f"there is nothing at {request.path}")
