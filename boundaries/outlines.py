"""Boundaries as a tile shows them: simplified for each zoom, so that neighbours still meet."""

import geopandas
import numpy as np
import pandas as pd
import shapely

from boundaries import topology

#: Zooms that have a simplification of their own; below the first it serves, above the last the exact one.
ZOOMS = range(8, 15)
EXACT = 15

#: Metres round the equator in EPSG:3857, in tiles of 256 pixels.
PIXEL_M = 2 * np.pi * 6378137 / 256

#: How many characters of a kelurahan's code are the code of each level.
LEVELS = {"kelurahan": 13, "kecamatan": 8, "kota": 5}


def simplify(polygons: np.ndarray, codes: np.ndarray) -> geopandas.GeoDataFrame:
    """Simplify a coverage of kelurahan for each zoom, and dissolve the higher levels from the result.

    Parameters
    ----------
    polygons, codes
        n polygons of a true coverage (EPSG:4326) and their kelurahan codes.

    Returns
    -------
    GeoDataFrame
        level (kelurahan, kecamatan, kota), zoom (8 to 14; 15 is exact), code, geometry (MultiPolygon,
        EPSG:3857). Within one zoom all three levels share their vertices.

    Source: Visvalingam-Whyatt on shared edges (``shapely.coverage_simplify``), half a pixel of tolerance.
    """
    exact = topology.project(polygons, "EPSG:4326", "EPSG:3857")
    made = [_level(exact, codes, level, EXACT) for level in LEVELS]
    for zoom in ZOOMS:
        coarse = shapely.coverage_simplify(exact, tolerance_m(zoom))
        made += [_level(coarse, codes, level, zoom) for level in LEVELS]
    return geopandas.GeoDataFrame(pd.concat(made, ignore_index=True), geometry="geometry", crs="EPSG:3857")


def tolerance_m(zoom: int) -> float:
    """Return half a pixel at a zoom, in metres of EPSG:3857."""
    return float(PIXEL_M / 2**zoom / 2)


def _level(polygons: np.ndarray, codes: np.ndarray, level: str, zoom: int) -> pd.DataFrame:
    """Return the rows of one level at one zoom."""
    prefixes = np.array([code[: LEVELS[level]] for code in codes])
    groups, united = topology.dissolve(polygons, prefixes)
    return pd.DataFrame({"level": level, "zoom": zoom, "code": groups, "geometry": united})
