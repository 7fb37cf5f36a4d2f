"""What the pages of staff have in common: language, words, and what a browser may load for them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from console.words import LANGUAGES, words

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HOME = "staff"


def language(request: HttpRequest) -> str:
    """Return the language that the address asks for; Bahasa Indonesia unless it says otherwise."""
    asked = request.GET.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def page(request: HttpRequest, name: str, status: int = 200, **shown: Any) -> HttpResponse:
    """Answer with ``console/staff/<name>.html``."""
    spoken = language(request)
    with translation.override(spoken):
        shown |= {"language": spoken, "words": words(spoken, "staff"), "languages": _languages(request)}
        response = render(request, f"console/staff/{name}.html", shown, status=status)
    response["Content-Language"] = spoken
    response["Content-Security-Policy"] = POLICY
    return response


def to(request: HttpRequest, name: str, **query: str) -> HttpResponseRedirect:
    """Lead to a page of ours, in the same language."""
    if language(request) != LANGUAGES[0]:
        query["lang"] = language(request)
    address = reverse(name)
    return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)


def onward(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to where somebody wanted to go before they were asked who they are, if it is one of ours."""
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return to(request, HOME)


def _languages(request: HttpRequest) -> list[tuple[str, str]]:
    """Return each language with the address of this page in it."""
    query = request.GET.copy()
    found = []
    for one in LANGUAGES:
        query["lang"] = one
        found.append((one, f"?{query.urlencode()}"))
    return found
