"""From error to status: the only table; and the form in which errors leave the platform."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from geoplatform import trail
from geoplatform.errors import (
    Busy,
    Conflict,
    Forbidden,
    GeoplatformError,
    InvalidFields,
    InvalidRequest,
    NoKey,
    NoOwnPassword,
    NoSecondFactor,
    NoSession,
    NotFound,
    Refusal,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unsupported,
)

logger = logging.getLogger(__name__)

STATUS: dict[type[Exception], int] = {
    InvalidRequest: 400,
    InvalidFields: 400,
    Unauthenticated: 401,
    NoKey: 401,
    NoSession: 401,
    Forbidden: 403,
    NoSecondFactor: 403,
    NoOwnPassword: 403,
    NotFound: 404,
    Conflict: 409,
    Refusal: 409,
    TooLarge: 413,
    Unsupported: 415,
    TooMany: 429,
    Unavailable: 503,
    Busy: 503,
}
TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Content too large",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
CHALLENGES: dict[type[Exception], str] = {NoKey: "Bearer", NoSession: 'Session realm="staff"'}
# RFC 9110 §15.1 lets a cache keep a 404 as long as it likes.
UNKEPT = "no-store"
# Doors that speak another community's language say their errors in it, too: by how the path begins.
SHAPES = {
    "/mapit/": "api.mapit.errors.said",
    "/mapsengine/": "api.mapsengine.errors.enveloped",
    "/open311/": "api.open311.errors.said",
}
# Programs ask here, or a frame of another site, which shows no page of ours; elsewhere people do.
FOR_PROGRAMS = ("/api/", "/tiles", "/feeds/", "/push/", "/static/", "/embed/", "/.well-known/")


def problem(status: int, detail: str, error: Exception | None = None) -> HttpResponse:
    """Return an error as ``application/problem+json`` (RFC 9457); of fields and steps why, in a word.

    What is our own fault bears the number of the request, by which its log lines are found.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
    }
    if status >= 500 and trail.request():
        body["request"] = trail.request()
    if isinstance(error, InvalidFields):
        body["fields"] = dict(error.fields)
    if isinstance(error, Refusal):
        body["code"] = error.code
    response = HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
    response["Cache-Control"] = UNKEPT
    return response


def say(request: HttpRequest, status: int, detail: str, error: Exception | None = None) -> HttpResponse:
    """Return an error in the form of the door that was asked: a problem where it has none of its own.

    To a browser that asks for a page it is one (``settings.ERROR_PAGE``), in the words of people.
    """
    for path, shape in SHAPES.items():
        if request.path.startswith(path):
            shaped: HttpResponse = import_string(shape)(request, status, detail, error)
            shaped["Cache-Control"] = UNKEPT
            return shaped
    if is_for_people(request):
        made: HttpResponse = import_string(settings.ERROR_PAGE)(request, status, detail, error)
        made["Cache-Control"] = UNKEPT
        return made
    return problem(status, detail, error)


def is_for_people(request: HttpRequest) -> bool:
    """Say whether a browser asks for a page, where there are pages."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(FOR_PROGRAMS)


class ErrorMiddleware:
    """Turns every error into a problem; the text of one that nobody foresaw goes to the log alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give a refused method a body like every other error."""
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            allowed = response["Allow"]
            response = say(request, 405, f"{request.method} is not one of {allowed}")
            response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Answer an error of a view."""
        if isinstance(error, GeoplatformError) and type(error) in STATUS:
            answer = say(request, STATUS[type(error)], str(error), error)
            if isinstance(error, TooMany | Busy):
                answer["Retry-After"] = str(error.retry_after_s)
            if answer.status_code == 401:
                # RFC 9110 §11.6.1 wants to be told how; docs/reference/keys.md and push.md tell all.
                answer["WWW-Authenticate"] = CHALLENGES.get(type(error), "Geoplatform-Signature")
            return answer
        if isinstance(error, Http404):
            return say(request, 404, f"there is nothing at {request.path}")
        if isinstance(error, SuspiciousOperation):
            return say(
                request, 400, "the request is not one that can be read: too many parameters, or too much"
            )
        if isinstance(error, OperationalError):
            return _no_database(request)
        logger.exception("unforeseen error path=%s", request.path)
        return say(request, 500, "something went wrong on our side; it has been logged")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return say(request, 404, f"there is nothing at {request.path}")


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a change at a door of staff that bears no CSRF token, or another session's."""
    return say(request, 403, "this needs the CSRF token of your session: load the page anew and try again")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses, such as one for another host: no page, which has links."""
    return problem(400, f"this request cannot be answered ({type(exception).__name__})")


def internal_error(request: HttpRequest) -> HttpResponse:
    """Answer an error outside every view, in Django's own handling of it; Django has logged it."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return _no_database(request)
    return say(request, 500, "something went wrong on our side; it has been logged")


def _no_database(request: HttpRequest) -> HttpResponse:
    logger.exception("no database path=%s", request.path)
    return say(request, 503, "the database does not answer")
