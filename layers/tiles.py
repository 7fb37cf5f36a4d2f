"""From a layer and a tile to bytes, and the tag that says whether they are still the same."""

import hashlib
import math
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.utils import OperationalError

from geoplatform import sql
from geoplatform.errors import Unavailable
from layers import revisions
from layers.grid import Tile, bbox, key_range
from layers.layer import Layer

Form = Literal["mvt", "geojson"]
SCREENFUL = 2000  # points that a tile shows one by one; more of them become cells with counts
CELL_ZOOMS = {"mvt": 6, "geojson": 5}  # a cell is so many zooms finer than its tile: 64 or 32 to a side
DIGITS = 6  # decimals of a degree in public answers: 0.1 m, and no more than phones know
BUFFER = 1 / 16  # of the tile's side: how far lines and polygons reach over its edge


def tag(layer: Layer, form: Form, now: datetime) -> str:
    """Return what changes whenever the layer's tiles may: revision, statement, perhaps the day."""
    day = f"-{_day(now)}" if layer.daily else ""
    made_by = hashlib.sha256(sql.statement(layer.statement).encode()).hexdigest()[:6]
    return f"{layer.name}-{revisions.stamp(layer.name)}{day}-{made_by}-{form}"


def tile(layer: Layer, at: Tile, form: Form, now: datetime) -> bytes:
    """Make one tile; a tile without features is an empty one (MVT: no bytes).

    Every layer's statement gets the same parameters and returns one value, ``bytea``:

    ``layer``
        The layer's name.
    ``form``
        ``mvt`` or ``geojson``.
    ``z``, ``x``, ``y``
        The tile.
    ``first_key``, ``last_key``
        The z-order keys of the points in it.
    ``screenful``, ``cell_shift``
        More points than this become cells: points that agree in all but the lowest ``cell_shift`` bits.
    ``west``, ``south``, ``east``, ``north``, ``buffer``, ``digits``
        The box in degrees, the share of its side that geometries reach beyond it, and decimals that the
        zoom can show.
    ``today``, ``zone``
        The date in the city, and its time zone.
    """
    first_key, last_key = key_range(at)
    params = {
        **layer.params,
        **at._asdict(),
        **bbox(at)._asdict(),
        "layer": layer.name,
        "form": form,
        "first_key": first_key,
        "last_key": last_key,
        "screenful": SCREENFUL,
        "cell_shift": max(0, 2 * (30 - at.z - CELL_ZOOMS[form])),
        "buffer": BUFFER,
        "digits": _digits(at.z),
        "today": _day(now),
        "zone": settings.CITY_TIME_ZONE,
    }
    try:
        with sql.bounded(settings.TILE_TIMEOUT_MS):
            return bytes(sql.scalar(layer.statement, params))
    except OperationalError as error:
        raise Unavailable(
            f"tile {at.z}/{at.x}/{at.y} of {layer.name}: the database gave no answer"
        ) from error


def _digits(z: int) -> int:
    """Decimals of a degree that a zoom can show: a quarter of a pixel of 256 to the tile."""
    return max(1, min(DIGITS, math.ceil(math.log10(1024 * 2**z / 360))))


def _day(now: datetime) -> str:
    return now.astimezone(ZoneInfo(settings.CITY_TIME_ZONE)).date().isoformat()
