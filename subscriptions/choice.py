"""Which reports somebody wants to hear of: of some places, of some kinds, in a drawn polygon."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.errors import ShapelyError

from geoplatform.errors import InvalidRequest
from reports.models import Category

CODE = re.compile(r"\d{2}\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?", re.ASCII)
MOST_CODES = 300
MOST_CORNERS = 200


@dataclass(frozen=True)
class Choice:
    """Codes of kelurahan, kecamatan or kota; codes of categories; a polygon in EPSG:4326. Empty: all."""

    places: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    area: shapely.Polygon | None = None

    def params(self) -> dict[str, Any]:
        """Return the parameters of a statement that chooses by them."""
        return {
            "places": [f"{code}%" for code in self.places] or None,
            "categories": list(self.categories) or None,
            "area": shapely.to_wkb(self.area) if self.area else None,
        }


def choice(places: Sequence[str], categories: Sequence[str], area: shapely.Polygon | None) -> Choice:
    """Return a choice.

    Raises
    ------
    InvalidRequest
        What is no code of a boundary, a category that there is not, or too many of them.
    """
    for name, values in (("kelurahan", places), ("category", categories)):
        if len(values) > MOST_CODES:
            raise InvalidRequest(f"{name}: {len(values)} codes, at most {MOST_CODES} are taken")
    for code in places:
        if not CODE.fullmatch(code):
            raise InvalidRequest(f"kelurahan {code!r} is no code such as 31.71.01.1001, 31.71.01 or 31.71")
    unknown = sorted(set(categories) - _known(categories))
    if unknown:
        raise InvalidRequest(f"category {unknown[0]!r} is none: /api/map lists them")
    return Choice(tuple(sorted(set(places))), tuple(sorted(set(categories))), area)


def polygon(
    ring: Sequence[Sequence[float]], holes: Sequence[Sequence[Sequence[float]]] = ()
) -> shapely.Polygon:
    """Return a polygon of rings of longitude and latitude; they need not be closed.

    Raises
    ------
    InvalidRequest
        Fewer than three corners, too many, one that is no position, or sides that cross.
    """
    corners = len(ring) + sum(map(len, holes))
    if len(ring) < 3 or any(len(hole) < 3 for hole in holes):
        raise InvalidRequest("polygon: it has three corners at least")
    if corners > MOST_CORNERS:
        raise InvalidRequest(f"polygon: {corners} corners, at most {MOST_CORNERS} are taken")
    for corner in (*ring, *(one for hole in holes for one in hole)):
        if len(corner) < 2 or not (abs(corner[0]) <= 180 and abs(corner[1]) <= 90):
            raise InvalidRequest(f"polygon: {list(corner)} is no longitude and latitude")
    try:
        made = shapely.Polygon([one[:2] for one in ring], [[one[:2] for one in hole] for hole in holes])
    except (ShapelyError, ValueError):
        raise InvalidRequest("polygon: its corners are none") from None
    if not made.is_valid or made.is_empty or made.area == 0:
        raise InvalidRequest("polygon: its sides cross, or it has no area")
    return made


def _known(codes: Sequence[str]) -> set[str]:
    texts = [code for code in codes if "\0" not in code]
    return set(Category.objects.filter(code__in=texts).values_list("code", flat=True))
