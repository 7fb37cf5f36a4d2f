"""The doors of staff: sessions, CSRF and second factors behind these addresses, and nowhere else.

Whatever else is asked for passes none of it: no public answer can set a cookie, or vary by one, but for
``api.standby`` on what is posted.
"""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.cache import patch_vary_headers
from django_otp.middleware import OTPMiddleware

from staff import rows

PAGES, API = "/staff/", "/api/staff/"
UNKEPT = "private, no-store"
NARROWED = "geoplatform.narrowed"  # of a request: whether the database was told an office


def is_staff(path: str) -> bool:
    """Say whether an address is a door of staff."""
    return path.startswith((PAGES, API))


class StaffMiddleware:
    """Knows who asks at a door of staff, and asks for the CSRF token of whatever changes something there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._public = get_response
        self._csrf = CsrfViewMiddleware(AuthenticationMiddleware(OTPMiddleware(get_response)))
        self._staff = SessionMiddleware(self._csrf)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let a request of the public pass as it is."""
        if not is_staff(request.path_info):
            return self._public(request)
        try:
            response = cast(HttpResponse, self._staff(request))
        finally:
            if request.META.pop(NARROWED, False):
                rows.widen()
        response["Cache-Control"] = UNKEPT
        patch_vary_headers(response, ["Cookie"])
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse a change without its token, whatever the view says; show officials their own rows alone."""
        if not is_staff(request.path_info):
            return None
        refused = self._csrf.process_view(request, view, args, kwargs)
        if refused is None:
            request.META[NARROWED] = rows.narrow(getattr(request, "user", None))
        return refused
