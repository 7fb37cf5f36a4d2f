"""The addresses of OGC API - Features, each as JSON and as a page to be read."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render

from api import collections
from api.answer import Answer, Asked, wants_html
from api.features import answers
from api.ogc import documents
from api.ogc.conformance import CLASSES
from api.public import LIVE, document, public
from geoplatform.errors import InvalidRequest

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def base(request: HttpRequest) -> str:
    """Return scheme and host by which the platform was called."""
    return request.build_absolute_uri("/")[:-1]


def shown(
    request: HttpRequest, template: str, content: Mapping[str, Any], type: str = documents.JSON
) -> HttpResponse:
    """Answer with a document, as a page where the caller wants one."""
    form = request.GET.get("f")
    if form not in (None, "json", "html"):
        raise InvalidRequest(f"f {form!r} is neither json nor html")
    if wants_html(request.META.get("QUERY_STRING", ""), request.headers.get("Accept", "")):
        return page(request, template, content)
    answer = document(request, content, type, max_age_s=documents.MAX_AGE_S)
    answer["Vary"] = "Accept, Accept-Encoding"
    return answer


def page(request: HttpRequest, template: str, content: Mapping[str, Any]) -> HttpResponse:
    """Answer with a page that loads nothing but its own style."""
    query = request.GET.copy()
    query["f"] = "json"
    as_json = f"{request.path}?{query.urlencode(safe=',:/')}"
    answer = render(request, f"api/{template}.html", {"page": content, "as_json": as_json})
    answer["Content-Security-Policy"] = POLICY
    answer["Vary"] = "Accept, Accept-Encoding"
    answer["Cache-Control"] = LIVE
    return answer


@public
def landing(request: HttpRequest) -> HttpResponse:
    """``GET /api``: where everything is."""
    return shown(request, "landing", documents.landing(base(request)))


@public
def conformance(request: HttpRequest) -> HttpResponse:
    """``GET /api/conformance``: the classes of the standards that are passed."""
    return shown(request, "conformance", {"conformsTo": CLASSES})


@public
def all_collections(request: HttpRequest) -> HttpResponse:
    """``GET /api/collections``: every collection."""
    return shown(request, "collections", documents.collections(base(request)))


@public
def one_collection(request: HttpRequest, collection: str) -> HttpResponse:
    """``GET /api/collections/{collection}``: one of them."""
    found = collections.find(collection)
    return shown(request, "collection", documents.collection(base(request), found))


@public
def queryables(request: HttpRequest, collection: str) -> HttpResponse:
    """``GET /api/collections/{collection}/queryables``: what may be asked of its features."""
    content = documents.queryables(base(request), collections.find(collection))
    return shown(request, "queryables", content, documents.SCHEMA)


@public
def items(request: HttpRequest, collection: str) -> HttpResponse:
    """``GET /api/collections/{collection}/items``: a page of features; most do not come here."""
    return _features(request, "items", collection, answers.items(collection, asked(request)))


@public
def item(request: HttpRequest, collection: str, id: str) -> HttpResponse:
    """``GET /api/collections/{collection}/items/{id}``: one feature."""
    return _features(request, "item", collection, answers.item(collection, id, asked(request)))


def asked(request: HttpRequest) -> Asked:
    """Return what a request asks of a fast door."""
    header = request.headers.get
    query = request.META.get("QUERY_STRING", "")
    if wants_html(query, header("Accept", "")):
        return Asked(base(request), query)
    return Asked(base(request), query, header("Accept-Encoding", ""), header("If-None-Match", ""))


def _features(request: HttpRequest, template: str, name: str, answer: Answer) -> HttpResponse:
    if wants_html(request.META.get("QUERY_STRING", ""), request.headers.get("Accept", "")):
        content = json.loads(answer.body)
        return page(request, template, content | {"collection": collections.find(name)})
    if answer.status == 304:
        return HttpResponseNotModified(headers=dict(answer.headers))
    return HttpResponse(answer.body, headers=dict(answer.headers))
