"""The boundaries that counts are shown on."""

from functools import lru_cache
from typing import NamedTuple

from geoplatform import sql

LEVELS = {"kelurahan": 13, "kecamatan": 8, "kota": 5}  # characters of a code
ZOOMS = {"true": 12, "full": 99, "false": 0}  # by the parameter ``geometry``


class Area(NamedTuple):
    """A boundary: dotted code, name, code of the tier above, square kilometres, geometry as GeoJSON text."""

    code: str
    name: str
    parent: str | None
    area_km2: float
    geometry: str | None


@lru_cache(maxsize=8)
def areas(edition_id: int, level: str, zoom: int) -> tuple[Area, ...]:
    """Return the boundaries of a level of an edition, by code; what an edition holds never changes."""
    rows = sql.rows("api/areas", {"edition_id": edition_id, "level": level, "zoom": zoom})
    return tuple(Area(*row) for row in rows)
