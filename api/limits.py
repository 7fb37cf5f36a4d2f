"""Which class of request an address belongs to, whose it is, and what an answer says of the limits.

``api/front.py`` asks for what it answers itself, ``LimitMiddleware`` for all else.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from access import keys, limits
from access.clients import LOCAL, client
from access.limits import WINDOW_S, Quota, Verdict
from access.models import Scope
from api import slow
from api.errors import ErrorMiddleware
from geoplatform.errors import NoKey, TooMany

TILES, ITEMS, HEAVY, WRITING, OTHER, KEYS = "tiles", "items", "heavy", "writing", "other", "keys"
FREE = ""  # of what nobody counts: probes, and pushes, which are signed
# The first that an address begins with, or has in it, is its class; a new door that is costly adds a line.
CLASSES = (
    (re.compile(r"/(?:health|ready|push/.*)"), FREE),
    (re.compile(r"/tiles/[^/]+/\d+/\d+/\d+\.\w+"), TILES),
    (re.compile(r"/api/collections/[^/]+/tiles/[^/]+/\d+/\d+/\d+"), TILES),
    (re.compile(r"/api/collections/[^/]+/export.*"), HEAVY),
    (re.compile(r"/api/(?:changes|counts|heat|series)(?:[./].*)?|/embed/.*\.png"), HEAVY),
    (
        re.compile(
            r"/(?:api/(?:collections|reports|receipts|locate|nearest|places|boundaries)"
            r"|reports|mapsengine|open311|mapit|feeds)(?:[/.].*)?"
        ),
        ITEMS,
    ),
)
# Staff sit many behind one address and take a step a second: the class "writing" would end their work.
STAFF = re.compile(r"/api/staff/.*")
HARMLESS = ("GET", "HEAD", "OPTIONS")
ASKED_BY_POST = "/api/locate"  # a question that is too long for an address
MARK = "geoplatform.verdict"
UNJUDGED = object()


def class_of(method: str, path: str) -> str:
    """Return the class of a request."""
    if method == "OPTIONS" or STAFF.fullmatch(path):
        return OTHER
    if method not in HARMLESS:
        if path.startswith("/push/"):
            return FREE
        return HEAVY if path == ASKED_BY_POST else WRITING
    return next((name for pattern, name in CLASSES if pattern.fullmatch(path)), OTHER)


def judge(environ: Mapping[str, Any], name: str) -> Verdict | None:
    """Count a request; None: it is not counted.

    Raises
    ------
    NoKey
        It bears a key that is nobody's.
    TooMany
        And so did many before.
    """
    text = keys.given(environ)
    return _count(environ, name, _holder(environ, text) if text else None)


class MustAsk(Exception):
    """Whose key it is only the database knows."""


def judge_at_once(environ: Mapping[str, Any], name: str) -> Verdict | None:
    """Do the same without asking the database, or raise MustAsk."""
    text = keys.given(environ)
    holder = keys.known(text) if text else None
    if text and holder is None:
        raise MustAsk
    return _count(environ, name, holder)


def headers(verdict: Verdict) -> list[tuple[str, str]]:
    """Return what an answer says of the limits (draft-ietf-httpapi-ratelimit-headers)."""
    quota, used = verdict
    left, reset_s = (quota.span - used) // quota.interval, (999_999 + used) // 1_000_000
    if used >= 0:
        return [_policy(quota), ("RateLimit", f'"{quota.name}";r={left};t={reset_s}')]
    told = ("RateLimit", f'"{quota.name}";r=0;t={WINDOW_S}')
    return [_policy(quota), told, ("Retry-After", str(verdict.retry_s))]


@lru_cache(maxsize=256)
def _policy(quota: Quota) -> tuple[str, str]:
    return "RateLimit-Policy", f'"{quota.name}";q={quota.most};w={WINDOW_S}'


def refusal(verdict: Verdict) -> TooMany:
    """Return the error of a request that came too often."""
    quota = verdict.quota
    return TooMany(
        f"more than {quota.most} requests of the class {quota.name} in {WINDOW_S} s: "
        f"the next one is answered in {verdict.retry_s} s",
        verdict.retry_s,
    )


class LimitMiddleware:
    """Refuses what comes too often, and says on every other answer how much is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._errors = ErrorMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Judge a request, unless ``api/front.py`` has done so; what is slow in it takes a place."""
        with slow.Question(request.META):
            return self._judged(request)

    def _judged(self, request: HttpRequest) -> HttpResponse:
        name = class_of(request.method or "", request.path_info)
        if name == FREE:
            return self.get_response(request)
        verdict = request.META.get(MARK, UNJUDGED)
        if verdict is UNJUDGED:
            try:
                verdict = judge(request.META, name)
            except (NoKey, TooMany) as error:
                return self._errors.process_exception(request, error)
        if verdict is None:
            return self.get_response(request)
        if verdict.passes:
            response = self.get_response(request)
        else:
            response = self._errors.process_exception(request, refusal(verdict))
        for header, value in headers(verdict):
            response[header] = value
        return response


def _count(environ: Mapping[str, Any], name: str, holder: keys.Holder | None) -> Verdict | None:
    if holder and Scope.LIMITS in holder.scopes:
        quota = limits.of_key(name, holder.id)
    else:
        quota = of_address(name, environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
    return limits.count(quota) if quota else None


@lru_cache(maxsize=8192)
def of_address(name: str, remote: str, forwarded: str) -> Quota | None:
    """Return what quota a request is counted by; settings are looked at when it is first asked for."""
    who = client(remote, forwarded, settings.TRUSTED_PROXIES)
    return None if who == LOCAL else limits.of_address(name, who)


def _holder(environ: Mapping[str, Any], text: str) -> keys.Holder:
    """Return whose key it is; who tries keys may try so many."""
    try:
        return keys.find(text)
    except NoKey:
        quota = of_address(KEYS, environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
        verdict = limits.count(quota) if quota else None
        if verdict and not verdict.passes:
            raise refusal(verdict) from None
        raise
