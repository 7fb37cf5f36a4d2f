"""From a layer and a tile to bytes, and the tag that says whether they are still the same."""

import hashlib
import math
from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.utils import OperationalError
from isal import igzip

from geoplatform import sql
from geoplatform.errors import InvalidRequest, Unavailable
from layers import counts, live
from layers.cache import Cache
from layers.grid import CELL_ZOOMS, SCREENFUL, Form, Tile, bbox, key_range
from layers.layer import Layer
from layers.traits import ALL, Filter, day_number

DIGITS = 6  # decimals of a degree in public answers: 0.1 m, and no more than phones know
BUFFER = 1 / 16  # of the tile's side: how far lines and polygons reach over its edge
SMALLEST = 500  # bytes: below, compressing costs more than it saves
LEVEL = 1  # of gzip: 20 times as fast as zlib's 6, and a tenth larger


class Made(NamedTuple):
    """A tile that was made: its body, compressed where that pays, and its tag.

    ``holds`` says whether it may still be served: of points the number of the last change, else the version
    of the layer. The tag is a digest of the body: the same wherever and whenever the same tile is made.
    ``words`` is how many the filter has, which is kept with it.
    """

    body: bytes
    zipped: bool
    tag: str
    holds: Any
    words: int = 0


def weight(made: Made) -> int:
    """Return how many bytes of memory a tile takes with its key, nearly."""
    return len(made.body) + 900 + 90 * made.words


ZONE = ZoneInfo(settings.CITY_TIME_ZONE)
_cache: Cache[Made] = Cache(settings.TILE_CACHE_BYTES, weight)


def forget() -> None:
    """Drop every tile that was kept."""
    _cache.clear()


def tile(layer: Layer, at: Tile, form: Form, now: datetime, filter: Filter = ALL) -> bytes:
    """Return one tile as it is without compression; one without features is empty (MVT: no bytes)."""
    made = served(layer, at, form, now, filter)
    return plain(made)


def plain(made: Made) -> bytes:
    """Return a tile's body without compression."""
    return bytes(igzip.decompress(made.body)) if made.zipped else made.body


def served(layer: Layer, at: Tile, form: Form, now: datetime, filter: Filter = ALL) -> Made:
    """Return one tile, from those that were kept or made anew.

    Raises
    ------
    InvalidRequest
        A filter for a layer that takes none.
    Unavailable
        The database gave no answer.
    """
    if filter and not layer.traits:
        raise InvalidRequest(f"layer {layer.name} takes no filters")
    counts.served(layer.name).inc()
    day = _day(now)
    key = (layer.name, at, form, filter, day if layer.daily else None)
    if layer.traits:
        return _from_points(layer, at, form, day, filter, key)
    version = live.stamp(layer.name)
    return _cache.get(
        key,
        lambda made: made.holds == version,
        lambda: _made(layer, lambda: statement_tile(layer, at, form, day), version),
    )


def _from_points(layer: Layer, at: Tile, form: Form, day: date, filter: Filter, key: Hashable) -> Made:
    # Not with the module: whoever only wants the digits of a coordinate need not load the compiled loops.
    from layers.drawing import draw
    from layers.index import points

    state, changes = live.state(layer), live.followed(layer.name).changes

    def body() -> bytes:
        chosen = points(state.snapshot, filter)
        return draw(chosen, at, form, _digits(at.z), day_number(day), state.letters)

    def make() -> Made:
        return _made(layer, body, state.number)._replace(words=sum(len(words) for _, words in filter.words))

    return _cache.get(key, lambda made: changes.last(at) <= made.holds, make)


def _made(layer: Layer, make: Callable[[], bytes], holds: Any) -> Made:
    counts.made(layer.name).inc()
    with counts.seconds(layer.name).time():
        body = make()
    tag = hashlib.blake2b(body, digest_size=8).hexdigest()
    zipped = len(body) >= SMALLEST
    return Made(igzip.compress(body, LEVEL, mtime=0) if zipped else body, zipped, tag, holds)


def statement_tile(layer: Layer, at: Tile, form: Form, day: date) -> bytes:
    """Make one tile of a layer of lines or polygons, or of the few points that have no index, in SQL.

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
        "cell_shift": max(0, 2 * (30 - at.z - CELL_ZOOMS)),
        "buffer": BUFFER,
        "digits": _digits(at.z),
        "today": day.isoformat(),
        "zone": settings.CITY_TIME_ZONE,
    }
    try:
        with live.exact(), sql.bounded(settings.TILE_TIMEOUT_MS):
            return bytes(sql.scalar(layer.statement, params))
    except OperationalError as error:
        raise Unavailable(
            f"tile {at.z}/{at.x}/{at.y} of {layer.name}: the database gave no answer"
        ) from error


def _digits(z: int) -> int:
    """Decimals of a degree that a zoom can show: a quarter of a pixel of 256 to the tile."""
    return max(1, min(DIGITS, math.ceil(math.log10(1024 * 2**z / 360))))


def _day(now: datetime) -> date:
    return now.astimezone(ZONE).date()
