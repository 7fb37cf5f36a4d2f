"""Reports without a point: on no map and in no index, and still reports, which a count must not leave out."""

from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from geoplatform import sql
from layers import copying, live
from layers.follow import State
from layers.index import Rows
from layers.layer import Layer
from layers.traits import EPOCH, Wordlist


class Pointless(NamedTuple):
    """All reports without a point, each with the key -1, and what the codes of their traits mean."""

    rows: Rows
    wordlist: Wordlist


_known: tuple[State, Pointless] | None = None
_reading = Lock()


def beside(layer: Layer) -> tuple[State, Pointless]:
    """Return the points of the layer of reports, and what stands beside them; read when that has changed."""
    global _known  # noqa: PLW0603
    state = live.state(layer)
    with _reading:
        # Each change of the layer makes another state, and none is changed itself.
        if _known is None or _known[0] is not state:
            _known = state, _read(layer)
        return _known


def _read(layer: Layer) -> Pointless:
    assert layer.traits is not None  # noqa: S101
    # Words of its own: those of the index are added to by whoever follows the layer.
    wordlist = Wordlist(layer.traits)
    params = {"zone": settings.CITY_TIME_ZONE, "epoch_day": EPOCH}
    with connection.cursor() as cursor:
        rows = copying.copied(cursor, sql.statement("reports/pointless"), params, wordlist)
    return Pointless(rows, wordlist)
