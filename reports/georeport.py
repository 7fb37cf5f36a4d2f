"""Open311 GeoReport v2 as we speak it: its words for a status, and its two forms; pure, no Django.

Whoever reads requests and whoever takes them are strangers to one another: what both say stands here.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from reports.record import DONE, IN_PROGRESS, WAITING

FEED = "georeport"  # the channel of what is posted
OPEN, CLOSED = "open", "closed"
STATUSES = {OPEN: (WAITING, IN_PROGRESS), CLOSED: (DONE,)}
WORDS = {ours: theirs for theirs, all_ours in STATUSES.items() for ours in all_ours}
MEDIA_TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# Root and item of each answer in XML; in JSON it is an array of the items.
REQUESTS = ("service_requests", "request")
SERVICES = ("services", "service")
UPDATES = ("service_requests_updates", "request_update")
ERRORS = ("errors", "error")
# XML 1.0 has no place for these, however they are written.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Row = Mapping[str, Any]


def listed(form: str, names: tuple[str, str], rows: Iterable[Row]) -> bytes:
    """Return an answer of several things in JSON or XML."""
    if form == "json":
        return json.dumps(list(rows), default=str).encode()
    root, item = names
    inner = "".join(_element(item, row) for row in rows)
    return _document(f"<{root}>{inner}</{root}>")


def single(form: str, name: str, row: Row) -> bytes:
    """Return an answer of one thing that stands in no list."""
    return json.dumps(row, default=str).encode() if form == "json" else _document(_element(name, row))


def instant(at: datetime | None) -> str | None:
    """Return an instant as the specification writes it, UTC to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _document(root: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n{root}'.encode()


def _element(name: str, value: Any) -> str:
    if value is None or value == []:
        return f"<{name}/>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(part, inner) for part, inner in value.items())}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_element(name.removesuffix('s'), one) for one in value)}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    readable = UNSPEAKABLE.sub("\ufffd", text)
    return f"<{name}>{escape(readable)}</{name}>"
