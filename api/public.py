"""What every public answer has in common: open to other sites, compressed, 304 where it is known."""

import gzip
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import http_date, parse_etags
from django.views.decorators.http import require_http_methods
from rest_framework.renderers import JSONRenderer

EXPOSED = (
    "ETag, Content-Crs, Content-Range, RateLimit, RateLimit-Policy, Retry-After, Deprecation, Sunset, Link, "
    "X-Request-Id"
)
# Whoever keeps it asks each time whether it still holds; for so many seconds it may give out what it has
# while it asks, and so spares us a crowd (RFC 5861).
LIVE = "public, max-age=0, stale-while-revalidate=30"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
View = Callable[..., HttpResponse]
SMALLEST = 500  # bytes: below, compressing costs more than it saves
# RFC 9110 §12.5.3: a quality of 0 refuses the coding that it names.
WANTS_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?:1|0\.\d*[1-9])[\d.]*\s*)?(?:,|$)", re.IGNORECASE)


def public(view: View) -> View:
    """Open a view to GET, HEAD and OPTIONS from any site; without cookies, so shared caches may keep it."""

    @require_http_methods(["GET", "HEAD", "OPTIONS"])
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response["Access-Control-Allow-Headers"] = request.headers.get(
                "Access-Control-Request-Headers", "*"
            )
            response["Access-Control-Max-Age"] = "86400"
            return response
        return view(request, *args, **kwargs)

    return opened


def deprecated(since: date, ends: date, instead: str) -> Callable[[View], View]:
    """Mark a view that goes: since and until when, and the address of what to use in its place.

    ``docs/reference/versions.md`` has the rule; the headers are those of RFC 9745 and RFC 8594.
    """
    began = int(datetime.combine(since, time(), UTC).timestamp())
    sunset = http_date(datetime.combine(ends, time(), UTC).timestamp())

    def mark(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            response["Deprecation"] = f"@{began}"
            response["Sunset"] = sunset
            link = f'<{instead}>; rel="deprecation"'
            response["Link"] = f"{response['Link']}, {link}" if "Link" in response else link
            return response

        return marked

    return mark


class CorsMiddleware:
    """Lets pages of other sites read the open addresses, errors included."""

    OPEN = (
        "/tiles", "/api/", "/health", "/ready", "/mapit/", "/mapsengine/", "/open311/", "/feeds/",
        "/embed/preview.png", "/.well-known/",
    )  # fmt: skip

    CLOSED = "/api/staff/"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to answers of the open addresses."""
        response = self.get_response(request)
        is_open = request.path.startswith(self.OPEN) or request.path == "/api"
        if is_open and not request.path.startswith(self.CLOSED):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = EXPOSED
        return response


def tag_of(body: bytes) -> str:
    """Return the tag of a body: its digest."""
    return hashlib.sha256(body).hexdigest()[:16]


def document(
    request: HttpRequest, content: Any, media_type: str = "application/json", max_age_s: int = 0
) -> HttpResponse:
    """Answer with JSON; its digest is its tag."""
    body = JSONRenderer().render(content)
    return answer(request, tag_of(body), media_type, lambda: body, max_age_s)


def answer(
    request: HttpRequest, tag: str, media_type: str, make: Callable[[], bytes], max_age_s: int = 0
) -> HttpResponse:
    """Answer with a body that is made only where the caller does not have it already.

    Parameters
    ----------
    tag
        Changes whenever the body may have; the ETag is this and the encoding.
    make
        Makes the body, uncompressed.
    max_age_s
        How long caches need not ask whether it still holds; for what changes with a release alone. For a day
        more they may give it out while they ask.
    """
    zipped = bool(WANTS_GZIP.search(request.headers.get("Accept-Encoding", "")))
    etag = f'"{tag}{"-gzip" if zipped else ""}"'
    wanted = {known.removeprefix("W/") for known in parse_etags(request.headers.get("If-None-Match", ""))}
    if etag in wanted or "*" in wanted:
        response: HttpResponse = HttpResponseNotModified()
    else:
        body = make()
        response = HttpResponse(body, content_type=media_type)
        if zipped and len(body) >= SMALLEST:
            response.content = gzip.compress(body, compresslevel=6, mtime=0)
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = (
        f"public, max-age={max_age_s}, stale-while-revalidate=86400" if max_age_s else LIVE
    )
    return response
