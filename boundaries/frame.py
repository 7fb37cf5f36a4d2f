"""Turn the rows of any file into rows of ours: columns, CRS, codes, names, polygons, all in Jakarta."""

import re

import geopandas
import numpy as np
import pandas as pd
import pyproj
import shapely

from boundaries.source import Source
from geoplatform.errors import BadBoundaries

#: Column names that are tried, whatever their case, where the source names none.
GUESSES = {
    "code": ("kode", "kode_kelurahan", "code"),
    "name": ("nama", "nama_kelurahan", "name"),
}
CODE = re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}")

#: west, south, east, north in degrees: DKI Jakarta with its islands is 106.39, -6.37, 106.97, -5.20.
JAKARTA = (106.2, -6.6, 107.2, -5.0)


def in_degrees(raw: geopandas.GeoDataFrame, source: Source, file: str) -> geopandas.GeoDataFrame:
    """Settle the CRS and the columns of one file.

    Returns
    -------
    GeoDataFrame
        code, name, perhaps kecamatan and kota (as the file has them), geometry in EPSG:4326.

    Raises
    ------
    BadBoundaries
        No CRS known, two that differ, no such column, or more than one that might be it.
    """
    settled = raw.set_crs(_crs(raw.crs, source, file), allow_override=True)
    wanted = {"code": source.fields.code, "name": source.fields.name}
    columns = {key: _column(raw, key, told, file) for key, told in wanted.items()}
    for key in ("kecamatan", "kota"):
        told = getattr(source.fields, key)
        if told is not None:
            columns[key] = _column(raw, key, told, file)
    kept = geopandas.GeoDataFrame(
        {key: settled[column] for key, column in columns.items()}, geometry=settled.geometry, crs=settled.crs
    )
    try:
        return kept.to_crs("EPSG:4326")
    except pyproj.exceptions.ProjError as error:
        raise BadBoundaries(
            f"{file} cannot be brought from {settled.crs.name!r} to EPSG:4326: {error}"
        ) from None


def sound(rows: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Check every row, repair its polygon, and order by code.

    Raises
    ------
    BadBoundaries
        No rows; a code that is missing, ill-formed or double; a missing name; a geometry that is no
        polygon, is empty, or lies outside Jakarta.
    """
    if rows.empty:
        raise BadBoundaries("no kelurahan in it: 0 rows")
    _check_codes(rows["code"])
    for column in [column for column in rows.columns if column not in {"code", "geometry"}]:
        _check_text(rows, column)
    _check_kind(rows)
    _check_position(rows)
    repaired = _repaired(rows)
    return rows.set_geometry(repaired).sort_values("code", ignore_index=True)


def _crs(found: pyproj.CRS | None, source: Source, file: str) -> pyproj.CRS:
    """Return the CRS that file and source agree on."""
    if source.crs is None:
        if found is None:
            raise BadBoundaries(f"{file} does not say its CRS (a Shapefile's .prj); name it in a TOML as crs")
        return found
    try:
        told = pyproj.CRS.from_user_input(source.crs)
    except pyproj.exceptions.CRSError:
        raise BadBoundaries(f"{source.name}: no CRS {source.crs!r} is known") from None
    if found is not None and not _is_same(told, found):
        raise BadBoundaries(f"{file} is in {found.name!r}, its source says {source.crs}")
    return told


def _is_same(told: pyproj.CRS, found: pyproj.CRS) -> bool:
    """Whether two descriptions mean one CRS, whatever the order of axes or the dialect of WKT."""
    return bool(
        told.equals(found, ignore_axis_order=True) or told.to_epsg() == found.to_epsg(min_confidence=70)
    )


def _column(raw: geopandas.GeoDataFrame, key: str, told: str | None, file: str) -> str:
    """Return the column of a key: the one the source names, else the one documented name that is there."""
    columns = [str(column) for column in raw.columns if column != raw.geometry.name]
    if told is not None:
        if told in columns:
            return told
        raise BadBoundaries(f"{file} has no column {told!r} for {key}; it has {', '.join(columns) or 'none'}")
    found = [column for column in columns if column.casefold() in GUESSES[key]]
    if len(found) != 1:
        raise BadBoundaries(
            f"{file}: which column is the {key}? One of {', '.join(GUESSES[key])} is wanted (or a TOML that"
            f" says so); it has {', '.join(columns) or 'none'}"
        )
    return found[0]


def _check_codes(codes: pd.Series) -> None:
    """Refuse codes that are missing, of another form, or double."""
    for row, code in enumerate(codes):
        if pd.isna(code) or code == "":
            raise BadBoundaries(f"row {row + 1} has no code")
        if not isinstance(code, str) or not CODE.fullmatch(code):
            raise BadBoundaries(f"row {row + 1}: code {str(code)!r} is not of the form 31.71.01.1001")
    double = sorted(codes[codes.duplicated()])
    if double:
        raise BadBoundaries(f"code {double[0]} occurs {int((codes == double[0]).sum())} times")


def _check_text(rows: geopandas.GeoDataFrame, column: str) -> None:
    """Refuse a name that is missing or no text."""
    for code, text in zip(rows["code"], rows[column], strict=True):
        if not isinstance(text, str) or not text.strip():
            raise BadBoundaries(f"{column} of {code} is {'missing' if pd.isna(text) else repr(text)}")


def _check_kind(rows: geopandas.GeoDataFrame) -> None:
    """Refuse what is no polygon."""
    for code, geometry in zip(rows["code"], rows.geometry, strict=True):
        if geometry is None or geometry.is_empty:
            raise BadBoundaries(f"{code} has {'no' if geometry is None else 'an empty'} geometry")
        if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
            raise BadBoundaries(f"{code} is a {geometry.geom_type}, not a polygon")


def _check_position(rows: geopandas.GeoDataFrame) -> None:
    """Refuse what lies outside Jakarta, and say what it looks like."""
    boxes = shapely.bounds(rows.geometry.to_numpy())
    bad = np.flatnonzero(~_within(boxes))
    if not bad.size:
        return
    first = int(bad[0])
    lon, lat = boxes[first, :2]
    swapped = bool(_within(boxes[[first]][:, [1, 0, 3, 2]])[0])
    reason = "longitude and latitude are swapped" if swapped else "is its CRS right?"
    raise BadBoundaries(
        f"{rows['code'].iloc[first]} begins at lon {lon:.5f}, lat {lat:.5f}, outside Jakarta {JAKARTA}:"
        f" {reason} ({bad.size} of {len(rows)} lie outside)"
    )


def _within(boxes: np.ndarray) -> np.ndarray:
    """Whether each of n boxes (west, south, east, north) lies in Jakarta's; never where one is not finite."""
    low, high = np.array(JAKARTA[:2]), np.array(JAKARTA[2:])
    return np.asarray(((boxes[:, :2] >= low) & (boxes[:, 2:] <= high)).all(axis=1))


def _repaired(rows: geopandas.GeoDataFrame) -> np.ndarray:
    """Return n valid flat polygons; those that were valid keep every coordinate."""
    polygons = np.asarray(shapely.force_2d(rows.geometry.to_numpy()))
    bad = np.asarray(~shapely.is_valid(polygons))
    polygons[bad] = shapely.make_valid(polygons[bad], method="structure", keep_collapsed=False)
    for code, polygon in zip(rows["code"], polygons, strict=True):
        if polygon.is_empty or polygon.geom_type not in {"Polygon", "MultiPolygon"}:
            raise BadBoundaries(f"{code} encloses no land after repair")
    return polygons
