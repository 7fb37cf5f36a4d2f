"""Which view of the map an address means: layers, a box, a language; alike for page, picture and oEmbed."""

from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from api import listing, params
from api.listing import Listing
from console.words import LANGUAGES
from geoplatform.errors import InvalidRequest
from layers.grid import Bbox
from layers.layer import Layer, catalogue

NAMES = ("layers", "bbox", "lang", *listing.NAMES)
ON_AT_FIRST = ("kelurahan", "kecamatan", "kota", "jams", "reports")  # as in console/static/console/main.js
WIDEST_DEG = 4.0  # of a box, each way: there is nothing beyond the city


class Shown(NamedTuple):
    """A view: layers, lowest first, west, south, east, north in degrees, the language, and which reports."""

    layers: tuple[Layer, ...]
    bbox: Bbox | None
    language: str
    listing: Listing = Listing()

    def query(self) -> str:
        """Return the parameters of an address that means this view."""
        given = {"layers": ",".join(layer.name for layer in self.layers)}
        if self.bbox:
            given["bbox"] = ",".join(map(_written, self.bbox))
        return urlencode({**given, **self.listing.query(), "lang": self.language}, safe=",")

    def box(self) -> Bbox:
        """Return the box that the view shows: its own, else that of its place, else the city's."""
        place = self.listing.place
        return self.bbox or (place.bbox if place else city())


def _written(side: float) -> str:
    """Return degrees to a tenth of a metre, without zeros at the end."""
    return f"{side:.6f}".rstrip("0").rstrip(".")


def read(request: HttpRequest) -> Shown:
    """Return the view that a request asks for: without layers those of the map, without a box the city.

    Raises
    ------
    InvalidRequest
        A layer that is none, a box that is none or wider than four degrees, a language that is not spoken, a
        filter of reports that cannot be used.
    """
    box = _bbox(request)
    wanted = replace(listing.read(request), bbox=None)
    return Shown(_layers(request.GET.get("layers")), box, _language(request), wanted)


def _layers(text: str | None) -> tuple[Layer, ...]:
    names = ON_AT_FIRST if text is None else tuple(filter(None, text.split(",")))
    known = catalogue()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidRequest(f"layers {unknown[0]!r}: known are {', '.join(known)}")
    return tuple(layer for name, layer in known.items() if name in names)


def _bbox(request: HttpRequest) -> Bbox | None:
    if "bbox" not in request.GET:
        return None
    box = params.bbox(request)
    if max(box.east - box.west, box.north - box.south) > WIDEST_DEG or max(-box.south, box.north) > 85:
        raise InvalidRequest(
            f"bbox {request.GET['bbox']!r}: at most {WIDEST_DEG:g} degrees are shown at once"
        )
    return box


def _language(request: HttpRequest) -> str:
    return params.one_of(request, "lang", LANGUAGES, LANGUAGES[0])


def city() -> Bbox:
    """Return the box of the mainland round the city's middle, for a picture of the whole."""
    lon, lat, _ = settings.CITY_CENTRE
    return Bbox(lon - 0.16, lat - 0.17, lon + 0.16, lat + 0.13)
