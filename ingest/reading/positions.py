"""Positions as a table of the settings describes them: swapped axes, decimal commas, another CRS."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, NoReturn

from geoplatform.errors import FeedChanged, Rejected
from ingest.reading.fields import lonlat, number
from layers.record import LonLat

WGS84 = "EPSG:4326"
GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+")


class Positions:
    """Reads the positions of one source.

    ``refuse`` is told which option cannot be used, and why.
    """

    def __init__(
        self, crs: str, swap_axes: bool, decimal_comma: bool, refuse: Callable[[str, str], NoReturn]
    ) -> None:
        self.crs, self._swap_axes, self._decimal_comma = crs, swap_axes, decimal_comma
        if crs != WGS84:
            from pyproj.exceptions import CRSError

            try:
                _ = self._transform
            except CRSError:
                refuse("crs", f"is {crs!r}, which is none: EPSG:32748, for example")

    def read(self, x: Any, y: Any) -> LonLat | None:
        """Return a position from its two numbers, longitude or easting first; None for (0, 0).

        Raises
        ------
        Rejected
            They are no numbers, or no position on Earth.
        """
        if self._swap_axes:
            x, y = y, x
        try:
            east, north = self._number(x), self._number(y)
            if self.crs != WGS84 and (east, north) != (0, 0):
                east, north = self._transform(east, north)
            return lonlat(east, north)
        except FeedChanged as error:
            raise Rejected(f"position: {error}") from None

    def _number(self, value: Any) -> float:
        if self._decimal_comma and isinstance(value, str):
            if GROUPED.fullmatch(value.strip()):
                value = value.replace(".", "")
            value = value.replace(",", ".")
        return number(value)

    @cached_property
    def _transform(self) -> Callable[[float, float], tuple[float, float]]:
        # Half a second of pyproj, which a source in degrees need not pay.
        from pyproj import Transformer

        transform: Callable[[float, float], tuple[float, float]] = Transformer.from_crs(
            self.crs, WGS84, always_xy=True
        ).transform
        return transform
