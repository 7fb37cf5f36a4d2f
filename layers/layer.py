"""What a layer is, and the catalogue of those that the settings name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string

from geoplatform.errors import NotFound
from layers.record import Kind
from layers.traits import Traits

Geometry = Literal["point", "line", "polygon"]
ATTRIBUTION = "Jakarta Smart City"


@dataclass(frozen=True)
class Layer:
    """One thing that a map can switch on.

    Parameters
    ----------
    name
        As in ``/tiles/<name>/...``, and the MVT layer's own name.
    title
        What people read, by language (``id``, ``en``).
    statement
        The SQL that makes a tile, as ``geoplatform.sql`` names it; its parameters and its one column are
        described in ``layers/tiles.py``. Of a layer with ``traits`` it selects the points instead.
    traits
        What the index of points (``layers/follow.py``) knows of each, and what may be filtered by.
    rows
        Which things of a snapshot it shows, and so whose arrival changes its tiles; None for a layer of
        another app, which says itself when it has changed (``layers.revisions.touch``).
    fields
        What each property of a feature means, unit included.
    params
        Constants of the statement, such as the kinds of POI.
    attribution
        What must be shown with it, or what to call for it.
    daily
        The tile depends on the day: it counts days, or shows what is in force.
    licence
        Under what the rows may be used, where another one than the platform's own says so.
    """

    name: str
    title: Mapping[str, str]
    geometry: Geometry
    statement: str
    fields: Mapping[str, str]
    minzoom: int = 0
    maxzoom: int = 22
    attribution: str | Callable[[], str] = ATTRIBUTION
    params: Mapping[str, object] = field(default_factory=dict)
    daily: bool = False
    rows: Kind | None = None
    traits: Traits | None = None
    licence: str | Callable[[], str] = ""

    def credit(self) -> str:
        """Return what must be shown with the layer, perhaps with links (HTML)."""
        return self.attribution() if callable(self.attribution) else self.attribution

    def terms(self) -> str:
        """Return the licence of the layer's rows; empty where nobody has stated one."""
        said = self.licence() if callable(self.licence) else self.licence
        return said or settings.DATA_LICENCE


@cache
def catalogue() -> Mapping[str, Layer]:
    """Return every layer of ``settings.LAYERS`` by its name, lowest on the map first."""
    layers = [import_string(path) for path in settings.LAYERS]
    return {layer.name: layer for layer in layers}


def find(name: str) -> Layer:
    """Return a layer, or raise NotFound."""
    try:
        return catalogue()[name]
    except KeyError:
        raise NotFound(f"no layer {name!r}: /tiles lists them") from None
