"""Which requests a standby may answer, and how far it must be for who asks (ADR 0108)."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie

from access import keys, pins
from access.clients import client
from api import limits
from geoplatform import sql, standbys
from staff.doors import NARROWED

WRITTEN = "geoplatform_written"  # the cookie; the header is spelt Geoplatform-Written
HEADER = "HTTP_GEOPLATFORM_WRITTEN"
KEPT_S = 3600  # longer than any standby may lag
READS = (limits.TILES, limits.ITEMS, limits.HEAVY)
HARMLESS = ("GET", "HEAD")
ERROR = "geoplatform.standby_error"  # of a request: what the view could not do

Of = TypeVar("Of")
View = Callable[..., HttpResponse]


def is_read(method: str, path: str) -> bool:
    """Say whether a request of the public reads what a standby has as well."""
    return method in HARMLESS and limits.class_of(method, path) in READS


def least(environ: Mapping[str, Any]) -> int:
    """Return how far a standby must be to show a caller what they wrote; 0 where they wrote nothing."""
    return max(
        pins.told(environ.get(HEADER, "")),
        pins.told(_cookies(environ).get(WRITTEN, "")),
        pins.remembered(_who(environ)),
    )


def answered(environ: Mapping[str, Any], ask: Callable[[], Of]) -> Of:
    """Return what is answered to a read, by a standby where one is far enough for who asks."""
    return standbys.read(least(environ), ask) if standbys.are_there() else ask()


class StandbyMiddleware:
    """Lets a standby answer the public's reads, and remembers who has written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, by the primary where a standby could not."""
        if not standbys.are_there():
            return self.get_response(request)
        method = request.method or ""
        if method not in limits.HARMLESS:
            response = self.get_response(request)
            # Where the primary is away there is nothing to remember, nor whom to ask.
            return response if response.status_code >= 500 else _remembered(request, response)
        one = standbys.choose(least(request.META)) if is_read(method, request.path_info) else None
        if one is None:
            return self.get_response(request)
        with standbys.asking(one.alias):
            response = self.get_response(request)
        if not standbys.forgives(one, request.META.pop(ERROR, None)):
            return response
        response.close()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """Note what went wrong: others make an answer of it."""
        request.META[ERROR] = error


def from_standby(view: View) -> View:
    """Let a standby answer a read of staff; an official's, whose office the session was told, the primary."""

    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        def ask() -> HttpResponse:
            return view(request, *args, **kwargs)

        if request.method not in HARMLESS or request.META.get(NARROWED):
            return ask()
        return answered(request.META, ask)

    return read


def read(request: HttpRequest, ask: Callable[[], Of]) -> Of:
    """Return what an answer of staff reads, by a standby, though the primary notes that it was read."""

    def bounded() -> Of:
        # Another connection than that of the request, whose transaction has the limit.
        with sql.bounded(settings.QUERY_TIMEOUT_MS):
            return ask()

    return ask() if request.META.get(NARROWED) else answered(request.META, bounded)


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    position = standbys.written()
    pins.remember(_who(request.META), position)
    told = response["Geoplatform-Written"] = pins.signed(position)
    response.set_cookie(
        WRITTEN, told, KEPT_S, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response


def _who(environ: Mapping[str, Any]) -> str:
    """Return whose a request is: a key's, or else an address's."""
    return keys.given(environ) or client(
        environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
    )


def _cookies(environ: Mapping[str, Any]) -> Mapping[str, str]:
    header = environ.get("HTTP_COOKIE", "")
    return parse_cookie(header) if WRITTEN in header else {}
