"""The addresses of GeoReport v2 that are read; ``.json`` or ``.xml`` says in which form."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse, QueryDict

from api import params
from api.open311 import asked, requests, services, updates
from api.public import answer, public
from reports import georeport


@public
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """``discovery``: where the service is."""
    asked.parameters(request)
    return _body(request, form, georeport.single(form, "discovery", services.discovery(request)))


@public
def all_services(request: HttpRequest, form: str) -> HttpResponse:
    """``services``: what may be reported."""
    asked.parameters(request)
    return _body(request, form, georeport.listed(form, georeport.SERVICES, services.services()))


@public
def one_service(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """``services/{service_code}``: what one of them asks besides."""
    asked.parameters(request)
    return _body(request, form, georeport.single(form, "service_definition", services.definition(code)))


@public
def all_requests(request: HttpRequest, form: str) -> HttpResponse:
    """``requests``: what was reported, the newest first."""
    found, following = requests.several(asked.parameters(request, requests.NAMES))
    response = _body(request, form, georeport.listed(form, georeport.REQUESTS, found))
    return _linked(request, response, following)


@public
def one_request(request: HttpRequest, id: str, form: str) -> HttpResponse:
    """``requests/{service_request_id}``: one of them, in a list of its own."""
    asked.parameters(request)
    found = [requests.single(params.integer("service_request_id", id))]
    return _body(request, form, georeport.listed(form, georeport.REQUESTS, found))


@public
def all_updates(request: HttpRequest, form: str) -> HttpResponse:
    """``servicerequestupdates``: what became of requests, the newest first."""
    found, following = updates.several(asked.parameters(request, updates.NAMES))
    response = _body(request, form, georeport.listed(form, georeport.UPDATES, found))
    return _linked(request, response, following)


def _body(request: HttpRequest, form: str, body: bytes) -> HttpResponse:
    return answer(request, sha256(body).hexdigest()[:16], georeport.MEDIA_TYPES[form], lambda: body)


def _linked(request: HttpRequest, response: HttpResponse, following: int | None) -> HttpResponse:
    """Say where the next page is (RFC 8288): a body that is an array has no place for it."""
    if following is not None:
        query: QueryDict = request.GET.copy()
        query.pop("page", None)
        query["after"] = str(following)
        there = request.build_absolute_uri(f"{request.path}?{query.urlencode(safe=',')}")
        response["Link"] = f'<{there}>; rel="next"'
    return response
