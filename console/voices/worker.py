"""The form's service worker, which keeps its files and sends what waits, and what makes it installable."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from console.voices.page import UNKEPT, language, said
from console.words import LANGUAGES

SCOPE = "/report-a-problem/"
ADDRESS = f"{SCOPE}worker.js"
FOLDER = "console/voices"
MODULE = f"{FOLDER}/form.js"
STYLES = (
    "console/tokens.css",
    "leaflet/leaflet.css",
    "console/public.css",
    "console/pages.css",
    f"{FOLDER}/voices.css",
)
OTHERS = ("leaflet/leaflet.js", "console/icon.svg", f"{FOLDER}/icon-192.png")
IMPORT = re.compile(r'(?:from|import)\s*\(?"(\.[^"]+)"')


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """``GET /report-a-problem/worker.js``: its files, and a version that changes with them."""
    shell = {
        "version": version(),
        "scope": SCOPE,
        "pages": _pages(),
        "files": [f"{settings.STATIC_URL}{one}" for one in files()],
    }
    body = f"self.SHELL = {json.dumps(shell)};\n{_text(f'{FOLDER}/worker.js')}"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = UNKEPT
    response["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; connect-src 'self'"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """``GET /report-a-problem/manifest.webmanifest[?lang=]``: the form as an app of its own."""
    spoken = language(request)
    words = said(spoken)
    content: dict[str, Any] = {
        "name": words["app_name"],
        "short_name": words["app_short"],
        "description": words["report_lead"],
        "lang": spoken,
        "id": SCOPE,
        "start_url": SCOPE if spoken == LANGUAGES[0] else f"{SCOPE}?lang={spoken}",
        "scope": SCOPE,
        "display": "standalone",
        "theme_color": "#0b5c7a",
        "background_color": "#f3f5f7",
        "icons": [
            {
                "src": f"{settings.STATIC_URL}{FOLDER}/icon-{size}.png",
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in (192, 512)
            for purpose in ("any", "maskable")
        ],
    }
    response = HttpResponse(json.dumps(content), content_type="application/manifest+json")
    response["Cache-Control"] = UNKEPT
    return response


@cache
def files() -> tuple[str, ...]:
    """Return the static files that the form needs: its styles, its module and all that this one imports."""
    found: dict[str, None] = {}
    waiting = [MODULE]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        waiting += [_beside(name, other) for other in IMPORT.findall(_text(name))]
    return (*STYLES, *OTHERS, *sorted(found))


@cache
def version() -> str:
    """Return the digest of the form's files, of the worker itself, and of the words."""
    digest = hashlib.sha256()
    for name in (*files(), f"{FOLDER}/worker.js"):
        digest.update(_path(name).read_bytes())
    for spoken in LANGUAGES:
        digest.update(json.dumps(said(spoken), sort_keys=True).encode())
    return digest.hexdigest()[:12]


def _pages() -> list[str]:
    """Return the form in each language."""
    return [SCOPE, *(f"{SCOPE}?lang={spoken}" for spoken in LANGUAGES)]


def _beside(name: str, other: str) -> str:
    """Return the file that a module imports by a relative name."""
    parts = Path(name).parent.parts
    for part in Path(other).parts:
        parts = parts[:-1] if part == ".." else (*parts, part)
    return "/".join(parts)


def _text(name: str) -> str:
    return _path(name).read_text(encoding="utf-8")


def _path(name: str) -> Path:
    found = finders.find(name)
    assert isinstance(found, str), name  # noqa: S101 - it came with the platform
    return Path(found)
