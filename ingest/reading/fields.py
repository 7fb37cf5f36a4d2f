"""Strict reading: every field of a payload is taken, ignored by name, or reported as unread."""

import hashlib
import math
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from geoplatform.errors import FeedChanged, Rejected
from ingest.canonical import encode
from layers.record import LonLat

JAKARTA = ZoneInfo("Asia/Jakarta")
MISSING = object()
TINY = 1e-12  # nothing is measured so finely, and the trigonometry of positions would underflow


class Fields:
    """The fields of one object of a payload; remembers which were taken."""

    def __init__(self, values: Any, path: str = "") -> None:
        if not isinstance(values, (dict, Mapping)):
            raise FeedChanged(f"{path or 'the payload'} is {_shown(values)}, expected an object")
        self._values = values
        self._path = path
        self._taken: set[str] = set()
        self._inner: list[Fields] = []

    def take(self, name: str, kind: type | tuple[type, ...] = object, default: Any = MISSING) -> Any:
        """Return a field; missing, null or of another kind it is FeedChanged unless it has a default.

        A default stands in for a field that is missing or null, never for one of the wrong kind.
        """
        self._taken.add(name)
        value = self._values.get(name)
        if value is None:
            if default is MISSING:
                raise FeedChanged(f"no field {self._path}{name!r}")
            return default
        if kind is not object and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            raise FeedChanged(f"field {self._path}{name!r} is {_shown(value)}, of another kind than expected")
        return value

    def text(self, name: str, default: Any = MISSING) -> str:
        """Return a text field without surrounding space."""
        return str(self.take(name, str, default)).strip()

    def inner(self, name: str) -> "Fields":
        """Return the fields of an object in a field."""
        inner = Fields(self.take(name), f"{self._path}{name}.")
        self._inner.append(inner)
        return inner

    def has(self, name: str) -> bool:
        """Say whether a field is there and not null."""
        return self._values.get(name) is not None

    def rest(self) -> dict[str, Any]:
        """Take every field that is left, as it is."""
        rest = {name: value for name, value in self._values.items() if name not in self._taken}
        self._taken.update(rest)
        return rest

    def digest(self) -> str:
        """Return the SHA-256 of the object as it was sent, in hex; the order of its fields does not count."""
        return hashlib.sha256(encode(self._values).encode()).hexdigest()

    def left(self, ignore: Collection[str] = ()) -> tuple[str, ...]:
        """Return the names, with their paths, of fields neither taken nor ignored."""
        return tuple(sorted(name for name in self._left() if name not in ignore))

    def _left(self) -> list[str]:
        left = [f"{self._path}{name}" for name in self._values if name not in self._taken]
        for inner in self._inner:
            left += inner._left()
        return left


def identity(value: Any) -> str:
    """Return an id, a number or a text, as text."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise FeedChanged(f"an id is {_shown(value)}, expected a number or a text")
    return str(value).strip()


def instant(value: Any, zone: tzinfo | None = None) -> datetime:
    """Return the UTC instant of a time as feeds write it.

    Parameters
    ----------
    value
        ISO 8601 or ``YYYY-MM-DD HH:MM:SS``, with an offset, or without one where ``zone`` is given; or
        milliseconds since 1970 as a whole number.
    zone
        The time zone of a time that names none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000, UTC)
        except (OverflowError, OSError, ValueError):
            raise FeedChanged(f"time {value} lies beyond all calendars") from None
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise FeedChanged(f"time {_shown(value)} has an unknown form") from None
    if read.tzinfo is None:
        if zone is None:
            raise FeedChanged(f"time {value!r} names no time zone")
        read = read.replace(tzinfo=zone)
    try:
        return read.astimezone(UTC)
    except OverflowError:
        raise FeedChanged(f"time {_shown(value)} lies beyond all calendars") from None


def lonlat(lon: Any, lat: Any) -> LonLat | None:
    """Return a position in degrees; None for (0, 0), which phones without a fix send.

    Raises
    ------
    FeedChanged
        A value is no number.
    Rejected
        A value is no position on Earth.
    """
    position = LonLat(number(lon), number(lat))
    if position == LonLat(0, 0):
        return None
    if not (abs(position.lon) <= 180 and abs(position.lat) <= 90):
        raise Rejected(f"position lon {position.lon}, lat {position.lat} is not on Earth")
    return position


def number(value: Any) -> float:
    """Return a number, also one written as text."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FeedChanged(f"{_shown(value)} is no number")
    return 0.0 if abs(value) < TINY else float(value)


def _shown(value: Any) -> str:
    """Name a value in an error by its kind and no more: errors are logged, and it may be personal."""
    return type(value).__name__ if not isinstance(value, int | float | type(None)) else repr(value)
