"""Where a point is on a day, and who answers there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from boundaries.models import Edition
from geoplatform import sql
from geoplatform.errors import GeoplatformError, NotFound, Unavailable
from layers.record import LonLat

REACH_M = 50.0  # how far off the coast a point may lie and take the nearest kelurahan


@dataclass(frozen=True)
class Area:
    """A kelurahan, kecamatan or kota by code and name."""

    code: str
    name: str


@dataclass(frozen=True)
class EditionName:
    """The edition that an answer rests on; without ``valid_from`` it holds for all earlier days."""

    id: int
    name: str
    valid_from: date | None
    schematic: bool


@dataclass(frozen=True)
class Holder:
    """Who holds an office, from its first day to its last (None: still)."""

    name: str
    acting: bool
    since: date | None
    until: date | None


@dataclass(frozen=True)
class HeldOffice:
    """An office and who held it that day; None: vacant."""

    code: str
    title: str
    official: Holder | None


@dataclass(frozen=True)
class Place:
    """Where a point is and how we know; all empty but the edition where it lies outside the province.

    ``border_m`` is the distance in metres on the WGS 84 spheroid to the nearest border of the kelurahan,
    ``neighbour`` what lies across that border; None where the province ends there.
    """

    kelurahan: Area | None
    kecamatan: Area | None
    kota: Area | None
    placed_by: str | None
    border_m: float | None
    neighbour: Area | None
    edition: EditionName
    offices: tuple[HeldOffice, ...]


def at(point: LonLat, on: date, reach_m: float = REACH_M) -> Place:
    """Say where a point is on a day, and who held its offices.

    Parameters
    ----------
    point
        Degrees, EPSG:4326.
    on
        Date in Asia/Jakarta: picks the edition and the terms.
    reach_m
        Metres off the coast within which the nearest kelurahan counts; across a land border none does.

    Raises
    ------
    NotFound
        No edition of boundaries was in force that day.
    Unavailable
        None is in force at all.
    """
    params = {"lon": point.lon, "lat": point.lat, "on": on, "reach_m": reach_m}
    found = sql.dicts("boundaries/place", params)
    if not found:
        raise _none_in_force(on)
    (row,) = found
    tiers = {tier: _area(row, tier) for tier in ("kelurahan", "kecamatan", "kota")}
    return Place(
        **tiers,
        placed_by=row["placed_by"],
        border_m=row["border_m"],
        neighbour=_area(row, "neighbour"),
        edition=EditionName(row["edition_id"], row["edition_name"], row["valid_from"], row["schematic"]),
        offices=_offices([tier.code for tier in tiers.values() if tier], on),
    )


def edition_on(on: date) -> int:
    """Return the id of the edition that counts on a day; raises as ``at``."""
    edition = Edition.objects.filter(validity__contains=on).first()
    if edition is None:
        raise _none_in_force(on)
    return int(edition.pk)


def _none_in_force(on: date) -> GeoplatformError:
    """Return why there is no answer for a day."""
    if sql.scalar("boundaries/any_in_force"):
        return NotFound(f"no edition of boundaries was in force on {on}")
    return Unavailable("no edition of boundaries is in force: manage.py load_boundaries loads one")


def today() -> date:
    """Return the date in the city."""
    return city_day(datetime.now(UTC))


def city_day(instant: datetime) -> date:
    """Return the date of an instant in the city, by which editions and terms go."""
    return instant.astimezone(ZoneInfo(settings.CITY_TIME_ZONE)).date()


def _area(row: dict[str, Any], prefix: str) -> Area | None:
    code = row[f"{prefix}_code"]
    return Area(code, row[f"{prefix}_name"]) if code else None


def _offices(codes: list[str], on: date) -> tuple[HeldOffice, ...]:
    return tuple(
        HeldOffice(
            row["code"],
            row["title"],
            Holder(row["name"], row["acting"], row["since"], row["until"]) if row["name"] else None,
        )
        for row in sql.dicts("boundaries/offices", {"codes": codes, "on": on})
    )


def tiers(edition_id: int, code: str) -> dict[str, Area]:
    """Return a kelurahan and the kecamatan and kota above it, by level, as one edition names them."""
    codes = {"kelurahan": code, "kecamatan": code[:8], "kota": code[:5]}
    found = names(edition_id, list(codes.values()))
    return {level: found[tier] for level, tier in codes.items() if tier in found}


def names(edition_id: int, codes: list[str]) -> dict[str, Area]:
    """Return boundaries by code as one edition names them; codes that it does not know are left out."""
    rows = sql.rows("boundaries/names", {"edition_id": edition_id, "codes": codes})
    return {code: Area(code, name) for code, name in rows}
