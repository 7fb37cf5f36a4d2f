"""Give the rows of a file their kelurahan, kecamatan and kota, batch by batch."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from boundaries import points, table_writers
from boundaries.cover import Cover
from boundaries.kernels import NOWHERE
from boundaries.tables import READ_ERRORS, Span, Table
from geoplatform.errors import InvalidRequest

#: The columns that are added, and how many characters of a kelurahan's code each takes.
ADDED = {"kelurahan": 13, "kecamatan": 8, "kota": 5}


class Tally(NamedTuple):
    """How many rows lie where; ``odd`` is lon and lat of the first that are no degrees.

    ``read_bytes`` is how much of the file they are, where its rows are not counted before.
    """

    rows: int = 0
    inside: int = 0
    outside: int = 0
    pointless: int = 0
    impossible: int = 0
    odd: tuple[float, float] | None = None
    read_bytes: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Return the sum of two tallies."""
        return Tally(
            self.rows + other.rows,
            self.inside + other.inside,
            self.outside + other.outside,
            self.pointless + other.pointless,
            self.impossible + other.impossible,
            self.odd or other.odd,
            self.read_bytes + other.read_bytes,
        )


class Meter:
    """What is done so far; ``show`` is told whenever it is more."""

    def __init__(self, show: Callable[[Tally], object] = lambda total: None) -> None:
        self.total = Tally()
        self._show = show

    def add(self, tally: Tally) -> None:
        """Count what was done."""
        self.total = self.total.plus(tally)
        self._show(self.total)


@dataclass(frozen=True)
class Plan:
    """What is written for each row of a table: its columns, the three codes, and its point.

    A table with a geometry keeps it, in its own CRS, GeoArrow's as WKB; to a CSV lon and lat in degrees are
    written instead. One without gets a geometry in EPSG:4326, except in a CSV.
    """

    table: Table
    schema: pa.Schema
    geometry: str | None
    crs: str | None

    def annotate(self, batch: pa.RecordBatch, cover: Cover, threads: int) -> tuple[pa.RecordBatch, Tally]:
        """Return a batch of the table as it is written, and what lies where."""
        lon, lat = self.table.position.lonlat(batch)
        positions = cover.positions(lon, lat, threads)
        made = {**_codes(positions, cover), "lon": lon, "lat": lat}
        columns = []
        for field in self.schema:
            if field.name in ADDED or field.name not in batch.schema.names:
                column = points.to_wkb(lon, lat) if field.name == self.geometry else made[field.name]
            else:
                column = _kept(field, batch.column(field.name))
            columns.append(column)
        return pa.RecordBatch.from_arrays(columns, schema=self.schema), _tally(lon, lat, positions)


def plan(table: Table, out: Path, anew: bool = False) -> Plan:
    """Say what a file will hold; ``anew``: codes that the table has already are replaced.

    Raises
    ------
    InvalidRequest
        The table has a column already that would be added, or one that the form of the file does not hold.
    """
    keeps = table_writers.has_geometry(out)
    geometry = table.position.geometry
    kept = [field for field in table.schema if not (anew and field.name in ADDED)]
    fields = [_written(field, geometry, out) for field in kept if keeps or field.name != geometry]
    added = [pa.field(name, pa.string()) for name in ADDED]
    if geometry and not keeps:
        added += [pa.field("lon", pa.float64()), pa.field("lat", pa.float64())]
    if keeps and not geometry:
        geometry = "geometry"
        added.append(pa.field(geometry, pa.binary()))
    for field in added:
        if field.name in [present.name for present in fields]:
            raise InvalidRequest(f"{table.path.name} has a column {field.name!r} already: rename it first")
    said = {name: value for name, value in (table.schema.metadata or {}).items() if name == b"geo"}
    schema = pa.schema([*fields, *added], said)
    return Plan(table, schema, geometry if keeps else None, table.position.crs)


def _written(field: pa.Field, geometry: str | None, out: Path) -> pa.Field:
    """Return a column of a table as it is written."""
    if field.name == geometry:
        return pa.field(field.name, pa.binary()) if points.is_geoarrow(field.type) else field
    return table_writers.held(out, field)


def _kept(field: pa.Field, column: pa.Array) -> pa.Array:
    """Return a column of a table as the type that it is written in, every value the same."""
    if column.type == field.type:
        return column
    if points.is_geoarrow(column.type):
        return points.geoarrow_to_wkb(field.name, column)
    try:
        return column.cast(field.type)
    except pa.ArrowInvalid as error:
        raise InvalidRequest(f"column {field.name!r} cannot be written as {field.type}: {error}") from None


def annotated(
    plan: Plan, spans: Iterable[Span], cover: Cover, meter: Meter, threads: int = 1
) -> Iterator[pa.RecordBatch]:
    """Yield the batches of some spans as they are written, each counted.

    Raises
    ------
    InvalidRequest
        The file cannot be read to its end, or a position is none.
    """
    try:
        for span in spans:
            for batch in plan.table.read(span):
                written, tally = plan.annotate(batch, cover, threads)
                meter.add(tally)
                yield written
            meter.add(Tally(read_bytes=plan.table.bytes_of(span)))
    except READ_ERRORS as error:
        raise InvalidRequest(f"{plan.table.path.name} cannot be read: {error}") from None


def write(plan: Plan, out: Path, batches: Iterable[pa.RecordBatch], meter: Meter) -> None:
    """Write annotated batches to a file; nothing at all where not one row has a position in degrees.

    Raises
    ------
    InvalidRequest
        All positions are impossible, or the format cannot hold a column.
    """

    def checked() -> Iterator[pa.RecordBatch]:
        yield from batches
        if meter.total.impossible and not meter.total.inside + meter.total.outside:
            lon, lat = meter.total.odd or (np.nan, np.nan)
            raise InvalidRequest(
                f"no row has a position in degrees, the first is lon {lon}, lat {lat}:"
                " are the two swapped, or not in degrees?"
            )

    table_writers.write(out, plan.schema, checked(), plan.geometry, plan.crs)


def _codes(positions: np.ndarray, cover: Cover) -> dict[str, pa.Array]:
    """Return the three columns of codes; null where no kelurahan covers the point."""
    places = pa.array(positions, mask=positions < 0)
    return {
        name: pa.array([code[:length] for code in cover.codes.tolist()], pa.string()).take(places)
        for name, length in ADDED.items()
    }


def _tally(lon: np.ndarray, lat: np.ndarray, positions: np.ndarray) -> Tally:
    """Count what lies where. A row without a point is no error; one with an impossible point gets no code."""
    pointless = np.isnan(lon) | np.isnan(lat)
    impossible = (positions == NOWHERE) & ~pointless
    inside = int((positions >= 0).sum())
    first = np.flatnonzero(impossible)[:1]
    odd = (float(lon[first[0]]), float(lat[first[0]])) if first.size else None
    counts = int(pointless.sum()), int(impossible.sum())
    return Tally(len(lon), inside, len(lon) - inside - sum(counts), *counts, odd)
