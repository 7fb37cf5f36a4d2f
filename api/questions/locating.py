"""``POST /api/locate``: in which kelurahan each of up to 100,000 points lies."""

from typing import Any

import numpy as np
import orjson
from django.http import HttpRequest, HttpResponse
from isal import igzip

from api import boundaries, params
from api.public import WANTS_GZIP
from api.questions import points_sent
from api.questions.points_sent import Sent
from boundaries import bulk, lookup
from boundaries.models import Edition
from geoplatform.errors import InvalidRequest, TooLarge, Unsupported

MOST_BYTES = 32_000_000
# Parsed, JSON takes up to some 31 times its text. 100,000 features without properties are just below 10 MB.
MOST_JSON_BYTES = 10_000_000
METHODS = "GET, HEAD, OPTIONS, POST"
JSON_TYPES = ("application/json", "application/geo+json", "application/vnd.geo+json")
TIERS = {"kelurahan": 13, "kecamatan": 8, "kota": 5}  # characters of a code


def locate(request: HttpRequest) -> HttpResponse:
    """``/api/locate``: one point by ``GET``, many by ``POST``."""
    if request.method == "POST":
        return locate_many(request)
    response = boundaries.locate(request)
    for header in ("Allow", "Access-Control-Allow-Methods"):
        if header in response:
            response[header] = METHODS
    return response


def locate_many(request: HttpRequest) -> HttpResponse:
    """Answer in the form in which the points came: columns of JSON, a FeatureCollection, or a CSV."""
    params.only(request, {"on", "lon", "lat"})
    sent = _sent(request)
    edition = Edition.objects.get(pk=lookup.edition_on(params.on(request)))
    codes = _codes(sent, edition.pk)
    media_type, body = _answer(sent, edition, codes)
    response = HttpResponse(body, content_type=media_type)
    if WANTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
        response.content = igzip.compress(body, 1, mtime=0)
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest) -> Sent:
    """Read the body, by its media type."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Unsupported(f"Content-Encoding {request.headers['Content-Encoding']!r}: send it as it is")
    kind = (request.content_type or "").lower()
    most = MOST_JSON_BYTES if kind in JSON_TYPES else MOST_BYTES
    body = request.read(most + 1)
    if len(body) > most:
        raise TooLarge(f"more than {most} bytes are not taken at once")
    if kind in JSON_TYPES:
        for name in ("lon", "lat"):
            if name in request.GET:
                raise InvalidRequest(f"parameter {name!r} names a column of a CSV; this is {kind}")
        return points_sent.from_json(body)
    if kind == "text/csv":
        return points_sent.from_csv(body, request.GET.get("lon", "lon"), request.GET.get("lat", "lat"))
    raise Unsupported(f"Content-Type {kind!r}: known are {', '.join(JSON_TYPES)}, text/csv")


def _codes(sent: Sent, edition_id: int) -> list[str | None]:
    """Return the kelurahan's code of each point; a missing one has none."""
    has_point = ~(np.isnan(sent.lon) | np.isnan(sent.lat))
    # Something else stands in for it, so that an error counts the points as the caller does.
    lon, lat = (np.where(has_point, axis, 0.0) for axis in (sent.lon, sent.lat))
    codes = bulk.locate(lon, lat, edition_id)
    codes[~has_point] = None
    return list(codes.tolist())


def _answer(sent: Sent, edition: Edition, codes: list[str | None]) -> tuple[str, bytes]:
    if sent.form == "json":
        return "application/json", orjson.dumps(_columns(edition, codes))
    tiers = {tier: [code and code[:length] for code in codes] for tier, length in TIERS.items()}
    if sent.form == "csv":
        return "text/csv; charset=utf-8", points_sent.annotated_csv(sent.content, tiers)
    features = points_sent.annotated_features(sent.content, tiers)
    return "application/geo+json", orjson.dumps({"type": "FeatureCollection", "features": features})


def _columns(edition: Edition, codes: list[str | None]) -> dict[str, Any]:
    """Return the codes in a column, and each area that is named once."""
    wanted = sorted({code[:length] for code in set(codes) - {None} for length in TIERS.values()})  # type: ignore[index]
    names = lookup.names(edition.pk, wanted)
    return {
        "edition": {"id": edition.pk, "name": edition.name, "schematic": edition.schematic},
        "points": len(codes),
        "inside": sum(code is not None for code in codes),
        "names": {code: area.name for code, area in sorted(names.items())},
        "kelurahan": codes,
    }
