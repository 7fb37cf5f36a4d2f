"""Tiles and features in front of Django: what is asked for most passes no middleware that it does not need.

Most requests of a map are for tiles, most of them kept; most of an analyst for pages of features. Whatever is
no plain request for either, and whatever goes wrong, is left to Django, which answers the same
(``api.tiles.respond``, ``api.features.answers``) with all it has to say.
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.core import signals
from django.http.request import split_domain_port, validate_host

from access.schemes import scheme
from api import limits, numbered, slow, standby, tiles
from api.answer import Answer, Asked, wants_html
from api.errors import UNKEPT, problem
from api.features import answers
from api.public import EXPOSED
from geoplatform import trail
from geoplatform.errors import Busy, GeoplatformError, TooMany, Unavailable

Environment = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[[str, Headers], Any]
Application = Callable[..., Iterable[bytes]]

logger = logging.getLogger(__name__)

TILE = re.compile(r"/tiles/([^/]+)/([^/]+)/([^/]+)/([^/]+)\.(geojson|mvt)")
FEATURES = re.compile(r"/api/collections/([^/]+)/items(?:/([^/]+))?")
STATUS = {
    200: "200 OK",
    304: "304 Not Modified",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}
# What the middleware puts on every answer; a test compares.
COMMON = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", EXPOSED),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
    ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
    ("X-Frame-Options", settings.X_FRAME_OPTIONS),
]


class Front:
    """A WSGI application that answers tiles and features, and asks another one for all else."""

    def __init__(self, behind: Application) -> None:
        self._behind = behind

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        number = numbered.named(environ)
        trail.begin(number)
        # Django's links begin with it as well: behind a proxy the server sees plain HTTP alone.
        environ["wsgi.url_scheme"] = scheme(environ, settings.TRUSTED_PROXIES)
        found = _door(environ)
        if not found or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not _is_ours(_host(environ)):
            return self._behind(environ, start_response)
        name, respond = found
        try:
            verdict = environ[limits.MARK] = limits.judge_at_once(environ, name)
        except limits.MustAsk:
            return self._behind(environ, start_response)
        told = [(numbered.HEADER, number), *(limits.headers(verdict) if verdict else [])]
        if verdict and not verdict.passes:
            return _refused(environ, 429, str(limits.refusal(verdict)), told, start_response)
        try:
            return self._answer(environ, respond, told, start_response)
        finally:
            # As Django does when it has answered: connections are given back. A server ends threads that have
            # nothing to do: with one that holds a connection a place of the pool is lost, and in the end all.
            signals.request_finished.send(sender=type(self))

    def _answer(
        self,
        environ: Environment,
        respond: Callable[[], Answer],
        told: Headers,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        try:
            with slow.Question(environ):
                answer = standby.answered(environ, respond)
        except TooMany as error:
            later = ("Retry-After", str(error.retry_after_s))
            return _refused(environ, 429, str(error), [*told, later], start_response)
        except Busy as error:
            return _refused(environ, 503, str(error), [*told, ("Retry-After", "1")], start_response)
        except Unavailable as error:
            # Django would be asked the same, and take as long.
            return _refused(environ, 503, str(error), told, start_response)
        except GeoplatformError:
            return self._behind(environ, start_response)
        except Exception:
            # Nobody foresaw it: Django, asked for the same, answers 500 as it does everywhere.
            logger.exception("front failed path=%s", environ["PATH_INFO"])
            return self._behind(environ, start_response)
        start_response(STATUS[answer.status], [*answer.headers, *told, *COMMON])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def _door(environ: Environment) -> tuple[str, Callable[[], Answer]] | None:
    """Return the class of a request and what answers it; None where it is Django's."""
    path, header = environ["PATH_INFO"], environ.get
    query, encoding = header("QUERY_STRING", ""), header("HTTP_ACCEPT_ENCODING", "")
    known = header("HTTP_IF_NONE_MATCH", "")
    if match := TILE.fullmatch(path):
        layer, z, x, y, form = match.groups()
        return limits.TILES, partial(tiles.respond, tiles.Asked(layer, z, x, y, form, query, encoding, known))
    match = FEATURES.fullmatch(path)
    if not match or wants_html(query, header("HTTP_ACCEPT", "")):
        return None
    asked = Asked(f"{environ['wsgi.url_scheme']}://{_host(environ)}", query, encoding, known)
    name, id = match.groups()
    if id is None:
        return limits.ITEMS, partial(answers.items, name, asked)
    return limits.ITEMS, partial(answers.item, name, id, asked)


def _refused(
    environ: Environment, status: int, detail: str, told: Headers, start_response: StartResponse
) -> list[bytes]:
    """Answer at once: through Django it would cost as much as what is refused."""
    body: bytes = problem(status, detail).content
    own = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", UNKEPT),
    ]
    start_response(STATUS[status], [*own, *told, *COMMON])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _host(environ: Environment) -> str:
    return str(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""))


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    """Say whether the platform is called by this name, as Django's own check does."""
    domain, _ = split_domain_port(host)
    allowed = settings.ALLOWED_HOSTS
    return bool(domain) and validate_host(domain, allowed)
