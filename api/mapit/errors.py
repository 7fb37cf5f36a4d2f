"""Errors as MapIt says them: what is wrong, and the status once more."""

import json

from django.http import HttpRequest, HttpResponse


def said(request: HttpRequest, status: int, detail: str, error: Exception | None) -> HttpResponse:
    """Return an error in MapIt's form."""
    body = json.dumps({"error": detail, "code": status})
    return HttpResponse(body, status=status, content_type="application/json")
