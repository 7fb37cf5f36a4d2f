"""CSV and GeoJSON text sequences: PostgreSQL writes each line, and here they are only passed on."""

from collections.abc import Iterable, Iterator

from psycopg import sql as compose

from api.collections import Collection, Column
from layers.tiles import DIGITS

RECORD_SEPARATOR = b"\x1e"  # RFC 8142 §2.1: before each text, and a line feed behind it
FIELD = 6  # bytes of a row of one field before the field: see api/exports/binary.py
# What a spreadsheet takes for a formula, and may run, where a field begins with it.
FORMULA = r"^[=+\-@\t\r\n]"
# With the session in UTC: 2026-05-14T05:00:00Z.
INSTANT = "replace(replace({}::text, ' ', 'T'), '+00', 'Z')"
HARMLESS = "CASE WHEN {0}::text ~ {1} THEN '''' || {0} ELSE {0}::text END"


def csv_header(collection: Collection) -> bytes:
    """Return the names of the columns of a CSV."""
    return ",".join(["id", *collection.columns, *_positions(collection)]).encode() + b"\n"


def csv_fields(collection: Collection) -> compose.Composable:
    """Return the fields of a CSV: id, columns, and lon and lat of a point, WKT of anything else.

    A text that a spreadsheet would take for a formula has an apostrophe before it (CWE-1236).
    """
    shapes = {
        "lon": "round(ST_X(geom)::numeric, {})",
        "lat": "round(ST_Y(geom)::numeric, {})",
        "wkt": "ST_AsText(geom, {})",
    }
    fields = [compose.SQL("id"), *(_csv_field(column) for column in collection.columns.values())]
    fields += [compose.SQL(shapes[name]).format(DIGITS) for name in _positions(collection)]
    return compose.SQL(", ").join(fields)


def _csv_field(column: Column) -> compose.Composable:
    name = compose.Identifier(column.name)
    if column.kind == "instant":
        return compose.SQL(INSTANT).format(name)
    if column.kind == "boolean":
        return compose.SQL("CASE {} WHEN true THEN 'true' WHEN false THEN 'false' END").format(name)
    return compose.SQL(HARMLESS).format(name, FORMULA) if column.kind == "string" else name


def _positions(collection: Collection) -> list[str]:
    return ["lon", "lat"] if collection.geometry == "point" else ["wkt"]


def feature_field(collection: Collection) -> compose.Composable:
    """Return the one field of a GeoJSON text sequence: a whole Feature as text."""
    pairs = [
        compose.SQL("{}, {}").format(column.name, _json_value(column))
        for column in collection.columns.values()
    ]
    return compose.SQL(
        """'{{"type":"Feature","id":' || id || ',"geometry":' || coalesce(ST_AsGeoJSON(geom, {}), 'null')"""
        """ || ',"properties":' || json_build_object({})::text || '}}'"""
    ).format(DIGITS, compose.SQL(", ").join(pairs))


def _json_value(column: Column) -> compose.Composable:
    name = compose.Identifier(column.name)
    return compose.SQL(INSTANT).format(name) if column.kind == "instant" else name


def csv(collection: Collection, batches: Iterable[list[bytes]]) -> Iterator[bytes]:
    """Yield a CSV (RFC 4180 but for its line ends, which are line feeds).

    Its header comes with the first rows: what fails before them is then an error, and no table that is cut.
    """
    header = csv_header(collection)
    for rows in batches:
        yield header + b"".join(rows)
        header = b""
    if header:
        yield header


def sequence(batches: Iterable[list[bytes]]) -> Iterator[bytes]:
    """Yield a GeoJSON text sequence (RFC 8142)."""
    for rows in batches:
        yield b"".join(RECORD_SEPARATOR + row[FIELD:] + b"\n" for row in rows)
