"""Reports of a benchmark's own: seeded, skewed like the city, the same each time; in memory or in PostGIS.

Two fifths lie round the middle, two fifths round some hundreds of markets and crossings, a tenth on the very
same spot as others, a tenth anywhere. The first n of a larger number are not those of a smaller one.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import psycopg

from geoplatform import sql
from layers.grid import KEY_ZOOM
from layers.traits import EPOCH

SEED = 20_260_514
WEST, SOUTH, EAST, NORTH = 106.69, -6.37, 106.97, -6.09
MIDDLE = (106.827, -6.2)
CLUSTERS, SPOTS = 600, 2_000
LAST_DAY = datetime(2026, 5, 14, 5, tzinfo=UTC)
DAYS = 4_000  # back from the last: later ones are likelier
STATUSES = ("waiting", "in_progress", "done")
CHANNELS = ("qlue", "jaki", "lapor", "email", "x")
CHUNK = 500_000
# What is the same in every row, set as a default while they are loaded.
DEFAULTS = {
    "description": "''", "public_text": "''", "image_url": "''", "author_hash": "''", "digest": "''",
    "simulated": "false", "received_at": "now()", "updated_at": "now()", "placed_by": "'inside'",
}  # fmt: skip


class Reports(NamedTuple):
    """n reports by column: degrees, and codes (int64) into the words of each property."""

    lon: np.ndarray
    lat: np.ndarray
    category: np.ndarray
    status: np.ndarray
    channel: np.ndarray
    kelurahan: np.ndarray
    days_ago: np.ndarray


def reports(count: int, categories: int, seed: int = SEED) -> Reports:
    """Return so many reports; equal arguments give equal reports."""
    dice = np.random.default_rng([seed, count])
    lon, lat = _places(dice, count)
    # Few categories make most of the reports.
    weights = 1 / np.arange(1, categories + 1)
    # A grid of 16 by 16 stands for the kelurahan: neighbours share one.
    columns = ((lon - WEST) / (EAST - WEST) * 16).astype(np.int64)
    rows = ((lat - SOUTH) / (NORTH - SOUTH) * 16).astype(np.int64)
    return Reports(
        lon,
        lat,
        dice.choice(categories, count, p=weights / weights.sum()),
        dice.choice(len(STATUSES), count, p=(0.1, 0.15, 0.75)),
        dice.choice(len(CHANNELS), count, p=(0.5, 0.3, 0.1, 0.05, 0.05)),
        columns * 16 + rows,
        (DAYS * dice.random(count) ** 2).astype(np.int64),
    )


def _places(dice: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return lon and lat in degrees."""
    kind = dice.random(count)
    middle = dice.normal(MIDDLE, (0.03, 0.03), (count, 2))
    # Where people meet is the same at any number of reports.
    fixed = np.random.default_rng(SEED)
    sites = fixed.uniform((WEST, SOUTH), (EAST, NORTH), (CLUSTERS, 2))
    which = (CLUSTERS * dice.random(count) ** 2).astype(np.int64)
    near = sites[which] + dice.normal(0, 0.002, (count, 2))
    spots = sites[fixed.integers(0, CLUSTERS, SPOTS)] + fixed.normal(0, 0.002, (SPOTS, 2))
    same = spots[(SPOTS * dice.random(count) ** 2).astype(np.int64)]
    anywhere = dice.uniform((WEST, SOUTH), (EAST, NORTH), (count, 2))
    picked = [kind < 0.4, kind < 0.8, kind < 0.9]
    places = np.select([one[:, None] for one in picked], [middle, near, same], anywhere)
    inside = np.clip(places, (WEST, SOUTH), (EAST - 1e-9, NORTH - 1e-9))
    return inside[:, 0], inside[:, 1]


def keys(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the z-order keys (int64) of points, as ``layers_tile_key`` makes them."""
    side = 1 << KEY_ZOOM
    column = np.floor((lon + 180) / 360 * side).astype(np.int64)
    row = np.floor((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side).astype(np.int64)
    return np.asarray(_spread(column) | _spread(row) << 1)


def _spread(value: np.ndarray) -> np.ndarray:
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333), (1, 0x5555555555555555),
    ):  # fmt: skip
        value = (value | (value << shift)) & mask
    return value


def category_codes() -> list[str]:
    """Return the codes of the platform's categories, in the order of its table."""
    from reports.models import Category

    return sorted(Category.objects.values_list("code", flat=True))


def words(categories: list[str]) -> dict[str, list[str | bool]]:
    """Return what the codes of each property mean, in the order of the layer's facets."""
    kelurahan = [f"31.7{code // 64 + 1}.{code // 8 % 8 + 1:02}.{1001 + code % 8}" for code in range(256)]
    return {
        "category": list(categories), "status": list(STATUSES), "channel": list(CHANNELS),
        "kelurahan": list(kelurahan), "placed_by": ["inside"], "simulated": [False],
    }  # fmt: skip


def packed(made: Reports, wordlist: Any, categories: list[str]) -> Any:
    """Return reports as the index holds them, without a database: ``layers.index.Rows``."""
    from layers.index import Rows

    traits = (LAST_DAY.date() - EPOCH).days - made.days_ago
    columns = made._asdict() | {"placed_by": np.zeros(1, np.int64), "simulated": np.zeros(1, np.int64)}
    for place, (name, said) in enumerate(words(categories).items()):
        codes = np.array([wordlist.code(place, word) for word in said], np.int64)
        traits |= codes[columns[name]] << wordlist.traits.shifts[place]
    return Rows(keys(made.lon, made.lat), np.arange(1, len(made.lon) + 1), traits)


def load(made: Reports, categories: list[str]) -> None:
    """Put reports in the place of those in the database, as one change of their layer.

    Indexes and triggers are off meanwhile: rows by the million would take minutes more.
    """
    with sql.connect() as connection, connection.transaction():
        cursor = connection.cursor()
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE reports_report, layers_removed RESTART IDENTITY CASCADE")
        cursor.execute("SELECT layers_revision_of('reports')")
        ((revision,),) = cursor.fetchall()
        indexes = _drop_indexes(cursor)
        _alter(cursor, "SET DEFAULT {1}")
        _copy(cursor, made, revision, words(categories))
        _alter(cursor, "DROP DEFAULT")
        for index in indexes:
            cursor.execute(index)
    with sql.connect() as connection:
        connection.execute("VACUUM ANALYZE reports_report")


def _alter(cursor: psycopg.Cursor[Any], change: str) -> None:
    """Change each column that is the same in every row."""
    changes = [f"ALTER COLUMN {name} {change.format(name, value)}" for name, value in DEFAULTS.items()]
    cursor.execute(f"ALTER TABLE reports_report {', '.join(changes)}")


def _drop_indexes(cursor: psycopg.Cursor[Any]) -> list[Any]:
    """Drop the indexes of reports that no constraint needs; returns the statements that make them again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'reports_report'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


def _copy(
    cursor: psycopg.Cursor[Any], made: Reports, revision: int, said: dict[str, list[str | bool]]
) -> None:
    import pyarrow as arrow
    from pyarrow import csv

    columns = "external_id, channel, category_id, status, kelurahan_code, submitted_at, point, revision"
    with cursor.copy(f"COPY reports_report ({columns}) FROM STDIN (FORMAT csv)") as copy:
        for start in range(0, len(made.lon), CHUNK):
            part = Reports(*(column[start : start + CHUNK] for column in made))
            numbers = np.arange(start + 1, start + 1 + len(part.lon))
            table = arrow.table(
                {
                    "external_id": numbers,
                    **{name: _said(getattr(part, name), said[name]) for name in
                       ("channel", "category", "status", "kelurahan")},
                    "submitted_at": _said(part.days_ago, [_instant(day) for day in range(DAYS)]),
                    "point": _ewkb(part.lon, part.lat),
                    "revision": np.full(len(numbers), revision),
                }
            )  # fmt: skip
            sink = arrow.BufferOutputStream()
            options = csv.WriteOptions(include_header=False)
            csv.write_csv(table, sink, options)
            copy.write(sink.getvalue().to_pybytes())


def _said(codes: np.ndarray, words: list[Any]) -> Any:
    return np.array(words)[codes]


def _instant(days_ago: int) -> str:
    return (LAST_DAY - timedelta(days=days_ago)).isoformat()


def _ewkb(lon: np.ndarray, lat: np.ndarray) -> list[str]:
    """Return points in hex as PostGIS reads them: little-endian, with SRID 4326."""
    raw = np.stack([lon, lat], axis=1).astype("<f8").tobytes().hex()
    return ["0101000020E6100000" + raw[at : at + 32] for at in range(0, len(raw), 32)]
