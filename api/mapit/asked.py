"""Reading what MapIt's clients ask, who part parameters by ``;`` too, and post a question that is long."""

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from api.public import public
from geoplatform.errors import InvalidRequest, TooLarge

View = Callable[..., HttpResponse]
MOST_BYTES = 65_536
MOST_PARAMETERS = 20


def askable(view: View) -> View:
    """Open a view as ``public`` does, and to POST, which means the same: only its body has parameters too."""
    opened = public(view)

    @csrf_exempt
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return (
            view(request, *args, **kwargs) if request.method == "POST" else opened(request, *args, **kwargs)
        )

    return asked


def parameters(request: HttpRequest, known: Collection[str] = ()) -> Mapping[str, str]:
    """Return the parameters of the query, and of the body of a POST; those that are not known are refused.

    mySociety's own client parts them by ``;``, which its servers took for ``&``. ``api_key`` is read by none.
    """
    if "\0" in request.path:
        raise InvalidRequest("the path holds what no text can")
    given: dict[str, str] = {}
    for name, value in _pairs(request):
        if name not in {*known, "api_key", "_"}:
            raise InvalidRequest(
                f"unknown parameter {name!r}: known are {', '.join(sorted(known)) or 'none'}"
            )
        if "\0" in value:
            raise InvalidRequest(f"{name} {value!r} holds what no text can")
        given[name] = value
    return given


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    text = request.META.get("QUERY_STRING", "")
    if request.method == "POST":
        length = request.headers.get("Content-Length") or "0"
        if not length.isdecimal():
            raise InvalidRequest("the header Content-Length says how long the body is")
        if int(length) > MOST_BYTES:
            raise TooLarge(f"more than {MOST_BYTES} bytes of parameters")
        text = f"{text}&{request.body.decode('utf-8', 'replace')}"
    try:
        return parse_qsl(text.replace(";", "&"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequest(f"more than {MOST_PARAMETERS} parameters") from None
