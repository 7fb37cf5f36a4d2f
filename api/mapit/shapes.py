"""The polygons of areas: as GeoJSON, KML and WKT, and in figures."""

import json
from collections.abc import Collection
from typing import Any, Literal, NamedTuple
from xml.sax.saxutils import escape

from django.conf import settings

from api.mapit import ids
from api.mapit.generations import Span
from api.params import NUMBER
from geoplatform import sql
from geoplatform.errors import InvalidRequest

Form = Literal["geojson", "kml", "wkt"]
MEDIA_TYPES: dict[Form, str] = {
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "wkt": "text/plain; charset=utf-8",
}
MOST_TOLERANCE = 1.0  # degrees: more than the province


class Shape(NamedTuple):
    """One area's polygon as text of some form."""

    code: str
    name: str
    body: str


def shapes(span: Span, codes: Collection[str], form: Form, tolerance: float) -> list[Shape]:
    """Return the polygons of boundaries, simplified by so many degrees; codes without one are left out."""
    params = {"editions": list(span.editions), "codes": list(codes), "form": form, "tolerance": tolerance}
    with sql.bounded(settings.QUERY_TIMEOUT_MS):
        return [Shape(*row) for row in sql.rows("api/mapit_shapes", params)]


def measures(span: Span, codes: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return figures of boundaries by MapIt's own names, by the areas' numbers."""
    params = {"editions": list(span.editions), "codes": list(codes)}
    with sql.bounded(settings.QUERY_TIMEOUT_MS):
        found = sql.dicts("api/mapit_measures", params)
    return {str(ids.number(row.pop("code"))): row for row in found}


def tolerance(text: str) -> float:
    """Return ``simplify_tolerance``, degrees."""
    value = float(text) if NUMBER.fullmatch(text) else -1.0
    if not 0 <= value <= MOST_TOLERANCE:
        raise InvalidRequest(f"simplify_tolerance {text!r} is no number from 0 to {MOST_TOLERANCE:g}")
    return value


def collection(found: Collection[Shape]) -> str:
    """Return several polygons as a FeatureCollection."""
    features = (
        f'{{"type": "Feature", "geometry": {shape.body}, "properties": '
        f"{json.dumps({'id': ids.number(shape.code), 'name': shape.name})}}}"
        for shape in found
    )
    return f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}'


def kml(found: Collection[Shape]) -> str:
    """Return polygons as one KML document, in the colours that MapIt gives them."""
    placemarks = "".join(
        f"<Placemark><styleUrl>#area</styleUrl><name>{escape(shape.name)}</name>{shape.body}</Placemark>"
        for shape in found
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        '<Style id="area"><LineStyle><color>70ff0000</color><width>2</width></LineStyle>'
        f"<PolyStyle><color>3dff5500</color></PolyStyle></Style>{placemarks}</Document></kml>"
    )
