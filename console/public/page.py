"""What the pages for citizens share: language by the address alone, no cookie, ETag, a strict policy."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from api.errors import UNKEPT
from api.public import answer, tag_of
from console import frame
from console.views import content_security_policy
from console.words import LANGUAGES, words

HTML = "text/html; charset=utf-8"
PART = "public"
PARTS = {"report": "reports", "missing": "reports"}  # of the bar, where a page is called otherwise


def language(request: HttpRequest) -> str:
    """Return the language of the address; Bahasa Indonesia unless it says otherwise."""
    asked = request.GET.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def said(spoken: str) -> dict[str, str]:
    """Return the strings of these pages: those of the map and their own."""
    return words(spoken) | words(spoken, PART)


def page(
    request: HttpRequest,
    name: str,
    *,
    status: int = 200,
    filters: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    **shown: Any,
) -> HttpResponse:
    """Answer with ``console/public/<name>.html``, and 304 to who has it already.

    Parameters
    ----------
    filters
        Of reports: the links to map and list take them along.
    config
        What the page's modules need besides language and time zone.
    """
    spoken = language(request)
    context = {
        **frame.shown(request, spoken, PARTS.get(name, name), filters or {}),
        "words": said(spoken),
        "config": {"language": spoken, "time_zone": settings.CITY_TIME_ZONE, **(config or {})},
        **shown,
    }
    with translation.override(spoken):
        body = render_to_string(f"console/public/{name}.html", context).encode()
    if status == 200:
        response = answer(request, tag_of(body), HTML, lambda: body)
    else:
        response = HttpResponse(body, status=status, content_type=HTML)
        response["Cache-Control"] = UNKEPT
    response["Content-Language"] = spoken
    response["Content-Security-Policy"] = policy()
    return response


def policy() -> str:
    """Return what these pages may load: what the map may; forms lead back here, frames are ours."""
    rules = content_security_policy(settings.BASE_MAP_URL, settings.EVENTS_URL)
    return rules.replace("form-action 'none'", "form-action 'self'") + "; frame-src 'self'"
