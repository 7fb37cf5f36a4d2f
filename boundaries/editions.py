"""Editions of boundaries: stored whole or not at all, and put in force from a day on."""

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from boundaries.layers import NAMES
from boundaries.models import Border, Boundary, Edition, Outline
from boundaries.source import SOURCES
from geoplatform import sql
from geoplatform.errors import Conflict, NotFound
from layers import revisions

SEA = SOURCES / "sea.geojson"

if TYPE_CHECKING:
    import geopandas

    from boundaries.coverage import Coverage
    from boundaries.source import Source


def in_force(on: date) -> Edition | None:
    """Return the edition that counts on a day, if any."""
    return Edition.objects.filter(validity__contains=on).first()


@dataclass(frozen=True)
class Difference:
    """A boundary that an edition has otherwise than another one; without a name of one it is not in it."""

    level: str
    code: str
    name: str | None
    former_name: str | None
    area_km2: float | None
    former_area_km2: float | None

    @property
    def kind(self) -> str:
        """What is other: ``came``, ``went``, ``renamed``, ``resized``."""
        if self.former_name is None:
            return "came"
        if self.name is None:
            return "went"
        return "resized" if self.name.lower() == self.former_name.lower() else "renamed"


def compare(edition_id: int, former_id: int | None) -> list[Difference]:
    """Return what an edition has otherwise than a former one, by code."""
    params = {"edition_id": edition_id, "former": former_id}
    return [Difference(**row) for row in sql.dicts("boundaries/compare", params)]


@transaction.atomic
def store(source: "Source", coverage: "Coverage", sha256: str) -> Edition:
    """Insert an edition with its boundaries, borders and outlines; it is not in force yet."""
    edition = Edition.objects.create(
        name=source.title,
        source=source.name,
        publisher=source.publisher,
        licence=source.licence,
        attribution=source.attribution,
        url=source.homepage,
        sha256=sha256,
        schematic=source.schematic,
        sea=_sea(),
        checks=[check.as_json() for check in coverage.checks],
        loaded_at=timezone.now(),
    )
    boundaries: dict[str, Boundary] = {}
    for level in ("kota", "kecamatan", "kelurahan"):
        boundaries |= _boundaries(edition, level, getattr(coverage, level))
    Border.objects.bulk_create(
        Border(
            edition=edition,
            left_code=row.left_code,
            right_code=row.right_code,
            geom=_geos(row.geometry, 4326),
        )
        for row in coverage.borders.itertuples()
    )
    Outline.objects.bulk_create(
        (
            Outline(boundary=boundaries[row.code], zoom=row.zoom, geom=_geos(row.geometry, 3857))
            for row in coverage.outlines.itertuples()
        ),
        batch_size=500,
    )
    return edition


def _boundaries(edition: Edition, level: str, frame: "geopandas.GeoDataFrame") -> dict[str, Boundary]:
    made = Boundary.objects.bulk_create(
        Boundary(
            edition=edition,
            level=level,
            code=row.code,
            name=row.name,
            parent_code=row.parent or None,
            area_km2=row.area_km2,
            label=_geos(row.label, 4326),
            geom=_geos(row.geometry, 4326),
        )
        for row in frame.itertuples()
    )
    return {boundary.code: boundary for boundary in made}


def _sea() -> Any:
    """Return the waters off the coast, EPSG:4326, from the shipped drawing."""
    return GEOSGeometry(json.dumps(json.loads(SEA.read_text(encoding="utf-8"))["geometry"]), srid=4326)


def _geos(geometry: Any, srid: int) -> Any:
    """Turn shapely's geometry into Django's by way of WKB: exact to the last bit."""
    return GEOSGeometry(memoryview(geometry.wkb), srid=srid)


@transaction.atomic
def put_in_force(edition_id: int, since: date | None) -> None:
    """Make an edition the one that counts from a day on (None: for all earlier days too).

    What it displaces ends the day before, or is no longer in force at all; earlier days that are its own
    stay so. Putting the former one in force again is the way back. Reports are placed anew by
    ``reports.activation``, which calls this.

    Raises
    ------
    NotFound
        There is no such edition.
    Conflict
        It ended before that day, and others counted in between.
    """
    edition = Edition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound(f"no edition {edition_id}: manage.py editions lists them")
    validity = DateRange(_first_day(edition, since), None)
    sql.rows("boundaries/displace", {"edition_id": edition_id, "since": since})
    Edition.objects.filter(pk=edition_id).update(validity=validity)
    revisions.touch(*NAMES)


def _first_day(edition: Edition, since: date | None) -> date | None:
    """Return since when an edition counts that is to count from a day on, its own earlier days included."""
    former = edition.validity
    if former is None or since is None:
        return since
    if former.upper is not None and former.upper < since:
        raise Conflict(
            f"edition {edition.id} was in force until {former.upper} and cannot be so again from {since}: "
            f"give {former.upper} or an earlier day, or load it once more"
        )
    return None if former.lower is None else min(former.lower, since)
