"""What is known of each kelurahan without any polygon: codes, names, parents, a label point, an area."""

import csv
import math
from dataclasses import dataclass, fields
from pathlib import Path

from geoplatform.errors import BadBoundaries

SHIPPED = Path(__file__).parent / "sources" / "kelurahan_facts.csv"


@dataclass(frozen=True)
class Fact:
    """One kelurahan: Kemendagri codes (dotted text), label in degrees (EPSG:4326), km2 (EPSG:32748)."""

    code: str
    name: str
    kecamatan_code: str
    kecamatan: str
    kota_code: str
    kota: str
    bps_code: str
    label_lon: float
    label_lat: float
    area_km2: float


COLUMNS = [field.name for field in fields(Fact)]


def read(path: Path = SHIPPED) -> tuple[Fact, ...]:
    """Read a table of facts, one row per kelurahan, ordered by code.

    Parameters
    ----------
    path
        CSV, UTF-8, with exactly the columns of ``Fact``, in that order.

    Raises
    ------
    BadBoundaries
        Another header, a missing value, or a figure that is none.

    Source: names and codes after Kepmendagri 300.2.2-2430/2025, BPS codes by crosswalk.
    """
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        if table.fieldnames != COLUMNS:
            raise BadBoundaries(f"{path.name}: columns {table.fieldnames}, expected {COLUMNS}")
        return tuple(sorted((_fact(row, path.name) for row in table), key=lambda fact: fact.code))


def parents(facts: tuple[Fact, ...]) -> dict[str, str]:
    """Return the name of each kecamatan (8-character code) and kota (5-character code)."""
    return {fact.kecamatan_code: fact.kecamatan for fact in facts} | {
        fact.kota_code: fact.kota for fact in facts
    }


def _fact(row: dict[str, str], file: str) -> Fact:
    """Turn one row of text into a Fact."""
    empty = [column for column in COLUMNS if not row[column]]
    if empty or None in row:
        raise BadBoundaries(f"{file}: no {', '.join(empty) or 'place for a further value'} in {row}")
    return Fact(
        code=row["code"],
        name=row["name"],
        kecamatan_code=row["kecamatan_code"],
        kecamatan=row["kecamatan"],
        kota_code=row["kota_code"],
        kota=row["kota"],
        bps_code=row["bps_code"],
        label_lon=_figure(row, "label_lon", file),
        label_lat=_figure(row, "label_lat", file),
        area_km2=_figure(row, "area_km2", file),
    )


def _figure(row: dict[str, str], column: str, file: str) -> float:
    """Read one finite number."""
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadBoundaries(f"{file}: {column} of {row['code']} is {row[column]!r}, not a number")
    return value
