"""Which reports somebody wants to hear of: of some places, of some kinds, in a drawn polygon."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db.models import Model
from shapely.errors import ShapelyError

from boundaries.models import Office
from geoplatform.errors import InvalidRequest
from reports.models import Category

CODE = re.compile(r"\d{2}\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?", re.ASCII)
MOST_CODES = 300
MOST_CORNERS = 200
LAST_ID = (1 << 63) - 1  # of a bigint


@dataclass(frozen=True)
class Choice:
    """Codes of kelurahan, kecamatan or kota; of categories; a polygon in EPSG:4326; codes of offices; ids.

    Empty: all.
    """

    places: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    area: shapely.Polygon | None = None
    offices: tuple[str, ...] = ()
    reports: tuple[int, ...] = ()

    def params(self) -> dict[str, Any]:
        """Return the parameters of a statement that chooses by them."""
        return {
            "places": [f"{code}%" for code in self.places] or None,
            "categories": list(self.categories) or None,
            "area": shapely.to_wkb(self.area) if self.area else None,
            "offices": list(self.offices) or None,
            "reports": list(self.reports) or None,
        }


def choice(
    places: Sequence[str],
    categories: Sequence[str],
    area: shapely.Polygon | None,
    offices: Sequence[str] = (),
    reports: Sequence[int] = (),
) -> Choice:
    """Return a choice.

    Raises
    ------
    InvalidRequest
        What is no code of a boundary, a category or an office that there is not, or too many of them.
    """
    named = (("kelurahan", places), ("category", categories), ("office", offices), ("report", reports))
    for name, values in named:
        if len(values) > MOST_CODES:
            raise InvalidRequest(f"{name}: {len(values)} codes, at most {MOST_CODES} are taken")
    for code in places:
        if not CODE.fullmatch(code):
            raise InvalidRequest(f"kelurahan {code!r} is no code such as 31.71.01.1001, 31.71.01 or 31.71")
    _refuse_unknown("category", categories, Category, "/api/map lists them")
    _refuse_unknown("office", offices, Office, "/api/boundaries and each report name them")
    for id in reports:
        if not 0 < id <= LAST_ID:
            raise InvalidRequest(f"report {id}: no report has that number")
    first, second, last = (tuple(sorted(set(codes))) for codes in (places, categories, offices))
    return Choice(first, second, area, last, tuple(sorted(set(reports))))


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


def _refuse_unknown(name: str, codes: Sequence[str], model: type[Model], where: str) -> None:
    texts = [code for code in codes if "\0" not in code]
    known = set(model._default_manager.filter(code__in=texts).values_list("code", flat=True))
    unknown = sorted(set(codes) - known)
    if unknown:
        raise InvalidRequest(f"{name} {unknown[0]!r} is none: {where}")
