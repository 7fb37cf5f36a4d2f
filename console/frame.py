"""The bar of every public page: its parts, and the languages; links keep what was chosen."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from console.words import LANGUAGES

KECAMATAN = len("31.71.01")  # of codes: a kota has fewer digits


def shown(request: HttpRequest, spoken: str, name: str, filters: Mapping[str, str]) -> dict[str, Any]:
    """Return what the bar of every public page shows: the parts, the languages, where the page is."""
    own = {} if spoken == LANGUAGES[0] else {"lang": spoken}
    return {
        "language": spoken,
        "languages": [(one, _here(request, one)) for one in LANGUAGES],
        "parts": [
            ("map", _to("/", {**filters, **own}), name == "map"),
            ("list", _to("/reports", {**filters, **own}), name == "reports"),
            ("report", _to("/report-a-problem/", own), name == "report"),
            ("follow", _to("/follow", {**_followed(filters), **own}), name == "follow"),
            ("answers", _to("/answers", own), name == "answers"),
            ("embed", _to("/embed", {**filters, **own}), name == "embed"),
        ],
        "own": urlencode(own),
        "here": request.build_absolute_uri(),
    }


def _followed(filters: Mapping[str, str]) -> dict[str, str]:
    """Return what of the filters can be followed: a kind, and a place that is not a whole kota."""
    place = filters.get("place", "")
    found = {"kelurahan": place if len(place) >= KECAMATAN else "", "category": filters.get("category", "")}
    return {name: value for name, value in found.items() if value}


def _here(request: HttpRequest, spoken: str) -> str:
    query = request.GET.copy()
    query.pop("lang", None)
    if spoken != LANGUAGES[0]:
        query["lang"] = spoken
    return f"{request.path}?{query.urlencode(safe=',')}" if query else request.path


def without(request: HttpRequest, *names: str) -> str:
    """Return the query of a request without some parameters, as an address has it."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return query.urlencode(safe=",")


def _to(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query, safe=',')}" if query else path
