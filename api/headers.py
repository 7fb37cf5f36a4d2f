"""What a browser is told of every document that says nothing stricter of itself.

A view that renders a page has a policy that fits it; what a view forgot, an error, and whatever stands on the
disk loads nothing and runs nothing. Data (JSON, tiles, pictures) are no documents: nothing in them runs.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

DOCUMENTS = ("text/html", "image/svg+xml", "application/xml", "text/xml", "application/atom+xml")
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Of what a browser can do a page of ours asks for one thing: where its reader is, for a report or the map.
PERMISSIONS = (
    "camera=(), display-capture=(), geolocation=(self), microphone=(), midi=(), payment=(), serial=(), usb=()"
)


class HeaderMiddleware:
    """Adds what a document lacks; the first of all, so that files of ``static/`` are told it too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Leave what is no document as it is."""
        response = self.get_response(request)
        if response.get("Content-Type", "").partition(";")[0].strip() in DOCUMENTS:
            response.headers.setdefault("Content-Security-Policy", NOTHING)
            response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
