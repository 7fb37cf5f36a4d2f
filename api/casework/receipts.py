"""The link of a notice: whoever opens it reads what it is for, and says by a button that they have seen it.

Not by opening it: mail servers open the links of a mail before anybody has read it.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from casework.escalation import receipts

BARE = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
View = Callable[..., HttpResponse]


@csrf_exempt  # the signed link is all the proof that there is, and all that is needed
@require_http_methods(["GET", "HEAD", "POST"])
def seen(request: HttpRequest, token: str) -> HttpResponse:
    """``GET``, ``POST /notices/{token}``: a page with a button; by it the notice was seen."""
    is_seen = request.method == "POST"
    notice = receipts.see(token, timezone.now()) if is_seen else receipts.of(token)
    response = render(request, "api/notice.html", {"is_seen": is_seen, "number": notice.number})
    return apart(response)


def apart(response: HttpResponse) -> HttpResponse:
    """Let a page that its link alone opens be kept, listed and told of nowhere: who has the link may act."""
    response["Content-Security-Policy"] = BARE
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
