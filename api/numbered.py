"""The number of a request: in each of its log lines, in its answer, and on the page of an error."""

import re
from collections.abc import Callable, MutableMapping
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from access.schemes import is_proxy
from geoplatform import trail

HEADER, SAID, MARK = "X-Request-Id", "HTTP_X_REQUEST_ID", "geoplatform.request"
WELL_FORMED = re.compile(r"[0-9A-Za-z-]{16,64}", re.ASCII)


def named(environ: MutableMapping[str, Any]) -> str:
    """Return the number of a request: that of a proxy which is trusted, else one of our own."""
    if MARK not in environ:
        said = str(environ.get(SAID, ""))
        is_known = WELL_FORMED.fullmatch(said) and is_proxy(environ, settings.TRUSTED_PROXIES)
        environ[MARK] = said if is_known else uuid4().hex
    number: str = environ[MARK]
    return number


class NumberMiddleware:
    """Names each request before anything is logged of it; the first of all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say the number."""
        number = named(request.META)
        with trail.of(number):
            response = self.get_response(request)
        response[HEADER] = number
        return response
