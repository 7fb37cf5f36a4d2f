"""The public map: one page, the same for everyone; all it shows comes from the API."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from api import listing
from api.listing import Listing
from api.public import LIVE
from console import frame, modules
from console.public import filters
from console.words import LANGUAGES, words

REFRESH_S = 60


@gzip_page
@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """``GET /[?lang=en]`` and filters: the map, in Bahasa Indonesia unless it says otherwise; no cookie."""
    asked = request.GET.get("lang")
    language = asked if asked in LANGUAGES else LANGUAGES[0]
    chosen = filters.read(request.GET)
    config = {
        "language": language,
        "land": settings.CITY_LAND,
        "time_zone": settings.CITY_TIME_ZONE,
        "refresh_s": REFRESH_S,
        "events": settings.EVENTS_URL,
        "filters": map_filters(chosen.listing),
    }
    here = request.build_absolute_uri(f"/?lang={language}")
    response = render(
        request,
        "console/map.html",
        {
            **frame.shown(request, language, "map", chosen.listing.query()),
            "words": words(language),
            "chosen": chosen,
            "fields": filters.form(chosen, language),
            "kept": frame.without(request, "place"),
            "config": config,
            "modules": modules.loaded_by("console/main.js"),
            "preview": request.build_absolute_uri(f"/embed/preview.png?lang={language}"),
            "oembed": request.build_absolute_uri(f"/api/oembed?{urlencode({'url': here})}"),
        },
    )
    response["Content-Language"] = language
    response["Cache-Control"] = LIVE
    policy = content_security_policy(settings.BASE_MAP_URL, settings.EVENTS_URL)
    response["Content-Security-Policy"] = policy.replace("form-action 'none'", "form-action 'self'")
    return response


def map_filters(wanted: Listing) -> dict[str, Any]:
    """Return filters of reports as the map's modules need them: for tiles, for lists, and where to look."""
    return {
        "tiles": urlencode(listing.of_tiles(wanted), safe=","),
        "list": urlencode(wanted.query(), safe=","),
        "bbox": wanted.place.bbox if wanted.place else None,
    }


def content_security_policy(base_map_url: str, events_url: str = "") -> str:
    """Return what the page may load: its own files; a base map's pictures and events where these are set."""
    images = " ".join(["'self'", "data:", *_origins(base_map_url)])
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": images,
        "connect-src": " ".join(["'self'", *_origins(events_url)]),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _origins(base_map_url: str) -> list[str]:
    """Return the origin of a tile template; ``{s}``, the subdomain, may be any."""
    parts = urlsplit(base_map_url)
    return [f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"] if parts.netloc else []
