"""Errors as Google's interfaces say them: one envelope, a reason, and where the fault lies."""

import json
import re

from django.http import HttpRequest, HttpResponse

REASONS = {
    400: "invalidParameter",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    405: "httpMethodNotAllowed",
    409: "conflict",
    413: "uploadTooLarge",
    415: "unsupportedMediaType",
    429: "rateLimitExceeded",
    500: "internalError",
    503: "backendError",
}
# Our messages name the parameter first: "where: ...", "maxResults 0: ...", "unknown parameter 'x': ...".
NAMED = re.compile(r"(?:unknown )?(?:parameter )?'?([A-Za-z_-]+)")

LOGIN = "Login Required"


def enveloped(request: HttpRequest, status: int, detail: str, error: Exception | None) -> HttpResponse:
    """Return an error in Google's envelope."""
    fault = {"domain": "global", "reason": REASONS[status], "message": detail}
    if detail.startswith(LOGIN):
        fault |= {"reason": "required", "locationType": "header", "location": "Authorization"}
    if status == 429:
        fault["domain"] = "usageLimits"
    if status == 400 and (named := NAMED.match(detail)):
        is_missing = detail.endswith("is missing")
        fault["reason"] = "required" if is_missing else fault["reason"]
        if is_missing or named[1] in request.GET:
            fault |= {"locationType": "parameter", "location": named[1]}
    body = json.dumps({"error": {"errors": [fault], "code": status, "message": detail}})
    return HttpResponse(body, status=status, content_type="application/json; charset=UTF-8")
