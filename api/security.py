"""Whom to tell of a hole (RFC 9116)."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.public import answer, public, tag_of
from geoplatform.errors import NotFound

MONTHS = 6  # that the document holds: at most a year, says the RFC
DAY_S = 86_400


@public
def security(request: HttpRequest) -> HttpResponse:
    """``GET /.well-known/security.txt``: the contact that the operator has set, else nothing."""
    if not settings.SECURITY_CONTACT:
        raise NotFound(f"there is nothing at {request.path}")
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {_expires(timezone.now()):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: id, en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    body = "".join(f"{line}\n" for line in lines).encode()
    return answer(request, tag_of(body), "text/plain; charset=utf-8", lambda: body, DAY_S)


def _expires(now: datetime) -> datetime:
    """Return the first of a month, so that the document stays the same for one."""
    months = now.year * 12 + now.month - 1 + MONTHS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
