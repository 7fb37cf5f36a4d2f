"""What Google answered to who would change data that he may only read: 401 without a token, 403 with one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from access import keys
from api.mapsengine.errors import LOGIN
from api.public import View
from geoplatform.errors import Forbidden, NoKey

WRITING = ("POST", "PUT", "PATCH", "DELETE")
TOKENS = ("access_token", "oauth_token", "key")
READ_ONLY = "The caller does not have permission: these data are read-only, change them where they come from"


def read_only(view: View) -> Callable[..., HttpResponse]:
    """Return a view that refuses to write before it is asked."""

    @csrf_exempt
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if request.method in WRITING:
            refuse(request)
        return view(request, *args, **kwargs)

    return guarded


def refuse(request: HttpRequest) -> None:
    """Refuse to write.

    Raises
    ------
    NoKey, Forbidden
        The request has no token; or it has one.
    """
    has_token = keys.given(request.META) or any(name in request.GET for name in TOKENS)
    if not has_token:
        raise NoKey(LOGIN)
    raise Forbidden(READ_ONLY)
