"""What the pages for citizens have in common: language by the address alone, no cookie, a strict policy."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from console import frame
from console.views import content_security_policy
from console.words import LANGUAGES, words

PART = "voices"
PUBLIC = "public"  # whose bar and foot these pages have
UNKEPT = "no-store"


def language(request: HttpRequest) -> str:
    """Return the language that the address asks for; Bahasa Indonesia unless it says otherwise."""
    asked = request.GET.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def said(spoken: str) -> dict[str, str]:
    """Return the strings of these pages in a language."""
    return words(spoken, PART)


def page(
    request: HttpRequest,
    name: str,
    status: int = 200,
    config: Mapping[str, Any] | None = None,
    *,
    here: str,
    **shown: Any,
) -> HttpResponse:
    """Answer with ``console/voices/<name>.html``; nobody keeps it but the form's own worker.

    ``here`` is the part of the bar that it belongs to.
    """
    spoken = language(request)
    shown |= {
        **frame.shown(request, spoken, here, {}),
        "public": words(spoken) | words(spoken, PUBLIC),
        "lang": "" if spoken == LANGUAGES[0] else f"?lang={spoken}",
        "words": said(spoken),
        "config": {"language": spoken, "time_zone": settings.CITY_TIME_ZONE, **(config or {})},
    }
    with translation.override(spoken):
        response = render(request, f"console/voices/{name}.html", shown, status=status)
    response["Content-Language"] = spoken
    response["Cache-Control"] = UNKEPT
    response["Content-Security-Policy"] = policy()
    return response


def policy() -> str:
    """Return what these pages may load: what the map may; forms lead back here; a worker and a manifest."""
    public = content_security_policy(settings.BASE_MAP_URL)
    public = public.replace("form-action 'none'", "form-action 'self'").replace("data:", "data: blob:")
    return f"{public}; worker-src 'self'; manifest-src 'self'"
