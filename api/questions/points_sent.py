"""Points as a caller sends them, in any of three forms, and the answer in the same form."""

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import orjson

from api.params import NUMBER
from geoplatform.errors import InvalidRequest, TooLarge

MOST = 100_000  # points at once
MOST_COMMAS = 2_000_000  # of a CSV: twenty to a row; each may be a field, of eight bytes
ADDED = ("kelurahan", "kecamatan", "kota")


class Sent(NamedTuple):
    """n positions in degrees, NaN where there is none, and what they came in."""

    lon: np.ndarray
    lat: np.ndarray
    form: str  # json, geojson or csv
    content: Any  # of geojson its features, of csv its rows, the header first


def from_json(body: bytes) -> Sent:
    """Read ``[[lon, lat], ...]``, ``{"points": [...]}`` or a FeatureCollection of points.

    Raises
    ------
    InvalidRequest
        It is none of these; which member, and what it holds.
    TooLarge
        More than 100,000 points.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"the body is no JSON: {error}") from None
    if isinstance(content, dict) and content.get("type") == "FeatureCollection":
        return _features(_listed("features", content.get("features")))
    name = "points" if isinstance(content, dict) else "body"
    given = _listed(name, content.get("points") if isinstance(content, dict) else content)
    return Sent(*_columns(name, given), "json", None)


def from_csv(body: bytes, lon: str, lat: str) -> Sent:
    """Read a CSV (UTF-8, a header, commas); ``lon`` and ``lat`` name its columns of degrees.

    Raises
    ------
    InvalidRequest
        It cannot be read, lacks a column, or a field holds no number; which one, and what it holds.
    TooLarge
        More than 100,000 rows.
    """
    try:
        rows = _rows(body)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidRequest(f"the body is no CSV in UTF-8: {error}") from None
    if not rows:
        raise InvalidRequest("the body is empty: a CSV has a header")
    header, *rest = rows
    places = [_place(header, name) for name in (lon, lat)]
    for number, row in enumerate(rest, 1):
        if len(row) != len(header):
            raise InvalidRequest(f"row {number} has {len(row)} fields, the header has {len(header)}")
    axes = [
        np.array([_number(header[place], n, row[place]) for n, row in enumerate(rest, 1)], np.float64)
        for place in places
    ]
    return Sent(axes[0], axes[1], "csv", rows)


def _rows(body: bytes) -> list[list[str]]:
    """Return the rows that are not empty; no more are read than may be sent.

    A row of two bytes is a list of a hundred: they are counted while they are read, the empty ones too.
    """
    if body.count(b",") > MOST_COMMAS:
        raise TooLarge(f"there are more than {MOST_COMMAS} commas: send degrees and a key, not all columns")
    rows: list[list[str]] = []
    lines = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline="")
    for number, row in enumerate(csv.reader(lines, strict=True)):
        if number > MOST:
            raise TooLarge(f"there are more than {MOST} rows: at most {MOST} are taken at once")
        if row:
            rows.append(row)
    return rows


def annotated_csv(rows: Sequence[Sequence[str]], codes: Mapping[str, Sequence[str | None]]) -> bytes:
    """Return a CSV's rows with a column more for each tier."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180 §2
    writer.writerow([*rows[0], *_new("column", rows[0], codes)])
    for row, *found in zip(rows[1:], *codes.values(), strict=True):
        writer.writerow([*row, *(code or "" for code in found)])
    return out.getvalue().encode()


def annotated_features(
    features: Sequence[dict[str, Any]], codes: Mapping[str, Sequence[str | None]]
) -> list[dict[str, Any]]:
    """Return features with a property more for each tier."""
    found = zip(*codes.values(), strict=True)
    answered = []
    for feature, values in zip(features, found, strict=True):
        properties = feature.get("properties") or {}
        _new("property", properties, codes)
        answered.append({**feature, "properties": {**properties, **dict(zip(codes, values, strict=True))}})
    return answered


def _new(what: str, present: Any, codes: Mapping[str, Any]) -> list[str]:
    """Return the names that are added; none may be there already."""
    for name in codes:
        if name in present:
            raise InvalidRequest(f"there is a {what} {name!r} already: rename it first")
    return list(codes)


def _listed(name: str, given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise InvalidRequest(f"{name} is no list of points")
    if len(given) > MOST:
        raise TooLarge(f"{name} holds {len(given)} points: at most {MOST} are taken at once")
    return given


def _features(features: list[Any]) -> Sent:
    positions = [_position(place, feature) for place, feature in enumerate(features)]
    lon, lat = _columns("features", [at or [0.0, 0.0] for at in positions])
    pointless = np.array([at is None for at in positions], np.bool_)
    return Sent(np.where(pointless, np.nan, lon), np.where(pointless, np.nan, lat), "geojson", features)


def _position(place: int, feature: Any) -> Any:
    """Return the coordinates of a Point feature, None of one without geometry."""
    is_feature = isinstance(feature, dict) and feature.get("type") == "Feature"
    if not is_feature or not isinstance(feature.get("properties"), dict | None):
        raise InvalidRequest(f"features[{place}] is no Feature")
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise InvalidRequest(f"features[{place}] is a {str(kind)[:40]!r}: points are wanted")
    return geometry.get("coordinates") or []


def _columns(name: str, points: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return lon and lat of positions of two numbers, or three: an altitude is not looked at."""
    # Each list looked at as a whole, not one by one: a tenth of the time of numpy.array().
    if set(map(type, points)) <= {list} and set(map(len, points)) == {2}:
        flat = list(chain.from_iterable(points))
        if set(map(type, flat)) <= {int, float}:
            table = np.fromiter(flat, np.float64, len(flat)).reshape(-1, 2)
            return table[:, 0], table[:, 1]
    for place, point in enumerate(points):
        if not _is_position(point):
            raise InvalidRequest(f"{name}[{place}] is {str(point)[:60]!r}, not [lon, lat]")
    return np.array([float(p[0]) for p in points]), np.array([float(p[1]) for p in points])


def _is_position(point: Any) -> bool:
    return (
        isinstance(point, list)
        and len(point) in (2, 3)
        and all(isinstance(axis, int | float) and not isinstance(axis, bool) for axis in point)
    )


def _place(header: Sequence[str], name: str) -> int:
    found = [place for place, given in enumerate(header) if given == name]
    if len(found) != 1:
        raise InvalidRequest(f"the header has {len(found)} columns {name!r}: {', '.join(header)[:200]}")
    return found[0]


def _number(name: str, row: int, text: str) -> float:
    if not text.strip():
        return np.nan
    if not NUMBER.fullmatch(text.rstrip()):
        raise InvalidRequest(f"row {row}: {name} {text[:40]!r} is no number")
    return float(text)
