"""Where each address goes: the one place that knows every app above."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from api import reports
from api.open311 import views as open311
from ingest.doors import citizens, submit

handler400 = "api.errors.bad_request"
handler404 = "api.errors.not_found"
handler500 = "api.errors.internal_error"

View = Callable[..., HttpResponse]


def both(read: View, post: View) -> View:
    """Return the view of an address that one app answers and another takes posts at."""

    @csrf_exempt
    @wraps(read)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            return post(request, *args, **kwargs)
        response = read(request, *args, **kwargs)
        for name in ("Allow", "Access-Control-Allow-Methods"):
            if name in response:
                response[name] = f"{response[name]}, POST"
        return response

    return view


urlpatterns = [
    re_path(r"^open311/v2/requests\.(?P<form>json|xml)$", both(open311.all_requests, submit.submit)),
    path("api/reports", both(reports.reports, citizens.send)),
    path("", include("ingest.urls")),
    path("", include("api.urls")),
    path("", include("console.urls")),
]
