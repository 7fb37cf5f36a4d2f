"""Who shows the link below an answer speaks for its report; who tries links that are none may try so many."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from access import limits
from access.clients import LOCAL, client
from casework.citizens import links
from geoplatform.errors import Forbidden, TooMany

MOST, HOUR_S = 30, 3600  # of one address


def report_of(request: HttpRequest, token: str, at: datetime) -> int:
    """Return the report that a token is for.

    Raises
    ------
    Forbidden
        As ``links.report_of``.
    TooMany
        And this client has tried as many within the hour.
    """
    try:
        return links.report_of(token, at)
    except Forbidden:
        _count(request)
        raise


def _count(request: HttpRequest) -> None:
    header = request.META.get
    who = client(header("REMOTE_ADDR", ""), header("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
    if who == LOCAL:
        return
    verdict = limits.count(limits.of_window("links", who, MOST, HOUR_S))
    if not verdict.passes:
        raise TooMany(f"{MOST} links that are none an hour are looked at for one address", verdict.retry_s)
