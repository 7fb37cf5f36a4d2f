"""The map in pages of others: a page for their frames, and oEmbed, which tells editors of it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from api import params
from api.public import LIVE, document, public
from console import modules, shown
from console.preview import SIZE
from console.shown import NAMES, Shown
from console.views import REFRESH_S, content_security_policy, map_filters
from console.words import LANGUAGES, words
from geoplatform.errors import InvalidRequest, NotFound

WIDTH, HEIGHT = 800, 500  # of a frame, in pixels, where nothing else is asked for
LEAST, MOST = 200, 4_000


@gzip_page
@require_safe
@xframe_options_exempt
def embed_map(request: HttpRequest) -> HttpResponse:
    """``GET /embed/map[?layers=][&bbox=][&lang=]`` and filters: the map without its frame, for any page."""
    params.only(request, NAMES)
    wanted = shown.read(request)
    here = request.build_absolute_uri(f"/embed/map?{wanted.query()}")
    config = {
        "language": wanted.language,
        "time_zone": settings.CITY_TIME_ZONE,
        "refresh_s": REFRESH_S,
        "events": settings.EVENTS_URL,
        "embedded": {"layers": [layer.name for layer in wanted.layers], "bbox": wanted.box()},
        "filters": map_filters(wanted.listing),
    }
    response = render(
        request,
        "console/embed.html",
        {
            "language": wanted.language,
            "words": words(wanted.language),
            "config": config,
            "modules": modules.loaded_by("console/main.js"),
            "here": here,
            "larger": larger(wanted),
            "title": title(wanted),
            "preview": request.build_absolute_uri(f"/embed/preview.png?{wanted.query()}"),
            "preview_size": SIZE,
            "oembed": request.build_absolute_uri(f"/api/oembed?{_encoded(url=here, format='json')}"),
        },
    )
    response["Content-Language"] = wanted.language
    response["Cache-Control"] = LIVE
    policy = content_security_policy(settings.BASE_MAP_URL, settings.EVENTS_URL)
    response["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors *")
    return response


@public
def oembed(request: HttpRequest) -> HttpResponse:
    """``GET /api/oembed?url=``: how a view of the map is put into a page (oEmbed 1.0, JSON)."""
    params.only(request, {"url", "format", "maxwidth", "maxheight"})
    params.one_of(request, "format", ("json",), "json")
    wanted = _view_of(request)
    width = params.whole(request, "maxwidth", WIDTH, LEAST, MOST)
    height = params.whole(request, "maxheight", HEIGHT, LEAST, MOST)
    if "maxheight" not in request.GET:
        height = min(HEIGHT, max(LEAST, round(width * HEIGHT / WIDTH)))
    address = request.build_absolute_uri(f"/embed/map?{wanted.query()}")
    content: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title(wanted),
        "provider_name": words(wanted.language)["title"],
        "provider_url": request.build_absolute_uri("/"),
        "html": iframe(address, width, height, title(wanted)),
        "width": width,
        "height": height,
        "thumbnail_url": request.build_absolute_uri(f"/embed/preview.png?{wanted.query()}"),
        "thumbnail_width": SIZE[0],
        "thumbnail_height": SIZE[1],
        "cache_age": 3600,
    }
    return document(request, content)


def iframe(address: str, width: int, height: int, title: str) -> SafeString:
    """Return the code that puts a view into a page."""
    return format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" style="border:0"></iframe>',
        address, width, height, title,
    )  # fmt: skip


def title(wanted: Shown) -> str:
    """Say what a view shows, in its language."""
    names = [layer.title[wanted.language] for layer in reversed(wanted.layers)]
    return (
        f"{words(wanted.language)['title']}: {', '.join(names)}" if names else words(wanted.language)["title"]
    )


def _view_of(request: HttpRequest) -> Shown:
    """Return the view that the parameter ``url`` means.

    Raises
    ------
    NotFound
        It is no address of a map of ours.
    InvalidRequest
        It is one, with parameters that cannot be used.
    """
    url = request.GET.get("url")
    if url is None:
        raise InvalidRequest("parameter 'url' is missing: the address of a map")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NotFound(f"url {url[:200]!r} is no address") from None
    if parts.scheme not in ("http", "https") or parts.netloc != request.get_host():
        raise NotFound(f"url {url[:200]!r} is no map of {request.get_host()}")
    if parts.path not in ("/", "/embed/map"):
        raise NotFound(f"url {url[:200]!r} is no map: / and /embed/map are")
    asked = HttpRequest()
    asked.GET = QueryDict(parts.query)
    params.only(asked, NAMES)
    return shown.read(asked)


def larger(wanted: Shown) -> str:
    """Return the address of the whole map with the same filters; its page adds the view."""
    spoken = {} if wanted.language == LANGUAGES[0] else {"lang": wanted.language}
    query = _encoded(**wanted.listing.query(), **spoken)
    return f"/?{query}" if query else "/"


def _encoded(**given: str) -> str:
    query = QueryDict(mutable=True)
    query.update(given)
    return query.urlencode()
