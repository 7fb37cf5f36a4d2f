"""Read the polygons of a source: check its files, open them, and hand on rows that can be trusted."""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from boundaries import archive, facts, frame, schematic, wilayah_sql
from boundaries.source import Source
from geoplatform.errors import BadBoundaries

#: How each format begins. GDAL chooses its driver by content, and some drivers open other files and URLs.
MAGIC = {
    "shapefile": b"\x00\x00\x27\x0a",
    "geopackage": b"SQLite format 3\x00",
    "flatgeobuf": b"fgb\x03fgb",
}
#: What GeoJSON may say of its CRS: the forms that GDAL resolves without leaving this machine.
CRS_NAME = re.compile(r"EPSG:\d+|urn:ogc:def:crs:(?:EPSG|OGC):[\w.]*:\w+")


def polygons(source: Source, paths: Sequence[Path]) -> geopandas.GeoDataFrame:
    """Read, check, reproject and repair the kelurahan of a source.

    Parameters
    ----------
    source
        What ``source.find`` returned.
    paths
        The files of ``source.files`` on this disk, in that order; none for a schematic source.

    Returns
    -------
    GeoDataFrame
        Columns code, name (text), geometry (valid Polygon or MultiPolygon, EPSG:4326), and kecamatan, kota
        (text) where the source names such columns; ordered by code, indexed from 0.

    Raises
    ------
    BadBoundaries
        The first thing that is wrong, with its name and value. Nothing is guessed.
    """
    if source.schematic:
        return schematic.tessellate(facts.read(source.facts or facts.SHIPPED))
    if len(paths) != len(source.files):
        raise BadBoundaries(f"{source.name} has {len(source.files)} files, given were {len(paths)}")
    parts = []
    for file, path in zip(source.files, paths, strict=True):
        if file.sha256:
            check_sum(path, file.sha256)
        parts.append(frame.in_degrees(_open(path, source), source, path.name))
    return frame.sound(pd.concat(parts, ignore_index=True))


def check_sum(path: Path, sha256: str) -> None:
    """Refuse a file whose SHA-256 (lower-case hex) is another than its source says."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise BadBoundaries(f"{path.name} has sha256 {found}, its source says {sha256}")


def _open(path: Path, source: Source) -> geopandas.GeoDataFrame:
    """Open one file by the format its source names, with its own columns and CRS."""
    opener = OPENERS.get(source.format)
    if opener is None:
        raise BadBoundaries(f"unknown format {source.format!r}; known are {', '.join(OPENERS)}")
    if not path.is_file():
        raise BadBoundaries(f"no file {path.name!r}")
    return opener(path, source)


def _geojson(path: Path, source: Source) -> geopandas.GeoDataFrame:
    """Open GeoJSON that is GeoJSON."""
    try:
        top = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadBoundaries(f"{path.name} is not JSON: {error}") from None
    kind = top.get("type") if isinstance(top, dict) else type(top).__name__
    if kind != "FeatureCollection":
        raise BadBoundaries(f"{path.name} is a {kind}, not a GeoJSON FeatureCollection")
    crs = top.get("crs")
    if crs is not None and not _is_known_crs(crs):
        raise BadBoundaries(f"{path.name}: crs {crs!r} is not a name such as 'urn:ogc:def:crs:EPSG::32748'")
    return _gdal(path, None)


def _is_known_crs(crs: Any) -> bool:
    """Whether a GeoJSON crs member is a name that needs no look-up elsewhere."""
    match crs:
        case {"type": "name", "properties": {"name": str(name)}}:
            return CRS_NAME.fullmatch(name) is not None
    return False


def _shapefile(path: Path, source: Source) -> geopandas.GeoDataFrame:
    """Open a zipped Shapefile."""
    with tempfile.TemporaryDirectory() as folder:
        shp = archive.unpack(path, Path(folder), source.layer)
        _check_magic(shp, source.format, path.name)
        return _gdal(shp, None, path.name)


def _database(path: Path, source: Source) -> geopandas.GeoDataFrame:
    """Open a GeoPackage or FlatGeobuf."""
    _check_magic(path, source.format, path.name)
    return _gdal(path, source.layer)


def _check_magic(path: Path, kind: str, name: str) -> None:
    """Refuse a file that does not begin as its format does; ``name`` is what errors call it."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head.startswith(MAGIC[kind]):
        raise BadBoundaries(f"{name} begins with {head!r}: not a {kind}")


def _dump(path: Path, source: Source) -> geopandas.GeoDataFrame:
    """Open a dump of wilayah_boundaries."""
    return wilayah_sql.read(path)


def _gdal(path: Path, layer: str | None, name: str | None = None) -> geopandas.GeoDataFrame:
    """Open one layer with GDAL; ``name`` is what errors call the file."""
    name = name or path.name
    try:
        layers = [str(found) for found, kind in pyogrio.list_layers(path) if kind is not None]
        if layer is None and len(layers) > 1:
            raise BadBoundaries(f"{name} has the layers {', '.join(layers)}; name one in a TOML as layer")
        if layer is not None and layer not in layers:
            raise BadBoundaries(f"{name} has no layer {layer!r}; it has {', '.join(layers)}")
        read = pyogrio.read_dataframe(path, layer=layer)
    except (DataSourceError, DataLayerError, shapely.errors.GEOSException) as error:
        raise BadBoundaries(f"{name} cannot be read: {str(error).replace(str(path), name)}") from None
    if not isinstance(read, geopandas.GeoDataFrame):
        raise BadBoundaries(f"{name} has no geometry, only the columns {', '.join(read.columns)}")
    return read


OPENERS: dict[str, Callable[[Path, Source], geopandas.GeoDataFrame]] = {
    "geojson": _geojson,
    "shapefile": _shapefile,
    "geopackage": _database,
    "flatgeobuf": _database,
    "wilayah_sql": _dump,
}
