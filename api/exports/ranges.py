"""A part of a file for who was cut off, as RFC 9110 §14 says: one range, if it is still the same file."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from api.errors import problem

RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)
PIECE = 1 << 20


class Part(NamedTuple):
    """The first byte of a file that is sent, and the one behind the last."""

    start: int
    end: int


class Version(NamedTuple):
    """What tells a file from another one of its name: a strong tag, and when it was made."""

    etag: str
    modified: int  # seconds since 1970


def version(path: Path) -> Version:
    """Return the version of a file: one is renamed into its place, never written to."""
    status = path.stat()
    return Version(f'"{status.st_mtime_ns:x}-{status.st_size:x}"', int(status.st_mtime))


def wanted(header: str, size: int) -> Part | None:
    """Return which part a ``Range`` asks for; all of it where there is none that can be read, or several.

    None: it begins behind the end.
    """
    found = RANGE.fullmatch(header)
    if not found or found[1] == found[2] == "":
        return Part(0, size)
    if not found[1]:
        length = int(found[2])
        return Part(max(0, size - length), size) if length and size else None
    start, end = int(found[1]), int(found[2]) + 1 if found[2] else size
    if found[2] and end <= start:
        return Part(0, size)  # such a header is to be ignored
    return Part(start, min(end, size)) if start < size else None


def send(request: HttpRequest, path: Path, media_type: str, headers: dict[str, str]) -> HttpResponseBase:
    """Answer with a file: 200, 206, 304, or 416."""
    now = version(path)
    size = path.stat().st_size
    common = {
        "ETag": now.etag, "Last-Modified": http_date(now.modified), "Accept-Ranges": "bytes", **headers,
    }  # fmt: skip
    if is_known(request, now):
        return HttpResponseNotModified(headers=common)
    asked = request.headers.get("Range", "")
    part = wanted(asked, size) if asked and is_same(request, now) else Part(0, size)
    if part is None:
        refused = problem(416, f"Range {asked!r}: the file has {size} bytes")
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    is_part = part != Part(0, size)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=media_type)
    else:
        response = StreamingHttpResponse(pieces(path, part), content_type=media_type)
    response.status_code = 206 if is_part else 200
    if is_part:
        response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    response["Content-Length"] = str(part.end - part.start)
    for name, value in common.items():
        response[name] = value
    return response


def is_known(request: HttpRequest, now: Version) -> bool:
    """Say whether the caller has this very file already."""
    given = request.headers.get("If-None-Match")
    if given is not None:
        tags = {tag.removeprefix("W/") for tag in parse_etags(given)}
        return now.etag in tags or "*" in tags
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and now.modified <= since


def is_same(request: HttpRequest, now: Version) -> bool:
    """Say whether ``If-Range`` names this file, by its strong tag or its very date, or is absent."""
    given = request.headers.get("If-Range")
    if given is None:
        return True
    if given.startswith('"'):
        return given == now.etag
    return parse_http_date_safe(given) == now.modified


def pieces(path: Path, part: Part) -> Iterator[bytes]:
    """Yield a part of a file."""
    with path.open("rb") as file:
        file.seek(part.start)
        left = part.end - part.start
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def made_at(path: Path) -> datetime:
    """Return when a file was put in its place."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
