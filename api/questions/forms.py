"""The forms in which questions are answered: JSON, GeoJSON and CSV, by the parameter ``f``."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from api.public import answer

MEDIA_TYPES = {
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
}


def reply(request: HttpRequest, form: str, body: bytes) -> HttpResponse:
    """Answer with a body in a form; its digest is its tag."""
    return answer(request, hashlib.sha256(body).hexdigest()[:16], MEDIA_TYPES[form], lambda: body)


def to_json(content: Mapping[str, Any]) -> bytes:
    """Return JSON."""
    return orjson.dumps(content)


# What a spreadsheet takes for a formula, and may run, where a field begins with it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(value: Any) -> Any:
    """Return a value as a CSV may hold it: before a text that a spreadsheet would run, an apostrophe."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV (RFC 4180); what is null is empty, and no text is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return out.getvalue().encode()


def to_geojson(features: Iterable[tuple[Any, str | None, Mapping[str, Any]]], **members: Any) -> bytes:
    """Return a FeatureCollection of ids, geometries as GeoJSON text, and properties; and other members."""
    made = b",".join(
        b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}'
        % (orjson.dumps(id), (geometry or "null").encode(), orjson.dumps(properties))
        for id, geometry, properties in features
    )
    others = orjson.dumps({"type": "FeatureCollection", **members})
    return b'%b,"features":[%b]}' % (others[:-1], made)
