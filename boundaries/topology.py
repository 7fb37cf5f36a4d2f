"""What polygons share: cleaning them into a coverage, their common borders, their overlaps and gaps.

A coverage is a set of polygons of which no two overlap and whose common edges have the same vertices.
Arrays of geometries are numpy arrays of shapely polygons.
"""

from typing import NamedTuple

import geopandas
import numpy as np
import pandas as pd
import shapely

#: Metres for Jakarta: UTM zone 48 south. Its areas are 0.02 % larger than those on the spheroid.
METRIC = "EPSG:32748"


class Overlaps(NamedTuple):
    """How many pairs of polygons overlap, and by how many m2 in all."""

    pairs: int
    area_m2: float


def project(geometries: np.ndarray, source: str, target: str) -> np.ndarray:
    """Reproject n geometries, longitude or easting first; equal coordinates stay equal."""
    return np.array(geopandas.GeoSeries(geometries, crs=source).to_crs(target))


def clean(polygons: np.ndarray, gap_width_m: float) -> np.ndarray:
    """Make a true coverage of n polygons (EPSG:4326), moving as little as possible.

    What is a coverage without narrow gaps already is returned as it is, to the last digit: reports
    within a millimetre of a border stay where they are.

    Parameters
    ----------
    polygons
        n valid polygons, longitude first.
    gap_width_m
        Enclosed gaps narrower than this many metres go to the neighbour with the longest common edge.

    Returns
    -------
    n polygons in the same order; one that lost all its land to another is empty.
    """
    if shapely.coverage_is_valid(polygons) and not _has_narrow_gap(polygons, gap_width_m):
        return polygons
    metric = project(polygons, "EPSG:4326", METRIC)
    return project(match(metric, gap_width_m), METRIC, "EPSG:4326")


def match(polygons: np.ndarray, gap_width_m: float = 0.0) -> np.ndarray:
    """Give n polygons in metres common edges: overlaps and gaps narrower than a width go to a neighbour."""
    # types-shapely ends at 2.1; the function came with 2.2.
    return np.asarray(shapely.coverage_clean(polygons, gap_width=gap_width_m))  # type: ignore[attr-defined]


def _has_narrow_gap(polygons: np.ndarray, gap_width_m: float) -> bool:
    """Whether cleaning would close a gap: the circle that fits into it is narrower."""
    found = gaps(polygons)
    if not found.size:
        return False
    circles = shapely.maximum_inscribed_circle(project(found, "EPSG:4326", METRIC), tolerance=0.1)
    return bool(np.any(2 * shapely.length(circles) < gap_width_m))


def gaps(polygons: np.ndarray) -> np.ndarray:
    """Return what n polygons enclose without covering it: m polygons, the holes of their union."""
    union = shapely.union_all(polygons)
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    return np.array([shapely.Polygon(ring) for ring in rings], dtype=object)


def overlaps(polygons: np.ndarray) -> Overlaps:
    """Count the pairs among n polygons (EPSG:4326) that share land, and its m2 in EPSG:32748."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = left < right
    # In degrees, for an edge that is straight there bends in metres, away from a neighbour's shorter ones.
    shared = shapely.intersection(polygons[left[once]], polygons[right[once]])
    area = np.asarray(shapely.area(project(np.asarray(shared), "EPSG:4326", METRIC)))
    # A square centimetre is what rounding alone can make along an edge of 20 km.
    real = area > 1e-4
    return Overlaps(int(real.sum()), float(area[real].sum()))


def multi(polygons: np.ndarray) -> np.ndarray:
    """Return n MultiPolygons of n polygons, none of them empty."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=owner))


def dissolve(polygons: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unite the polygons of a coverage that have the same code.

    Returns
    -------
    m codes in order, and m MultiPolygons on the very edges of the coverage.
    """
    groups = np.unique(codes)
    united = [shapely.coverage_union_all(polygons[codes == group]) for group in groups]
    return groups, multi(np.array(united, dtype=object))


def borders(polygons: np.ndarray, codes: np.ndarray) -> geopandas.GeoDataFrame:
    """Return the common borders of a coverage, exactly along its edges.

    Parameters
    ----------
    polygons, codes
        n polygons (EPSG:4326) and their codes, ordered by code.

    Returns
    -------
    GeoDataFrame
        left_code < right_code (None along the outer border), geometry MultiLineString (EPSG:4326), one
        row per pair of neighbours, ordered.
    """
    segments, owner = _segments(polygons)
    _, inverse = np.unique(segments.reshape(-1, 4), axis=0, return_inverse=True)
    order = np.lexsort((owner, inverse.ravel()))
    edge, owner, segments = inverse.ravel()[order], owner[order], segments[order]
    first = np.r_[True, edge[1:] != edge[:-1]]
    # Two polygons share an edge at most, so the second owner stands right after the first.
    nobody = len(polygons)
    right = np.where(np.r_[~first[1:], False], np.r_[owner[1:], nobody], nobody)[first]
    pairs, group = np.unique(np.c_[owner[first], right], axis=0, return_inverse=True)
    by_group = np.argsort(group.ravel(), kind="stable")
    lines = np.asarray(shapely.linestrings(segments[first][by_group]))
    merged = shapely.line_merge(shapely.multilinestrings(lines, indices=group.ravel()[by_group]))
    parts, index = shapely.get_parts(merged, return_index=True)
    names = [*codes, None]
    return geopandas.GeoDataFrame(
        {
            "left_code": [names[pair[0]] for pair in pairs],
            # Left to itself, pandas turns None into NaN.
            "right_code": pd.Series([names[pair[1]] for pair in pairs], dtype=object),
        },
        geometry=shapely.multilinestrings(parts, indices=index),
        crs="EPSG:4326",
    )


def _segments(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every segment of n polygons as (m, 2, 2) with its lower end first, and its owner 0..n-1."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    within = ring[1:] == ring[:-1]
    segments = np.stack([points[:-1][within], points[1:][within]], axis=1)
    start, end = segments[:, 0], segments[:, 1]
    turn = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    segments[turn] = segments[turn][:, ::-1]
    return segments, part_owner[ring_part[ring[:-1][within]]]
