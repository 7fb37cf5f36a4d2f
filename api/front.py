"""Tiles in front of Django: what is asked for most often passes no middleware that it does not need.

Most requests of a map are for tiles, most of them kept. Whatever is not a plain request for a tile, and
whatever goes wrong, is left to Django, which answers the same (``api.tiles.respond``) with all it has to say.
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from api.errors import problem
from api.tiles import Asked, respond
from geoplatform.errors import Busy, GeoplatformError

Environment = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[..., Iterable[bytes]]

logger = logging.getLogger(__name__)

TILE = re.compile(r"/tiles/([^/]+)/([^/]+)/([^/]+)/([^/]+)\.(geojson|mvt)")
STATUS = {200: "200 OK", 304: "304 Not Modified", 503: "503 Service Unavailable"}
# What the middleware puts on every answer; a test compares.
COMMON = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
    ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
    ("X-Frame-Options", settings.X_FRAME_OPTIONS),
]


class Front:
    """A WSGI application that answers tiles, and asks another one for all else."""

    def __init__(self, behind: Application) -> None:
        self._behind = behind

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path = TILE.fullmatch(environ["PATH_INFO"])
        if not path or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not _is_ours(_host(environ)):
            return self._behind(environ, start_response)
        header = environ.get
        encoding, known = header("HTTP_ACCEPT_ENCODING", ""), header("HTTP_IF_NONE_MATCH", "")
        layer, z, x, y, form = path.groups()
        asked = Asked(layer, z, x, y, form, header("QUERY_STRING", ""), encoding, known)
        try:
            answer = respond(asked)
        except Busy as error:
            body = _refused(error, start_response)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        except GeoplatformError:
            return self._behind(environ, start_response)
        except Exception:
            # Nobody foresaw it: Django, asked for the same, answers 500 as it does everywhere.
            logger.exception("tile failed path=%s", environ["PATH_INFO"])
            return self._behind(environ, start_response)
        start_response(STATUS[answer.status], [*answer.headers, *COMMON])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def _refused(error: Busy, start_response: StartResponse) -> bytes:
    """Answer 503 at once: through Django it would cost as much as what is refused."""
    body: bytes = problem(503, str(error)).content
    own = [
        ("Content-Type", "application/problem+json"),
        ("Retry-After", "1"),
        ("Content-Length", str(len(body))),
    ]
    start_response(STATUS[503], [*own, *COMMON])
    return body


def _host(environ: Environment) -> str:
    return str(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""))


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    """Say whether the platform is called by this name, as Django's own check does."""
    domain, _ = split_domain_port(host)
    allowed = settings.ALLOWED_HOSTS
    return bool(domain) and validate_host(domain, allowed)
