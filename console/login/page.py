"""What the pages of staff have in common: language, words, and what a browser may load for them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from console.words import LANGUAGES, words

SPOKEN = "language"  # the key in the session, of login and console
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HOME = "staff"


def asked(request: HttpRequest) -> str:
    """Return the language that the address asks for, else the city's: no session is read."""
    named = request.GET.get("lang")
    return named if named in LANGUAGES else LANGUAGES[0]


def language(request: HttpRequest) -> str:
    """Return the language that the address asks for; else the session's; else the city's."""
    kept = request.session.get(SPOKEN)
    return kept if kept in LANGUAGES and request.GET.get("lang") not in LANGUAGES else asked(request)


def keep_language(request: HttpRequest) -> None:
    """Let the session of somebody who came in go on in the language that they chose."""
    if request.session.get(SPOKEN, LANGUAGES[0]) != language(request):
        request.session[SPOKEN] = language(request)


def page(
    request: HttpRequest, name: str, status: int = 200, spoken: str | None = None, **shown: Any
) -> HttpResponse:
    """Answer with ``console/staff/<name>.html``; ``spoken`` is its language, where the session cannot say."""
    spoken = spoken or language(request)
    with translation.override(spoken):
        shown |= {
            "language": spoken,
            "words": words(spoken, "staff"),
            "languages": _languages(request),
            "wanted": wanted(request),
        }
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
    """Lead to where somebody wanted to go before they were asked who they are."""
    return HttpResponseRedirect(wanted(request))


def wanted(request: HttpRequest) -> str:
    """Return the address that ``next`` names, if it is one of ours; else where the console begins."""
    named = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(named, {request.get_host()}, require_https=request.is_secure()):
        return named
    return reverse(HOME)


def _languages(request: HttpRequest) -> list[tuple[str, str]]:
    """Return each language with the address of this page in it."""
    query = request.GET.copy()
    found = []
    for one in LANGUAGES:
        query["lang"] = one
        found.append((one, f"?{query.urlencode()}"))
    return found
