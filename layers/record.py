"""What a feed of traffic or places says, in our terms, before it is stored; pure, no Django.

``digest`` is the SHA-256, in hex, of a thing as the feed sent it: it tells one version from another whatever
an adapter reads in it. Empty, the record itself is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

#: The fields of a Snapshot that hold things; each has a table, and a statement that fills it.
Kind = Literal["alerts", "jams", "irregularities", "pois"]


class LonLat(NamedTuple):
    """A position in degrees, EPSG:4326; longitude first, always."""

    lon: float
    lat: float


@dataclass(frozen=True)
class Alert:
    """One report by a driver, as it stood when the snapshot was taken."""

    external_id: str
    type: str
    subtype: str
    street: str
    description: str
    reliability: int | None
    reported_at: datetime
    point: LonLat
    attributes: Mapping[str, Any]
    digest: str = ""


@dataclass(frozen=True)
class Jam:
    """One stretch of slow traffic; ``delay_s`` is None where the road is blocked."""

    external_id: str
    level: int
    speed_kmh: float | None
    delay_s: int | None
    length_m: int
    street: str
    reported_at: datetime
    line: tuple[LonLat, ...]
    attributes: Mapping[str, Any]
    digest: str = ""


@dataclass(frozen=True)
class Irregularity:
    """One stretch that is slower than it usually is at this hour."""

    external_id: str
    type: str
    speed_kmh: float | None
    regular_speed_kmh: float | None
    delay_s: int | None
    length_m: int
    street: str
    reported_at: datetime
    line: tuple[LonLat, ...]
    attributes: Mapping[str, Any]
    digest: str = ""


@dataclass(frozen=True)
class Poi:
    """One place that people look for: a petrol station, a restaurant."""

    external_id: str
    kind: str
    name: str
    brand: str
    point: LonLat
    attributes: Mapping[str, Any]
    digest: str = ""


@dataclass(frozen=True)
class Snapshot:
    """All that a feed holds to be there at one instant: what it leaves out is gone.

    ``refused`` says of each thing that could not be used why; the others are stored all the same.
    ``most_lost`` is the share of the places of the snapshot before it that may be missing, and no more.
    """

    feed: str
    taken_at: datetime
    alerts: tuple[Alert, ...] = ()
    jams: tuple[Jam, ...] = ()
    irregularities: tuple[Irregularity, ...] = ()
    pois: tuple[Poi, ...] = ()
    refused: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    most_lost: float = 1.0


@dataclass(frozen=True)
class Received:
    """What a batch did: rows that are new, and stored ones that it changed."""

    new: int
    changed: int
